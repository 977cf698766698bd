"""The board page: PSNR and human ranking side by side, with lines that join the same method."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from ratings.challenge.models import Dataset, Phase
from ratings.challenge.visibility import boards_open
from ratings.comparisons.models import Study
from ratings.fidelity.board import PsnrRow, psnr_board
from ratings.psychometrics.correlation import Correlation
from ratings.psychometrics.sensitivity import Sensitivity
from ratings.ranking.agreement import agreement
from ratings.ranking.board import HumanBoard, board_studies, human_board
from ratings.ranking.models import Ranking
from ratings.submissions.eligibility import standings, with_standings
from ratings.web import charts
from ratings.web.frame import (
    challenge_frame,
    is_organizer,
    phases_with_boards,
    rate_url,
    takes_anybody,
)
from ratings.web.lines import human_lines, psnr_lines
from ratings.web.words import count, decimal, moment, phrase

FIGURES = [
    ("scores", "scores"),
    ("ranks", "ranks"),
    ("win-probabilities", "win probabilities"),
    ("psnr", "PSNR against people"),
]
METRICS = {
    "psnr": "PSNR",
    "mean_psnr": "PSNR, mean over pictures",
    "ms_ssim": "MS-SSIM",
    "bpp": "Bits per pixel",
}
LEADS = {
    Ranking.Variant.CAREFUL.value: "Without fast answers",
    Ranking.Variant.ALL.value: "With all raters and answers",
}
SHOWN = {
    Ranking.Variant.CAREFUL.value: "without fast answers",
    Ranking.Variant.ALL.value: "with all raters and answers",
}
LEGEND = [
    ("competing", "in the competition"),
    ("ineligible", "not eligible for prizes"),
    ("baseline", "baseline, made by the organizers"),
]


@dataclass(frozen=True)
class AgreementLine:
    """One metric's correlations with the human scores; each is its value and its interval."""

    metric: str
    spearman: tuple[str, str]
    kendall: tuple[str, str]
    pearson: tuple[str, str]


@require_safe
@cache_control(no_cache=True, private=True)
@conditional_page
def board(request: HttpRequest, slug: str, phase_slug: str) -> HttpResponse:
    """Show the phase's two boards; 404 to everyone but organizers until they open."""
    now = timezone.now()
    phase = visible_phase(request, slug, phase_slug, now)
    study = chosen_study(request, phase)
    found = standings(phase, now)
    psnr = with_standings(psnr_board(phase, dataset := _chosen_dataset(request, phase)), found)
    variant = _chosen_variant(request)
    human = human_board(study, dataset, variant=variant) if study else None
    if human:
        human = replace(human, rows=with_standings(human.rows, found))
    page = {
        "phase": phase,
        "hidden": not boards_open(phase, now),
        "opens": phase.boards_open_at and moment(phase.boards_open_at, phase.zone),
        "phases": phases_with_boards(phase.challenge, now, organizer=is_organizer(request)),
        "dataset": dataset,
        "datasets": list(phase.datasets.order_by("slug")),
        "studies_here": list(board_studies(phase)),
        "psnr": psnr_lines(phase, psnr),
        "slope": slope(psnr, human) if human else "",
        "figures": FIGURES,
        "legend": [(charts.symbol(kind), text) for kind, text in LEGEND],
    }
    frame = challenge_frame(request, phase.challenge, now, "Boards")
    return render(request, "board.html", frame | page | human_context(human))


def human_context(human: HumanBoard | None) -> dict[str, Any]:
    """Return what a page says of a human board: its rows, its plot, what it is made of."""
    if human is None:
        return {"study": None, "human": None, "human_lines": []}
    made_of = [
        count(human.judgments, "judgment"),
        count(human.raters, "rater"),
        count(human.pictures, "picture"),
    ]
    return {
        "study": human.study,
        "human": human,
        "human_lines": human_lines(human),
        "made_of": " · ".join(made_of),
        "computed": human.computed_at and moment(human.computed_at, human.study.phase.zone),
        "forest": forest(human),
        **agreement_context(human),
        "brackets": brackets(human),
        "variant": _variant_said(human),
        "variants": variant_lines(human),
        "groups": [phrase(names) for names in _groups(human)],
        "rate_url": rate_url(human.study) if takes_anybody(human.study) else "",
    }


