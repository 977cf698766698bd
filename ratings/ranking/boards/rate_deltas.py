"""What each curve of a series saves beside an anchor: BD-rate and BD-PSNR, or why there is none."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np

from ratings.codecs.bjontegaard import (
    Delta,
    Incomparable,
    Obstacle,
    RateCurve,
    bd_quality,
    bd_rate,
)
from ratings.psychometrics.inference.rate_saving import ScoreCurve, falls, rate_saving
from ratings.ranking.boards.rate_series import MethodCurve, SeriesBoard

# What curves are compared by: a metric's name in files, and the figure of a point.
FIGURES = {"psnr": "psnr_db", "ms_ssim": "ms_ssim_db"}
PEOPLE = "human"
LEVEL = 0.95
# Why rates can't be compared at equal human score.
SEPARATE_SCALES = "separate-scales"
# A study compares the rates, and phases of it are hidden.
WAITS = "waits"
WHY_SEPARATE = (
    "Each phase's study has a scale of its own, and no judgment compares two rates: "
    "scores of different rates can't be compared. A study of the series can."
)


@dataclass(frozen=True)
class RateDelta:
    """One curve beside the anchor in one metric: "psnr", "ms_ssim" (both in dB), or "human".

    BD-rate is in per cent of the anchor's rate at equal quality, below 0 where the curve saves;
    BD-quality in dB at equal rate. Overlaps are parts of 1. By people it is the rate saving of
    `rate_saving` with its interval, whose ends are None where judgments set no bound. Where a
    number is None, `..._refused` is the reason's code and `..._why` its words.
    """

    curve: str
    team: str
    kind: str
    anchor: str
    metric: str
    interpolation: str
    bd_rate_percent: float | None = None
    bd_rate_low: float | None = None
    bd_rate_high: float | None = None
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
    return [row for curve in others for row in _rows(board, curve, anchor, interpolation)]


def _rows(
    board: SeriesBoard, curve: MethodCurve, anchor: MethodCurve, interpolation: str
) -> Iterator[RateDelta]:
    names = (curve.name, curve.team, curve.kind, anchor.name)
    for metric, figure in FIGURES.items():
        pair = anchor.of(figure), curve.of(figure)
        rate = _delta(bd_rate, pair, interpolation)
        quality = _delta(bd_quality, pair, interpolation)
        yield RateDelta(
            *names,
            metric,
            interpolation,
            bd_rate_percent=rate[0],
            bd_rate_overlap=rate[1],
            bd_rate_refused=rate[2],
            bd_rate_why=rate[3],
            bd_quality_db=quality[0],
            bd_quality_overlap=quality[1],
            bd_quality_refused=quality[2],
            bd_quality_why=quality[3],
        )
    yield _by_people(board, curve, anchor)


def _by_people(board: SeriesBoard, curve: MethodCurve, anchor: MethodCurve) -> RateDelta:
    """Return what a curve takes at equal human score, or why nobody can say."""
    row = RateDelta(curve.name, curve.team, curve.kind, anchor.name, PEOPLE, "linear")
    if board.human is None:
        return _refused(row, *_why_no_scale(board))
    placed = [one for one in board.human.rows if one.placed]
    places: dict[UUID | None, int] = {one.submission_id: place for place, one in enumerate(placed)}
    pair = [_score_curve(one, places) for one in (anchor, curve)]
    for whose, one in zip(("anchor", "method"), pair, strict=True):
        if len(set(one.bpp)) < 2 or len(set(one.bpp)) < len(one.bpp):
            why = f"The {whose} has no human scores at two rates or more, each another one."
            return _refused(row, Obstacle.TOO_FEW_POINTS, why)
    scores = np.array([one.score for one in placed], dtype=float)
    covariance = None if board.human.covariance is None else np.array(board.human.covariance)
    involved = [place for one in pair for place in one.places]
    freedom = min(placed[place].degrees_of_freedom or 1.0 for place in involved)
    of = scores, covariance, freedom, (board.human.settings or {}).get("level", LEVEL)
    for whose, one in zip(("anchor", "method"), pair, strict=True):
        if falls(one, *of):
            why = f"The {whose}'s human scores do not rise with the rate: no score has one rate."
            return _refused(row, Obstacle.NOT_MONOTONE, why)
    saving = rate_saving(pair[0], pair[1], *of)
    if saving is None:
        why = "At no rates that both curves have enough of are their human scores level."
        return _refused(row, Obstacle.NO_OVERLAP, why)
    low, high = (None if end is None else 100 * end for end in (saving.low, saving.high))
    return replace(row, bd_rate_percent=100 * saving.share, bd_rate_low=low, bd_rate_high=high)


def _why_no_scale(board: SeriesBoard) -> tuple[str, str]:
    """Return why no scale holds all rates, as code and words."""
    if not board.compared:
        return SEPARATE_SCALES, WHY_SEPARATE
    if board.hidden:
        names = ", ".join(phase.name for phase in board.hidden)
        return WAITS, f"The study of the series waits until these phases' boards show: {names}."
    return Obstacle.NO_FIGURES, "The study of the series has no scores yet."


def _score_curve(curve: MethodCurve, places: Mapping[UUID | None, int]) -> ScoreCurve:
    """Return a curve's points that have a rate and a score on the scale, by rising rate."""
    points = [
        (point.bpp, places[point.submission_id])
        for point in curve.points
        if point.bpp and point.submission_id in places
    ]
    return ScoreCurve([bpp for bpp, _ in points], [place for _, place in points])


def _refused(row: RateDelta, code: str, why: str) -> RateDelta:
    """Return a row by people without a number: there is no gain in dB in any case."""
    return replace(row, bd_rate_refused=str(code), bd_rate_why=why)


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
