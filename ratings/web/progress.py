"""What the desk shows of a study's progress, read from the counters wherever they know it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncHour

from ratings.comparisons.models import Judgment, Pair, Rater, RaterCount, Study, Trial
from ratings.web.charts import Svg, hours_until, meter

HOURS = 48
RATERS_SHOWN = 50
JUDGED = F("wins_first") + F("wins_second") + F("ties")


@dataclass(frozen=True)
class Progress:
    """A study in figures: judgments that count, and the raters whose they are.

    `not_used` and `rejected` are the raters whose judgments don't count. Coverage is the trials
    issued for the least and the most asked pair.
    """

    study: Study
    judgments: int
    people: int
    simulated: int
    not_used: int
    rejected: int
    entries: int
    pairs: int
    issued_least: int
    issued_most: int


@dataclass(frozen=True)
class RaterLine:
    """One rater's share: trials judged of those that the study asks of each."""

    name: str
    key: UUID
    simulated: bool
    state: str
    judged: int
    asked: int
    consented_at: datetime

    @property
    def meter(self) -> Svg:
        """How much of the work is done, as a bar."""
        return meter(self.judged / self.asked if self.asked else 0.0)


def progress(study: Study) -> Progress:
    """Return the study's figures; pairs of entries that were replaced are left out."""
    raters = dict(_with_judgments(study).values_list("simulated").annotate(Count("pk")))
    active = Q(first__active=True, second__active=True)
    pairs = Pair.objects.filter(active, study=study).aggregate(
        count=Count("pk"), least=Min("issued"), most=Max("issued")
    )
    states = dict(study.raters.values_list("state").annotate(Count("pk")))
    counted = RaterCount.objects.filter(pair__study=study).aggregate(total=Sum(JUDGED))
    return Progress(
        study=study,
        judgments=counted["total"] or 0,
        people=raters.get(False, 0),
        simulated=raters.get(True, 0),
        not_used=states.get(Rater.State.NOT_USED, 0),
        rejected=states.get(Rater.State.REJECTED, 0),
        entries=study.entries.filter(active=True).count(),
        pairs=pairs["count"],
        issued_least=pairs["least"] or 0,
        issued_most=pairs["most"] or 0,
    )


def raters(study: Study) -> list[RaterLine]:
    """Return the raters who came last, with how far they are."""
    latest = list(study.raters.order_by("-consented_at", "pk")[:RATERS_SHOWN])
    standing = Judgment.objects.filter(trial__rater__in=latest, undone_at=None)
    asked = standing.exclude(trial__kind=Trial.Kind.TRAINING).values_list("trial__rater")
    judged = dict(asked.annotate(Count("pk")))
    return [
        RaterLine(
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


def judgments_per_hour(study: Study, now: datetime) -> list[tuple[datetime, int]]:
    """Return the number of judgments in each of the last hours, empty hours included.

    All that are stored are counted, whether they count in the ranking or not; an index finds them.
    """
    hours = hours_until(now, HOURS)
    recent = Judgment.objects.filter(trial__rater__study=study, judged_at__gte=hours[0])
    per_hour = recent.annotate(hour=TruncHour("judged_at")).values("hour")
    found = dict(per_hour.annotate(count=Count("pk")).values_list("hour", "count"))
    return [(hour, found.get(hour, 0)) for hour in hours]


def _with_judgments(study: Study) -> QuerySet[Rater]:
    counted = Q(wins_first__gt=0) | Q(wins_second__gt=0) | Q(ties__gt=0)
    judged = RaterCount.objects.filter(counted, pair__study=study).values("rater")
    return study.raters.filter(pk__in=judged)


def _short(rater_id: UUID) -> str:
    """Return the start of the random identifier: enough to tell raters apart on a page."""
    return rater_id.hex[:8]
