"""From judgments as arrays to scores and intervals: time, error and memory beside others'.

Run with `python -m benchmarks.ranking` and one BLAS thread (OPENBLAS_NUM_THREADS=1); other
rankings are beside ours after `make peers`. CPU seconds, rounds interleaved, the best of each.

"One counting pass" is `np.bincount(left * methods + right)`: whole columns, and which side was
preferred not even looked at. "One pass with outcomes" is the plain line that does look:
`np.bincount((choice * methods + left) * methods + right)`. Neither checks its input; ours does.
"""

import time
import tracemalloc
from collections.abc import Callable, Mapping

import choix
import numpy as np
from scipy import special

from benchmarks.peer_results import peer_results
from ratings.psychometrics.arrays import FloatArray, IntArray
from ratings.psychometrics.counts import counting
from ratings.psychometrics.design.simulation import RaterModel, Simulated, SyntheticCrowd
from ratings.psychometrics.inference.fitting import fit
from ratings.psychometrics.inference.intervals import uncertainty
from ratings.psychometrics.model import bradley_terry

RATERS, PICTURES, ROUNDS, ENOUGH_SECONDS = 40, 40, 25, 1.0
PASS = "one counting pass"


def main() -> None:
    """Print the tables."""
    for methods, judgments in ((30, 100_000), (30, 1_000_000), (1000, 1_000_000)):
        data = _judgments(methods, judgments)
        columns = {"left": data.left, "right": data.right, "choice": data.choice}
        peers = peer_results("scores", methods, columns)
        _print_scores(data, peers)
    _print_intervals(_judgments(30, 1_000_000))
    _print_ten_million(_judgments(30, 10_000_000))


def scores_of(data: Simulated) -> FloatArray:
    """Return the scores of judgments: our whole way from arrays."""
    counts = counting.count_outcomes(data.left, data.right, data.choice, len(data.methods))
    return bradley_terry.scores(counting.wins(counts))


def _print_scores(data: Simulated, peers: Mapping[str, FloatArray]) -> None:
    """Print seconds and errors of the ways to scores."""
    size = len(data.methods)
    optimum = _optimum(counting.wins(_counts(data)))
    ways: dict[str, Callable[[], FloatArray]] = {
        "ours": lambda: scores_of(data),
        "choix dense, counts by hand": lambda: choix.ilsr_pairwise_dense(_wins_by_hand(data)),
    }
    if size < 100:
        pairs = list(zip(*_winners_and_losers(data), strict=True))
        ways["choix, list of pairs"] = lambda: choix.ilsr_pairwise(size, pairs)
    passes: dict[str, Callable[[], object]] = {
        PASS: lambda: np.bincount(data.left * size + data.right),
        "one pass with outcomes": lambda: np.bincount(
            (data.choice * size + data.left) * size + data.right
        ),
    }
    best = _best_seconds({**passes, **ways})
    errors = {name: _error(way(), optimum) for name, way in ways.items()}
    for key, scores in peers.items():
        name, what = key.rsplit(".", 1)
        if what == "scores":
            best[name], errors[name] = float(peers[f"{name}.seconds"]), _error(scores, optimum)
    print(f"\nscores: {size} methods, {len(data.left):,} judgments")
    _print_table(best, "ours", {name: f"error {error:.0e}" for name, error in errors.items()})


def _print_intervals(data: Simulated) -> None:
    """Print the seconds of two-way robust intervals, from arrays with raters and pictures."""

    def with_intervals() -> None:
        tally = data.tally()
        uncertainty(tally, bradley_terry.scores(tally.wins()))

    print(f"\nintervals: {len(data.methods)} methods, {len(data.left):,} judgments, ", end="")
    print(f"{RATERS} raters, {PICTURES} pictures")
    ways: dict[str, Callable[[], object]] = {
        PASS: lambda: np.bincount(data.left * len(data.methods) + data.right),
        "tally by rater and by picture": data.tally,
        "tally, scores and covariance": with_intervals,
        "tally and the whole ranking": lambda: fit(data.tally()),
    }
    _print_table(_best_seconds(ways), "tally, scores and covariance", {})


