"""How often intervals of a metric's correlation with people hold that of the true scores.

Run with `python -m benchmarks correlation [RUNS [FIRST]]`; prints the table of docs/validation.md.
Each run draws true scores with standard deviation 1, a metric of them with noise, and estimates
with independent errors about their mean; the covariance is known.
"""

import sys

import numpy as np
from scipy import stats

from benchmarks.page import print_header, print_row
from ratings.psychometrics.inference.correlation import Correlation, correlations

# Methods, standard error of a score, noise of the metric.
CASES = (
    (6, 0.3, 0.4),
    (10, 0.3, 0.4),
    (10, 0.1, 0.4),
    (15, 0.5, 0.4),
    (15, 0.3, 0.4),
    (10, 0.3, 1.5),
    (10, 0.3, 0.1),
)
HEADERS = ("methods, error, metric's noise | Spearman (width) | Kendall (width) | Pearson (width)",)


def main(runs: int = 1000, first: int = 0) -> None:
    """Print one line per case: the share of intervals that hold the truth, and their mean width."""
    print_header(HEADERS[0])
    for case in CASES:
        held = np.array([_held(*case, run) for run in range(first, first + runs)])
        cells = [f"{share:.3f} ({width:.2f})" for share, width in held.mean(axis=0)]
        print_row([", ".join(map(str, case)), *cells])


def _held(methods: int, error: float, noise: float, run: int) -> list[tuple[bool, float]]:
    """Return, for each coefficient, whether the interval holds the true one, and its width."""
    rng = np.random.default_rng([17, methods, round(100 * error), round(100 * noise), run])
    true = rng.normal(0, 1, methods)
    metric = true + rng.normal(0, noise, methods)
    center = np.eye(methods) - 1 / methods
    score = center @ (true + rng.normal(0, error, methods))
    found = correlations(score, error**2 * center, list(metric))
    truth = (
        stats.spearmanr(true, metric).statistic,
        stats.kendalltau(true, metric).statistic,
        stats.pearsonr(true, metric).statistic,
    )
    return [_inside(one, float(value)) for one, value in zip(found, truth, strict=True)]


def _inside(one: Correlation, truth: float) -> tuple[bool, float]:
    assert one.low is not None and one.high is not None
    return one.low - 5e-4 <= truth <= one.high + 5e-4, one.high - one.low


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
