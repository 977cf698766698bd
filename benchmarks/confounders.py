"""What a ranking with covariates is worth where the plain one is biased, on synthetic judgments.

Run with `python -m benchmarks confounders [RUNS [FIRST]]`. In each kind of study something other
than the methods moves the judgments and goes with the methods. The truth is what a fit to endlessly
many such raters and pictures finds once it is taken out: the same model, fitted to the chances of
400,000 judgments of the same design, averaged over tastes.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from benchmarks.page import print_header, print_row
from ratings.psychometrics.arrays import FloatArray, IntArray, narrow
from ratings.psychometrics.counts.circumstances import Circumstances, Classes
from ratings.psychometrics.counts.judgment_arrays import JudgmentArrays
from ratings.psychometrics.inference.adjusting import fit_adjusted
from ratings.psychometrics.inference.fitting import Fit, fit
from ratings.psychometrics.model.adjusted import Rows, maximum

METHODS, RATERS, PICTURES, JUDGMENTS = 8, 30, 40, 4_000
STRENGTHS = np.linspace(-1, 1, METHODS)[[3, 0, 6, 2, 7, 4, 1, 5]]
TASTE = PICTURE = 0.5
_POPULATION, _MANY = 400_000, 20_000
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(25)
HEADERS = (
    "what goes with the methods | its effect: true, found (sd) | held | plain: bias | pairs "
    "| all scores | adjusted: bias | pairs | all scores",
)


@dataclass(frozen=True, eq=False)
class Design:
    """Judgments before anybody answers; all arrays have an entry a judgment.

    `shift` and `clarity` are what moves the answers, `sides` and `states` the covariates of a fit;
    `strength`, (judgments, 2), is that of the left and the right on the picture; `weight` gives
    strata the pictures' mix.
    """

    left: IntArray
    right: IntArray
    rater: IntArray
    picture: IntArray
    known: Circumstances
    sides: FloatArray
    states: FloatArray
    shift: FloatArray
    clarity: FloatArray
    strength: FloatArray
    weight: FloatArray


Sides = Sequence[IntArray] | IntArray
Draw = Callable[[np.random.Generator, int, int, int], Design]


def _design(
    rng: np.random.Generator, size: int, raters: int, pictures: int, pair: Sides, **own: Any
) -> Design:
    """Return judgments of each `pair` with nothing that goes with them but what is `own`."""
    left, right = pair
    usual: Mapping[str, Any] = {
        "rater": rng.integers(0, raters, size),
        "picture": rng.integers(0, pictures, size),
        "known": Circumstances(),
        "sides": np.zeros((size, 0)),
        "states": np.zeros((size, 0)),
        "shift": np.zeros(size),
        "clarity": np.ones(size),
        "strength": STRENGTHS[np.column_stack([left, right])],
        "weight": np.ones(size),
    }
    return Design(left=left, right=right, **{**usual, **own})


def _pairs(rng: np.random.Generator, size: int) -> tuple[IntArray, IntArray]:
    left = rng.integers(0, METHODS, size)
    return left, (left + rng.integers(1, METHODS, size)) % METHODS


def rate(rng: np.random.Generator, size: int, raters: int, pictures: int) -> Design:
    """Methods spend unequal shares of bytes, 0.5 doublings about their own mean on a picture."""
    own = np.linspace(-0.5, 0.5, METHODS) + rng.normal(0, 0.5, (pictures, METHODS))
    bytes_of = np.rint(10_000 * 2**own).astype(np.int64)
    left, right = _pairs(rng, size)
    picture = rng.integers(0, pictures, size)
    spent = bytes_of[picture, left], bytes_of[picture, right]
    doublings = np.log2(spent[0] / spent[1])
    return _design(
        *(rng, size, raters, pictures, (left, right)),
        picture=picture,
        known=Circumstances(left_bytes=spent[0], right_bytes=spent[1]),
        sides=doublings[:, None],
        shift=doublings,
    )


def position(rng: np.random.Generator, size: int, raters: int, pictures: int) -> Design:
    """In 85 % of pairs the method with the lower number is the left, which raters like."""
    sides = np.sort(_pairs(rng, size), axis=0)
    sides = np.where(rng.random(size) < 0.85, sides, sides[::-1])
    shift = np.full(size, 0.6)
    return _design(rng, size, raters, pictures, sides, sides=np.ones((size, 1)), shift=shift)


def fatigue(rng: np.random.Generator, size: int, raters: int, pictures: int) -> Design:
    """Two methods join late, when raters have made 50 trials and see less clearly."""
    sides = _pairs(rng, size)
    late = np.max(sides, axis=0) >= METHODS - 2
    number = np.where(late, rng.integers(51, 101, size), rng.integers(1, 51, size))
    return _design(
        *(rng, size, raters, pictures, sides),
        known=Circumstances(number=number),
        states=(number - number.mean())[:, None] / 100,
        clarity=np.exp(-1.5 * (number - number.mean()) / 100),
    )


def device(rng: np.random.Generator, size: int, raters: int, pictures: int) -> Design:
    """Raters with phones see less clearly, and nine of ten judgments of two methods are theirs."""
    sides = _pairs(rng, size)
    late = np.max(sides, axis=0) >= METHODS - 2
    phone = rng.random(size) < np.where(late, 0.9, 0.1)
    rater = 2 * rng.integers(0, raters // 2, size) + phone
    return _design(
        *(rng, size, raters, pictures, sides),
        rater=rater,
        known=Circumstances(device=Classes(("larger", "phone"), narrow(phone.astype(np.int64)))),
        states=(phone - phone.mean())[:, None],
        clarity=np.exp(-1.0 * (phone - phone.mean())),
    )


def strata(rng: np.random.Generator, size: int, raters: int, pictures: int) -> Design:
    """Half of the pictures are drawings, where other methods lead, with 15 % of judgments."""
    half = pictures // 2
    drawn = rng.random(size) < 0.15
    picture = rng.integers(0, half, size) + half * drawn
    sides = _pairs(rng, size)
    there = STRENGTHS[::-1]
    both = np.column_stack(sides)
    stratum = Classes(("d/drawing", "d/photo"), narrow((~drawn).astype(np.int64)))
    share = np.where(drawn, drawn.mean(), 1 - drawn.mean())
    return _design(
        *(rng, size, raters, pictures, sides),
        picture=picture,
        known=Circumstances(
            stratum=stratum,
            stratum_pictures=np.full(size, half),
            dataset_pictures=np.full(size, 2 * half),
        ),
        strength=np.where(drawn[:, None], there[both], STRENGTHS[both]),
        weight=0.5 / share,
    )


@dataclass(frozen=True)
class Kind:
    """A kind of study, and what its ranking is adjusted for; `effect` is the true one."""

    name: str
    adjust: tuple[str, ...]
    draw: Draw


KINDS = (
    Kind("rate: a doubling of bytes is worth 1", ("rate",), rate),
    Kind(
        "position: the left is worth 0.6, and some stand there more often", ("position",), position
    ),
    Kind("fatigue: two methods come late", ("fatigue",), fatigue),
    Kind("device: two methods are seen on phones", ("device",), device),
    Kind("strata: 15 % of judgments for half of the pictures", ("strata",), strata),
)


def chances(design: Design) -> FloatArray:
    """Return the chance of each left, averaged over tastes of raters and pictures."""
    apart = design.strength[:, 0] - design.strength[:, 1]
    spread = np.sqrt(2 * (TASTE**2 + PICTURE**2))
    total = np.zeros(len(apart))
    for node, weight in zip(_NODES, _WEIGHTS / _WEIGHTS.sum(), strict=True):
        total += weight * special.expit(design.clarity * (apart + spread * node) + design.shift)
    return total


def truth(kind: Kind) -> tuple[FloatArray, FloatArray]:
    """Return scores, with mean 0, and effects of the whole population."""
    design = kind.draw(np.random.default_rng(0), _POPULATION, _MANY, _MANY)
    rows = Rows(
        *(METHODS, design.left, design.right, chances(design), design.weight),
        design.sides,
        design.states,
    )
    point = maximum(rows, STRENGTHS)
    return point[:METHODS], point[METHODS:]


def simulate(kind: Kind, seed: int) -> tuple[JudgmentArrays, Circumstances]:
    """Return the judgments of one study; raters and pictures have tastes, a normal each."""
    rng = np.random.default_rng([1, seed])
    design = kind.draw(rng, JUDGMENTS, RATERS, PICTURES)
    taste = rng.normal(0, TASTE, (RATERS, METHODS))[design.rater]
    taste = taste + rng.normal(0, PICTURE, (PICTURES, METHODS))[design.picture]
    place = np.arange(JUDGMENTS)
    value = design.strength + np.column_stack(
        [taste[place, design.left], taste[place, design.right]]
    )
    odds = design.clarity * (value[:, 0] - value[:, 1]) + design.shift
    won = rng.random(JUDGMENTS) < special.expit(odds)
    judgments = JudgmentArrays(
        methods=tuple(f"m{i}" for i in range(METHODS)),
        raters=tuple(f"r{i}" for i in range(RATERS)),
        images=tuple(f"p{i}" for i in range(PICTURES)),
        rater=narrow(design.rater),
        image=narrow(design.picture),
        shown=narrow(design.picture),
        left=narrow(design.left),
        right=narrow(design.right),
        choice=narrow(1 - won.astype(np.int64)),
    )
    return judgments, design.known


def held(result: Fit, score: FloatArray) -> tuple[float, float]:
    """Return the share of pairs in their intervals, and whether the band holds all scores."""
    by_name = {f"m{i}": value for i, value in enumerate(score)}
    inside = [
        (pair.ci_low or 0) <= by_name[pair.first] - by_name[pair.second] <= (pair.ci_high or 0)
        for pair in result.differences
    ]
    band = [
        (row.band_low or 0) <= by_name[row.method] <= (row.band_high or 0) for row in result.rows
    ]
    return float(np.mean(inside)), float(all(band))


def errors(result: Fit, score: FloatArray) -> FloatArray:
    """Return how far each score, in the methods' order, is from the truth."""
    found = {row.method: row.score or 0.0 for row in result.rows}
    return np.array([found[f"m{i}"] for i in range(METHODS)]) - score


