"""A series as files: a row a point, a row a picture at a point, a row a comparison, and results."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ratings.codecs.compressai_results import CodecResults, results_of
from ratings.fidelity.picture_scores import PictureFigures, picture_figures
from ratings.psychometrics.report.curve_drawing import Curve, CurveDrawing, DrawnPoint
from ratings.ranking.boards.rate_deltas import RateDelta
from ratings.ranking.boards.rate_series import (
    REFERENCE,
    MethodCurve,
    RatePoint,
    SeriesBoard,
    reference_curves,
)
from ratings.ranking.tables.columns import Column, columns, table
from ratings.submissions.models import Submission

POINT_COLUMNS: list[Column[RatePoint]] = [
    *columns(RatePoint, "curve", "method", "team", "kind", "kind_reason", "baseline", "phase"),
    *columns(RatePoint, "bpp"),
    Column("bytes", int, lambda point: point.size_bytes),
    *columns(RatePoint, "psnr_db", "ms_ssim", "ms_ssim_db"),
    *columns(RatePoint, "study", "scale", "score", "ci_low", "ci_high"),
]
DELTA_COLUMNS: list[Column[RateDelta]] = columns(
    RateDelta,
    *("curve", "team", "kind", "anchor", "metric", "interpolation"),
    *(
        "bd_rate_percent",
        "bd_rate_low",
        "bd_rate_high",
        "bd_rate_overlap",
        "bd_rate_refused",
        "bd_rate_why",
    ),
    *("bd_quality_db", "bd_quality_overlap", "bd_quality_refused", "bd_quality_why"),
)


@dataclass(frozen=True)
class PicturePoint:
    """One picture of a curve's point; PSNR is infinite where it is identical to its original."""

    curve: str
    method: str
    team: str
    phase: str
    dataset: str
    picture: str
    bpp: float | None
    size_bytes: int | None
    psnr_db: float | None
    ms_ssim: float | None


PICTURE_COLUMNS: list[Column[PicturePoint]] = [
    *columns(PicturePoint, "curve", "method", "team", "phase", "dataset", "picture", "bpp"),
    Column("bytes", int, lambda point: point.size_bytes),
    *columns(PicturePoint, "psnr_db", "ms_ssim"),
]
# What is drawn of a series, by its name: what stands on the axis, and the figure of a point.
SERIES_FIGURES = {
    "psnr": ("PSNR (dB)", "psnr_db"),
    "ms-ssim": ("MS-SSIM (dB of its losses)", "ms_ssim_db"),
    "human": ("Human score (log odds)", "score"),
}


def point_rows(board: SeriesBoard) -> list[dict[str, Any]]:
    """Return a row for each point, with POINT_COLUMNS."""
    return table(POINT_COLUMNS, [point for curve in board.curves for point in curve.points])


def delta_rows(deltas: Iterable[RateDelta]) -> list[dict[str, Any]]:
    """Return a row for each comparison, with DELTA_COLUMNS."""
    return table(DELTA_COLUMNS, deltas)


def picture_rows(board: SeriesBoard) -> Iterator[dict[str, Any]]:
    """Yield a row for each picture of each point, with PICTURE_COLUMNS; references come last."""
    points = (point for curve in board.curves for point in curve.points)
    for point in points:
        yield from table(
            PICTURE_COLUMNS, (_picture_point(point, one) for one in _pictures(board, point))
        )
    yield from table(PICTURE_COLUMNS, _reference_points(board))


def series_head(board: SeriesBoard) -> dict[str, Any]:
    """Return what a series' rows are of."""
    return {
        "challenge": board.series.challenge.slug,
        "series": board.series.slug,
        "dataset": board.dataset.slug if board.dataset else None,
        "phases": [phase.slug for phase in board.phases],
        "simulated": [phase.slug for phase in board.simulated],
    }


def in_json(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows for JSON, which has no infinity: it is the text "inf" there."""
    return [
        {name: "inf" if value == math.inf else value for name, value in row.items()} for row in rows
    ]


def curve_results(board: SeriesBoard, curve: MethodCurve, picture: str = "") -> CodecResults:
    """Return a curve in CompressAI's form: of all pictures, or of one, such as "P/a.png".

    With a picture the curve is one of `curves_on` it; there may be no points.
    """
    what = picture or "PSNR of the pooled squared error, MS-SSIM weighted by pixels"
    about = curve.kind_reason if curve.kind == REFERENCE else what
    description = f"{board.series.challenge.name}, {board.series.name}: {about}"
    if not picture or curve.kind == REFERENCE:
        points = ((point.bpp, point.psnr_db, point.ms_ssim) for point in curve.points)
        return results_of(curve.name, description, points)
    shown = (
        one for point in curve.points for one in _pictures(board, point) if _name(one) == picture
    )
    return results_of(curve.name, description, ((p.bpp, p.psnr_db, p.ms_ssim) for p in shown))


def curves_on(board: SeriesBoard, picture: str) -> list[MethodCurve]:
    """Return the methods, and the references that were measured on one picture."""
    methods = [curve for curve in board.curves if curve.kind != REFERENCE]
    return methods + [curve for _, curve in reference_curves(board, picture)]


def series_drawing(board: SeriesBoard, name: str) -> CurveDrawing:
    """Return a figure of the series by its name in SERIES_FIGURES. Raises KeyError."""
    axis, figure = SERIES_FIGURES[name]
    title = f"{board.series.challenge.name}: {board.series.name}"
    what = "Human score with 95 % interval" if name == "human" else axis
    facts = f"{what} against bits per pixel"
    if name == "human" and board.human is None:
        facts += ", each rate on a scale of its own"
    if name == "human" and board.simulated:
        facts += "; SIMULATED"
    return CurveDrawing(
        title=f"{title}, {board.dataset.name}" if board.dataset else title,
        facts=facts,
        axis=axis,
        curves=[Curve(c.name, c.kind, drawn_points(c, figure)) for c in board.curves],
        joined=name != "human" or board.human is not None,
    )


def drawn_points(curve: MethodCurve, figure: str) -> list[DrawnPoint]:
    """Return the points of a curve that have a place in a figure."""
    with_interval = figure == "score"
    return [
        DrawnPoint(
            point.bpp,
            value,
            point.ci_low if with_interval else None,
            point.ci_high if with_interval else None,
        )
        for point in curve.points
        if (value := getattr(point, figure)) is not None
        and math.isfinite(value)
        and point.bpp is not None
    ]


def _pictures(board: SeriesBoard, point: RatePoint) -> Iterator[PictureFigures]:
    """Yield the pictures of a point that are of the board's data set."""
    if point.submission_id is None:
        return
    for one in picture_figures(Submission.objects.get(pk=point.submission_id)):
        if board.dataset is None or one.original.dataset_id == board.dataset.pk:
            yield one


def _reference_points(board: SeriesBoard) -> Iterator[PicturePoint]:
    """Yield the points of references on pictures that are of the board's data set."""
    for one, curve in reference_curves(board):
        dataset, _, picture = one.partition("/")
        for point in curve.points:
            yield PicturePoint(
                *(point.curve, point.method, "", "", dataset, picture),
                *(point.bpp, None, point.psnr_db, point.ms_ssim),
            )


def _picture_point(point: RatePoint, one: PictureFigures) -> PicturePoint:
    return PicturePoint(
        point.curve,
        point.method,
        point.team,
        point.phase,
        one.original.dataset.slug,
        one.original.name,
        one.bpp,
        one.size_bytes,
        one.psnr_db,
        one.ms_ssim,
    )


def _name(one: PictureFigures) -> str:
    return f"{one.original.dataset.slug}/{one.original.name}"
