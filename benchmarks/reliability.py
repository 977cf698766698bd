"""What estimating raters' reliability is worth: errors of scores with random raters about.

Run with `python -m benchmarks.reliability [RUNS]`; prints the table of docs/protocol.md. The oracle
knows the random raters and leaves them out. Errors are root mean squares over methods after the
same rescaling for all (the best multiple of the true strengths), in log odds.
"""

import sys
import time

import numpy as np

from ratings.psychometrics.bradley_terry import scores
from ratings.psychometrics.judgments import JudgmentArrays
from ratings.psychometrics.reliability import reliability
from ratings.psychometrics.simulation import Habits, SyntheticCrowd
from ratings.psychometrics.tally import FloatArray, win_matrix

RATERS, METHODS, PICTURES = 100, 15, 200


def main(runs: int = 100) -> None:
    """Print one line per spread of methods, number of judgments and share of random raters."""
    print("| spread | judgments | random | plain | with reliability | oracle | / oracle | CPU s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for spread in (1.8, 1.0, 0.4):
        for judgments in (5_000, 20_000):
            for random in (30, 0):
                results = [_errors(spread, judgments, random, run) for run in range(runs)]
                plain, ours, oracle, _ = np.sqrt(np.square(results).mean(axis=0))
                seconds = np.median([result[3] for result in results])
                print(
                    f"| {spread} | {judgments:,} | {random}% | {plain:.3f} | {ours:.3f} "
                    f"| {oracle:.3f} | {ours / oracle:.3f} | {seconds:.3f} |",
                    flush=True,
                )


def _errors(
    spread: float, judgments: int, random: int, run: int
) -> tuple[float, float, float, float]:
    """Return the errors of the plain fit, of ours and of the oracle, and the time of ours."""
    rng = np.random.default_rng([9, run])
    crowd = SyntheticCrowd(
        [f"m{i:02}" for i in range(METHODS)],
        [f"p{i}" for i in range(PICTURES)],
        RATERS,
        rng,
        strengths=rng.normal(0, spread, METHODS).tolist(),
        habits=Habits(careless=0),
    )
    crowd.careless[:random] = True
    made = crowd.simulate(judgments)
    table = JudgmentArrays(
        methods=made.methods,
        raters=tuple(map(str, range(RATERS))),
        images=crowd.pictures,
        rater=made.rater,
        image=made.picture,
        shown=made.picture,
        left=made.left,
        right=made.right,
        choice=made.choice,
    ).counts(made.rater)
    started = time.process_time()
    ours = reliability(table, METHODS, RATERS).score
    seconds = time.process_time() - started
    truth = crowd.population_scores()
    good = table[table[:, 0] >= random]
    plain, oracle = (scores(win_matrix(rows, METHODS)) for rows in (table, good))
    errors = [_error(score, truth) for score in (plain, ours, oracle)]
    return errors[0], errors[1], errors[2], seconds


def _error(score: FloatArray, truth: FloatArray) -> float:
    truth = truth - truth.mean()
    factor = float(score @ truth) / float(score @ score)
    return float(np.sqrt(((factor * score - truth) ** 2).mean()))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
