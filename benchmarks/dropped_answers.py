"""When more answers are dropped, how soon does the alarm ring, and how often for nothing?

Run with `python -m benchmarks dropped_answers [RUNS]`; prints the tables of docs/validation.md.
Raters come one after the other, so many at a time, and give 40 to 80 answers each, in turn by
chance. A rater's own share of dropped answers is drawn; a careless one's is between 30 and 100 %.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.page import percent, print_header, print_row
from ratings.psychometrics.arrays import BoolArray, FloatArray, IntArray
from ratings.psychometrics.raters.share_jump import THRESHOLD, find_jump

HEADERS = (
    "what happens | raters at a time | answers before | answers until it rings, median | 95 % "
    "| within 30 answers | Monte Carlo error",
    "crowd | answers | looks | rings for nothing | Monte Carlo error | bound",
)
MOST = 600
# Of the second table: a study of so many answers, looked at as often as a site with that many in
# half an hour does once a minute.
LONG, EVERY = 10_000, 30
LONG_RUNS = 100
ALIKE = 0.1


@dataclass(frozen=True)
class Crowd:
    """How raters are: usually dropped shares, how many are careless, how many judge at a time."""

    share: float = 0.03
    careless: float = 0.05
    at_once: int = 10
    alike: float = ALIKE


@dataclass(frozen=True)
class Change:
    """From some answer on, this share of raters is dropped with this chance, rising so slowly."""

    raters: float = 1.0
    chance: float = 1.0
    slowly: int = 0


QUICK = Change()
CASES: tuple[tuple[str, Change, Crowd, int], ...] = (
    *(("all answers are dropped", QUICK, Crowd(at_once=n), 2000) for n in (3, 5, 6, 10, 30)),
    *(("all answers are dropped", QUICK, Crowd(), n) for n in (0, 50, 500)),
    ("all answers are dropped, and many were", QUICK, Crowd(share=0.2, careless=0.15), 2000),
    ("half of all answers are", Change(chance=0.5), Crowd(), 2000),
    ("all of every second rater are", Change(raters=0.5), Crowd(), 2000),
    ("ever more are, all after 300 answers", Change(slowly=300), Crowd(), 2000),
)
CROWDS = {
    "usual": Crowd(),
    "one rater at a time": Crowd(at_once=1),
    "25 % careless": Crowd(careless=0.25),
    "a tenth is dropped, shares differ widely": Crowd(share=0.1, alike=0.3),
}


def main(runs: int = 600) -> None:
    """Print both tables."""
    print_header(HEADERS[0])
    for number, (name, change, crowd, before) in enumerate(CASES):
        delays = np.array([_delay(crowd, change, before, [17, number, run]) for run in range(runs)])
        soon = float((delays <= 30).mean())
        cells = [f"{np.quantile(delays, level, method='higher'):.0f}" for level in (0.5, 0.95)]
        cells += [percent(soon, 1), percent(_error(soon, runs), 1)]
        print_row([name, str(crowd.at_once), f"{before:,}", *cells])
    print()
    print_header(HEADERS[1])
    for number, (name, crowd) in enumerate(CROWDS.items()):
        rung = float(np.mean([_rings(crowd, [18, number, run]) for run in range(LONG_RUNS)]))
        cells = [percent(rung, 1), percent(_error(rung, LONG_RUNS), 1), percent(LONG / THRESHOLD)]
        print_row([name, f"{LONG:,}", f"every {EVERY} answers", *cells])


def _error(share: float, runs: int) -> float:
    return float(np.sqrt(max(share * (1 - share), 1 / runs / 4) / runs))


def _delay(crowd: Crowd, change: Change, before: int, seed: list[int]) -> int:
    """Return after how many answers of a change it rings, at most `MOST`."""
    rng = np.random.default_rng(seed)
    rater, dropped = judged(crowd, before + MOST, rng)
    place = np.arange(MOST)
    hit = rng.random(rater.max() + 1)[rater[before:]] < change.raters
    grown = np.minimum(1, (place + 1) / change.slowly) if change.slowly else np.ones(MOST)
    dropped[before:] |= hit & (rng.random(MOST) < change.chance * grown)
    for answers in range(1, MOST):
        if find_jump(rater[: before + answers], dropped[: before + answers]):
            return answers
    return MOST


def _rings(crowd: Crowd, seed: list[int]) -> bool:
    """Tell whether it ever rings in a long study where nothing happens."""
    rater, dropped = judged(crowd, LONG, np.random.default_rng(seed))
    return any(find_jump(rater[:n], dropped[:n]) for n in range(EVERY, LONG + 1, EVERY))


def judged(crowd: Crowd, answers: int, rng: np.random.Generator) -> tuple[IntArray, BoolArray]:
    """Return the rater of each answer, and whether it is dropped, each (answers,)."""
    rater = np.array(list(_raters(crowd, answers, rng)), np.int64)
    share = _shares(crowd, int(rater.max()) + 1, rng)
    return rater, rng.random(answers) < share[rater]


def _raters(crowd: Crowd, answers: int, rng: np.random.Generator) -> Iterator[int]:
    here = list(range(crowd.at_once))
    # Those who were here before have given some of theirs already.
    left = rng.integers(1, 81, crowd.at_once)
    for number in rng.integers(crowd.at_once, size=answers).tolist():
        yield here[number]
        left[number] -= 1
        if not left[number]:
            here[number], left[number] = max(here) + 1, rng.integers(40, 81)


def _shares(crowd: Crowd, raters: int, rng: np.random.Generator) -> FloatArray:
    weight = 1 / crowd.alike - 1
    usual = rng.beta(weight * crowd.share, weight * (1 - crowd.share), raters)
    careless = rng.uniform(0.3, 1.0, raters)
    return np.where(rng.random(raters) < crowd.careless, careless, usual)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
