"""Judgments until studies have what they are made for, by pairing policy and beside Hybrid-MST.

Run with `python -m benchmarks pairing [RUNS [KIND...]]` and one BLAS thread
(OPENBLAS_NUM_THREADS=1); prints the tables of docs/validation.md. A study has an aim when the
ranking that would be published tells it apart, all pairs at once. Kinds are numbered from 1.
"""

import sys
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special
from scipy.sparse import csgraph

from benchmarks.page import percent, print_header, print_row
from ratings.psychometrics.arrays import BoolArray, FloatArray, IntArray
from ratings.psychometrics.design.pairing import EXPLORATION, Policy, next_pairs
from ratings.psychometrics.design.sample_size import (
    Forecast,
    SampleSizePoint,
    even_strengths,
    spread_strengths,
    told_apart,
)
from ratings.psychometrics.design.study_simulation import Plan, StudySimulation
from ratings.psychometrics.inference.fitting import Fit, fit
from ratings.psychometrics.model.bradley_terry import information, scores, win_probabilities
from ratings.psychometrics.model.prior import prior_scores

AIMS = ("winner", "best three", "all")
SHARE = 0.8
# Raters, pictures, and judgments a visit; sessions at which all studies are ranked.
CROWD, TRIALS = 80, 80
SESSIONS = tuple(round(2 ** (power / 2)) for power in range(4, 15))
RESAMPLES = 500
HEADERS = (
    "judgments until 80 % have | winner | best three | all | a wrong claim",
    "`active`, times | balanced: winner | best three | all | Hybrid-MST: winner | best three | all",
    "microseconds of CPU a pair | 10 methods | 30 | 100",
)
_NODES, _WEIGHTS = np.polynomial.hermite.hermgauss(30)


def _clusters(spread: float) -> tuple[float, ...]:
    """Return three groups of three methods each: .24 of the groups' distance lies between two."""
    strengths = np.repeat([1.0, 0.0, -1.0], 3) + np.tile([0.24, 0.0, -0.24], 3)
    return tuple((strengths / strengths.std() * spread).tolist())


KINDS = {
    "10 methods, spread 1.2": spread_strengths(10, 1.2),
    "10 methods, spread 1.8": spread_strengths(10, 1.8),
    "8 methods, equal gaps of .6": even_strengths(8, 0.6),
    "9 methods in three groups, spread 1.5": _clusters(1.5),
    "5 methods, spread .8": spread_strengths(5, 0.8),
    "30 methods, spread 2.5": spread_strengths(30, 2.5),
}


class HybridStudy(StudySimulation):
    """A study by Hybrid-MST with the same exploration: trees, one after the other."""

    def next_pairs(self, trials: int, allowed: BoolArray) -> IntArray:
        """Return how many trials of each pair come next."""
        nothing = np.zeros(self._wins.shape, np.int64)
        explored = int(EXPLORATION * trials + self._rng.random())
        plan = next_pairs(
            Policy.BALANCED, self._wins, nothing, explored, self._rng, allowed=allowed
        )
        chance = win_probabilities(prior_scores(self._wins))
        while lacking := trials - int(np.triu(plan).sum()):
            # What was planned is taken as answered as expected: information on its way.
            tree = np.triu(hybrid_mst(self._wins + plan * chance, self._rng)) * allowed
            pairs = self._rng.permutation(np.argwhere(tree))[:lacking]
            if not len(pairs):
                return plan + next_pairs(
                    Policy.BALANCED, self._wins, plan, lacking, self._rng, allowed=allowed
                )
            plan[pairs[:, 0], pairs[:, 1]] += 1
            plan[pairs[:, 1], pairs[:, 0]] += 1
        return plan


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


RULES: dict[str, tuple[type[StudySimulation], Policy]] = {
    "balanced": (StudySimulation, Policy.BALANCED),
    "swiss": (StudySimulation, Policy.SWISS),
    "Hybrid-MST": (HybridStudy, Policy.BALANCED),
    "active": (StudySimulation, Policy.ACTIVE),
}


@dataclass(frozen=True, eq=False)
class Found:
    """What studies of one kind had at each number of judgments, shape (looks,).

    `reached`, shape (runs, looks, aims); `wrong`, shape (runs, looks): some pair was told apart in
    an order that isn't the true one.
    """

    plan: Plan
    judgments: IntArray
    reached: BoolArray
    wrong: BoolArray

    def needed(self, aim: int, runs: IntArray) -> float:
        """Return after how many judgments these runs have an aim; nan if that was not tried."""
        share = self.reached[runs, :, aim].mean(axis=0)
        points = [
            SampleSizePoint(judgments, each, 0.0, None)
            for judgments, each in zip(self.judgments.tolist(), share.tolist(), strict=True)
        ]
        return Forecast(self.plan, len(runs), tuple(points)).judgments(SHARE) or np.nan