def main(runs: int = 600, first: int = 0) -> None:
    """Print the table, a kind of study a line."""
    print_header(HEADERS[0])
    for kind in KINDS:
        print_row([kind.name, *_cells(kind, runs, first)])


def _cells(kind: Kind, runs: int, first: int) -> list[str]:
    score, effects = truth(kind)
    plain, adjusted, found, inside = [], [], [], []
    off: list[tuple[FloatArray, FloatArray]] = []
    for seed in range(first, first + runs):
        judgments, known = simulate(kind, seed)
        usual, fitted = fit(judgments.tally()), fit_adjusted(judgments, known, kind.adjust)
        plain.append(held(usual, score))
        adjusted.append(held(fitted.fit, score))
        off.append((errors(usual, score), errors(fitted.fit, score)))
        for effect in fitted.effects:
            found.append(effect.estimate)
            inside.append((effect.ci_low or 0) <= effects[0] <= (effect.ci_high or 0))
    said = [f"{effects[0]:.2f}, {np.mean(found):.2f} ({np.std(found):.2f})"] if found else ["", ""]
    said += [_share(np.array(inside, float))] if found else []
    bias = [f"{np.abs(np.mean([pair[i] for pair in off], axis=0)).max():.2f}" for i in range(2)]
    return [
        *said,
        *(bias[0], *(_share(np.array(column)) for column in zip(*plain, strict=True))),
        *(bias[1], *(_share(np.array(column)) for column in zip(*adjusted, strict=True))),
    ]


def _share(values: FloatArray) -> str:
    """Return a mean over studies with its Monte Carlo error."""
    return f"{values.mean():.3f} ± {values.std() / np.sqrt(len(values)):.3f}"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
