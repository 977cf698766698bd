"""The desk's page on a study's raters, each figure as the text that stands there."""

import re
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from ratings.comparisons.judgments.screening import rule_description
from ratings.comparisons.models import Rater, Study
from ratings.comparisons.protocol import After
from ratings.comparisons.raters.privacy import find_rater
from ratings.psychometrics.raters.position_bias import PositionBias
from ratings.psychometrics.raters.quality import LEVELS, Quality
from ratings.psychometrics.raters.rater_report import RaterReport
from ratings.ranking.evidence.rater_reports import (
    RATER_COLUMNS,
    decision_of,
    kept_report,
    rater_rows,
    reported_raters,
    summary,
)
from ratings.ranking.models import KeptReport, ReportedRater
from ratings.ranking.news import has_news
from ratings.ranking.tables.export import to_csv
from ratings.web.desk.parts.desk_charts import meter, share
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.drawing.charts import Svg
from ratings.web.parts.paging import page_of
from ratings.web.parts.words.formatting import NOTHING, count, decimal, grouped, moment, percent

NAME_CHARACTERS = 8
MEDIAN = LEVELS.index(0.5)
CHECKS = ("goldens", "golden_right", "repeats", "repeats_alike")
IDENTIFIER = re.compile(r"\b[0-9a-f]{32}\b")
AFTER = {
    After.END: "The session of whoever is not used or rejected ends at their next list of trials.",
    After.GO_ON: "Whoever is not used or rejected judges on to the end.",
}


@dataclass(frozen=True)
class RaterFiguresLine:
    """One rater; `checks` are golden trials and repeats, `mark` draws the reliability."""

    name: str
    identifier: str
    key: UUID
    simulated: bool
    state: str
    reason: str
    judgments: str
    quality: str
    checks: str
    reliability: str
    interval: str
    mark: Svg
    seconds: str
    flips: str
    left: str
    agreement: str
    usual: str
    influence: str
    moved: str
    flags: tuple[str, ...]


@dataclass(frozen=True)
class PictureInfluenceLine:
    """One picture with its influence; `mark` compares it with the most influential one's."""

    name: str
    judgments: str
    influence: str
    mark: Svg
    moved: str


@dataclass(frozen=True)
class SecondLine:
    """One method's score and its score with raters weighed by their reliability."""

    method: str
    rank: int
    score: str
    reliable_rank: int
    reliable_score: str
    moved: bool


