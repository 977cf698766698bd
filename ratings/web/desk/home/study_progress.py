"""What the desk shows of a study's progress, read from the counters wherever they know it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Aggregate, Count, F, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncHour

from ratings.comparisons.models import Entry, Judgment, Pair, Rater, RaterCount, Stage, Study, Trial
from ratings.comparisons.participation import ranked_pairs
from ratings.web.desk.parts.desk_charts import distribution, hours_until
from ratings.web.parts.drawing.charts import Svg

HOURS = 48
RATERS_SHOWN = 10
JUDGED = F("wins_first") + F("wins_second") + F("ties")
PEOPLE = Count("pk", filter=Q(simulated=False))
SIMULATED = Count("pk", filter=Q(simulated=True))


@dataclass(frozen=True)
class StudyProgress:
    """A study's main stage in figures: judgments that count, and the raters whose they are.

    `not_used` and `rejected` are the raters whose judgments don't count. Coverage is the trials
    issued for the least and the most asked pair; `never_issued` counts pairs that nobody saw.
    """

    study: Study
    judgments: int = 0
    people: int = 0
    simulated: int = 0
    not_used: int = 0
    rejected: int = 0
    entries: int = 0
    pairs: int = 0
    never_issued: int = 0
    issued_least: int = 0
    issued_most: int = 0


@dataclass(frozen=True)
class RaterProgressLine:
    """One rater's share: trials judged of those that the study asks of each."""

    name: str
    key: UUID
    simulated: bool
    state: str
    judged: int
    asked: int
    consented_at: datetime


@dataclass(frozen=True)
class SharesOfRaters:
    """How many judgments that count each rater gave; none where there is no rater."""

    chart: Svg
    least: int
    median: int
    most: int


def progress_of_study(study: Study) -> StudyProgress:
    """Return the study's figures; pairs of entries that were replaced are left out."""
    return progress_of_studies([study])[0]


def progress_of_studies(studies: Sequence[Study]) -> list[StudyProgress]:
    """Return the figures of each study, in the same few queries for any number of them."""
    judged = _per_study(_with_judgments(studies), "study", people=PEOPLE, simulated=SIMULATED)
    states = _per_study(
        Rater.objects.filter(study__in=studies, stage=Stage.MAIN),
        "study",
        not_used=Count("pk", filter=Q(state=Rater.State.NOT_USED)),
        rejected=Count("pk", filter=Q(state=Rater.State.REJECTED)),
    )
    pairs = _per_study(
        Pair.objects.filter(study__in=studies, first__active=True, second__active=True),
        "study",
        pairs=Count("pk"),
        never_issued=Count("pk", filter=Q(issued=0)),
        issued_least=Min("issued"),
        issued_most=Max("issued"),
    )
    counted = _per_study(
        RaterCount.objects.filter(pair__in=ranked_pairs(*studies)),
        "pair__study",
        judgments=Sum(JUDGED),
    )
    entries = _per_study(
        Entry.objects.filter(study__in=studies, active=True), "study", entries=Count("pk")
    )
    figures = (judged, states, pairs, counted, entries)
    return [
        StudyProgress(
            study=study, **{k: v for table in figures for k, v in table.get(study.pk, {}).items()}
        )
        for study in studies
    ]


def _per_study(rows: QuerySet[Any], key: str, **figures: Aggregate) -> dict[int, dict[str, int]]:
    """Return the figures of each study that has rows, by the study's key."""
    annotated = rows.order_by().values(key).annotate(**figures)
    return {row.pop(key): row for row in annotated}


def latest_raters(study: Study) -> list[RaterProgressLine]:
    """Return the raters who came last to the study's stage, with how far they are."""
    came = study.raters.filter(stage=study.stage)
    latest = list(came.order_by("-consented_at", "pk")[:RATERS_SHOWN])
    standing = Judgment.objects.filter(trial__rater__in=latest, undone_at=None)
    asked = standing.exclude(trial__kind=Trial.Kind.TRAINING).values_list("trial__rater")
    judged = dict(asked.annotate(Count("pk")))
    return [
        RaterProgressLine(
            name=_short(rater.pk),
            key=rater.pk,
            simulated=rater.simulated,
            state=rater.state,
            judged=judged.get(rater.pk, 0),
            asked=study.trials_per_rater,
            consented_at=rater.consented_at,
        )
        for rater in latest
    ]


def shares_of_raters(study: Study) -> SharesOfRaters | None:
    """Return how the judgments that count are spread over all raters; None without any."""
    counts = RaterCount.objects.filter(pair__in=ranked_pairs(study)).order_by()
    judged = dict(counts.values_list("rater").annotate(judged=Sum(JUDGED)))
    raters = study.raters.filter(stage=Stage.MAIN).count()
    shares = sorted([*judged.values(), *[0] * (raters - len(judged))])
    if not judged:
        return None
    chart = distribution(shares, "raters")
    return SharesOfRaters(chart, shares[0], shares[len(shares) // 2], shares[-1])


def judgments_per_hour(study: Study, now: datetime) -> list[tuple[datetime, int]]:
    """Return the number of judgments in each of the last hours, empty hours included.

    All that are stored of the study's stage are counted, whether they count in the ranking or not;
    an index finds them.
    """
    hours = hours_until(now, HOURS)
    recent = Judgment.objects.filter(judged_at__gte=hours[0], trial__rater__study=study)
    recent = recent.filter(trial__rater__stage=study.stage)
    per_hour = recent.annotate(hour=TruncHour("judged_at")).values("hour")
    counts = dict(per_hour.annotate(count=Count("pk")).values_list("hour", "count"))
    return [(hour, counts.get(hour, 0)) for hour in hours]


def _with_judgments(studies: Sequence[Study]) -> QuerySet[Rater]:
    counted = Q(wins_first__gt=0) | Q(wins_second__gt=0) | Q(ties__gt=0)
    judged = RaterCount.objects.filter(counted, pair__in=ranked_pairs(*studies)).values("rater")
    return Rater.objects.filter(pk__in=judged)


def _short(rater_id: UUID) -> str:
    """Return the start of the random identifier: enough to tell raters apart on a page."""
    return rater_id.hex[:8]