def main(runs: int = 600, *kinds: int) -> None:
    """Print judgments needed by each rule, how `active` compares, and what a pair costs."""
    chosen = [list(KINDS)[number - 1] for number in kinds] or list(KINDS)
    print_header(HEADERS[0])
    found = {}
    for kind in chosen:
        print_row([f"**{kind}**", *[""] * (len(AIMS) + 1)])
        found[kind] = {rule: measured(kind, rule, runs) for rule in RULES}
        for rule, one in found[kind].items():
            worst = percent(float(one.wrong.mean(axis=0).max()), 1)
            print_row([rule, *(_cell(one, aim, runs) for aim in range(len(AIMS))), worst])
    print()
    print_header(HEADERS[1])
    for kind, rules in found.items():
        cells = [
            _ratio(rules["active"], rules[against], aim, runs)
            for against in ("balanced", "Hybrid-MST")
            for aim in range(len(AIMS))
        ]
        print_row([kind, *cells])
    print()
    print_header(HEADERS[2])
    for rule in ("Hybrid-MST", "active"):
        print_row([rule, *(f"{_microseconds(rule, size):.0f}" for size in (10, 30, 100))])


def measured(kind: str, rule: str, runs: int) -> Found:
    """Simulate studies of a kind; the same run has the same raters and pictures by every rule."""
    simulation, policy = RULES[rule]
    strengths = KINDS[kind]
    plan = Plan(
        strengths, pictures=CROWD, raters=CROWD, top=len(strengths), trials=TRIALS, policy=policy
    )
    seed = zlib.crc32(kind.encode())
    found = [_study(simulation(plan, np.random.default_rng([seed, run]))) for run in range(runs)]
    judgments, reached, wrong = (np.array(part) for part in zip(*found, strict=True))
    return Found(plan, judgments[0], reached, wrong)


def _study(study: StudySimulation) -> tuple[list[int], list[list[bool]], list[bool]]:
    """Return what one study had at each number of judgments."""
    strength = dict(zip(study.crowd.methods, study.crowd.strengths.tolist(), strict=True))
    judgments, reached, wrong = [], [], []
    for sessions in SESSIONS:
        study.advance(sessions)
        fitted = fit(study.tally())
        judgments.append(fitted.judgments)
        reached.append([told_apart(fitted, top) for top in (1, 3, len(strength))])
        wrong.append(_wrong(fitted, strength))
    return judgments, reached, wrong


def _wrong(fitted: Fit, strength: dict[str, float]) -> bool:
    """Say whether any pair is told apart the wrong way round."""
    return any(
        strength[pair.first] < strength[pair.second]
        for pair in fitted.differences
        if pair.told_apart
    )


def _draws(runs: int) -> list[IntArray]:
    rng = np.random.default_rng(1)
    return [rng.integers(0, runs, runs) for _ in range(RESAMPLES)]


def _cell(found: Found, aim: int, runs: int) -> str:
    """Return judgments needed, and their Monte Carlo error."""
    needed = found.needed(aim, np.arange(runs))
    if np.isnan(needed):
        return f"> {found.judgments[-1]:,}"
    return f"{needed:,.0f} ± {_error([found.needed(aim, draw) for draw in _draws(runs)]):,.0f}"


def _ratio(ours: Found, theirs: Found, aim: int, runs: int) -> str:
    """Return the ratio of judgments needed, and its Monte Carlo error; runs are drawn in pairs."""
    one, other = (found.needed(aim, np.arange(runs)) for found in (ours, theirs))
    if np.isnan(one):
        return "-"
    if np.isnan(other):
        return f"< {one / theirs.judgments[-1]:.2f}"
    draws = [ours.needed(aim, draw) / theirs.needed(aim, draw) for draw in _draws(runs)]
    return f"{one / other:.2f} ± {_error(draws):.2f}"


def _error(draws: Sequence[float]) -> float:
    """Return half the width of the middle 68 %: a standard error that outliers don't widen."""
    low, high = np.nanquantile(draws, (0.16, 0.84))
    return float((high - low) / 2)


def _microseconds(rule: str, size: int) -> float:
    """Return CPU time per chosen pair, best of five sessions, after 40 judgments a method."""
    simulation, policy = RULES[rule]
    plan = Plan((0.0,) * size, pictures=100, raters=2, top=size, trials=20 * size, policy=policy)
    study = simulation(plan, np.random.default_rng(2))
    study.advance(2)
    spent = []
    for _ in range(5):
        begun = time.process_time()
        study.next_pairs(TRIALS, ~np.eye(size, dtype=bool))
        spent.append(time.process_time() - begun)
    return 1e6 * min(spent) / TRIALS


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
