"""Series of rates: points, what curves save, pictures, figures, and results for CompressAI."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.authentication import is_organizer
from ratings.api.parts.table_views import (
    ACCEPTED,
    DRAWINGS,
    TableView,
    answers,
    as_drawing,
    as_file,
)
from ratings.challenge.access.visibility import originals_open, seen
from ratings.challenge.models import Dataset, Series
from ratings.codecs.bjontegaard import INTERPOLATIONS
from ratings.codecs.compressai_results import results_json
from ratings.psychometrics.report.figures import draw_curves
from ratings.ranking.boards.rate_deltas import rate_deltas, usual_anchor
from ratings.ranking.boards.rate_series import (
    MethodCurve,
    SeriesBoard,
    series_board,
    visible_phases,
)
from ratings.ranking.tables import series_files
from ratings.ranking.tables.columns import Column, names
from ratings.ranking.tables.export import to_csv
from ratings.ranking.tables.parquet import table_parquet

SERIES_FILES = ("json", "csv", "parquet")
SERIES_FORMAT = OpenApiParameter("format", str, enum=SERIES_FILES, description=ACCEPTED)
SET = OpenApiParameter("dataset", str, description="Slug of one data set; default: all.")
ANCHOR = OpenApiParameter("anchor", str, description="A curve's name; default: a baseline.")
INTERPOLATION = OpenApiParameter(
    "interpolation", str, enum=list(INTERPOLATIONS), description="Default: pchip."
)
CURVE = OpenApiParameter("curve", str, required=True, description="The curve's name.")
PICTURE = OpenApiParameter(
    "picture", str, description="One picture, as DATASET/NAME; default: all, pooled."
)


@dataclass(frozen=True)
class _Table:
    """Rows with their columns, and what they are of; `what` ends the name of a file."""

    what: str
    columns: list[Column[Any]]
    rows: Iterable[dict[str, Any]]
    about: Mapping[str, Any]


class _SeriesFiles(TableView):
    """A view of a series, of the phases whose boards who asks may see."""

    def board(
        self, request: Request, slug: str, series: str, *, pictures: bool = False
    ) -> SeriesBoard:
        """Return the series' board; with `pictures`, of the phases whose originals are open.

        Raises NotFound while no board is open, whatever lies behind.
        """
        organizer = is_organizer(request)
        visible = Series.objects.select_related("challenge").filter(
            seen(organizer=organizer, challenge="challenge__")
        )
        shown = get_object_or_404(visible, challenge__slug=slug, slug=series)
        phases = visible_phases(shown, self.received_at, organizer=organizer)
        if not phases:
            raise NotFound(f"No board of {shown.name} is open yet.")
        dataset = _series_dataset(request, shown)
        if pictures and not organizer:
            phases = [phase for phase in phases if originals_open(phase, self.received_at)]
        return series_board(shown, phases, self.received_at, dataset)

    def as_table(self, request: Request, board: SeriesBoard, table: _Table) -> HttpResponseBase:
        """Return rows in the format that is asked for."""
        form = self.format_of(request, SERIES_FILES)
        if form == "json":
            return Response({**table.about, "results": series_files.in_json(table.rows)})
        name = "-".join(
            [
                board.series.challenge.slug,
                board.series.slug,
                *([board.dataset.slug] if board.dataset else []),
                table.what,
            ]
        )
        return as_file(request, _WRITERS[form](table), name, form)


class SeriesView(_SeriesFiles):
    """The points of all curves of a series."""

    @extend_schema(
        operation_id="series", parameters=[SERIES_FORMAT, SET], responses=answers(SERIES_FILES)
    )
    def get(self, request: Request, slug: str, series: str) -> HttpResponseBase:
        """Return one row a point: rate, PSNR, MS-SSIM, human score with its interval."""
        board = self.board(request, slug, series)
        rows, head = series_files.point_rows(board), series_files.series_head(board)
        table = _Table("points", series_files.POINT_COLUMNS, rows, head)
        return self.as_table(request, board, table)


class SeriesDeltas(_SeriesFiles):
    """BD-rate and BD-PSNR of a series' curves."""

    @extend_schema(
        operation_id="series_deltas",
        parameters=[SERIES_FORMAT, SET, ANCHOR, INTERPOLATION],
        responses=answers(SERIES_FILES),
    )
    def get(self, request: Request, slug: str, series: str) -> HttpResponseBase:
        """Return one row a curve and metric beside the anchor, or why there is no number."""
        board = self.board(request, slug, series)
        interpolation = request.query_params.get("interpolation", next(iter(INTERPOLATIONS)))
        if interpolation not in INTERPOLATIONS:
            known = ", ".join(INTERPOLATIONS)
            raise ValidationError({"interpolation": [f"Choose one of: {known}."]})
        asked = request.query_params.get("anchor", "")
        anchor = _curve(board.curves, asked) if asked else usual_anchor(board)
        rows = rate_deltas(board, anchor, interpolation) if anchor else []
        head = {
            **series_files.series_head(board),
            "anchor": anchor.name if anchor else None,
            "interpolation": interpolation,
        }
        columns = series_files.DELTA_COLUMNS
        table = _Table("deltas", columns, series_files.delta_rows(rows), head)
        return self.as_table(request, board, table)


