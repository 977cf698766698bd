"""The desk's page on what does not count in a study: by reason and hour, drawn and as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ratings.comparisons.judgments.drop_reasons import COUNTED, WORDS, DropReason, LossSign
from ratings.comparisons.judgments.drop_streams import (
    DropStream,
    Watched,
    drop_streams,
    drops_by_hour,
)
from ratings.comparisons.models import Study
from ratings.web.desk.home.alarm_list import alarm_lines, alarms_on
from ratings.web.desk.home.desk_home import desk_studies
from ratings.web.desk.home.study_progress import HOURS
from ratings.web.desk.parts.desk_charts import hours_until
from ratings.web.desk.parts.guards import desk_page
from ratings.web.desk.study.drop_chart import HourShare, shares_by_hour
from ratings.web.parts.drawing.charts import Svg
from ratings.web.parts.words.formatting import NOTHING, grouped, percent


@dataclass(frozen=True)
class WatchedLine:
    """One thing that is watched: how much of it was dropped in these hours, and when."""

    title: str
    dropped: str
    share: str
    chart: Svg


@dataclass(frozen=True)
class HourLine:
    """One hour of the table: answers to comparisons, and those not counted, by reason."""

    hour: datetime
    answers: str
    cells: Sequence[str]


@desk_page
@require_safe
def drops(request: HttpRequest, slug: str) -> HttpResponse:
    """Show which answers don't count, why and when, and what tells that more will be lost."""
    study = get_object_or_404(desk_studies(), slug=slug)
    now = timezone.now()
    hours = hours_until(now, HOURS)
    counts = drops_by_hour(study, hours[0])
    streams = drop_streams(study, now)
    answers = {hour: sum(counts.get(hour, {}).values()) for hour in hours}
    shares: dict[Watched, list[HourShare]] = {
        reason: [
            HourShare(hour, counts.get(hour, {}).get(reason, 0), answers[hour]) for hour in hours
        ]
        for reason in DropReason
    }
    shares |= {sign: _by_hour(streams.get(sign), hours) for sign in LossSign}
    total = sum(answers.values())
    counted = sum(one.get(COUNTED, 0) for one in counts.values())
    page = {
        "study": study,
        "hours": HOURS,
        "answers": total,
        "counted": counted,
        "counted_share": percent(counted / total if total else None),
        "reasons": [_line(one, shares[one]) for one in DropReason],
        "signs": [_line(one, shares[one]) for one in LossSign],
        "titles": [WORDS[reason].title for reason in DropReason],
        "table": _table(counts, answers),
        "alarms": alarm_lines(alarms_on(_of(study)), now),
    }
    return render(request, "desk/drops.html", page)


def _of(study: Study) -> Q:
    return Q(key__startswith=f"study/{study.slug}/")


def _by_hour(stream: DropStream | None, hours: Sequence[datetime]) -> list[HourShare]:
    """Return how much of a stream fell into each hour, and how much of that was dropped."""
    seen = dict.fromkeys(hours, (0, 0))
    rows = zip(stream.at.tolist(), stream.dropped.tolist(), strict=True) if stream else ()
    for at, dropped in rows:
        hour = datetime.fromtimestamp(at, UTC).replace(minute=0, second=0, microsecond=0)
        if hour in seen:
            seen[hour] = (seen[hour][0] + dropped, seen[hour][1] + 1)
    return [HourShare(hour, *seen[hour]) for hour in hours]


def _line(watched: Watched, shares: Sequence[HourShare]) -> WatchedLine:
    words = WORDS[watched]
    dropped, of = sum(one.dropped for one in shares), sum(one.of for one in shares)
    return WatchedLine(
        title=words.title,
        dropped=f"{grouped(dropped)} of {grouped(of)} {words.of}" if of else NOTHING,
        share=percent(dropped / of if of else None),
        chart=shares_by_hour(shares, words.of),
    )


def _table(
    counts: Mapping[datetime, Mapping[str, int]], answers: Mapping[datetime, int]
) -> list[HourLine]:
    """Return the hours with answers, the newest first."""
    return [
        HourLine(
            hour,
            grouped(answers[hour]),
            [grouped(counts[hour].get(reason, 0)) for reason in DropReason],
        )
        for hour in sorted(counts, reverse=True)
        if answers.get(hour)
    ]
