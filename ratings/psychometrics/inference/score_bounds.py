"""What the scores of methods with an open end are at least, or at most, on the ranking's scale.

A method that won all judgments against those on the scale has no score and no standard error, but
a bound (`one_sided`). Half of its error is the band's, which holds the scores of its opponents,
and half is that of the judgments that were won; docs/scoring.md has the formula.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ratings.psychometrics.arrays import BoolArray, IntArray
from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.inference.standing import Standing
from ratings.psychometrics.model.connectivity import Placement
from ratings.psychometrics.model.one_sided import against, least_score


@dataclass(frozen=True)
class ScoreBound:
    """One end of a score in log odds, the other being open; None where nothing is known."""

    score_at_least: float | None = None
    score_at_most: float | None = None


def score_bounds(
    tally: Tally, scale: Standing, directions: Mapping[str, str], level: float
) -> Mapping[str, ScoreBound]:
    """Return the bounds of the methods with an open end, by method; given are their directions.

    Only judgments against methods on the scale count: who has none has no bound.
    """
    place, on_scale = {name: i for i, name in enumerate(tally.methods)}, _places(tally, scale)
    chance, half_width = (1 - level) / 2, scale.simultaneous_half_width
    bounds = {}
    for name, direction in directions.items():
        sign = -1 if direction == "below" else 1
        all_won = against(tally, place[name], on_scale)
        bound = least_score(all_won, sign * scale.score - half_width, chance)
        bounds[name] = _turned(bound, sign)
    return bounds


def _turned(bound: float | None, sign: int) -> ScoreBound:
    """Return a bound, that of who is behind being the other way round."""
    if bound is None:
        return ScoreBound()
    return ScoreBound(score_at_least=bound) if sign > 0 else ScoreBound(score_at_most=-bound)


def beyond(tally: Tally, chosen: Placement, scale: Standing, chance: float) -> BoolArray:
    """Return clear[i, j], (methods, methods): i is ahead of j, one on the scale and one off it.

    It is so where the bound of the one lies beyond the other's band. That all of a method's
    judgments went one way has less than this chance if its bound is wrong; the band is the strict
    one, which is wrong with an error of its own.
    """
    clear, on_scale = np.zeros(chosen.ahead.shape, bool), _places(tally, scale)
    placed = np.argsort(on_scale)[np.count_nonzero(on_scale < 0) :]
    for i in sorted({*chosen.ranked} - {*chosen.placed}):
        sign = 1 if chosen.ahead[i, placed].any() else -1
        floor = sign * scale.score - scale.strict_half_width
        bound = least_score(against(tally, i, on_scale), floor, chance)
        if bound is not None:
            passed = placed[sign * scale.score + scale.strict_half_width < bound]
            clear[(i, passed) if sign > 0 else (passed, i)] = True
    return clear


def _places(tally: Tally, scale: Standing) -> IntArray:
    """Return each method's place on the scale, shape (methods,); -1 for those off it."""
    place = {name: number for number, name in enumerate(scale.methods)}
    return np.array([place.get(name, -1) for name in tally.methods], np.int64)
