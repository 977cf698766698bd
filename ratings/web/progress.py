"""What the desk shows of a study's progress, read from the counters wherever they know it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncHour

from ratings.comparisons.models import Judgment, Pair, Rater, RaterCount, Study
from ratings.web.charts import Svg, hours_until, meter

HOURS = 48
RATERS_SHOWN = 50
JUDGED = F("wins_first") + F("wins_second") + F("ties")


@dataclass(frozen=True)
class Progress:
    """A study in figures. Coverage is the trials issued for the least and the most asked pair."""

    study: Study
    judgments: int
    people: int
    simulated: int
    entries: int
    pairs: int
    issued_least: int
    issued_most: int


@dataclass(frozen=True)
class RaterLine:
    """One rater's share: trials judged of those that the study asks of each."""

    name: str
    simulated: bool
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
    counted = RaterCount.objects.filter(pair__study=study).aggregate(total=Sum(JUDGED))
    return Progress(
        study=study,
        judgments=counted["total"] or 0,
        people=raters.get(False, 0),
        simulated=raters.get(True, 0),
        entries=study.entries.filter(active=True).count(),
        pairs=pairs["count"],
        issued_least=pairs["least"] or 0,
        issued_most=pairs["most"] or 0,
    )


def raters(study: Study) -> list[RaterLine]:
    """Return the raters who came last, with how far they are."""
    judged = F("counts__wins_first") + F("counts__wins_second") + F("counts__ties")
    latest = study.raters.annotate(judged=Sum(judged)).order_by("-consented_at", "pk")
    return [
        RaterLine(
            name=_short(rater.pk),
            simulated=rater.simulated,
            judged=rater.judged or 0,
            asked=study.trials_per_rater,
            consented_at=rater.consented_at,
        )
        for rater in latest[:RATERS_SHOWN]
    ]


def judgments_per_hour(study: Study, now: datetime) -> list[tuple[datetime, int]]:
    """Return the number of judgments in each of the last hours, empty hours included."""
    hours = hours_until(now, HOURS)
    recent = Judgment.objects.filter(trial__rater__study=study, judged_at__gte=hours[0])
    per_hour = recent.annotate(hour=TruncHour("judged_at")).values("hour")
    found = dict(per_hour.annotate(count=Count("pk")).values_list("hour", "count"))
    return [(hour, found.get(hour, 0)) for hour in hours]


def _with_judgments(study: Study) -> QuerySet[Rater]:
    judged = RaterCount.objects.filter(pair__study=study).values("rater")
    return study.raters.filter(pk__in=judged)


def _short(rater_id: UUID) -> str:
    """Return the start of the random identifier: enough to tell raters apart on a page."""
    return rater_id.hex[:8]