@dataclass(frozen=True)
class VariantLine:
    """What a variant changes, as a sentence; its name in the address, and in words."""

    variant: str
    words: str
    shown: str


def variant_lines(human: HumanBoard) -> list[VariantLine]:
    """Return what other rules about which answers count would change; nothing of equal ones."""
    return [
        VariantLine(
            one.variant,
            f"{LEADS[one.variant]} {_change(one.found, human)}",
            SHOWN[one.variant],
        )
        for one in human.variants
        if one.judgments != one.beside and one.found.largest_move is not None
    ]


def _change(found: Sensitivity, human: HumanBoard) -> str:
    """Say how the order changes and how far scores move, for the published board."""
    decimals = human.scale.page_decimals
    move = decimal(human.scale.length(found.largest_move), decimals)
    if not found.swapped:
        return f"the order is the same; no score moves by more than {move}."
    methods = {row.label: row.method for row in human.rows}
    swapped = count(found.swapped, "pair changes", "pairs change")
    return f"{swapped} places; {methods.get(found.moved or '', found.moved)} moves most, by {move}."


def _variant_said(human: HumanBoard) -> str:
    """Say what a board is of that is not the published one."""
    return "" if human.variant == Ranking.Variant.USED else SHOWN[human.variant]


def forest(human: HumanBoard) -> charts.Svg:
    """Return the forest plot of a human board, one row of it for each row of the board."""
    return charts.forest_plot(
        [
            charts.Interval(
                row.method,
                row.kind,
                None if row.rank is None else row.score,
                row.ci_low,
                row.ci_high,
                row.wide_low,
                row.wide_high,
            )
            for row in human.rows
        ],
        center=human.scale.mean,
    )


def agreement_context(human: HumanBoard) -> dict[str, Any]:
    """Return how the metrics go with the human scores, in words and drawn."""
    found = agreement(human)
    lines = [
        AgreementLine(METRICS[one.metric], *map(_correlation, one.correlations)) for one in found
    ]
    drawn = [
        charts.Interval(METRICS[one.metric], "competing", rho.value, rho.low, rho.high)
        for one in found
        for rho in one.correlations[:1]
    ]
    return {
        "agreement": lines,
        "agreement_methods": max((one.correlations[0].methods for one in found), default=0),
        "agreement_plot": charts.forest_plot(drawn, axis=(-1, 1)),
    }


def _correlation(one: Correlation) -> tuple[str, str]:
    """Return a coefficient and its interval as text."""
    if one.low is None or one.high is None:
        return decimal(one.value, 2), ""
    return decimal(one.value, 2), f"{decimal(one.low, 2)} to {decimal(one.high, 2)}"


def brackets(human: HumanBoard) -> charts.Svg:
    """Return the brackets that join the rows of methods that are not told apart."""
    place = {row.label: number for number, row in enumerate(human.rows)}
    spans = [(place[group[0]], place[group[-1]]) for group in human.groups]
    return charts.brackets(len(human.rows), spans)


def _groups(human: HumanBoard) -> list[list[str]]:
    """Return the methods of each bracket by name."""
    names = {row.label: row.method for row in human.rows}
    return [[names[label] for label in group] for group in human.groups]


def slope(psnr: list[PsnrRow], human: HumanBoard) -> charts.Svg:
    """Return the lines between the rows of the two boards; only placed methods have one."""
    placed = [str(row.submission_id) for row in human.rows if row.rank is not None]
    aside = frozenset(str(row.submission_id) for row in psnr if row.kind != "competing")
    return charts.slope([str(row.submission_id) for row in psnr], placed, aside)


def visible_phase(request: HttpRequest, slug: str, phase_slug: str, now: datetime) -> Phase:
    """Return the phase; a hidden one and one that is not there answer alike.

    Who is asking is looked up first, because that alone adds a header to the answer.
    """
    organizer = is_organizer(request)
    phases = Phase.objects.select_related("challenge")
    phase = phases.filter(challenge__slug=slug, slug=phase_slug).first()
    if phase is None or not (boards_open(phase, now) or organizer):
        raise Http404
    return phase


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
