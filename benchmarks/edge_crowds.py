"""Crowds at the edges: few clusters, one that has most judgments, a method that few have seen.

They share no line with `ratings.psychometrics.design`: what an interval is tried on should not be
made by what it was made with. Judgments are drawn at random, with replacement, not by a policy.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import FloatArray, IntArray
from ratings.psychometrics.counts.tally import Tally, tally_codes
from ratings.psychometrics.model.bradley_terry import scores

Draw = Callable[[np.random.Generator, tuple[int, int]], FloatArray]
# Differences of effects, of which the truth is made, in bins of equal weight.
_DRAWN, _BINS = 400_000, 400


def normal(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    """Draw normal effects; all shapes have mean 0 and variance 1."""
    return np.asarray(rng.normal(size=shape), np.float64)


def heavy(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    """Draw from Student's t with 3 degrees of freedom."""
    return np.asarray(rng.standard_t(3, shape) / np.sqrt(3), np.float64)


def skewed(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    """Draw from a log-normal distribution with a spread of .8 in logarithms."""
    square = np.exp(0.8**2)
    drawn = rng.lognormal(0, 0.8, shape) - np.sqrt(square)
    return np.asarray(drawn / np.sqrt(square * (square - 1)), np.float64)


def spiky(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    """Draw 8 % at 3.4 and the rest slightly below 0."""
    high, low = np.sqrt(0.92 / 0.08), -np.sqrt(0.08 / 0.92)
    return np.asarray(np.where(rng.random(shape) < 0.08, high, low), np.float64)


@dataclass(frozen=True)
class Late:
    """The last method's judgments: how many, by how many raters, on how many pictures."""

    judgments: int
    raters: int | None = None
    pictures: int | None = None


@dataclass(frozen=True)
class Edge:
    """A study to simulate, in log odds.

    Strengths are quantiles of a normal with standard deviation `spread`; `taste`, `effect` and
    `together` are standard deviations of what a rater, a picture, and the two together add to each
    method. `first_rater` and `first_picture` are shares of all judgments, the others' shares are
    log-normal with spread `activity`, for pictures equal. `seen` is the number of methods that a
    rater ever sees; where `nested`, each sees one picture.
    """

    name: str
    raters: int
    pictures: int
    methods: int
    judgments: int
    spread: float = 1.0
    taste: float = 0.5
    effect: float = 0.5
    together: float = 0.0
    tastes: Draw = normal
    effects: Draw = normal
    activity: float = 0.5
    first_rater: float | None = None
    first_picture: float | None = None
    seen: int | None = None
    nested: bool = False
    late: Late | None = None

    def __str__(self) -> str:
        size = f"{self.raters} x {self.pictures}, {self.methods}, {self.judgments:,}"
        return f"{self.name}: {size}"


def strengths(edge: Edge) -> FloatArray:
    """Return the strengths of the methods, worst first, shape (methods,)."""
    places = (np.arange(edge.methods) + 0.5) / edge.methods
    return np.asarray(edge.spread * special.ndtri(places), np.float64)


@cache
def truth(edge: Edge) -> FloatArray:
    """Return the scores that endless raters and pictures would give, with mean 0, (methods,)."""
    rng = np.random.default_rng(1)
    apart = np.zeros(_DRAWN)
    for draw, sd in ((edge.tastes, edge.taste), (edge.effects, edge.effect)):
        apart += sd * np.subtract(*draw(rng, (2, _DRAWN)))
    apart += edge.together * np.sqrt(2) * rng.normal(size=_DRAWN)
    apart = np.sort(np.concatenate([apart, -apart])).reshape(_BINS, -1).mean(axis=1)
    ahead = np.subtract.outer(strengths(edge), strengths(edge))
    chances = special.expit(ahead[:, :, None] + apart).mean(axis=2)
    np.fill_diagonal(chances, 0)
    return scores(chances)


def judged(edge: Edge, seed: int) -> Tally:
    """Return the judgments of a crowd; the same seed gives the same ones."""
    rng = np.random.default_rng([seed, edge.judgments, edge.raters, edge.pictures])
    taste = edge.taste * edge.tastes(rng, (edge.raters, edge.methods))
    effect = edge.effect * edge.effects(rng, (edge.pictures, edge.methods))
    together = edge.together * rng.normal(size=(edge.raters, edge.pictures, edge.methods))
    rater, picture = _who_and_what(edge, rng)
    left, right = _pairs(edge, rater, rng)
    if edge.late:
        last = slice(edge.judgments - edge.late.judgments, None)
        rater[last] %= edge.late.raters or edge.raters
        picture[last] %= edge.late.pictures or edge.pictures
    appeal = strengths(edge) + taste[rater] + effect[picture] + together[rater, picture]
    trial = np.arange(edge.judgments)
    ahead = appeal[trial, left] - appeal[trial, right]
    choice = (rng.random(edge.judgments) >= special.expit(ahead)).astype(np.int64)
    names = [f"m{i:02}" for i in range(edge.methods)]
    return tally_codes(names, _dense(rater), _dense(picture), left, right, choice)


def _who_and_what(edge: Edge, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Draw the raters and the pictures of all judgments."""
    rater = rng.choice(
        edge.raters,
        edge.judgments,
        p=_shares(rng.lognormal(0, edge.activity, edge.raters), edge.first_rater),
    )
    picture = rng.choice(
        edge.pictures, edge.judgments, p=_shares(np.ones(edge.pictures), edge.first_picture)
    )
    return rater, rater % edge.pictures if edge.nested else picture


def _shares(weight: FloatArray, first: float | None) -> FloatArray:
    """Return the shares of the judgments that go with weights, the first one's fixed."""
    share = np.asarray(weight / weight.sum(), np.float64)
    if first is not None:
        share[1:] *= (1 - first) / share[1:].sum()
        share[0] = first
    return share


def _pairs(edge: Edge, rater: IntArray, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Draw the pairs of all judgments, of methods that raters see; the late one's come last."""
    size = edge.methods - bool(edge.late)
    seen = edge.seen or size
    own = rng.random((edge.raters, size)).argsort(axis=1)[:, :seen]
    first = rng.integers(0, seen, edge.judgments)
    second = (first + rng.integers(1, seen, edge.judgments)) % seen
    left, right = own[rater, first], own[rater, second]
    if edge.late:
        left[edge.judgments - edge.late.judgments :] = size
    return left, right


def _dense(codes: IntArray) -> IntArray:
    return np.asarray(np.unique(codes, return_inverse=True)[1], np.int64)
