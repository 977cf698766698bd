"""Where a study waits for a person: a pilot that is full, and recruiters that can't go on alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from ratings.comparisons.models import RecruiterAct, Recruitment, Study
from ratings.comparisons.raters.places import has_full_pilot
from ratings.health.alarms import STUDIES, FoundAlarm

LASTING_TRIES = 3  # some minutes: what passes by itself sooner calls for nobody
States = Recruitment.State


@dataclass(frozen=True)
class _Words:
    """What is wrong with a recruiter, what that means, and the mend."""

    about: str
    title: str
    means: str
    mend: str


def full_pilot(study: Study, now: datetime) -> Iterator[FoundAlarm]:
    """Yield that a pilot has the raters that it wants, so that nobody new can begin."""
    if has_full_pilot(study, now):
        yield FoundAlarm(
            key=f"{STUDIES}{study.slug}/pilot",
            title=f"{study.name}: the pilot has the raters that it wants.",
            means="Newcomers are told to come back later, and recruiters are held.",
            mend="Look at what the pilot taught, then go over to the main stage.",
            challenge=study.phase.challenge_id,
            path=reverse("web:desk-study", args=[study.slug]),
        )


def recruiter_alarms(study: Study) -> Iterator[FoundAlarm]:
    """Yield where a study's recruiters wait for a person; also of one that is closed."""
    for recruitment in study.recruitments.all():
        for words in _waits(study, recruitment):
            yield FoundAlarm(
                key=f"{STUDIES}{study.slug}/{recruitment.platform}/{words.about}",
                title=f"{study.name}: {recruitment.platform}: {words.title}",
                means=words.means,
                mend=words.mend,
                challenge=study.phase.challenge_id,
                path=reverse("web:desk-recruiters", args=[study.slug]),
            )


def _waits(study: Study, recruitment: Recruitment) -> Iterator[_Words]:
    if waiting := len(recruitment.waiting):
        people = "1 person waits" if waiting == 1 else f"{waiting} people wait"
        means = "They handed a code in, and no rule says what becomes of them."
        mend = "Pay them, ask for the place back, or reject with a reason."
        yield _Words("waiting", f"{people} for your decision.", means, mend)
    if recruitment.acts.filter(state=RecruiterAct.State.UNCLEAR).exists():
        means = "Its answer was lost, and nothing is sent twice."
        yield _Words("bonus", "a bonus may be paid or not.", means, "Look there, and say which.")
    if recruitment.tries >= LASTING_TRIES:
        means = "It is tried again, later each time; nobody is paid or recruited meanwhile."
        yield _Words("trouble", recruitment.trouble, means, recruitment.mend)
    if _stands_still(study, recruitment):
        mend = "Mend that and let it go on, or stop it for good there."
        means = "The study takes judgments, and no more places are bought for it."
        yield _Words("still", f"recruiting stands still. {recruitment.reason}", means, mend)


def _stands_still(study: Study, recruitment: Recruitment) -> bool:
    """Tell whether an open study's recruiting ended or was refused, not by a person's order."""
    if not study.is_open:
        return False
    refused = recruitment.acts.filter(state=RecruiterAct.State.REFUSED)
    return recruitment.state == States.STOPPED or (
        recruitment.state == States.PAUSED
        and any(act.problem[:300] == recruitment.reason for act in refused)
    )
