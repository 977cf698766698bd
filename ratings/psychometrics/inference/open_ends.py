"""Open ends: ranked methods that are ahead or behind, and no judgment says how far."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ratings.psychometrics.arrays import BoolArray
from ratings.psychometrics.inference.field import Field
from ratings.psychometrics.model.unanimous import least_lead

Direction = Literal["above", "below", "between"]


@dataclass(frozen=True)
class OpenEnd:
    """Where a ranked method without a distance lies: `above` or `below` the scale, or `between`.

    Above, `next_to` is the best method that it is known to be ahead of in another group, and below
    the worst that it is behind; `at_least` is how far in log odds, the end of an interval for this
    pair, None where even the order isn't sure. Between others, or where its order with the
    scale's methods isn't known, it has neither.
    """

    direction: Direction
    next_to: str | None = None
    at_least: float | None = None


def open_ends(field: Field, level: float) -> Mapping[str, OpenEnd]:
    """Return the open ends of all ranked methods that are not placed, by method."""
    placed = np.isin(field.methods, field.scale.methods)
    between = field.ahead & (field.group[:, None] != field.group)
    return {
        name: _open_end(field, i, placed, between, level)
        for i, name in enumerate(field.methods)
        if not placed[i]
    }


def _open_end(field: Field, i: int, placed: BoolArray, between: BoolArray, level: float) -> OpenEnd:
    behind, before = np.flatnonzero(between[i]), np.flatnonzero(between[:, i])
    over, under = placed[behind].any(), placed[before].any()
    if over or not (under or len(before)):
        lead = least_lead(int(field.independent[i, behind[0]]), level)
        return OpenEnd("above", field.methods[behind[0]], lead)
    if under or not len(behind):
        lead = least_lead(int(field.independent[before[-1], i]), level)
        return OpenEnd("below", field.methods[before[-1]], lead)
    return OpenEnd("between")
