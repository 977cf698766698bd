"""Judgments that each pairing policy needs, beside Hybrid-MST and uniform pairs; ratios out.

Run with `python -m benchmarks.pairing [RUNS]` and one BLAS thread (OPENBLAS_NUM_THREADS=1); prints
the tables of docs/benchmarks.md. 15 methods with equal gaps, judged independently by the model;
batches of 14; the same estimator for all rules.
"""

import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy import special
from scipy.sparse import csgraph

from ratings.psychometrics.arrays import FloatArray, IntArray
from ratings.psychometrics.design.pairing import (
    EXPLORATION,
    Policy,
    next_pairs,
)
from ratings.psychometrics.model.bradley_terry import information, scores, win_probabilities
from ratings.psychometrics.model.prior import prior_information, prior_scores

Rule = Callable[[FloatArray, np.random.Generator], IntArray]
METHODS, BATCH = 15, 14
# Of the true scores, in log odds: standard deviation, and up to how many judgments.
ORDER, NEIGHBOURS = (1.2, 1_500), (2.5, 3_600)
# Rules were chosen on other seeds.
SEED = 20_260_101
RESAMPLES = 1_000
_NODES, _WEIGHTS = np.polynomial.hermite.hermgauss(30)


def policy(
    name: Policy, exploration: float, wins: FloatArray, rng: np.random.Generator
) -> IntArray:
    """Return the next batch by one of our policies."""
    size = len(wins)
    pending = np.zeros((size, size), np.int64)
    return next_pairs(name, wins, pending, size - 1, rng, exploration=exploration)


def by_chance(wins: FloatArray, rng: np.random.Generator) -> IntArray:
    """Draw every pair uniformly."""
    first, second = np.triu_indices(len(wins), 1)
    drawn = rng.integers(0, len(first), len(wins) - 1)
    plan = np.zeros(wins.shape, np.int64)
    np.add.at(plan, (first[drawn], second[drawn]), 1)
    return plan + plan.T


def hybrid_mst(wins: FloatArray, rng: np.random.Generator) -> IntArray:
    """Return the spanning tree of largest information gains (Li et al. 2018).

    Half a win each way is added to every pair, as its authors begin; the gain of a pair is the
    mutual information of its next judgment and its difference of scores, taken as normal.
    """
    size = len(wins)
    padded = wins + 0.5 * (1 - np.eye(size))
    score = scores(padded)
    judged = padded + padded.T
    fisher = information(judged, win_probabilities(score)) + 1 / size
    covariance = np.linalg.inv(fisher)
    own = np.diag(covariance)
    error = np.sqrt(2 * np.maximum(own[:, None] + own[None, :] - 2 * covariance, 0))
    difference = (score[:, None] - score[None, :])[..., None] + error[..., None] * _NODES
    weights = _WEIGHTS / np.sqrt(np.pi)
    chance, other = special.expit(difference), special.expit(-difference)
    known = (special.xlogy(chance, chance) + special.xlogy(other, other)) @ weights
    chance, other = chance @ weights, other @ weights
    gain = known - special.xlogy(chance, chance) - special.xlogy(other, other)
    cost = np.triu((1 + 1e-9 * rng.random(gain.shape)) / np.maximum(gain, 1e-300), 1)
    tree = csgraph.minimum_spanning_tree(cost).toarray() > 0
    return (tree | tree.T).astype(np.int64)


RULES: dict[str, Rule] = {
    "least issued pair (`balanced`)": partial(policy, Policy.BALANCED, 1.0),
    "pairs by chance": by_chance,
    "Hybrid-MST": hybrid_mst,
    "`swiss`, no exploration": partial(policy, Policy.SWISS, 0.0),
    **{
        f"`active`, exploration {share}": partial(policy, Policy.ACTIVE, share)
        for share in (0.0, 0.05, 0.1, 0.2, 0.3)
    },
}


def main(runs: int = 120) -> None:
    """Print judgments needed, ratios with bootstrap intervals over runs, and time per pair."""
    print(f"{runs} runs; shipped exploration: {EXPLORATION}")
    measured = {name: _measure(rule, runs, name) for name, rule in RULES.items()}
    for against in ("least issued pair (`balanced`)", "pairs by chance", "Hybrid-MST"):
        print(f"\n| judgments (ratio to: {against}) | SROCC .95 | SROCC .99 | 80 % | 95 % |")
        print("| --- | --- | --- | --- | --- |")
        for name, curves in measured.items():
            cells = [_cell(*pair) for pair in zip(curves, measured[against], strict=True)]
            print(f"| {name} | {' | '.join(cells)} |")
    print("\n| ms per chosen pair | n = 15 | n = 30 | n = 100 |")
    print("| --- | --- | --- | --- |")
    for name in ("Hybrid-MST", "`active`, exploration 0.0"):
        times = [f"{_milliseconds(RULES[name], size):.2f}" for size in (15, 30, 100)]
        print(f"| {name} | {' | '.join(times)} |")


