"""What each curve of a series saves beside an anchor: BD-rate and BD-PSNR, or why there is none."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ratings.codecs.bjontegaard import Delta, Incomparable, RateCurve, bd_quality, bd_rate
from ratings.ranking.rate_series import MethodCurve, SeriesBoard

# What curves are compared by: a metric's name in files, and the figure of a point.
FIGURES = {"psnr": "psnr_db", "ms_ssim": "ms_ssim_db"}
PEOPLE = "human"
# Why rates can't be compared at equal human score.
SEPARATE_SCALES = "separate-scales"
WHY_SEPARATE = (
    "Each phase's study has a scale of its own, and no judgment compares two rates: "
    "scores of different rates can't be compared."
)


@dataclass(frozen=True)
class RateDelta:
    """One curve beside the anchor in one metric: "psnr", "ms_ssim" (both in dB), or "human".

    BD-rate is in per cent of the anchor's rate at equal quality, below 0 where the curve saves;
    BD-quality in dB at equal rate. Overlaps are parts of 1. Where a number is None, `..._refused`
    is the reason's code and `..._why` its words.
    """

    curve: str
    team: str
    kind: str
    anchor: str
    metric: str
    interpolation: str
    bd_rate_percent: float | None = None
    bd_rate_overlap: float | None = None
    bd_rate_refused: str = ""
    bd_rate_why: str = ""
    bd_quality_db: float | None = None
    bd_quality_overlap: float | None = None
    bd_quality_refused: str = ""
    bd_quality_why: str = ""


def usual_anchor(board: SeriesBoard) -> MethodCurve | None:
    """Return the curve that others are compared with by default: a baseline of most points."""
    ranked = sorted(board.curves, key=lambda curve: (curve.kind != "baseline", -len(curve.points)))
    return next(iter(ranked), None)


def rate_deltas(
    board: SeriesBoard, anchor: MethodCurve, interpolation: str = "pchip"
) -> list[RateDelta]:
    """Return a row for each other curve and metric. KeyError for an unknown interpolation."""
    others = [curve for curve in board.curves if curve.name != anchor.name]
    return [row for curve in others for row in _rows(curve, anchor, interpolation)]


def _rows(curve: MethodCurve, anchor: MethodCurve, interpolation: str) -> Iterator[RateDelta]:
    names = (curve.name, curve.team, curve.kind, anchor.name)
    for metric, figure in FIGURES.items():
        pair = anchor.of(figure), curve.of(figure)
        rate = _delta(bd_rate, pair, interpolation)
        quality = _delta(bd_quality, pair, interpolation)
        yield RateDelta(*names, metric, interpolation, *rate, *quality)
    refused = (None, None, SEPARATE_SCALES, WHY_SEPARATE)
    yield RateDelta(*names, PEOPLE, interpolation, *refused, *refused)


def _delta(
    of: Callable[[RateCurve, RateCurve, str], Delta],
    pair: Sequence[RateCurve],
    interpolation: str,
) -> tuple[float | None, float | None, str, str]:
    """Return a delta and its overlap, or the code and the words of why there is none."""
    try:
        delta = of(pair[0], pair[1], interpolation)
    except Incomparable as incomparable:
        return None, incomparable.overlap, incomparable.code.value, str(incomparable)
    return delta.value, delta.overlap, "", ""
