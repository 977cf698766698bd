"""What organizers order of a recruiter at the desk: each on record, carried out by a worker.

All raise Refused, with what to do.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from ratings.challenge.access.audit_log import record, require_note
from ratings.challenge.models import AuditEntry
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Rater, RecruiterAct, Recruitment, Study
from ratings.comparisons.models.studies import random_address
from ratings.comparisons.study.recruiter_keys import (
    RecruiterKind,
    fixed_there,
    platform_of,
    recruiter_of,
)
from ratings.recruiters.platform_trouble import Status
from ratings.recruiters.prolific_calls import LEAST_REASON
from ratings.recruiters.recruiter_acts import (
    BEYOND,
    UNCLEAR,
    VERDICTS,
    order,
    rules_of,
    standing_of,
    wrong_currency,
)
from ratings.recruiters.recruiting_rules import Came, affordable, committed

Kind, States, DONE = RecruiterAct.Kind, Recruitment.State, RecruiterAct.State.DONE
UNPUBLISHED = (States.NEW, States.DRAFT)
NO_TOKEN = (
    "This site has no token of Prolific. Who runs it sets RATINGS_PROLIFIC_TOKEN, or "
    "RATINGS_PROLIFIC_TOKEN_FILE, for the site and its workers."
)
# What Prolific adds to no reason by itself: it wants 100 characters or more.
MORE_WORDS = " If you think that this is a mistake, please write to us by Prolific's messages."
PAID_KINDS = (Came.FINISHED.value, Came.ENDED.value)


def make_draft(study: Study, platform: str, link: str, by: str, now: datetime) -> Recruitment:
    """Have a draft made at the platform, of this link with its placeholders; costs nothing.

    Another takes the place of a draft, which stays at the platform until somebody deletes it.
    """
    table = recruiter_of(study, platform)
    if table is None or table.kind is not RecruiterKind.PROLIFIC:
        raise Refused("recruiter", f"The definition has no Prolific recruiter for {platform!r}.")
    if not settings.PROLIFIC_TOKEN:
        raise Refused("no-token", NO_TOKEN)
    with transaction.atomic():
        recruitment, _ = Recruitment.objects.get_or_create(study=study, platform=platform)
        with _locked(recruitment, "made a draft", by, now) as mine:
            _require(mine.state in UNPUBLISHED, "It is published already.")
            _require(not _is_ordered(mine, Kind.CREATE), "The draft is being made.")
            _require(not _is_ordered(mine, Kind.PUBLISH), "It is being published.")
            if mine.state == States.DRAFT:
                _leave_draft(mine)
            mine.link = link
            order(mine, Kind.CREATE, now, by=by)
    return recruitment


def _leave_draft(mine: Recruitment) -> None:
    """Forget a draft: another key is looked for from now on."""
    mine.state, mine.key, mine.places, mine.price = States.NEW, random_address(), 0, None
    mine.remote_id, mine.remote_state, mine.currency = "", "", ""
    mine.not_before, mine.trouble, mine.mend, mine.tries = None, "", "", 0


def publish(recruitment: Recruitment, by: str, now: datetime) -> None:
    """Have the draft published: from then on places are paid."""
    with _locked(recruitment, "published", by, now) as mine:
        _require(mine.state == States.DRAFT, "Only a draft is published.")
        _require(not _is_ordered(mine, Kind.PUBLISH), "It is being published.")
        _require(mine.study.is_open, "The study is closed; open it first.")
        table = recruiter_of(mine.study, mine.platform)
        _require(table is not None, "The definition no longer has this recruiter.")
        if table and (why := wrong_currency(mine)):
            raise Refused("currency", why)
        made = mine.acts.filter(kind=Kind.CREATE, state=DONE).order_by("pk").last()
        now_so = table and fixed_there(table, platform_of(mine.study, mine.platform))
        is_same = not (now_so and made) or made.kept.get("terms") == now_so
        _require(is_same, "The definition has changed since; make another draft.")
        _require(affordable(rules_of(mine)) >= mine.places, BEYOND)
        order(mine, Kind.PUBLISH, now, by=by)


def pause(recruitment: Recruitment, by: str, now: datetime) -> None:
    """Let nobody new come until it goes on."""
    with _locked(recruitment, "paused", by, now) as mine:
        _require(mine.state == States.RUNNING, "It is not recruiting.")
        mine.state, mine.reason = States.PAUSED, f"Paused by {by}."


def go_on(recruitment: Recruitment, by: str, now: datetime) -> None:
    """Recruit again what was paused, or came to an end that no longer holds."""
    with _locked(recruitment, "let go on", by, now) as mine:
        _require(mine.state in (States.PAUSED, States.STOPPED), "It is not paused.")
        _require(mine.study.is_open, "The study is closed; open it first.")
        mine.state, mine.reason = States.RUNNING, ""


def stop(recruitment: Recruitment, by: str, now: datetime) -> None:
    """Stop it at the platform for good: places that nobody took cost nothing."""
    alive = (States.RUNNING, States.PAUSED, States.STOPPED)
    with _locked(recruitment, "stopped for good", by, now) as mine:
        _require(mine.state in alive, "There is nothing to stop.")
        mine.state = States.ENDED
        mine.reason = mine.reason or f"Stopped by {by}."
        order(mine, Kind.STOP, now, by=by)


def approve_finished(recruitment: Recruitment, by: str, now: datetime) -> int:
    """Pay all who finished, or were ended by the rule, and wait; return how many."""
    with _locked(recruitment, "paid all who finished", by, now) as mine:
        due = [one for one in mine.waiting if one["came"] in PAID_KINDS]
        for one in due:
            _order_of(mine, Kind.APPROVE, one["submission"], by, now)
    return len(due)


def decide(
    recruitment: Recruitment, kind: str, submission: str, note: str, by: str, now: datetime
) -> None:
    """Pay one who waits, refuse to with a reason that they are sent, or ask for the place back."""
    words = "" if kind == Kind.APPROVE else require_note(note)
    if kind == Kind.REJECT and len(words) < LEAST_REASON:
        words += MORE_WORDS
        if len(words) < LEAST_REASON:
            raise Refused("note", f"Prolific wants a reason of {LEAST_REASON} characters or more.")
    label = {k.value: k.label for k in VERDICTS}.get(kind)
    _require(label is not None, "Pay, reject or ask to return.")
    with _locked(recruitment, f"{label}: {words}" if words else str(label), by, now) as mine:
        _require(
            any(one["submission"] == submission for one in mine.waiting),
            "Nobody waits by that submission any more; look at the page again.",
        )
        _order_of(mine, Kind(kind), submission, by, now, words)


def give_bonus(
    recruitment: Recruitment, rater: Rater, amount: int, note: str, by: str, now: datetime
) -> None:
    """Pay a rater of this platform a bonus of so many minor units, once."""
    words = require_note(note)
    sent = getattr(rater, "recruit", None)
    _require(
        sent is not None and sent.platform == recruitment.platform and bool(sent.platform_session),
        "This rater did not come by this platform.",
    )
    _require(0 < amount <= 1_000_000, "The bonus must be 1 to 1000000 pence or cents.")
    with _locked(recruitment, f"bonus of {amount}: {words}", by, now) as mine:
        beyond = committed(rules_of(mine).price, standing_of(mine)) + amount
        _require(beyond <= rules_of(mine).money_limit, BEYOND)
        session = sent.platform_session if sent else ""
        is_new = order(mine, Kind.BONUS, now, by=by, submission=session, rater=rater, amount=amount)
        _require(is_new, "This rater has a bonus already, or one is on the way.")
        mine.acts.filter(kind=Kind.BONUS, submission=session).update(words=words, cost=amount)


def settle_bonus(act: RecruiterAct, was_paid: bool, by: str, now: datetime) -> None:
    """Say of an unclear bonus what Prolific shows: that it was paid, or not, and is paid now."""
    what = "was paid" if was_paid else "was not paid"
    with _locked(act.recruitment, f"an unclear bonus {what}", by, now):
        unclear = RecruiterAct.objects.filter(pk=act.pk, state=RecruiterAct.State.UNCLEAR)
        if was_paid:
            changed = unclear.update(state=RecruiterAct.State.DONE, problem="")
        else:
            ordered = RecruiterAct.State.ORDERED
            changed = unclear.update(
                state=ordered, sent_at=None, ended_at=None, kept={}, problem=""
            )
        _require(changed == 1, f"This bonus is not unclear. {UNCLEAR}")


def taken(recruitment: Recruitment) -> int:
    """Return how many places somebody holds, at work or done."""
    held = (Status.RESERVED, Status.ACTIVE, Status.AWAITING_REVIEW, Status.APPROVED)
    return sum(recruitment.counts.get(status, 0) for status in held)


def _order_of(
    mine: Recruitment,
    kind: RecruiterAct.Kind,
    submission: str,
    by: str,
    now: datetime,
    words: str = "",
) -> None:
    known = next((one["rater"] for one in mine.waiting if one["submission"] == submission), "")
    rater = Rater.objects.filter(pk=UUID(known)).first() if known else None
    order(mine, kind, now, by=by, submission=submission, rater=rater, words=words)
    mine.waiting = [one for one in mine.waiting if one["submission"] != submission]


@contextmanager
def _locked(recruitment: Recruitment, what: str, by: str, now: datetime) -> Iterator[Recruitment]:
    """Hold a recruitment while it is changed; the order and its record are kept together."""
    with transaction.atomic():
        rows = Recruitment.objects.select_for_update(of=["self"])
        mine = rows.select_related("study__phase__challenge").get(pk=recruitment.pk)
        yield mine
        # At once: whoever orders something does not wait for what failed before.
        mine.not_before = None
        mine.save()
        subject = f"{mine.study.name}: {mine.platform}"
        challenge = mine.study.phase.challenge
        record(challenge, AuditEntry.Kind.RECRUITER, by, now, subject=subject, note=what[:500])


def _is_ordered(recruitment: Recruitment, kind: RecruiterAct.Kind) -> bool:
    return recruitment.acts.filter(kind=kind, state__in=RecruiterAct.OPEN).exists()


def _require(holds: bool, mend: str) -> None:
    if not holds:
        raise Refused("recruiter", mend)


HOLDS: dict[str, Callable[[Recruitment, str, datetime], object]] = {
    "publish": publish,
    "pause": pause,
    "go-on": go_on,
    "stop": stop,
    "approve": approve_finished,
}
