"""Other rankings, timed and asked for their intervals, in the environment that `make peers` makes.

Imports nothing of this project. `benchmarks.peer_results` writes the judgments and runs it:
`.venv-peers/bin/python benchmarks/peers.py scores | intervals IN.npz OUT.npz [COUNT]`

IN.npz holds `methods` (their number), `left` and `right` (numbers of methods) and `choice` (0
left, 1 right, 2 tie), one entry per judgment; for intervals also `run`, the number of the
simulated data set that a judgment belongs to. COUNT is the number of bootstrap replicates.
OUT.npz holds, for each peer, `PEER.seconds` (CPU, of this process and those it started) and
`PEER.scores` (log odds, mean 0), or `PEER.low` and `PEER.high`, shape (runs, methods, methods):
the 95 % interval of the score of row less that of column, in log odds.

FastChat's way is done here in words of our own; with FASTCHAT_RATING_SYSTEMS set to the path of
FastChat's rating_systems.py its own code is timed beside it.
"""

import importlib.util
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from types import ModuleType

import evalica
import numpy as np
import pandas as pd
from scipy import optimize, special, stats

from ratings.psychometrics.arrays import FloatArray, IntArray

LEVEL = 0.95
ROUNDS = 3
WINNERS = np.array([evalica.Winner.X, evalica.Winner.Y, evalica.Winner.Draw], dtype=object)
WORDS = np.array(["model_a", "model_b", "tie"])
# FastChat's scale: odds of 10 are one unit.
LOG_10 = np.log(10.0)


@dataclass(frozen=True, eq=False)
class Judgments:
    """One data set: whole numbers, one entry per judgment."""

    methods: int
    left: IntArray
    right: IntArray
    choice: IntArray

    def frame(self) -> pd.DataFrame:
        """Return the table that FastChat and arena-rank read."""
        columns = {"model_a": self.left, "model_b": self.right, "winner": WORDS[self.choice]}
        return pd.DataFrame(columns)


def evalica_scores(data: Judgments) -> FloatArray:
    """Fit by evalica's interface: arrays of labels and a list of winners."""
    result = evalica.bradley_terry(data.left, data.right, WINNERS[data.choice].tolist())
    return _by_method(result.scores)


def evalica_indexed_scores(data: Judgments) -> FloatArray:
    """Fit by evalica with the index of labels made beforehand, its quickest way."""
    winners = WINNERS[data.choice].tolist()
    index = pd.RangeIndex(data.methods)
    result = evalica.bradley_terry(data.left, data.right, winners, index=index)
    return _by_method(result.scores)


def _by_method(scores: pd.Series) -> FloatArray:
    """Return evalica's strengths as log odds, by number of method."""
    strengths: FloatArray = scores.sort_index().to_numpy()
    return np.log(strengths)


def arena_rank_scores(data: Judgments) -> FloatArray:
    """Fit by arena-rank, from a table to ratings (its first call compiles, as each does)."""
    from arena_rank.models.bradley_terry import BradleyTerry
    from arena_rank.utils.data_utils import PairDataset

    model = BradleyTerry(data.methods).fit(PairDataset.from_pandas(data.frame()))
    return np.array(model.params["ratings"])


def fastchat_way_scores(data: Judgments) -> FloatArray:
    """Fit in FastChat's way: count distinct outcomes of a table, then L-BFGS."""
    frame = data.frame()
    codes = np.column_stack([frame["model_a"], frame["model_b"], data.choice])
    kinds, counts = np.unique(codes, axis=0, return_counts=True)
    return _logistic_fit(kinds, counts.astype(float), data.methods)


def _logistic_fit(kinds: IntArray, weight: FloatArray, methods: int) -> FloatArray:
    """Maximise the logistic likelihood of weighted (left, right, choice) rows, ties as halves."""
    won = np.array([1.0, 0.0, 0.5])[kinds[:, 2]]

    def loss(rating: FloatArray) -> tuple[float, FloatArray]:
        distance = LOG_10 * (rating[kinds[:, 0]] - rating[kinds[:, 1]])
        value = -float((weight * (won * distance - np.logaddexp(0, distance))).sum())
        pull = LOG_10 * weight * (special.expit(distance) - won)
        up, down = (np.bincount(kinds[:, side], pull, methods) for side in (0, 1))
        return value, np.asarray(up - down, np.float64)

    optimum = optimize.minimize(
        loss, np.zeros(methods), jac=True, method="L-BFGS-B", options={"maxiter": 100, "gtol": 1e-6}
    )
    return np.asarray(optimum.x * LOG_10)


def fastchat_way_bootstrap(data: Judgments, replicates: int) -> FloatArray:
    """Refit multinomial draws of the counts of distinct outcomes; (replicates, methods)."""
    codes = np.column_stack([data.left, data.right, data.choice])
    kinds, counts = np.unique(codes, axis=0, return_counts=True)
    rng = np.random.default_rng(0)
    draws = rng.multinomial(len(data.left), counts / counts.sum(), replicates)
    weights = draws / len(data.left)
    return np.array([_logistic_fit(kinds, weight, data.methods) for weight in weights])


