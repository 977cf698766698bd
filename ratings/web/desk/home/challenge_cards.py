"""What the desk says of each challenge at a glance: phases in time, what runs, what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from ratings.challenge.calendar import announced_deadline
from ratings.challenge.models import Challenge, Phase
from ratings.comparisons.models import Judgment, Stage, Study
from ratings.submissions.models import Run, Submission
from ratings.web.desk.parts.desk_charts import timeline
from ratings.web.parts.drawing.charts import Svg
from ratings.web.parts.words.formatting import Moment, moment, until
from ratings.web.parts.words.phase_lines import PhaseLine, phase_line


@dataclass(frozen=True)
class DeskCard:
    """One challenge. `matters` is how many things there need a person; counts are of now, or of
    today in UTC; `next_words` says what comes next, "" where nothing does."""

    challenge: Challenge
    phases: list[PhaseLine]
    studies: list[Study]
    timeline: Svg
    matters: int
    submissions: int
    queued: int
    waiting: int
    running: int
    today: int
    next_words: str
    next_at: Moment | None


def desk_cards(
    challenges: Sequence[Challenge],
    studies: Sequence[Study],
    matters: Mapping[int, int],
    now: datetime,
) -> list[DeskCard]:
    """Return a card each, in the same few queries for any number of them.

    `studies` are those of all challenges, with their phases; `matters` counts what needs a person,
    by challenge's key. The challenges' phases and data sets are prefetched.
    """
    sent = _per_challenge(
        Submission.objects.filter(phase__challenge__in=challenges),
        "phase__challenge",
        submissions=Count("pk"),
        queued=Count("pk", filter=Q(state=Submission.State.QUEUED)),
    )
    runs = _per_challenge(
        Run.objects.filter(state__in=Run.CURRENT, submission__phase__challenge__in=challenges),
        "submission__phase__challenge",
        waiting=Count("pk", filter=Q(state=Run.State.WAITING)),
        running=Count("pk", filter=Q(state=Run.State.RUNNING)),
    )
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    judged = _per_challenge(
        Judgment.objects.filter(
            judged_at__gte=midnight,
            trial__rater__study__phase__challenge__in=challenges,
            trial__rater__stage=Stage.MAIN,
        ),
        "trial__rater__study__phase__challenge",
        today=Count("pk"),
    )
    none = {"submissions": 0, "queued": 0, "waiting": 0, "running": 0, "today": 0}
    figures = {
        one.pk: none | sent.get(one.pk, {}) | runs.get(one.pk, {}) | judged.get(one.pk, {})
        for one in challenges
    }
    return [
        _card(
            one,
            [study for study in studies if study.phase.challenge_id == one.pk],
            figures[one.pk],
            matters.get(one.pk, 0),
            now,
        )
        for one in challenges
    ]


def _card(
    challenge: Challenge,
    studies: list[Study],
    figures: dict[str, int],
    matters: int,
    now: datetime,
) -> DeskCard:
    phases = sorted(challenge.phases.all(), key=lambda phase: phase.position)
    words, at = _next(phases, now)
    return DeskCard(
        challenge=challenge,
        phases=[phase_line(phase, now) for phase in phases],
        studies=studies,
        timeline=timeline([(p.name, p.opens_at, p.closes_at) for p in phases], now),
        matters=matters,
        next_words=words,
        next_at=at,
        **figures,
    )


def _next(phases: Sequence[Phase], now: datetime) -> tuple[str, Moment | None]:
    """Return what of the phases comes next, in words, and its instant as announced."""
    coming = [
        *((phase.opens_at, phase.opens_at, f"{phase.name} opens", phase.zone) for phase in phases),
        *(
            (p.closes_at, announced_deadline(p.closes_at), f"{p.name} closes", p.zone)
            for p in phases
        ),
        *(
            (p.boards_open_at, p.boards_open_at, f"boards of {p.name} open", p.zone)
            for p in phases
            if p.boards_open_at
        ),
    ]
    ahead = sorted((one for one in coming if one[0] > now), key=lambda one: one[0])
    if not ahead:
        return "", None
    at, announced, words, zone = ahead[0]
    return f"{words} {until(at, now, zone)}", moment(announced, zone)


def _per_challenge(rows: QuerySet[Any], key: str, **figures: Count) -> dict[int, dict[str, int]]:
    annotated = rows.order_by().values(key).annotate(**figures)
    return {row.pop(key): row for row in annotated}
