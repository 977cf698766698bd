"""What a page says of curves beside an anchor: each delta as text, or why there is none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ratings.codecs.bjontegaard import Obstacle
from ratings.ranking.boards.rate_deltas import (
    FIGURES,
    PEOPLE,
    SEPARATE_SCALES,
    WAITS,
    WHY_SEPARATE,
    RateDelta,
)
from ratings.web.parts.board_rows import KIND_TAGS
from ratings.web.parts.words.formatting import NOTHING, SPACE, decimal

CURVE_TAGS = {**KIND_TAGS, "reference": "reference"}
# Why a number is missing: what stands in its place, and what that means.
REFUSED: dict[str, tuple[str, str]] = {
    Obstacle.NO_FIGURES: (
        "no figures",
        "Not every point of both curves has a rate and a finite figure.",
    ),
    Obstacle.TOO_FEW_POINTS: (
        "too few rates",
        "A curve has fewer points than it takes: 3, for cubic 4, and with human scores 2.",
    ),
    Obstacle.NOT_MONOTONE: (
        "not monotone",
        "A curve is not better at each higher rate than at a lower one, so that a quality has no "
        "one rate. Human scores may fall within their error, but must rise on the whole.",
    ),
    Obstacle.NO_OVERLAP: (
        "no overlap",
        "The two curves share no quality (BD-rate), no rate (gain in dB), or are nowhere level "
        "(human score).",
    ),
    Obstacle.LITTLE_OVERLAP: (
        "little overlap",
        "Both curves cover less than half of what the two cover together, so that a mean over "
        "the shared part would not speak of the curves.",
    ),
    Obstacle.NOT_MONOTONE_BETWEEN: (
        "turns back",
        "The interpolation is not monotone between the points; take pchip.",
    ),
    SEPARATE_SCALES: ("separate scales", WHY_SEPARATE),
    WAITS: (
        "not shown yet",
        "A study of the series compares the rates. It shows once the boards of all its phases do.",
    ),
}


@dataclass(frozen=True)
class DeltaCell:
    """A delta with the overlap that it is over, or what stands in its place."""

    value: str
    beside: str


@dataclass(frozen=True)
class DeltaLine:
    """A curve beside the anchor: BD-rate and gain by PSNR, then by MS-SSIM, then by people."""

    name: str
    tag: str
    cells: Sequence[DeltaCell]


def delta_lines(deltas: Iterable[RateDelta]) -> list[DeltaLine]:
    """Return a row for each curve beside the anchor, in their order."""
    by_curve: dict[str, dict[str, RateDelta]] = {}
    for row in deltas:
        by_curve.setdefault(row.curve, {})[row.metric] = row
    return [_delta_line(name, rows) for name, rows in by_curve.items()]


def reasons(deltas: Iterable[RateDelta]) -> list[tuple[str, str]]:
    """Return what stands in the place of missing numbers, and what that means, each once."""
    codes = {code for row in deltas for code in (row.bd_rate_refused, row.bd_quality_refused)}
    return [words for code, words in REFUSED.items() if code in codes]


def _delta_line(name: str, rows: dict[str, RateDelta]) -> DeltaLine:
    cells = [
        cell
        for metric in FIGURES
        for row in (rows[metric],)
        for cell in (
            _delta_cell(row.bd_rate_percent, row.bd_rate_overlap, row.bd_rate_refused, "%"),
            _delta_cell(row.bd_quality_db, row.bd_quality_overlap, row.bd_quality_refused, "dB"),
        )
    ]
    people = rows[PEOPLE]
    cells.append(_saving_cell(people))
    return DeltaLine(name, CURVE_TAGS.get(people.kind, ""), cells)


def _saving_cell(row: RateDelta) -> DeltaCell:
    """Return a saving at equal human score, with its interval in the place of an overlap."""
    cell = _delta_cell(row.bd_rate_percent, None, row.bd_rate_refused, "%")
    if row.bd_rate_percent is None:
        return cell
    low, high = (_signed(end, 0) for end in (row.bd_rate_low, row.bd_rate_high))
    if row.bd_rate_low is None and row.bd_rate_high is None:
        return replace(cell, beside="no bound yet")
    if row.bd_rate_low is None:
        return replace(cell, beside=f"at most {high}{SPACE}%")
    if row.bd_rate_high is None:
        return replace(cell, beside=f"at least {low}{SPACE}%")
    return replace(cell, beside=f"{low} to {high}{SPACE}%")


def _signed(value: float | None, places: int) -> str:
    return f"{'+' if value and value > 0 else ''}{decimal(value, places)}"


def _delta_cell(value: float | None, overlap: float | None, refused: str, unit: str) -> DeltaCell:
    if value is None:
        return DeltaCell(NOTHING, REFUSED[refused][0])
    places = 1 if unit == "%" else 2
    over = f"over {int(100 * overlap)}{SPACE}%" if overlap is not None else ""
    return DeltaCell(f"{_signed(value, places)}{SPACE}{unit}", over)
