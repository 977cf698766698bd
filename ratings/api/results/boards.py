"""The boards, and what is drawn of them, as JSON and files."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.authentication import is_organizer
from ratings.api.parts.table_views import (
    DRAWINGS,
    FILES,
    FORMAT,
    TABLE_FORMAT,
    TABLES,
    TableView,
    answers,
    as_drawing,
    as_file,
)
from ratings.challenge.access.visibility import seen
from ratings.challenge.models import Dataset, Phase
from ratings.comparisons.models import Study
from ratings.comparisons.participation import phases_of
from ratings.fidelity.psnr_board import decibels, excluded_from_boards, psnr_board
from ratings.metrics.metric_board import METRIC_COLUMNS, board_document, metric_rows, results_of
from ratings.metrics.metric_tracks import board_released, track_of
from ratings.psychometrics.inference.scales import NAMES, Scale
from ratings.psychometrics.report.figures import FIGURES, draw
from ratings.ranking.boards.board_drawing import drawing_of_board
from ratings.ranking.boards.human_board import HumanBoard, board_studies, human_board, study_scale
from ratings.ranking.boards.metric_agreement import AGREEMENT_COLUMNS, agreement_rows
from ratings.ranking.frozen.frozen_rankings import board_until
from ratings.ranking.models import Ranking
from ratings.ranking.tables import export
from ratings.ranking.tables.parquet import ranking_parquet
from ratings.ranking.tables.tex import ranking_tex
from ratings.submissions.rulings.eligibility import eligibilities, with_eligibility

DATASET = OpenApiParameter("dataset", str, description="Slug of one data set; default: all.")
SCALE = OpenApiParameter("scale", str, enum=NAMES, description="Default: the study's own.")
STUDY = OpenApiParameter("study", str, description="Slug; default: the study on the board.")
VARIANT = OpenApiParameter(
    "variant", str, enum=Ranking.Variant.values, description="Which answers; default: used."
)


class _BoardView(TableView):
    """A view of a phase's boards, live or as they were when they were frozen."""

    def board(
        self,
        request: Request,
        study: Study,
        dataset: Dataset | None,
        shown: Scale | None = None,
        variant: str = Ranking.Variant.USED,
    ) -> HumanBoard:
        """Return the human board. Raises NotFound for what a frozen one doesn't have."""
        until = self.until(request, study.phase)
        if until is None:
            return human_board(study, dataset, shown, variant)
        board = board_until(study, dataset, until)
        if variant != board.variant or shown not in (None, board.scale):
            raise NotFound("While the boards are frozen, the published ranking alone is shown.")
        return board


class _RankedView(_BoardView):
    """A view of a study's ranking, in all formats."""

    def ranking(self, request: Request, study: Study) -> HttpResponseBase:
        """Return a study's ranking as the request wants it: data set, scale, format."""
        dataset = _dataset(request, study.phase)
        variant = _variant(request)
        shown = _scale(request, study)
        board = self.board(request, study, dataset, shown, variant)
        eligible = eligibilities(study.phase, self.received_at)
        board = replace(board, rows=with_eligibility(board.rows, eligible))
        form = self.format_of(request, FILES)
        if form == "json":
            return Response(export.ranking_document(board))
        what = "ranking" if variant == Ranking.Variant.USED else f"ranking-{variant}"
        name = _file_name(study.slug, dataset, what)
        return as_file(request, RANKINGS[form](board), name, form)


class PsnrBoardView(_BoardView):
    """The PSNR board of a phase."""

    @extend_schema(
        operation_id="psnr_board", parameters=[TABLE_FORMAT, DATASET], responses=answers(TABLES)
    )
    def get(self, request: Request, slug: str, phase: str) -> HttpResponseBase:
        """Return one row a method, by falling PSNR; an infinite PSNR is the text "inf"."""
        shown_phase = self.visible(request, _phase(request, slug, phase))
        dataset = _dataset(request, shown_phase)
        until = self.until(request, shown_phase)
        rows = with_eligibility(
            psnr_board(shown_phase, dataset, until), eligibilities(shown_phase, self.received_at)
        )
        if self.format_of(request, TABLES) == "csv":
            name = _file_name(f"{slug}-{phase}", dataset, "psnr")
            return as_file(request, export.psnr_csv(rows), name, "csv")
        head = {"challenge": slug, "phase": phase, "dataset": dataset.slug if dataset else None}
        gone = [excluded.as_json() for excluded in excluded_from_boards(shown_phase, until)]
        return Response(head | {"results": export.psnr_rows(rows), "out": gone})


class HumanBoardView(_RankedView):
    """The human ranking of a phase."""

    @extend_schema(
        operation_id="human_board",
        parameters=[FORMAT, DATASET, SCALE, VARIANT, STUDY],
        responses=answers(FILES),
    )
    def get(self, request: Request, slug: str, phase: str) -> HttpResponseBase:
        """Return one row a method, by rank, and what the ranking is made of."""
        shown_phase = self.visible(request, _phase(request, slug, phase))
        return self.ranking(request, _board_study(request, shown_phase))