def evalica_bootstrap(data: Judgments, replicates: int) -> FloatArray:
    """Refit resampled judgments by evalica's percentile bootstrap; (replicates, methods)."""
    result = evalica.bootstrap(
        evalica.bradley_terry,
        data.left,
        data.right,
        WINNERS[data.choice].tolist(),
        index=pd.RangeIndex(data.methods),
        n_resamples=replicates,
        bootstrap_method="percentile",
        random_state=0,
    )
    strengths: FloatArray = result.distribution[range(data.methods)].to_numpy()
    return np.log(strengths)


def arena_rank_covariance(data: Judgments) -> FloatArray:
    """Return arena-rank's sandwich covariance, by its own function, at the fitted scores.

    The fit is not its own, which would compile for a second per data set; the scores are the
    same to five digits.
    """
    import jax.numpy as jnp
    from arena_rank.models.bradley_terry import BradleyTerry
    from arena_rank.utils.data_utils import PairDataset

    table = PairDataset.from_pandas(data.frame())
    hessian, gradients = BradleyTerry.compute_hessian_and_covariance(
        jnp.array(fastchat_way_scores(data)),
        table.pairs,
        table.outcomes,
        table.counts,
        table.opt_weights,
        BradleyTerry(data.methods).hessian_reg * len(data.left),
        data.methods,
    )
    inverse = np.linalg.inv(hessian)
    return np.asarray(inverse @ gradients @ inverse)


def percentile_bounds(replicates: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the bounds of all differences from replicates of the scores."""
    differences = replicates[:, :, None] - replicates[:, None, :]
    low, high = np.quantile(differences, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return low, high


def normal_bounds(score: FloatArray, covariance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the bounds of all differences from a covariance, by the normal distribution."""
    variance = np.diag(covariance)
    squared = variance[:, None] + variance - 2 * covariance
    margin = stats.norm.ppf((1 + LEVEL) / 2) * np.sqrt(np.maximum(squared, 0))
    difference = score[:, None] - score
    return difference - margin, difference + margin


SCORES: dict[str, Callable[[Judgments], FloatArray]] = {
    "evalica": evalica_scores,
    "evalica, index ready": evalica_indexed_scores,
    "arena-rank": arena_rank_scores,
    "FastChat's way": fastchat_way_scores,
}
BOUNDS: dict[str, Callable[[Judgments, int], tuple[FloatArray, FloatArray]]] = {
    "evalica": lambda data, count: percentile_bounds(evalica_bootstrap(data, count)),
    "arena-rank": lambda data, _: normal_bounds(
        fastchat_way_scores(data), arena_rank_covariance(data)
    ),
    "FastChat's way": lambda data, count: percentile_bounds(fastchat_way_bootstrap(data, count)),
}


def main(task: str, source: str, target: str, count: str = "100") -> None:
    """Do one task for all peers."""
    file = np.load(source)
    columns = [file[name] for name in ("left", "right", "choice")]
    methods = int(file["methods"])
    if task == "scores":
        results = dict(timed_scores(Judgments(methods, *columns)))
    else:
        parts = [file["run"] == run for run in np.unique(file["run"])]
        runs = [Judgments(methods, *(column[part] for column in columns)) for part in parts]
        results = dict(intervals(runs, int(count)))
    np.savez(target, allow_pickle=False, **results)


def timed_scores(data: Judgments) -> Iterator[tuple[str, FloatArray]]:
    """Yield seconds (the best of some rounds) and scores of every peer."""
    ways = SCORES
    if fastchat := fastchat_module():
        ways = ways | {"FastChat": partial(fastchat_scores, fastchat)}
    for name, way in ways.items():
        spent = [seconds(partial(way, data)) for _ in range(ROUNDS)]
        scores = way(data)
        yield f"{name}.seconds", np.array(min(spent))
        yield f"{name}.scores", scores - scores.mean()


def intervals(runs: list[Judgments], replicates: int) -> Iterator[tuple[str, FloatArray]]:
    """Yield the bounds of all differences, by every peer, for every data set."""
    for name, bounds in BOUNDS.items():
        low, high = zip(*(bounds(data, replicates) for data in runs), strict=True)
        yield f"{name}.low", np.array(low)
        yield f"{name}.high", np.array(high)


def fastchat_scores(module: ModuleType, data: Judgments) -> FloatArray:
    """Fit by FastChat's own code; back from its scale of 400 to log odds."""
    ratings = module.compute_bt(data.frame()).sort_index().to_numpy()
    return np.asarray(ratings / 400 * LOG_10)


def fastchat_module() -> ModuleType | None:
    """Load FastChat's rating_systems.py, if the environment says where it is."""
    path = os.environ.get("FASTCHAT_RATING_SYSTEMS")
    spec = importlib.util.spec_from_file_location("rating_systems", path) if path else None
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    sys.modules["rating_systems"] = module  # its worker processes look it up by name
    spec.loader.exec_module(module)
    return module


def seconds(run: Callable[[], object]) -> float:
    """Return the CPU seconds of a call, those of the processes it ended included."""
    begun = _spent()
    run()
    return _spent() - begun


def _spent() -> float:
    children = os.times()
    return time.process_time() + children.children_user + children.children_system


if __name__ == "__main__":
    main(*sys.argv[1:])
