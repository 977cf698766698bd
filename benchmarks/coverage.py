"""How often nominal 95 % intervals hold the truth, on synthetic judgments of many kinds.

Run with `python -m benchmarks.coverage [RUNS]`; prints the table of docs/protocol.md.
"""

import sys
from dataclasses import dataclass

import numpy as np
from scipy import special

from ratings.psychometrics.bradley_terry import information, scores, win_probabilities
from ratings.psychometrics.intervals import uncertainty
from ratings.psychometrics.simulation import Habits, SyntheticCrowd
from ratings.psychometrics.tally import FloatArray, Tally


@dataclass(frozen=True)
class Scenario:
    """A study to simulate; seeds differ for every scenario and run."""

    raters: int
    pictures: int
    methods: int
    judgments: int
    taste_sd: float
    picture_sd: float
    careless: float = 0.0


SCENARIOS = (
    Scenario(40, 40, 10, 6_000, 0, 0),
    Scenario(30, 40, 10, 6_000, 0.5, 0),
    Scenario(40, 30, 10, 6_000, 0, 0.5),
    Scenario(40, 40, 10, 6_000, 0.4, 0.5),
    Scenario(12, 100, 10, 6_000, 0.4, 0.4),
    Scenario(100, 200, 15, 20_000, 0.4, 0.4, careless=0.1),
    Scenario(20, 30, 10, 600, 0.4, 0.4),
    Scenario(30, 30, 30, 10_000, 0.4, 0.4),
    Scenario(40, 8, 4, 2_000, 0.4, 0.5),
)


def main(runs: int = 200) -> None:
    """Print one line per scenario: covered pairs, all pairs at once, pairs by naive intervals."""
    print("| raters x pictures, methods, judgments | taste, pictures | pairs | all | naive pairs |")
    print("| --- | --- | --- | --- | --- |")
    for number, plan in enumerate(SCENARIOS):
        shares = np.mean([_covered(plan, [number, run]) for run in range(runs)], axis=0)
        careless = f", {plan.careless:.0%} careless" if plan.careless else ""
        print(
            f"| {plan.raters} x {plan.pictures}, {plan.methods}, {plan.judgments:,}{careless} "
            f"| {plan.taste_sd}, {plan.picture_sd} | "
            + " | ".join(f"{share:.3f}" for share in shares)
            + " |",
            flush=True,
        )


def _covered(plan: Scenario, seed: list[int]) -> tuple[float, float, float]:
    people = SyntheticCrowd(
        [f"m{i:02}" for i in range(plan.methods)],
        [f"p{i}" for i in range(plan.pictures)],
        plan.raters,
        np.random.default_rng(seed),
        strengths=np.linspace(-1, 1, plan.methods).tolist(),
        habits=Habits(
            taste_sd=plan.taste_sd,
            picture_sd=plan.picture_sd,
            careless=plan.careless,
            unsure=0.13,
            activity_sd=0.5,
        ),
    )
    tally = people.simulate(plan.judgments).tally()
    score = scores(tally.wins())
    known = uncertainty(tally, score)
    assert known is not None
    first, second = np.triu_indices(plan.methods, 1)
    wrong = score - people.population_scores()
    error = np.abs(wrong[first] - wrong[second]) / known.difference_se()[first, second]
    alone, together = (
        special.stdtrit(known.degrees_of_freedom, (1 + 0.95 ** (1 / pairs)) / 2)
        for pairs in (1, len(first))
    )
    naive = np.abs(wrong[first] - wrong[second]) / _naive_se(tally, score)[first, second]
    return float((error <= alone).mean()), float(error.max() <= together), (naive <= 1.96).mean()


def _naive_se(tally: Tally, score: FloatArray) -> FloatArray:
    """Return the standard errors of differences as if all judgments were independent."""
    wins = tally.wins()
    covariance = np.linalg.pinv(information(wins + wins.T, win_probabilities(score)))
    variance = np.diag(covariance)
    errors: FloatArray = np.sqrt(variance[:, None] + variance[None, :] - 2 * covariance)
    return errors


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
