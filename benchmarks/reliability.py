"""What estimating raters' reliability is worth: errors of scores with random raters about.

Run with `python -m benchmarks reliability [RUNS]`; prints the table of docs/validation.md. The
oracle knows the random raters and leaves them out. Errors are root mean squares over methods after
the same rescaling for all (the best multiple of the true strengths), in log odds.
"""

import sys

import numpy as np

from benchmarks.page import print_header, print_row
from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.counts.tally import win_matrix
from ratings.psychometrics.design.simulation import RaterModel, SyntheticCrowd
from ratings.psychometrics.model.bradley_terry import scores
from ratings.psychometrics.raters.reliability import reliability

RATERS, METHODS, PICTURES = 100, 15, 200
HEADERS = (
    "spread of methods | judgments | random raters | counting all alike | with reliability "
    "| oracle | / oracle",
)


def main(runs: int = 100) -> None:
    """Print one line per spread of methods, number of judgments and share of random raters."""
    print_header(HEADERS[0])
    for spread in (1.8, 1.0, 0.4):
        for judgments in (5_000, 20_000):
            for random in (30, 0):
                results = [_errors(spread, judgments, random, run) for run in range(runs)]
                plain, ours, oracle = np.sqrt(np.square(results).mean(axis=0))
                errors = [f"{one:.3f}" for one in (plain, ours, oracle, ours / oracle)]
                print_row([f"{spread}", f"{judgments:,}", f"{random} %", *errors])


def _errors(spread: float, judgments: int, random: int, run: int) -> tuple[float, float, float]:
    """Return the errors of the plain fit, of ours and of the oracle."""
    rng = np.random.default_rng([9, run])
    crowd = SyntheticCrowd(
        [f"m{i:02}" for i in range(METHODS)],
        [f"p{i}" for i in range(PICTURES)],
        RATERS,
        rng,
        strengths=rng.normal(0, spread, METHODS).tolist(),
        rater_model=RaterModel(careless=0),
    )
    crowd.careless[:random] = True
    made = crowd.simulate(judgments)
    table = made.arrays(RATERS, crowd.pictures).counts(made.rater)
    ours = reliability(table, METHODS, RATERS).score
    truth = crowd.population_scores()
    good = table[table[:, 0] >= random]
    plain, oracle = (scores(win_matrix(rows, METHODS)) for rows in (table, good))
    return _error(plain, truth), _error(ours, truth), _error(oracle, truth)


def _error(score: FloatArray, truth: FloatArray) -> float:
    truth = truth - truth.mean()
    factor = float(score @ truth) / float(score @ score)
    return float(np.sqrt(((factor * score - truth) ** 2).mean()))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