def _print_ten_million(data: Simulated) -> None:
    """Print seconds and peak memory at ten million judgments."""
    size = len(data.methods)
    ways: dict[str, Callable[[], object]] = {
        PASS: lambda: np.bincount(data.left * size + data.right),
        "ours, scores": lambda: scores_of(data),
        "ours, tally by rater and by picture": data.tally,
    }
    print(f"\nscores: {size} methods, {len(data.left):,} judgments; peak memory beside the arrays")
    memory = {name: f"{_peak_megabytes(way):6.0f} MB" for name, way in ways.items()}
    _print_table(_best_seconds(ways), "ours, scores", memory)


def _judgments(methods: int, count: int) -> Simulated:
    people = SyntheticCrowd(
        [f"m{i:04}" for i in range(methods)],
        [f"p{i}" for i in range(PICTURES)],
        RATERS,
        np.random.default_rng(1),
        rater_model=RaterModel(),
    )
    return people.simulate(count)


def _counts(data: Simulated) -> IntArray:
    size = len(data.methods)
    keys = (data.choice * size + data.left) * size + data.right
    return np.bincount(keys, minlength=3 * size**2).reshape(3, size, size)


def _wins_by_hand(data: Simulated) -> FloatArray:
    """Count wins as one would before calling choix."""
    counts = _counts(data)
    wins: FloatArray = counts[0] + counts[1].T + (counts[2] + counts[2].T) / 2
    return wins


def _optimum(wins: FloatArray) -> FloatArray:
    """Return the maximum likelihood scores by plain Newton steps, the first method held at 0."""
    free, judged = np.zeros(len(wins) - 1), wins + wins.T
    for _ in range(60):
        score = np.append(0.0, free)
        chance = special.expit(score[:, None] - score)
        slope = wins.sum(axis=1) - (judged * chance).sum(axis=1)
        weight = judged * chance * (1 - chance)
        curvature = np.diag(weight.sum(axis=1)) - weight
        step = np.linalg.solve(curvature[1:, 1:], slope[1:])
        free = free + step / max(1.0, float(np.abs(step).max()))
    return np.append(0.0, free)


def _error(scores: FloatArray, optimum: FloatArray) -> float:
    """Return the largest difference of two sets of scores with their means taken off."""
    return float(np.abs((scores - scores.mean()) - (optimum - optimum.mean())).max())


def _winners_and_losers(data: Simulated) -> tuple[list[int], list[int]]:
    """Return winner and loser of each judgment; there are no ties, which choix doesn't know."""
    right_won = data.choice == 1
    winner = np.where(right_won, data.right, data.left)
    loser = np.where(right_won, data.left, data.right)
    return winner.tolist(), loser.tolist()


def _best_seconds(ways: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Run all ways in turn, round after round, slow ones less often; return the best of each."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            if sum(spent[name]) < ENOUGH_SECONDS:
                begun = time.process_time()
                way()
                spent[name].append(time.process_time() - begun)
    return {name: min(times) for name, times in spent.items()}


def _peak_megabytes(way: Callable[[], object]) -> float:
    tracemalloc.start()
    way()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def _print_table(best: Mapping[str, float], ours: str, remarks: Mapping[str, str]) -> None:
    """Print one line per way: seconds, ratio to a counting pass, ratio to ours."""
    for name, seconds in best.items():
        passes = f"{seconds / best[PASS]:9.2f} passes" if PASS in best else ""
        times, remark = seconds / best[ours], remarks.get(name, "")
        print(f"{name:36}{seconds:9.4f} s {passes} {times:9.2f} x ours  {remark}")


if __name__ == "__main__":
    main()
