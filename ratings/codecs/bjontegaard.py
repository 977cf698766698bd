"""BD-rate and BD-PSNR: what one codec saves beside another, averaged over what both curves cover.

Curves of different codecs never have their points at the same rates, so each is interpolated, and
the difference of the two is averaged (Bjontegaard: Calculation of average PSNR differences between
RD-curves, VCEG-M33, 2001). How they are interpolated matters:

- "pchip": piecewise cubic that never turns where the points don't (Fritsch & Carlson 1980), as the
  common test conditions of HEVC and VVC take it (Bjontegaard: Improvements of the BD-PSNR model,
  VCEG-AI11, 2008; JVET-T2010);
- "akima": piecewise cubic of local slopes (Akima 1970), as Herglotz et al. recommend (Beyond
  Bjontegaard: Limits of Video Compression Performance Comparisons, ICIP 2022);
- "cubic": one polynomial of degree 3 through or nearest to all points, the method of 2001.

Where no number can be meant, none is given, and the reason is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.interpolate import PPoly

Values = NDArray[np.float64]

# The least part of what two curves cover together that both must cover.
LEAST_OVERLAP = 0.5
# A slope that is negative by rounding alone, as a part of the curve's mean slope.
ROUNDING = 1e-9


class Obstacle(StrEnum):
    """Why two curves have no Bjontegaard delta."""

    NO_FIGURES = "no-figures"
    TOO_FEW_POINTS = "too-few-points"
    NOT_MONOTONE = "not-monotone"
    NO_OVERLAP = "no-overlap"
    LITTLE_OVERLAP = "little-overlap"
    NOT_MONOTONE_BETWEEN = "not-monotone-between"


class Incomparable(ValueError):
    """Two curves that have no Bjontegaard delta: `code` says why for programs, the text in words.

    `overlap` is the part that both cover, where it is known.
    """

    def __init__(self, code: Obstacle, why: str, overlap: float | None = None) -> None:
        super().__init__(why)
        self.code = code
        self.overlap = overlap


@dataclass(frozen=True)
class RateCurve:
    """One codec's rates in bits per pixel, above 0, and its quality at each, such as PSNR in dB."""

    bpp: Sequence[float]
    quality: Sequence[float]

    def __post_init__(self) -> None:
        """Raise ValueError where there is not one quality for each rate."""
        if len(self.bpp) != len(self.quality):
            raise ValueError(f"{len(self.bpp)} rates have {len(self.quality)} qualities.")


@dataclass(frozen=True)
class Delta:
    """An average difference, and the part of what the curves cover together that both cover."""

    value: float
    overlap: float


def bd_rate(anchor: RateCurve, test: RateCurve, interpolation: str = "pchip") -> Delta:
    """Return how many per cent more rate `test` takes at equal quality; below 0: it saves.

    Logarithms of rates are averaged over the qualities that both reach. `interpolation` is one of
    INTERPOLATIONS. Raises Incomparable.
    """
    curves = _checked("anchor", anchor, interpolation), _checked("method", test, interpolation)
    (first_rate, first), (second_rate, second) = curves
    delta = _mean_gap((first, first_rate), (second, second_rate), interpolation, "quality")
    return Delta(float((10**delta.value - 1) * 100), delta.overlap)


def bd_quality(anchor: RateCurve, test: RateCurve, interpolation: str = "pchip") -> Delta:
    """Return by how much `test` is better at equal rate, in units of quality: BD-PSNR in dB.

    Qualities are averaged over the logarithm of the rates that both have. `interpolation` is one of
    INTERPOLATIONS. Raises Incomparable.
    """
    first = _checked("anchor", anchor, interpolation)
    second = _checked("method", test, interpolation)
    return _mean_gap(first, second, interpolation, "rate")


# Two points are a straight line in every method, and say nothing of a curve.
LEAST_POINTS = {"pchip": 3, "akima": 3, "cubic": 4}
INTERPOLATIONS = tuple(LEAST_POINTS)