Curve = tuple[FloatArray, float]  # a measure by run and batch, and the level it is to reach


def _measure(rule: Rule, runs: int, name: str) -> list[Curve]:
    """Return the four curves of one rule."""
    print(name, file=sys.stderr, flush=True)
    order = np.array([_run(rule, *ORDER, [SEED, run])[0] for run in range(runs)])
    apart = np.array([_run(rule, *NEIGHBOURS, [SEED + 1, run])[1] for run in range(runs)])
    return [(order, 0.95), (order, 0.99), (apart, 0.8), (apart, 0.95)]


def _run(rule: Rule, spread: float, judgments: int, seed: list[int]) -> tuple[FloatArray, ...]:
    """Return, after each batch, Spearman's correlation and the share of neighbours separated.

    Separated: in the right order by more than 1.96 model standard errors, as if the pairs had
    been chosen beforehand. That is the criterion of others, not ours (see docs/scoring.md).
    """
    rng = np.random.default_rng(seed)
    place = rng.permutation(METHODS).astype(float)
    truth = (place - place.mean()) / place.std() * spread
    order = np.argsort(truth)
    wins, errors = np.zeros((METHODS, METHODS)), []
    for _ in range(judgments // BATCH):
        first, second = np.nonzero(np.triu(plan := rule(wins, rng)))
        won = rng.binomial(plan[first, second], special.expit(truth[first] - truth[second]))
        wins[first, second] += won
        wins[second, first] += plan[first, second] - won
        score = prior_scores(wins)
        covariance = np.linalg.inv(prior_information(wins + wins.T, score))
        own, low, high = np.diag(covariance), order[:-1], order[1:]
        error = np.sqrt(own[low] + own[high] - 2 * covariance[low, high])
        ranks = np.argsort(np.argsort(score)) - np.argsort(order)
        rho = 1 - 6 * (ranks**2).sum() / (METHODS * (METHODS**2 - 1))
        errors.append((rho, (score[high] - score[low] > 1.96 * error).mean()))
    rows = np.array(errors)
    return rows[:, 0], rows[:, 1]


def _needed(mean: FloatArray, level: float) -> float:
    """Return how many judgments bring a mean curve to a level, nan if it doesn't get there."""
    reached = np.flatnonzero(mean >= level)
    if not len(reached):
        return np.nan
    k = reached[0]
    before = mean[k - 1] if k else 0.0
    return float(BATCH * (k + (level - before) / (mean[k] - before)))


def _cell(curve: Curve, other: Curve) -> str:
    """Return judgments needed and the ratio to another rule's, with its bootstrap interval."""
    rng = np.random.default_rng(1)
    (ours, level), (theirs, _) = curve, other
    count, ratio = _needed(ours.mean(axis=0), level), _needed(ours.mean(axis=0), level)
    ratio /= _needed(theirs.mean(axis=0), level)
    draws = [
        _needed(ours[rng.integers(0, len(ours), len(ours))].mean(axis=0), level)
        / _needed(theirs[rng.integers(0, len(theirs), len(theirs))].mean(axis=0), level)
        for _ in range(RESAMPLES)
    ]
    if np.isnan(count):
        return "-"
    if np.isnan(ratio):
        return f"{count:.0f}"
    low, high = np.nanquantile(draws, (0.025, 0.975))
    return f"{count:.0f} ({ratio:.2f} [{low:.2f}, {high:.2f}])"


def _milliseconds(rule: Rule, size: int) -> float:
    """Return CPU time per chosen pair, best of five batches, after 20 judgments per method."""
    rng = np.random.default_rng(2)
    wins = np.zeros((size, size))
    first = rng.integers(0, size, 10 * size)
    np.add.at(wins, (first, (first + rng.integers(1, size, len(first))) % size), 1)
    spent = []
    for _ in range(5):
        begun = time.process_time()
        rule(wins, rng)
        spent.append(time.process_time() - begun)
    return 1e3 * min(spent) / (size - 1)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
