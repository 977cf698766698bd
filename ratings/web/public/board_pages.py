"""The board page: PSNR and human ranking side by side, with lines that join the same method."""

from dataclasses import replace
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from ratings.challenge.access.visibility import boards_frozen, boards_open, seen
from ratings.challenge.models import Dataset, Phase
from ratings.comparisons.models import Study
from ratings.comparisons.participation import phases_of
from ratings.comparisons.study.presentation import identities_open
from ratings.fidelity.psnr_board import PsnrRow, excluded_from_boards, psnr_board
from ratings.metrics.metric_tracks import board_released
from ratings.ranking.boards.human_board import HumanBoard, board_studies
from ratings.ranking.frozen.frozen_rankings import shown_board
from ratings.ranking.models import Ranking
from ratings.submissions.rulings.eligibility import eligibilities, with_eligibility
from ratings.web.parts.base_context import (
    board_url,
    challenge_frame,
    closed_phases,
    is_organizer,
    phases_with_boards,
)
from ratings.web.parts.board_rows import left_lines, psnr_lines
from ratings.web.parts.drawing import charts
from ratings.web.parts.drawing.scatter_chart import Point, scatter
from ratings.web.parts.error_pages import NotYet
from ratings.web.parts.human_boards import human_context
from ratings.web.parts.series_ways import series_ways
from ratings.web.parts.shown_pictures import pictures_url
from ratings.web.parts.viewpoint import now_of
from ratings.web.parts.words.formatting import moment
from ratings.web.public.board_history import freeze_words, history_context
from ratings.web.public.board_lead import lead
from ratings.web.public.shared_results import shared_board

FIGURES = [
    ("scores", "scores"),
    ("ranks", "ranks"),
    ("win-probabilities", "win probabilities"),
    ("psnr", "PSNR against people"),
]
LEGEND = [
    ("competing", "in the competition"),
    ("ineligible", "not eligible for prizes"),
    ("baseline", "baseline, made by the organizers"),
]


@require_safe
@cache_control(no_cache=True, private=True)
@conditional_page
def board(request: HttpRequest, slug: str, phase_slug: str) -> HttpResponse:
    """Show the phase's two boards; 404 to everyone but organizers until they open."""
    now = now_of(request)
    phase = visible_phase(request, slug, phase_slug, now)
    study = chosen_study(request, phase)
    eligible = eligibilities(phase, now)
    until = None if is_organizer(request) else boards_frozen(phase, now)
    closed = closed_phases(request, [phase, *(phases_of(study) if study else [])], now)
    dataset = _chosen_dataset(request, phase)
    psnr = with_eligibility(psnr_board(phase, dataset, until), eligible)
    human = shown_board(study, dataset, until, _chosen_variant(request)) if study else None
    if human:
        human = replace(human, rows=with_eligibility(human.rows, eligible))
    frame = challenge_frame(request, phase.challenge, now, "Boards")
    page = {
        "phase": phase,
        "hidden": not boards_open(phase, now),
        "opens": phase.boards_open_at and moment(phase.boards_open_at, phase.zone),
        "phases": phases_with_boards(phase.challenge, now, organizer=is_organizer(request)),
        "dataset": dataset,
        "datasets": list(phase.datasets.order_by("pk")),
        "studies_here": list(board_studies(phase)),
        "psnr": psnr_lines(phase, psnr, closed),
        "psnr_left": left_lines(phase, excluded_from_boards(phase, until), closed),
        "slope": slope_chart(psnr, human) if human else "",
        "scatter": scatter_chart(psnr, human) if human else "",
        "lead": lead_of(psnr, human) if human else "",
        "metric_board": phase.slug not in closed and board_released(phase, now),
        "figures": FIGURES,
        "pictures_url": pictures_url(phase)
        if phase.slug not in closed and identities_open(phase, now)
        else "",
        "legend": legend(),
        "freeze": freeze_words(phase, now, seen_live=until is None),
        "series": (series := series_ways(request, phase, now)),
        "across": [one for one in series if one.is_judged],
    }
    page |= human_context(human, closed)
    if human and human.variant == Ranking.Variant.USED:
        page |= history_context(human, now)
    shared = frame["shared"] and shared_board(request, phase, human, page, now)
    return render(request, "board.html", frame | page | {"shared": shared})


