"""Time of a ranking beside one counting pass and beside choix's list of pairs; ratios out.

Run with `python -m benchmarks.ranking [JUDGMENTS]` and one BLAS thread (OPENBLAS_NUM_THREADS=1).
"""

import sys
import time
from collections.abc import Callable

import choix
import numpy as np

from ratings.psychometrics.fitting import fit
from ratings.psychometrics.simulation import Habits, Simulated, SyntheticCrowd

METHODS, RATERS, PICTURES, ROUNDS = 30, 40, 40, 5


def main(judgments: int = 1_000_000) -> None:
    """Print CPU seconds and ratios, rounds interleaved, best of each."""
    data = _judgments(judgments)
    tally = data.tally()
    pairs = list(zip(*_winners_and_losers(data), strict=True))
    cases: dict[str, Callable[[], object]] = {
        "one counting pass": lambda: np.bincount(data.left * METHODS + data.right),
        "tally": data.tally,
        "fit with intervals": lambda: fit(tally),
        "tally and fit": lambda: fit(data.tally()),
    }
    best = {name: min(times) for name, times in _interleaved(cases).items()}
    best["choix, list of pairs"] = _seconds(lambda: choix.ilsr_pairwise(METHODS, pairs))
    ours, counting = best["tally and fit"], best["one counting pass"]
    print(f"{judgments} judgments, {METHODS} methods, {RATERS} raters, {PICTURES} pictures")
    for name, seconds in best.items():
        print(f"{name:22} {seconds:9.4f} s   {seconds / counting:8.2f} x one counting pass")
    print(f"choix's list / tally and fit: {best['choix, list of pairs'] / ours:.1f}")


def _judgments(count: int) -> Simulated:
    people = SyntheticCrowd(
        [f"m{i:02}" for i in range(METHODS)],
        [f"p{i}" for i in range(PICTURES)],
        RATERS,
        np.random.default_rng(1),
        habits=Habits(),
    )
    return people.simulate(count)


def _winners_and_losers(data: Simulated) -> tuple[list[int], list[int]]:
    left_won = data.choice == 0
    winner = np.where(left_won, data.left, data.right)
    loser = np.where(left_won, data.right, data.left)
    return winner.tolist(), loser.tolist()


def _interleaved(cases: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, run in cases.items():
            times[name].append(_seconds(run))
    return times


def _seconds(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
