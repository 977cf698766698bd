"""What happened, in words for those who are told: looked up now, so that nothing old is told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ratings.challenge.announced_times import moment
from ratings.challenge.calendar import announced_deadline
from ratings.challenge.models import Announcement, Challenge, Phase
from ratings.fidelity.score_words import own_scores, scored_words
from ratings.notices.site_pages import absolute, challenge_page, submission_page
from ratings.outbox.models import Event
from ratings.submissions.failure_words import failed_words
from ratings.submissions.models import Submission

Kind = Event.Kind
MOST_PROBLEMS = 20


@dataclass(frozen=True)
class EventWords:
    """An event in words: a heading, lines, and the page where there is more."""

    heading: str
    lines: tuple[str, ...]
    url: str


def tell(event: Event, now: datetime, *, to_team: bool) -> EventWords | None:
    """Return an event's words; None where what it is about is gone, or is no longer so."""
    return _WORDS[Kind(event.kind)](event, now, to_team)


def _scored(event: Event, now: datetime, to_team: bool) -> EventWords | None:
    submission = _submission(event, Submission.State.SCORED)
    if submission is None:
        return None
    scores = own_scores(submission, now) if to_team else None
    lines = [scored_words(submission, scores)] if to_team else []
    return _of_submission(submission, "was scored", lines, to_team)


def _failed(event: Event, now: datetime, to_team: bool) -> EventWords | None:
    submission = _submission(event, Submission.State.FAILED)
    if submission is None:
        return None
    problems = list(submission.problems[:MOST_PROBLEMS])
    if left := len(submission.problems) - len(problems):
        problems.append(f"... and {left} more.")
    return _of_submission(submission, "failed", [failed_words(submission), *problems], to_team)


def _submission(event: Event, state: Submission.State) -> Submission | None:
    rows = Submission.objects.filter(pk=event.about, state=state)
    return rows.select_related("team", "phase__challenge").first()


def _of_submission(
    submission: Submission, what: str, lines: list[str], to_team: bool
) -> EventWords:
    whose = "Your submission" if to_team else f"A submission of {submission.team.name}"
    phase = submission.phase.name
    heading = f"{whose} {submission.method} to {phase} {what}"
    return EventWords(heading, tuple(lines), submission_page(submission, to_team=to_team))


def _moved(event: Event, now: datetime, to_team: bool) -> EventWords | None:
    phase = _phase(event)
    if phase is None:
        return None
    before = datetime.fromisoformat(event.facts["closed_at"])
    earlier = "earlier" if phase.closes_at < before else "later"
    return EventWords(
        f"{phase.name} closes {earlier}",
        (
            f"It closes on {_deadline(phase, phase.closes_at)}.",
            f"Announced before was {_deadline(phase, before)}.",
        ),
        challenge_page(phase.challenge),
    )


def _soon(event: Event, now: datetime, to_team: bool) -> EventWords | None:
    phase = _phase(event)
    if phase is None or not now < phase.closes_at:
        return None
    return EventWords(
        f"{phase.name} closes soon",
        (f"It takes submissions until {_deadline(phase, phase.closes_at)}.",),
        challenge_page(phase.challenge),
    )


def _phase(event: Event) -> Phase | None:
    return Phase.objects.select_related("challenge").filter(pk=event.about).first()


def _deadline(phase: Phase, closes_at: datetime) -> str:
    return moment(announced_deadline(closes_at), phase.zone).text


def _announced(event: Event, now: datetime, to_team: bool) -> EventWords | None:
    rows = Announcement.objects.filter(challenge=event.challenge, title=event.facts["title"])
    news = rows.select_related("challenge").filter(at__lte=now).first()
    if news is None:
        return None
    return EventWords(news.title, tuple(news.text.splitlines()), challenge_page(news.challenge))


def _needed(event: Event, now: datetime, to_team: bool) -> EventWords | None:
    challenge = Challenge.objects.filter(pk=event.challenge or 0).first()
    heading = f"A person is needed: {challenge.name}" if challenge else "A person is needed"
    return EventWords(heading, (event.facts["words"],), absolute(event.facts["path"] or "/desk/"))


_WORDS: dict[Kind, Callable[[Event, datetime, bool], EventWords | None]] = {
    Kind.SCORED: _scored,
    Kind.FAILED: _failed,
    Kind.MOVED: _moved,
    Kind.SOON: _soon,
    Kind.ANNOUNCED: _announced,
    Kind.NEEDED: _needed,
}