def legend() -> list[tuple[charts.Svg, str]]:
    """Return the mark of each kind of method, and what it means."""
    return [(charts.symbol(kind), text) for kind, text in LEGEND]


def slope_chart(psnr: list[PsnrRow], human: HumanBoard) -> charts.Svg:
    """Return the lines between the rows of the two boards; only ranked methods have one."""
    ranked = [str(row.submission_id) for row in human.rows if row.rank is not None]
    aside = frozenset(str(row.submission_id) for row in psnr if row.kind != "competing")
    return charts.slope([str(row.submission_id) for row in psnr], ranked, aside)


def lead_of(psnr: list[PsnrRow], human: HumanBoard) -> str:
    """Return who is first on each board, in words; "" where nobody is ranked by people."""
    ranked = [row for row in human.rows if row.rank is not None]
    return lead(
        [row.method for row in ranked if row.rank_low == 1],
        len(ranked),
        [row.method for row in psnr if row.rank == 1],
        [row.method for row in ranked if row.open_end and row.open_end.direction == "below"],
    )


def scatter_chart(psnr: list[PsnrRow], human: HumanBoard) -> charts.Svg:
    """Return each method's PSNR against its human score; only those with a score have a point."""
    scores = {row.submission_id: row for row in human.rows if row.placed and row.score is not None}
    return scatter(
        [
            Point(
                str(row.submission_id),
                row.method,
                row.kind,
                row.psnr_db,
                scores[row.submission_id].score or 0.0,
                scores[row.submission_id].ci_low,
                scores[row.submission_id].ci_high,
            )
            for row in psnr
            if row.submission_id in scores
        ]
    )


def visible_phase(request: HttpRequest, slug: str, phase_slug: str, now: datetime) -> Phase:
    """Return the phase. Raises NotYet while its boards are hidden, whatever lies behind them."""
    phases = Phase.objects.select_related("challenge")
    phases = phases.filter(seen(organizer=is_organizer(request), challenge="challenge__"))
    phase = get_object_or_404(phases, challenge__slug=slug, slug=phase_slug)
    if not (boards_open(phase, now) or is_organizer(request)):
        raise _not_yet(phase)
    return phase


def refuse_while_frozen(request: HttpRequest, phase: Phase, now: datetime) -> None:
    """Raise NotYet where all of a page would be live and the boards are frozen."""
    if boards_frozen(phase, now) is None or is_organizer(request):
        return
    at = phase.boards_frozen_until
    raise NotYet(
        f"The boards of {phase.name} are frozen",
        "They show how it stood; methods, pictures and later rankings are shown again "
        + ("from" if at else "when the organizers say so."),
        moment(at, phase.zone) if at else None,
        (board_url(phase), f"To the boards of {phase.name}"),
    )


def _not_yet(phase: Phase) -> NotYet:
    """Return what a visitor reads instead: the phase and its dates are public, no more is said."""
    at = phase.boards_open_at
    return NotYet(
        f"The boards of {phase.name} are not open yet",
        "They open on" if at else "The organizers have set no date for them to open yet.",
        moment(at, phase.zone) if at else None,
        (reverse("web:challenge", args=[phase.challenge.slug]), f"To {phase.challenge.name}"),
    )


def _chosen_variant(request: HttpRequest) -> str:
    variant = request.GET.get("variant", Ranking.Variant.USED)
    if variant not in Ranking.Variant.values:
        raise Http404
    return variant


def _chosen_dataset(request: HttpRequest, phase: Phase) -> Dataset | None:
    slug = request.GET.get("dataset", "")
    return get_object_or_404(phase.datasets, slug=slug) if slug else None


def chosen_study(request: HttpRequest, phase: Phase) -> Study | None:
    """Return the study that is asked for; by default the first."""
    studies = board_studies(phase)
    slug = request.GET.get("study", "")
    return get_object_or_404(studies, slug=slug) if slug else studies.first()
