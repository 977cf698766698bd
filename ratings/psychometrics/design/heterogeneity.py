"""Heterogeneity: how synthetic raters differ in taste, beyond by how much.

An interval that holds for normal tastes alone would not be worth much. Every shape has mean 0 and
variance 1 (for "camps", "minority" and "uneven" on average over methods), and its differences are
known exactly, so that the truth that endless raters would give is known too.
"""

from functools import lru_cache
from typing import Literal, get_args

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import FloatArray

Shape = Literal["normal", "heavy", "skewed", "uneven", "camps", "minority"]
# Shares of raters with either taste, and how strong it is: mean 0, variance 1.
_CAMPS = {"camps": ((0.5, 1.0), (0.5, -1.0)), "minority": ((0.2, 2.0), (0.8, -0.5))}
# Tastes in quantiles of equal weight, and their differences in bins of equal weight.
_QUANTILES, _BINS = 2048, 256


class Heterogeneity:
    """What raters add to each of some methods, in units of the standard deviation.

    "normal", "heavy" (Student's t with 3 degrees of freedom) and "skewed" (exponential) are
    drawn anew for each rater and method; "uneven" is normal, with half of the methods liked and
    disliked far more than the rest. In "camps" one half of the raters likes what the other half
    dislikes; in "minority" a fifth has a taste of its own. What a camp likes is drawn once.
    """

    def __init__(self, shape: Shape, methods: int, rng: np.random.Generator) -> None:
        """Draw what camps like. Raises ValueError for an unknown shape."""
        if shape not in get_args(Shape):
            raise ValueError(f"A taste is one of {', '.join(get_args(Shape))}, not {shape!r}.")
        self.shape, self.methods = shape, methods
        self._liked = rng.normal(size=methods) if shape in _CAMPS else np.ones(methods)
        if shape == "uneven":
            self._liked[::2], self._liked[1::2] = np.sqrt(1.8), np.sqrt(0.2)

    def draw(self, raters: int, rng: np.random.Generator) -> FloatArray:
        """Return the tastes of some raters, shape (raters, methods)."""
        if self.shape in _CAMPS:
            (share, first), (_, second) = _CAMPS[self.shape]
            return np.where(rng.random(raters) < share, first, second)[:, None] * self._liked
        if self.shape in ("normal", "uneven"):
            return self._liked * rng.normal(size=(raters, self.methods))
        return _quantile(self.shape, rng.random((raters, self.methods)))

    def differences(self) -> tuple[FloatArray, FloatArray]:
        """Return values, shape (methods, methods, values), and weights of taste differences."""
        liked = self._liked
        if self.shape in _CAMPS:
            weight, value = np.array(_CAMPS[self.shape]).T
            return (liked[:, None] - liked[None, :])[:, :, None] * value, weight
        if self.shape in ("normal", "uneven"):
            node, weight = np.polynomial.hermite_e.hermegauss(61)
            together = np.sqrt(liked[:, None] ** 2 + liked[None, :] ** 2)
            return together[:, :, None] * node, weight / weight.sum()
        value = _differences(self.shape)
        square = np.broadcast_to(value, (self.methods, self.methods, _BINS))
        return square, np.full(_BINS, 1 / _BINS)


@lru_cache
def _differences(shape: Shape) -> FloatArray:
    """Return the differences of two independent tastes, in bins of equal weight."""
    quantile = _quantile(shape, (np.arange(_QUANTILES) + 0.5) / _QUANTILES)
    apart = np.sort(np.subtract.outer(quantile, quantile), axis=None)
    binned: FloatArray = apart.reshape(_BINS, -1).mean(axis=1)
    return binned


def _quantile(shape: Shape, share: FloatArray) -> FloatArray:
    """Return the taste below which a share of tastes lies."""
    if shape == "heavy":
        taste: FloatArray = special.stdtrit(3, share) / np.sqrt(3)
    else:
        taste = -np.log1p(-share) - 1
    return taste