class AgreementView(_BoardView):
    """Metrics against people: PSNR, MS-SSIM and rate beside the human ranking of a phase."""

    @extend_schema(
        operation_id="agreement",
        parameters=[TABLE_FORMAT, DATASET, STUDY],
        responses=answers(TABLES),
    )
    def get(self, request: Request, slug: str, phase: str) -> HttpResponseBase:
        """Return one row a metric and coefficient: spearman, kendall (tau-b) and pearson."""
        shown_phase = self.visible(request, _phase(request, slug, phase))
        study, dataset = _board_study(request, shown_phase), _dataset(request, shown_phase)
        rows = agreement_rows(self.board(request, study, dataset))
        if self.format_of(request, TABLES) == "csv":
            table = "".join(export.to_csv(AGREEMENT_COLUMNS, rows))
            return as_file(request, table, _file_name(study.slug, dataset, "agreement"), "csv")
        head = {"study": study.slug, "dataset": dataset.slug if dataset else None}
        return Response(head | {"results": rows})


class MetricBoardView(TableView):
    """Metrics as entrants, scored against judgments that are held back."""

    @extend_schema(
        operation_id="metric_board",
        parameters=[TABLE_FORMAT, DATASET],
        responses=answers(TABLES),
    )
    def get(self, request: Request, slug: str, phase: str) -> HttpResponseBase:
        """Return one row a metric, by falling accuracy; JSON has all differences too."""
        shown_phase = self.visible(request, _phase(request, slug, phase))
        track, dataset = track_of(shown_phase), _dataset(request, shown_phase)
        is_shown = track is not None and board_released(shown_phase, self.received_at)
        if track is None or not (is_shown or is_organizer(request)):
            raise NotFound(f"The board of metrics of {shown_phase.name} is not released.")
        if self.format_of(request, TABLES) == "csv":
            rows = metric_rows(results_of(track, dataset))
            table = "".join(export.to_csv(METRIC_COLUMNS, rows))
            return as_file(request, table, _file_name(f"{slug}-{phase}", dataset, "metrics"), "csv")
        head = {"challenge": slug, "phase": phase}
        return Response(head | board_document(track, dataset))


class FigureView(_BoardView):
    """A figure of the human ranking of a phase, for print."""

    @extend_schema(
        operation_id="figure", parameters=[DATASET, SCALE, STUDY], responses=answers(DRAWINGS)
    )
    def get(
        self, request: Request, slug: str, phase: str, name: str, form: str
    ) -> HttpResponseBase:
        """Return scores, ranks, win-probabilities or psnr as svg or pdf."""
        shown_phase = self.visible(request, _phase(request, slug, phase))
        study, dataset = _board_study(request, shown_phase), _dataset(request, shown_phase)
        if name not in FIGURES or form not in DRAWINGS:
            raise Http404
        board = self.board(request, study, dataset, _scale(request, study))
        psnr = decibels(psnr_board(shown_phase, dataset, board.until))
        try:
            drawn = draw(name, drawing_of_board(board, psnr), form)
        except ValueError as error:
            raise NotFound(str(error)) from error
        return as_drawing(request, drawn, f"{study.slug}-{name}", form)


class RankingView(_RankedView):
    """The latest ranking of a study."""

    @extend_schema(
        operation_id="ranking",
        parameters=[FORMAT, DATASET, SCALE, VARIANT],
        responses=answers(FILES),
    )
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """Return one row a method, by rank, and what the ranking is made of."""
        study = _study(slug)
        # Whether there is such a study is not told; one of several rates waits for all of them.
        if not all(self.may_see(request, phase) for phase in phases_of(study)):
            raise Http404
        if study.series and any(self.until(request, phase) for phase in phases_of(study)):
            raise NotFound("The boards are frozen; the ranking of all rates waits for them.")
        return self.ranking(request, study)


def _phase(request: Request, slug: str, phase: str) -> Phase:
    visible = seen(organizer=is_organizer(request), challenge="challenge__")
    phases = Phase.objects.select_related("challenge").filter(visible)
    return get_object_or_404(phases, challenge__slug=slug, slug=phase)


def _study(slug: str) -> Study:
    return get_object_or_404(Study.objects.select_related("phase__challenge"), slug=slug)


def _board_study(request: Request, phase: Phase) -> Study:
    """Return the study that is asked for, or the board's. Raises Http404 where there is none."""
    chosen = request.query_params.get("study")
    studies = board_studies(phase)
    study = get_object_or_404(studies, slug=chosen) if chosen else studies.first()
    if study is None:
        raise Http404
    return study


def _dataset(request: Request, phase: Phase) -> Dataset | None:
    """Return the data set that is asked for, None for all. Raises Http404 for an unknown one."""
    slug = request.query_params.get("dataset")
    return get_object_or_404(phase.datasets, slug=slug) if slug else None


def _scale(request: Request, study: Study) -> Scale:
    """Return the scale that is asked for. Raises ValidationError for an unknown one."""
    name = request.query_params.get("scale", "")
    if name and name not in NAMES:
        raise ValidationError({"scale": [f"Choose one of: {', '.join(NAMES)}."]})
    return study_scale(study, name)


def _variant(request: Request) -> str:
    """Return which answers the ranking is to be of. Raises ValidationError for unknown ones."""
    variant = request.query_params.get("variant", Ranking.Variant.USED)
    if variant not in Ranking.Variant.values:
        raise ValidationError({"variant": [f"Choose one of: {', '.join(Ranking.Variant.values)}."]})
    return variant


def _file_name(of: str, dataset: Dataset | None, what: str) -> str:
    return "-".join([of, *([dataset.slug] if dataset else []), what])


RANKINGS: Mapping[str, Callable[[HumanBoard], str | bytes]] = {
    "csv": export.ranking_csv,
    "parquet": ranking_parquet,
    "tex": ranking_tex,
}
