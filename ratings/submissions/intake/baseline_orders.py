"""Baselines that organizers ask for: which can be had, how far each is, and ending them."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from ratings.challenge.access.audit_log import record
from ratings.challenge.models import AuditEntry, Phase, Team
from ratings.challenge.refusals import Refused
from ratings.challenge.teams.team_accounts import require_kind
from ratings.codecs.baselines import NAMES, NEEDS, Codec, available
from ratings.submissions.intake import ingest
from ratings.submissions.intake.baseline_entries import (
    STEPS,
    Watch,
    enter_baseline,
    require_baselines,
)
from ratings.submissions.models import BaselineOrder, Submission

FAILED = "The server could not make it; its log says why. Start it again."
KILLED = "The worker that made it was killed each time, perhaps for want of memory."
UNKNOWN = "{name!r} is no codec that is known here; known are: {known}."
State = BaselineOrder.State
_log = logging.getLogger(__name__)


class _Stopped(Exception):
    """An organizer has stopped it."""


@dataclass(frozen=True)
class BaselineLine:
    """One codec in a phase: what it `needs`, how far it is, and why it can't be started.

    `order` is what was asked for last, `entered` the submission that is queued or scored; `against`
    is empty where it can be started. An entered one is made anew when that is asked for.
    """

    codec: str
    needs: str
    order: BaselineOrder | None
    entered: Submission | None
    against: str

    @property
    def is_under_way(self) -> bool:
        """Whether it waits or is being made."""
        return self.order is not None and self.order.state in BaselineOrder.UNDER_WAY


def baseline_lines(phase: Phase) -> list[BaselineLine]:
    """Return every codec that is known, in its order."""
    installed = {codec.name for codec in available()}
    orders = {order.codec: order for order in phase.baseline_orders.select_related("submission")}
    entered = {submission.method: submission for submission in _entered(phase)}
    return [
        BaselineLine(
            codec=name,
            needs=NEEDS.get(name, ""),
            order=orders.get(name),
            entered=entered.get(name),
            against=_against(phase, name, name in installed),
        )
        for name in NAMES
    ]


def _entered(phase: Phase) -> QuerySet[Submission]:
    return phase.submissions.filter(
        team__kind=Team.Kind.BASELINE,
        method__in=NAMES,
        state__in=[Submission.State.QUEUED, Submission.State.SCORED],
    ).order_by("submitted_at")


def _against(phase: Phase, name: str, is_installed: bool) -> str:
    if not is_installed:
        return f"its package {NEEDS[name]} is not installed here"
    try:
        require_kind(phase.challenge, name, Team.Kind.BASELINE)
    except Refused as refused:
        return str(refused)
    return ""


def ask_for_baselines(
    phase: Phase, names: Sequence[str], by: str, at: datetime, *, again: bool = False
) -> list[BaselineOrder]:
    """Put on record that codecs are to be entered, all or none; return those that are new.

    One that is under way goes on. Raises Refused, code "baseline", with all that stands against it.
    """
    require_baselines(phase)
    lines = {line.codec: line for line in baseline_lines(phase)}
    problems = [] if names else ["Choose a codec."]
    for name in names:
        if name not in lines:
            problems.append(UNKNOWN.format(name=name, known=", ".join(NAMES)))
        elif lines[name].against:
            problems.append(f"{name}: {lines[name].against}")
        elif lines[name].entered and not again and not lines[name].is_under_way:
            problems.append(f"{name}: it is entered already; ask for it to be made again.")
    if problems:
        raise Refused("baseline", *problems)
    wanted = [name for name in dict.fromkeys(names) if not lines[name].is_under_way]
    fresh = {"state": State.WAITING, "done": 0, "words": "", "by": by, "asked_at": at}
    fresh |= {"steps": STEPS * phase.originals().count()}
    fresh |= {"begun_at": None, "ended_at": None}
    with transaction.atomic():
        orders = [
            phase.baseline_orders.update_or_create(codec=name, defaults=fresh)[0] for name in wanted
        ]
        _record(phase, AuditEntry.Kind.BASELINE, wanted, by, at)
    return orders


def stop_baselines(phase: Phase, names: Sequence[str], by: str, at: datetime) -> list[str]:
    """Stop those of these codecs that wait or are being made, on record; return their names."""
    with transaction.atomic():
        mine = _under_way(phase.baseline_orders.filter(codec__in=names)).select_for_update()
        stopped = sorted(order.codec for order in mine)
        ended = {"state": State.STOPPED, "ended_at": at, "words": f"Stopped by {by}."}
        phase.baseline_orders.filter(codec__in=stopped).update(**ended)
        _record(phase, AuditEntry.Kind.NO_BASELINE, stopped, by, at)
    return stopped


def _record(
    phase: Phase, kind: AuditEntry.Kind, names: Sequence[str], by: str, at: datetime
) -> None:
    if names:
        record(phase.challenge, kind, by, at, subject=f"{phase.name}: {', '.join(names)}")


def carry_out(
    order_id: int, clock: Callable[[], datetime], score: Callable[[Submission], None]
) -> None:
    """Make a baseline that was asked for, unless it was stopped; `score` queues what follows.

    It can be done again from the start, as after its worker was killed: nothing of before stays.
    """
    if not _turn(order_id, state=State.MAKING, begun_at=clock(), done=0):
        return
    order = BaselineOrder.objects.select_related("phase__challenge", "submission").get(pk=order_id)
    left = order.submission
    if left and left.state == Submission.State.OPEN:
        ingest.delete_open(left.pk, clock())
    try:
        enter_baseline(order.phase, _codec(order.codec), clock, _watch(order, clock, score))
    except _Stopped:
        return
    except Refused as refused:
        end(order_id, "\n".join(refused.problems), clock())
    except Exception:
        _log.exception("The baseline %s of %s can't be made.", order.codec, order.phase)
        end(order_id, FAILED, clock())


def end(order_id: int, words: str, at: datetime) -> None:
    """Note why a baseline could not be made, unless it was stopped before."""
    _turn(order_id, state=State.FAILED, words=words, ended_at=at)


def _codec(name: str) -> Codec:
    for codec in available():
        if codec.name == name:
            return codec
    raise Refused("baseline", f"{name}: its package {NEEDS[name]} is not installed here.")


def _watch(
    order: BaselineOrder, clock: Callable[[], datetime], score: Callable[[Submission], None]
) -> Watch:
    def step() -> None:
        _go_on(order, done=F("done") + 1)

    def begun(submission: Submission) -> None:
        _go_on(order, submission=submission)

    def queued(submission: Submission, words: str) -> None:
        _go_on(order, state=State.ENTERED, words=words, ended_at=clock())
        score(submission)

    return Watch(step, begun, queued)


def _go_on(order: BaselineOrder, **fields: object) -> None:
    """Note how far it is. Raises _Stopped where it was stopped, or asked for anew since then."""
    mine = BaselineOrder.objects.filter(pk=order.pk, begun_at=order.begun_at)
    if not _under_way(mine).update(**fields):
        raise _Stopped


def _turn(order_id: int, **fields: object) -> bool:
    return bool(_under_way(BaselineOrder.objects.filter(pk=order_id)).update(**fields))


def _under_way(orders: QuerySet[BaselineOrder]) -> QuerySet[BaselineOrder]:
    return orders.filter(state__in=BaselineOrder.UNDER_WAY)
