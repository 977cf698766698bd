"""Ways to the pages of series, or when they are shown: one of frozen rates alone is not."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse

from ratings.challenge.access.visibility import boards_frozen
from ratings.challenge.models import Phase, Series
from ratings.comparisons.models import Study
from ratings.ranking.boards.rate_series import series_with, visible_phases
from ratings.web.parts.base_context import is_organizer
from ratings.web.parts.words.formatting import Moment, moment


@dataclass(frozen=True)
class SeriesWay:
    """A series by name; `url` is "" while its page is not shown, from `opens` on if that is set.

    `is_judged` says whether it has a study across its rates.
    """

    name: str
    url: str
    is_judged: bool
    opens: Moment | None = None


def series_ways(request: HttpRequest, phase: Phase, now: datetime) -> list[SeriesWay]:
    """Return the ways to the series that a phase is a rate of."""
    return [series_way(request, series, now) for series in series_with(phase)]


def series_way(request: HttpRequest, series: Series, now: datetime) -> SeriesWay:
    """Return the way to a series, as whoever asks may go it."""
    is_judged = Study.objects.filter(series=series).exists()
    if visible_phases(series, now, organizer=is_organizer(request)):
        url = reverse("web:series", args=[series.challenge.slug, series.slug])
        return SeriesWay(series.name, url, is_judged)
    phases = series.phases.select_related("challenge")
    dated = [(at, phase.zone) for phase in phases if (at := _live_from(phase, now))]
    first = min(dated, key=lambda one: one[0], default=None)
    return SeriesWay(series.name, "", is_judged, moment(*first) if first else None)


def _live_from(phase: Phase, now: datetime) -> datetime | None:
    """Return when the boards of a phase are live next, None where no date is set."""
    opens, thaws = phase.boards_open_at, phase.boards_frozen_until
    if opens is None or not boards_frozen(phase, now):
        return opens
    return max(opens, thaws) if thaws else None
