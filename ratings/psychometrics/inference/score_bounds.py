"""What the scores of methods with an open end are at least, or at most, on the ranking's scale.

A method that won all judgments against those on the scale has no score and no standard error, but
a bound (`one_sided`). Half of its error is the band's, which holds the scores of its opponents,
and half is that of the judgments that were won; docs/scoring.md has the formula.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ratings.psychometrics.arrays import IntArray
from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.inference.field import Field
from ratings.psychometrics.inference.open_ends import OpenEnd
from ratings.psychometrics.inference.standing import Standing
from ratings.psychometrics.model.one_sided import AllWon, least_score


@dataclass(frozen=True)
class ScoreBound:
    """One end of a score in log odds, the other being open; None where nothing is known."""

    score_at_least: float | None = None
    score_at_most: float | None = None


def score_bounds(
    tally: Tally, ranked: Field, ends: Mapping[str, OpenEnd], level: float
) -> Mapping[str, ScoreBound]:
    """Return the bounds of the methods with an open end, by method.

    Only judgments against methods on the scale count: who has none has no bound.
    """
    place = {name: i for i, name in enumerate(tally.methods)}
    on_scale = np.full(len(tally.methods), -1)
    on_scale[[place[name] for name in ranked.scale.methods]] = np.arange(len(ranked.scale.methods))
    return {
        name: _bound(ranked.scale, _against_scale(tally, place[name], on_scale), end, level)
        for name, end in ends.items()
    }


def _bound(scale: Standing, all_won: AllWon, end: OpenEnd, level: float) -> ScoreBound:
    """Return the bound of one method: below the scale everything is turned round."""
    chance, half_width = (1 - level) / 2, scale.simultaneous_half_width
    if end.direction == "above":
        return ScoreBound(score_at_least=least_score(all_won, scale.score - half_width, chance))
    turned = least_score(all_won, -scale.score - half_width, chance)
    return ScoreBound(score_at_most=None if turned is None else -turned)


def _against_scale(tally: Tally, method: int, on_scale: IntArray) -> AllWon:
    """Return a method's judgments against those on the scale, which all went one way.

    `on_scale`, shape (methods,), are their places on the scale, -1 for others.
    """
    return AllWon(*(_rows(table, method, on_scale) for table in (tally.by_rater, tally.by_picture)))


def _rows(table: IntArray, method: int, on_scale: IntArray) -> IntArray:
    """Return a table's rows of one method as cluster, opponent's place on the scale, count."""
    own = table[(table[:, 1] == method) | (table[:, 2] == method)]
    opponent = on_scale[np.where(own[:, 1] == method, own[:, 2], own[:, 1])]
    rows = np.column_stack([own[:, 0], opponent, own[:, 3:].sum(axis=1)])
    return rows[opponent >= 0]