def _line(interpolation: str, x: Values, y: Values) -> "PPoly":
    """Return a piecewise cubic through the points; "cubic" is one alone, nearest to all."""
    from scipy import interpolate  # slow to import, and only rates need it

    if interpolation == "pchip":
        return interpolate.PchipInterpolator(x, y)
    if interpolation == "akima":
        return interpolate.Akima1DInterpolator(x, y)
    middle = x.mean()
    centred = np.polynomial.Polynomial(np.polyfit(x - middle, y, 3)[::-1])
    from_first = centred(np.polynomial.Polynomial([x[0] - middle, 1.0]))
    coefficients = np.asarray(from_first.coef[::-1, None], dtype=np.float64)
    return interpolate.PPoly(coefficients, x[[0, -1]])


def _checked(whose: str, curve: RateCurve, interpolation: str) -> tuple[Values, Values]:
    """Return a curve's logarithms of rates and its qualities, by rising rate.

    Raises Incomparable where no curve of this kind leads through them.
    """
    rates, quality = np.array(curve.bpp, dtype=float), np.array(curve.quality, dtype=float)
    if not (np.isfinite(rates).all() and np.isfinite(quality).all() and (rates > 0).all()):
        raise Incomparable(Obstacle.NO_FIGURES, f"The {whose} has a point without finite figures.")
    least = LEAST_POINTS[interpolation]
    if len(rates) < least:
        points = "1 point" if len(rates) == 1 else f"{len(rates)} points"
        raise Incomparable(
            Obstacle.TOO_FEW_POINTS, f"The {whose} has {points}; {interpolation} needs {least}."
        )
    order = np.argsort(rates, kind="stable")
    rates, quality = rates[order], quality[order]
    if not ((np.diff(rates) > 0).all() and (np.diff(quality) > 0).all()):
        raise Incomparable(
            Obstacle.NOT_MONOTONE, f"The {whose} is not better at each higher rate than at a lower."
        )
    return np.log10(rates), quality


def _mean_gap(
    anchor: tuple[Values, Values], test: tuple[Values, Values], interpolation: str, across: str
) -> Delta:
    """Return by how much the test's second values exceed the anchor's, averaged over the first."""
    low, high = max(anchor[0][0], test[0][0]), min(anchor[0][-1], test[0][-1])
    all_low, all_high = min(anchor[0][0], test[0][0]), max(anchor[0][-1], test[0][-1])
    overlap = float(max(0.0, high - low) / (all_high - all_low))
    if not overlap:
        raise Incomparable(Obstacle.NO_OVERLAP, f"The curves share no {across}.", 0.0)
    if overlap < LEAST_OVERLAP:
        raise Incomparable(
            Obstacle.LITTLE_OVERLAP,
            f"The curves share {int(100 * overlap)} % of the {across} that they cover together; "
            f"it takes {int(100 * LEAST_OVERLAP)} %.",
            overlap,
        )
    areas = []
    for whose, (x, y) in (("anchor", anchor), ("method", test)):
        line = _line(interpolation, x, y)
        if not _rises(line, low, high):
            raise Incomparable(
                Obstacle.NOT_MONOTONE_BETWEEN,
                f"Between the points of the {whose}, {interpolation} turns back; take pchip.",
                overlap,
            )
        areas.append(line.integrate(low, high))
    return Delta(float((areas[1] - areas[0]) / (high - low)), overlap)


def _rises(line: "PPoly", low: float, high: float) -> bool:
    """Tell whether a piecewise cubic rises from `low` to `high`: slopes are least at such places.

    These are ends, joints, and where the second derivative is 0.
    """
    slope = line.derivative()
    bends = slope.derivative().roots(discontinuity=False, extrapolate=False)
    places = np.concatenate([[low, high], line.x, bends[np.isfinite(bends)]])
    mean_slope = (line(high) - line(low)) / (high - low)
    inside = places[(places >= low) & (places <= high)]
    return bool(mean_slope > 0 and (slope(inside) >= -ROUNDING * mean_slope).all())