@desk_page
@require_safe
def raters(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what the judgments tell about each rater, and about pictures."""
    study = _study(slug)
    asked = request.GET.get("find", "").strip()
    found = find_rater(study, asked) if asked else None
    if found:
        return redirect("web:desk-rater", slug, found.pk)
    page = {
        "study": study,
        "find": asked,
        "rule": rule_description(study.protocol.screening),
        "after": AFTER[study.protocol.screening.after],
    }
    kept = kept_report(study)
    if kept is None:
        return render(request, "desk/raters.html", page | {"is_judged": has_news(study, None)})
    shown = page_of(request, reported_raters(study))
    lines = [_rater_line(each) for each in shown.rows]
    page |= {"page": shown, "raters": lines, **_of_all(study, kept)}
    return render(request, "desk/raters.html", page)


def _of_all(study: Study, kept: KeptReport) -> dict[str, object]:
    """Return what the page says of all raters together."""
    told = summary(kept)
    report, bias, agreement = told.report, told.report.position_bias, told.report.agreement
    reported = study.raters.filter(reported__report=kept)
    states = dict(reported.order_by().values_list("state").annotate(Count("pk")))
    return {
        "report": report,
        "made": moment(kept.computed_at, study.phase.zone),
        "simulated": reported.filter(simulated=True).exists(),
        "not_used": states.get(Rater.State.NOT_USED, 0),
        "rejected": states.get(Rater.State.REJECTED, 0),
        "flagged": told.flagged,
        "pictures": _picture_lines(report),
        "second": _second_lines(report),
        "stretch": decimal(report.stretch, 2),
        "side": _side_text(bias),
        "left": percent(bias.share if bias else None),
        "alpha": decimal(agreement.alpha if agreement else None, 2),
        "random": percent(told.random),
    }


@desk_page
@require_safe
def raters_csv(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """Send the table of raters as a file."""
    lines = to_csv(RATER_COLUMNS, rater_rows(_study(slug)))
    headers = {"Content-Disposition": f'attachment; filename="{slug}-raters.csv"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _study(slug: str) -> Study:
    return get_object_or_404(Study.objects.select_related("phase__challenge"), slug=slug)


def _rater_line(reported: ReportedRater) -> RaterFiguresLine:
    rater, facts = reported.rater, reported.facts
    low, high = facts["reliability_low"], facts["reliability_high"]
    milliseconds, left = facts["ms_median"], facts["left_share"]
    decision = decision_of(rater)
    return RaterFiguresLine(
        name=rater.pk.hex[:NAME_CHARACTERS],
        identifier=rater.pk.hex,
        key=rater.pk,
        simulated=rater.simulated,
        state=rater.state,
        reason=decision.reason if decision else "",
        judgments=grouped(facts["judgments"]),
        quality=decimal(facts["quality"], 2),
        checks=checks_text(Quality(*(facts[name] for name in CHECKS))),
        reliability=percent(facts["reliability"]),
        interval=NOTHING if low is None else f"{percent(low)} to {percent(high)}",
        mark=share(facts["reliability"], low, high),
        seconds=decimal(None if milliseconds is None else milliseconds / 1000, 1),
        flips=decimal(facts["flips_median"], 0),
        left=percent(facts["left_of_all"] if left is None else left),
        agreement=percent(facts["agreement"]),
        usual=percent(facts["agreement_usual"]),
        influence=_influence(facts["influence"], facts["needed"]),
        moved=_moved(facts["moved"]),
        flags=tuple(_with_short_names(words) for words in facts["flags"]),
    )


def checks_text(quality: Quality) -> str:
    """Return what was passed of golden trials and of repeats: "7 of 8, 6 of 8"."""
    passed = ((quality.right, quality.goldens), (quality.alike, quality.repeats))
    return ", ".join(f"{right:g} of {all_}" if all_ else NOTHING for right, all_ in passed)


def _with_short_names(words: str) -> str:
    """Cut the identifiers of raters in a sentence as they are cut in the table."""
    return IDENTIFIER.sub(lambda found: found[0][:NAME_CHARACTERS], words)


def _picture_lines(report: RaterReport) -> list[PictureInfluenceLine]:
    most = max((row.influence or 0.0 for row in report.pictures), default=0.0)
    return [
        PictureInfluenceLine(
            name=row.picture,
            judgments=grouped(row.judgments),
            influence=_influence(row.influence, row.needed),
            mark=meter((row.influence or 0.0) / most if most else 0.0),
            moved=_moved(row.moved),
        )
        for row in report.pictures
        if row.judgments
    ]


def _second_lines(report: RaterReport) -> list[SecondLine]:
    return [
        SecondLine(
            method=row.method,
            rank=row.rank,
            score=decimal(row.score, 2),
            reliable_rank=row.reliable_rank,
            reliable_score=decimal(row.reliable_score, 2),
            moved=row.rank != row.reliable_rank,
        )
        for row in report.second
    ]


def _influence(largest: float | None, needed: bool) -> str:
    return "needed" if needed else decimal(largest, 3)


def _moved(ranks: int | None) -> str:
    """Return how many ranks change; nothing where none does."""
    return count(ranks, "rank") if ranks else ""


def _side_text(side: PositionBias | None) -> str:
    """Say whether the crowd's position bias is more than chance."""
    if side is None or side.p_value is None:
        return "more can't be told by these judgments"
    if side.p_value >= 0.05:
        return f"no bias to be seen (p = {side.p_value:.2f})"
    p_value = "p < 0.001" if side.p_value < 0.001 else f"p = {side.p_value:.3f}"
    return f"{percent(side.expected)} would be usual ({p_value})"
