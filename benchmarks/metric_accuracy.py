"""How often intervals of a metric's accuracy, and of a difference of two, hold the truth.

Run with `python -m benchmarks metric_accuracy [RUNS [FIRST]]`; prints the table of
docs/validation.md. Raters' tastes, pictures' own effects and the metrics' errors are normal; each
run draws raters and pictures anew. The truth is the mean over a large population of both.
"""

import sys
from dataclasses import dataclass

import numpy as np

from benchmarks.page import print_header, print_row
from ratings.psychometrics.arrays import FloatArray, IntArray
from ratings.psychometrics.report.metric_accuracy import (
    PairAnswers,
    accuracy,
    accuracy_difference,
    ceiling,
)

METHODS = 8
POPULATION = 2_000_000
HEADERS = (
    "raters x pictures, judgments, tastes and pictures | accuracy | difference of two metrics "
    "| mean width | difference, judgments taken as independent | ceiling within its bounds",
)


@dataclass(frozen=True)
class Case:
    """How many raters and pictures, how many judgments, and how much people and pictures vary."""

    raters: int
    pictures: int
    judgments: int
    variety: float

    def __str__(self) -> str:
        return f"{self.raters} x {self.pictures}, {self.judgments:,}, {self.variety}"


CASES = (
    Case(40, 40, 4000, 0.5),
    Case(40, 40, 4000, 0.0),
    Case(40, 40, 800, 1.0),
    Case(15, 60, 3000, 0.5),
    Case(60, 15, 3000, 0.5),
    Case(10, 10, 1500, 0.5),
    Case(200, 300, 5000, 0.5),
)


@dataclass(frozen=True, eq=False)
class Drawn:
    """Judgments of units, with what two metrics decide on each and how sure people are of it."""

    answers: PairAnswers
    one: FloatArray
    other: FloatArray
    # Of each judgment's unit: what most people prefer, at the population's mean taste.
    most: float


def draw(case: Case, rng: np.random.Generator, judgments: int, spread: bool) -> Drawn:
    """Draw a study, or (`spread`) judgments that share neither rater nor picture."""
    raters, pictures = (judgments,) * 2 if spread else (case.raters, case.pictures)
    true = np.linspace(-1, 1, METHODS)
    first = rng.integers(METHODS, size=judgments)
    second = (first + rng.integers(1, METHODS, size=judgments)) % METHODS
    rater, picture = _whose(raters, judgments, rng), _whose(pictures, judgments, rng)
    first, second = np.minimum(first, second), np.maximum(first, second)
    taste, effect, *errors = (
        rng.normal(0, size, (count, METHODS)).astype(np.float32)
        for size, count in (
            *((case.variety, raters), (case.variety, pictures)),
            *((0.4, pictures), (0.7, pictures)),
        )
    )
    quality = true + effect
    gap = quality[picture, first] - quality[picture, second]
    own = taste[rater, first] - taste[rater, second]
    preferred = (rng.random(judgments) < 1 / (1 + np.exp(-gap - own))).astype(np.float64)
    unit = np.unique((picture * METHODS + first) * METHODS + second, return_index=True)
    names, of = unit[0], np.searchsorted(unit[0], (picture * METHODS + first) * METHODS + second)
    where, pair = names // METHODS**2, names % METHODS**2
    one, other = (
        np.sign(metric[where, pair // METHODS] - metric[where, pair % METHODS]) / 2 + 0.5
        for metric in (quality + error for error in errors)
    )
    answers = PairAnswers(rater, picture, of, preferred)
    return Drawn(answers, one, other, _most(gap, case.variety))


def _whose(count: int, judgments: int, rng: np.random.Generator) -> IntArray:
    """Return whose each judgment is: of as many each once, of few by uneven activity."""
    if count == judgments:
        return np.arange(judgments)
    activity = rng.lognormal(0, 0.5, count)
    return rng.choice(count, judgments, p=activity / activity.sum())


def _most(gap: FloatArray, variety: float) -> float:
    """Return how often what most people prefer is preferred, tastes being integrated out."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(21)
    tastes = nodes * variety * np.sqrt(2)
    some = gap[:20_000, None] + tastes
    share = (weights / weights.sum() / (1 + np.exp(-some))).sum(axis=1)
    return float(np.maximum(share, 1 - share).mean())


def main(runs: int = 1000, first: int = 0) -> None:
    """Print one line a case."""
    print_header(HEADERS[0])
    for number, case in enumerate(CASES):
        everybody = draw(case, np.random.default_rng([31, number]), POPULATION, spread=True)
        truth = accuracy(everybody.answers, everybody.one).value
        apart = accuracy_difference(everybody.answers, everybody.one, everybody.other).value
        held = [
            _held(case, np.random.default_rng([32, number, run]), truth, apart, everybody.most)
            for run in range(first, first + runs)
        ]
        cells = np.mean(held, axis=0)
        print_row([str(case), *(f"{cell:.3f}" for cell in cells)])


def _held(
    case: Case, rng: np.random.Generator, truth: float, apart: float, most: float
) -> list[float]:
    drawn = draw(case, rng, case.judgments, spread=False)
    answers = drawn.answers
    own = accuracy(answers, drawn.one)
    paired = accuracy_difference(answers, drawn.one, drawn.other)
    assert own.low is not None and own.high is not None
    assert paired.low is not None and paired.high is not None
    disagree = (drawn.one != drawn.other)[answers.unit].mean()
    naive = 1.96 * np.sqrt((disagree - paired.value**2) / answers.judgments)
    bounds = ceiling(answers)
    return [
        own.low <= truth <= own.high,
        paired.low <= apart <= paired.high,
        own.high - own.low,
        abs(paired.value - apart) <= naive,
        bounds is not None and bounds.low - 0.03 <= most <= bounds.high + 0.03,
    ]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