class SeriesPictures(_SeriesFiles):
    """The points of a series picture by picture."""

    @extend_schema(
        operation_id="series_pictures",
        parameters=[SERIES_FORMAT, SET],
        responses=answers(SERIES_FILES),
    )
    def get(self, request: Request, slug: str, series: str) -> HttpResponseBase:
        """Return one row a picture of each point, of phases whose originals are open too."""
        board = self.board(request, slug, series, pictures=True)
        rows, head = series_files.picture_rows(board), series_files.series_head(board)
        table = _Table("pictures", series_files.PICTURE_COLUMNS, rows, head)
        return self.as_table(request, board, table)


class SeriesResults(_SeriesFiles):
    """One curve as CompressAI's tools read it."""

    @extend_schema(
        operation_id="series_results",
        parameters=[CURVE, SET, PICTURE],
        responses=answers(["json"]),
    )
    def get(self, request: Request, slug: str, series: str) -> HttpResponseBase:
        """Return a curve's lists of bpp, psnr-rgb and ms-ssim-rgb, by rising rate."""
        picture = request.query_params.get("picture", "")
        board = self.board(request, slug, series, pictures=bool(picture))
        curves = series_files.curves_on(board, picture) if picture else board.curves
        curve = _curve(curves, request.query_params.get("curve", ""))
        results = series_files.curve_results(board, curve, picture)
        if picture and not results.bpp:
            raise NotFound(f"{curve.name} has no picture {picture!r} here.")
        return as_file(request, results_json(results), curve.name, "json")


class SeriesFigure(_SeriesFiles):
    """A figure of a series, for print."""

    @extend_schema(operation_id="series_figure", parameters=[SET], responses=answers(DRAWINGS))
    def get(
        self, request: Request, slug: str, series: str, name: str, form: str
    ) -> HttpResponseBase:
        """Return psnr, ms-ssim or human over the rate, as svg or pdf."""
        if name not in series_files.SERIES_FIGURES or form not in DRAWINGS:
            raise Http404
        drawing = series_files.series_drawing(self.board(request, slug, series), name)
        try:
            drawn = draw_curves(drawing, form)
        except ValueError as error:
            raise NotFound(str(error)) from error
        return as_drawing(request, drawn, f"{series}-{name}", form)


def _series_dataset(request: Request, series: Series) -> Dataset | None:
    """Return the data set that is asked for, None for all; all phases have the same ones."""
    slug = request.query_params.get("dataset")
    phase = series.phases.first()
    return get_object_or_404(phase.datasets, slug=slug) if slug and phase else None


def _curve(curves: Sequence[MethodCurve], name: str) -> MethodCurve:
    """Return the curve of this name. Raises NotFound, with the names that there are."""
    found = next((curve for curve in curves if curve.name == name), None)
    if found is None:
        known = ", ".join(curve.name for curve in curves)
        raise NotFound(f"There is no curve {name!r}; there are: {known or 'none'}.")
    return found


def _table_csv(table: _Table) -> str:
    return "".join(to_csv(names(table.columns), table.rows))


def _table_parquet(table: _Table) -> bytes:
    return table_parquet(table.columns, table.rows, {"series": table.about})


_WRITERS: Mapping[str, Callable[[_Table], str | bytes]] = {
    "csv": _table_csv,
    "parquet": _table_parquet,
}
