"""A recruitment's turn: what is ordered is done, the platform looked at, the next acts ordered."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from ratings.comparisons.models import Rater, Recruit, RecruiterAct, Recruitment
from ratings.comparisons.trials.session_progress import LASTING, State, progress_of_raters
from ratings.database.locks import lock_apart
from ratings.recruiters.people_taken import held_because, people_taken
from ratings.recruiters.platform_trouble import (
    PlatformAway,
    PlatformRefused,
    RemoteState,
    Status,
)
from ratings.recruiters.prolific_calls import Prolific, RemoteStudy, RemoteSubmission
from ratings.recruiters.recruiter_acts import (
    Clock,
    GoneFromFile,
    call_organizers,
    carry_out,
    order,
    rules_of,
    standing_of,
    terms_of,
    wrong_currency,
)
from ratings.recruiters.recruiting_rules import WHY, Came, Fate, fate, next_places

# Among all advisory locks of the database, those of recruitments.
_RECRUITMENTS = 0x52454352
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(minutes=15)
MOST_TRIES = 10  # that are counted: the pause grows no more
LOOK_MEND = "Look at the study at Prolific: was it changed or deleted there?"
GONE = "The definition no longer has this recruiter."
FILE_MEND = "Put the [[study.recruiter]] back, or stop the recruitment at Prolific by hand."
CLOSED_THERE = (RemoteState.AWAITING_REVIEW, RemoteState.COMPLETED)
STOPPED_THERE = "The study was stopped at Prolific."
Kind, States = RecruiterAct.Kind, Recruitment.State
REFUSED = RecruiterAct.State.REFUSED
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PlatformLook:
    """What the platform shows of a recruitment."""

    study: RemoteStudy
    price: int
    submissions: Sequence[RemoteSubmission]


def take_turn(pk: int, platform: Prolific, clock: Clock) -> None:
    """Bring a recruitment forward; what another process is at, is left to it.

    However often and wherever it is killed, the next turn goes on where this one was.
    """
    with lock_apart(connection, [_RECRUITMENTS, pk], wait=False) as is_mine:
        recruitment = _fresh(pk)
        if not is_mine or _waits(recruitment, clock()) or _is_over(recruitment):
            return
        try:
            carry_out(recruitment, platform, clock)
            if _look_and_decide(_fresh(pk), platform, clock):
                carry_out(_fresh(pk), platform, clock)
        except PlatformAway as away:
            _note_trouble(pk, str(away), away.mend, away.after, clock)
        except PlatformRefused as refused:
            _note_trouble(pk, str(refused), LOOK_MEND, None, clock)
        except GoneFromFile:
            _note_trouble(
                pk, "The definition no longer has this recruiter.", FILE_MEND, None, clock
            )
        else:
            at_rest = {"trouble": "", "mend": "", "tries": 0, "not_before": None}
            Recruitment.objects.filter(pk=pk).update(**at_rest)


def _fresh(pk: int) -> Recruitment:
    return Recruitment.objects.select_related("study").get(pk=pk)


def _waits(recruitment: Recruitment, now: datetime) -> bool:
    """Tell whether the pause after trouble lasts; longer than any is one of a clock set back."""
    until = recruitment.not_before
    return until is not None and now < until <= now + LONGEST_PAUSE


def _is_over(recruitment: Recruitment) -> bool:
    """Tell whether nothing can happen any more: it ended, and nobody is at work or waits.

    As seen after its last act: until that one somebody may have come.
    """
    if recruitment.state != States.ENDED or recruitment.seen_at is None:
        return False
    alive = (Status.RESERVED, Status.ACTIVE, Status.AWAITING_REVIEW)
    unseen = Q(state__in=RecruiterAct.OPEN) | Q(ended_at__gt=recruitment.seen_at)
    is_idle = not any(recruitment.counts.get(status) for status in alive)
    return is_idle and not recruitment.acts.filter(unseen).exists()


def _look_and_decide(recruitment: Recruitment, platform: Prolific, clock: Clock) -> bool:
    """Order what follows from what the platform shows; tell whether there was anything to see."""
    if not recruitment.remote_id:
        return False
    study = platform.study(recruitment.remote_id)
    # Whoever raises the reward there by hand raises what every place costs.
    price = platform.price(study.reward or terms_of(recruitment).reward)
    look = PlatformLook(study, price, platform.submissions(recruitment.remote_id))
    with transaction.atomic():
        locked = Recruitment.objects.select_for_update(of=["self"]).select_related("study")
        _decide(locked.get(pk=recruitment.pk), look, clock)
    return True


def _decide(recruitment: Recruitment, look: PlatformLook, clock: Clock) -> None:
    """Record what was seen and what follows from it, in one transaction."""
    now, came = clock(), _came(recruitment, look.submissions)
    before = recruitment.state
    recruitment.seen_at, recruitment.price = now, look.price
    recruitment.remote_state, recruitment.currency = look.study.status, look.study.currency
    recruitment.places = look.study.places
    recruitment.counts = dict(Counter(one.status for one in look.submissions))
    if recruitment.state == States.DRAFT and look.study.status != RemoteState.UNPUBLISHED:
        recruitment.state = States.RUNNING  # published there by hand
    if recruitment.state == States.RUNNING and (why := wrong_currency(recruitment)):
        recruitment.state, recruitment.reason = States.PAUSED, why
    if recruitment.state == States.RUNNING:
        _decide_places(recruitment, look, clock)
    _hold_or_go_on(recruitment, clock)
    _review(recruitment, look.submissions, came, clock)
    recruitment.save()
    # While the study is open, an alarm says that recruiting has stopped.
    is_told = recruitment.state == States.STOPPED and recruitment.study.is_open
    if before != recruitment.state in (States.STOPPED, States.PAUSED) and not is_told:
        call_organizers(recruitment, f"Recruiting has stopped: {recruitment.reason}", "stop", now)


def _decide_places(recruitment: Recruitment, look: PlatformLook, clock: Clock) -> None:
    now = clock()
    takes = people_taken(recruitment, now)
    standing = replace(standing_of(recruitment), takes=takes)
    decision = next_places(rules_of(recruitment), standing, now)
    if decision.ends:
        recruitment.state, recruitment.reason = States.STOPPED, decision.ends
    elif look.study.status in CLOSED_THERE and standing.pending and not standing.at_work:
        # Before any more are bought: that would open it again.
        recruitment.state, recruitment.reason = States.STOPPED, STOPPED_THERE
    elif decision.places > recruitment.places:
        recruitment.places = decision.places
        order(recruitment, Kind.PLACES, now, amount=decision.places)


def _hold_or_go_on(recruitment: Recruitment, clock: Clock) -> None:
    """Order that the platform sends people, or does not, as it is to be now."""
    held = ""
    if recruitment.state == States.RUNNING:
        held = recruitment.reason = held_because(recruitment, clock())
    runs = recruitment.state == States.RUNNING and not held
    if recruitment.remote_state == RemoteState.ACTIVE and not runs:
        order(recruitment, Kind.PAUSE, clock())
    elif recruitment.remote_state == RemoteState.PAUSED and runs:
        order(recruitment, Kind.START, clock())


def _review(
    recruitment: Recruitment,
    submissions: Sequence[RemoteSubmission],
    came: Mapping[str, tuple[Came, Rater | None]],
    clock: Clock,
) -> None:
    """Order that whoever finished is paid; list for a person who waits for a decision."""
    approve = terms_of(recruitment).approve
    verdicts = recruitment.acts.filter(kind__in=(Kind.APPROVE, Kind.REJECT))
    verdicts = verdicts.exclude(submission="")
    problems = dict(verdicts.filter(state=REFUSED).values_list("submission", "problem"))
    settled = set(verdicts.exclude(state=REFUSED).values_list("submission", flat=True))
    waiting = []
    for one in submissions:
        if one.status != Status.AWAITING_REVIEW or one.id in settled:
            continue
        how, rater = came.get(one.id, (Came.UNKNOWN, None))
        if one.id in problems or fate(how, approve=approve) is Fate.LOOK:
            waiting.append(_waiting(one.id, rater, how, problems.get(one.id, WHY[how])))
        else:
            order(recruitment, Kind.APPROVE, clock(), submission=one.id, rater=rater)
    recruitment.waiting = waiting


def _waiting(submission: str, rater: Rater | None, how: Came, why: str) -> dict[str, str]:
    """Return what the desk needs of somebody who waits for a decision."""
    name = str(rater.pk) if rater else ""
    return {"submission": submission, "rater": name, "came": how.value, "why": why}


def _came(
    recruitment: Recruitment, submissions: Sequence[RemoteSubmission]
) -> dict[str, tuple[Came, Rater | None]]:
    """Return how far the person of each submission came that waits for a review.

    A person counts who came once by this submission, under the name that the platform has for it.
    """
    wanted = {one.id: one for one in submissions if one.status == Status.AWAITING_REVIEW}
    sent = Recruit.objects.filter(
        study=recruitment.study, platform=recruitment.platform, platform_session__in=wanted
    ).select_related("rater__study")
    by_session: dict[str, list[Rater]] = {}
    for recruit in sent:
        if wanted[recruit.platform_session].participant in ("", recruit.participant):
            by_session.setdefault(recruit.platform_session, []).append(recruit.rater)
    raters = {key: found[0] for key, found in by_session.items() if len(found) == 1}
    progress = progress_of_raters(recruitment.study, raters.values())
    return {key: (_how_far(one, progress[one.pk].state), one) for key, one in raters.items()}


def _how_far(rater: Rater, state: State) -> Came:
    is_rejected = rater.state == Rater.State.REJECTED
    if state is State.WITHDRAWN:  # paid as at the end that they had come to
        return _end_before_withdrawal(rater, is_rejected=is_rejected)
    match state:
        case State.DONE | State.ENDED | State.SCREENED_OUT if is_rejected:
            return Came.REJECTED
        case State.DONE:
            return Came.FINISHED
        case State.ENDED if rater.ending in LASTING:
            return Came.LEFT_OUT
        case State.ENDED:
            return Came.ENDED
        case State.SCREENED_OUT:
            return Came.SCREENED_OUT
        case _:
            return Came.UNFINISHED


def _end_before_withdrawal(rater: Rater, *, is_rejected: bool) -> Came:
    if not (rater.finished_at or rater.screened_out_at):
        return Came.UNFINISHED
    if is_rejected:
        return Came.REJECTED
    if rater.ending in LASTING:
        return Came.LEFT_OUT
    return Came.SCREENED_OUT if rater.screened_out_at else Came.FINISHED


def _note_trouble(pk: int, what: str, mend: str, after: float | None, clock: Clock) -> None:
    """Keep for the desk what went wrong, and when it is tried again: later each time."""
    recruitment, now = Recruitment.objects.get(pk=pk), clock()
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(recruitment.tries, MOST_TRIES))
    if after is not None:
        pause = timedelta(seconds=min(LONGEST_PAUSE.total_seconds(), after))
    recruitment.trouble, recruitment.mend, recruitment.trouble_at = what, mend, now
    recruitment.tries, recruitment.not_before = min(recruitment.tries + 1, MOST_TRIES), now + pause
    fields = ["trouble", "mend", "trouble_at", "tries", "not_before"]
    recruitment.save(update_fields=fields)
    logger.warning("Recruiting for study %s waits: %s", recruitment.study_id, what)
