"""Which trial next: pairs and crops judged least come first, chance decides between equals."""

import numpy as np
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


def choose(counts: IntArray, seen: BoolArray, rng: np.random.Generator) -> tuple[int, int] | None:
    """Return the next (crop, pair) for one rater, or None when the rater has seen all.

    `counts`, shape (crops, pairs), is how often each was judged or is being judged by anyone;
    `seen`, of the same shape, is True where this rater had it. The pair that is least judged
    over all crops comes first, on the crop where it is least judged, of those the crop that is
    least shown.
    """
    chosen = choose_many(counts, seen, 1, rng)
    return chosen[0] if chosen else None


def choose_many(
    counts: IntArray, seen: BoolArray, count: int, rng: np.random.Generator
) -> list[tuple[int, int]]:
    """Return up to `count` different (crop, pair) for one rater, in the order to show them."""
    if counts.ndim != 2 or counts.shape != seen.shape:
        raise ValueError("counts and seen must both have the shape (crops, pairs).")
    counts, seen = counts.astype(np.int64), seen.astype(bool)
    chosen: list[tuple[int, int]] = []
    while len(chosen) < count and not seen.all():
        left: BoolArray = np.any(~seen, axis=0)
        pair = _least(counts.sum(axis=0), left, rng)
        unseen = ~seen[:, pair]
        fewest: BoolArray = unseen & (counts[:, pair] == counts[unseen, pair].min())
        crop = _least(counts.sum(axis=1), fewest, rng)
        counts[crop, pair] += 1
        seen[crop, pair] = True
        chosen.append((crop, pair))
    return chosen


def balanced_sides(issued: IntArray, first_left: IntArray, rng: np.random.Generator) -> BoolArray:
    """Return, per trial, whether the first method of its pair goes left.

    `issued` is how often the trial's pair was issued, `first_left` in how many of those the
    first stood left: it goes where it stood less often, by chance where both are equal.
    """
    surplus = 2 * np.asarray(first_left) - np.asarray(issued)
    coin = rng.integers(0, 2, surplus.shape) == 1
    sides: BoolArray = np.where(surplus == 0, coin, surplus < 0)
    return sides


def _least(totals: IntArray, allowed: NDArray[np.bool_], rng: np.random.Generator) -> int:
    """Return one of the allowed places with the least total, by chance between equals."""
    places = np.flatnonzero(allowed & (totals == totals[allowed].min()))
    return int(rng.choice(places))
