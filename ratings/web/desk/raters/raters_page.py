"""The desk's page on a study's raters, each figure as the text that stands there."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from ratings.comparisons.judgments.screening import rule_description
from ratings.comparisons.models import Rater, Study
from ratings.comparisons.protocol import After
from ratings.comparisons.raters.privacy import find_rater
from ratings.psychometrics.raters.position_bias import PositionBias
from ratings.psychometrics.raters.quality import LEVELS, Quality
from ratings.psychometrics.raters.rater_report import PictureRow, RaterReport, RaterRow
from ratings.ranking.evidence.rater_evidence import (
    RATER_COLUMNS,
    StudyRater,
    StudyRaters,
    rater_rows,
    study_raters,
)
from ratings.ranking.tables.export import to_csv
from ratings.web.desk.parts.desk_charts import meter, share
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.charts import Svg
from ratings.web.parts.formatting import NOTHING, count, decimal, grouped, percent
from ratings.web.parts.paging import page_of

NAME_CHARACTERS = 8
MEDIAN = LEVELS.index(0.5)
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
    evidence = study_raters(study)
    page_shown = page_of(request, evidence.raters)
    report, states = evidence.report, [rater.rater.state for rater in evidence.raters]
    page = {
        "study": study,
        "report": report,
        "find": asked,
        "rule": rule_description(study.protocol.screening),
        "after": AFTER[study.protocol.screening.after],
        "simulated": any(rater.rater.simulated for rater in evidence.raters),
        "page": page_shown,
        "raters": _rater_lines(evidence, page_shown.rows),
        "not_used": states.count(Rater.State.NOT_USED),
        "rejected": states.count(Rater.State.REJECTED),
        "flagged": sum(bool(row.flags) for row in report.raters),
        "pictures": _picture_lines(report),
        "second": _second_lines(report),
        "stretch": decimal(report.stretch, 2),
        "side": _side_text(report.position_bias),
        "left": percent(report.position_bias.share if report.position_bias else None),
        "alpha": decimal(report.agreement.alpha if report.agreement else None, 2),
        "random": percent(_random_share(report)),
    }
    return render(request, "desk/raters.html", page)


@desk_page
@require_safe
def raters_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """Send the table of raters as a file."""
    text = "".join(to_csv(RATER_COLUMNS, rater_rows(study_raters(_study(slug)))))
    headers = {"Content-Disposition": f'attachment; filename="{slug}-raters.csv"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


def _study(slug: str) -> Study:
    return get_object_or_404(Study.objects.select_related("phase__challenge"), slug=slug)


def _rater_lines(evidence: StudyRaters, shown: Sequence[StudyRater]) -> list[RaterFiguresLine]:
    names = frozenset(rater.rater.pk.hex for rater in evidence.raters)
    return [_rater_line(rater, names) for rater in shown]


def _rater_line(rater: StudyRater, names: frozenset[str]) -> RaterFiguresLine:
    row, mine = rater.report, rater.figures
    low, high = row.reliability_low, row.reliability_high
    return RaterFiguresLine(
        name=row.rater[:NAME_CHARACTERS],
        identifier=row.rater,
        key=rater.rater.pk,
        simulated=rater.rater.simulated,
        state=rater.rater.state,
        reason=rater.decision.reason if rater.decision else "",
        judgments=grouped(row.judgments),
        quality=decimal(mine.quality.total, 2),
        checks=checks_text(mine.quality),
        reliability=percent(row.reliability),
        interval=NOTHING if low is None else f"{percent(low)} to {percent(high)}",
        mark=share(row.reliability, low, high),
        seconds=decimal(mine.response_ms[MEDIAN] / 1000 if mine.response_ms else None, 1),
        flips=decimal(mine.flips[MEDIAN] if mine.flips else None, 0),
        left=percent(row.left_share if row.left_share is not None else mine.left_share),
        agreement=percent(row.agreement),
        usual=percent(row.agreement_usual),
        influence=_influence(row),
        moved=_moved(row),
        flags=tuple(_with_short_names(words, names) for words in row.flags),
    )


def checks_text(quality: Quality) -> str:
    """Return what was passed of golden trials and of repeats: "7 of 8, 6 of 8"."""
    passed = ((quality.right, quality.goldens), (quality.alike, quality.repeats))
    return ", ".join(f"{right:g} of {all_}" if all_ else NOTHING for right, all_ in passed)


def _with_short_names(words: str, names: frozenset[str]) -> str:
    """Cut the names of raters in a sentence as they are cut in the table."""
    return " ".join(word[:NAME_CHARACTERS] if word in names else word for word in words.split(" "))


def _picture_lines(report: RaterReport) -> list[PictureInfluenceLine]:
    most = max((row.influence or 0.0 for row in report.pictures), default=0.0)
    return [
        PictureInfluenceLine(
            name=row.picture,
            judgments=grouped(row.judgments),
            influence=_influence(row),
            mark=meter((row.influence or 0.0) / most if most else 0.0),
            moved=_moved(row),
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


def _influence(row: RaterRow | PictureRow) -> str:
    return "needed" if row.needed else decimal(row.influence, 3)


def _moved(row: RaterRow | PictureRow) -> str:
    """Return how many ranks change; nothing where none does."""
    return count(row.moved, "rank") if row.moved else ""


def _side_text(side: PositionBias | None) -> str:
    """Say whether the crowd's position bias is more than chance."""
    if side is None or side.p_value is None:
        return "not told by one rater"
    if side.p_value >= 0.05:
        return f"no bias to be seen (p = {side.p_value:.2f})"
    p_value = "p < 0.001" if side.p_value < 0.001 else f"p = {side.p_value:.3f}"
    return f"{percent(side.expected)} would be usual ({p_value})"


def _random_share(report: RaterReport) -> float | None:
    """Return the share of all answers that are expected to be random."""
    known = [row for row in report.raters if row.reliability is not None]
    judged = sum(row.judgments for row in known)
    if not judged:
        return None
    return sum((1 - (row.reliability or 0.0)) * row.judgments for row in known) / judged
