"""How often intervals hold the truth while pairs are chosen by what was judged, look after look.

Run with `python -m benchmarks checkpoints [RUNS [FIRST]]`: prints the table of docs/validation.md
from RUNS studies of each kind, numbered from FIRST on. Raters come one after the other for 20
judgments each and then again; the pairing policy sees all judgments before a visit.
"""

import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.coverage import covered, mean
from benchmarks.page import print_header, print_row
from benchmarks.studies import careful
from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.design.pairing import Policy
from ratings.psychometrics.design.sample_size import spread_strengths
from ratings.psychometrics.design.simulation import Simulated
from ratings.psychometrics.design.study_simulation import Plan, StudySimulation

TRIALS = 20
# Judgments per method at each look: a visit holds 20 judgments, so that is a visit per method.
LOOKS = (20, 40, 80, 160, 320)
HEADERS = (
    "pairs / all pairs at once | 20 judgments a method | " + " | ".join(map(str, LOOKS[1:])),
)


@dataclass(frozen=True)
class Kind:
    """A kind of study; its data follow from the name, the table has the title."""

    name: str
    title: str
    plan: Plan

    def __str__(self) -> str:
        plan = self.plan
        return f"{self.name}: {plan.raters} x {plan.pictures}, {len(plan.strengths)}"


def _kind(name: str, title: str, methods: int, spread: float, taste: float, picture: float) -> Kind:
    plan = Plan(
        spread_strengths(methods, spread),
        pictures=40,
        raters=40,
        top=methods,
        trials=TRIALS,
        visits=1_000,
        rater_model=careful(taste, picture, side_sd=0.12 if taste else 0.0),
    )
    return Kind(name, title, plan)


KINDS = (
    _kind("independent", "independent, spread 1.2", 10, 1.2, 0, 0),
    _kind("tastes .4, effects .5", "tastes .4, effects of pictures .5", 10, 1.2, 0.4, 0.5),
    _kind("the same, close", "the same, methods close (spread 0.3)", 10, 0.3, 0.4, 0.5),
    _kind("the same, far apart", "the same, 15 methods far apart (spread 2.5)", 15, 2.5, 0.4, 0.5),
)
PAIRINGS = (
    (Policy.BALANCED, 1.0),
    (Policy.ACTIVE, 0.0),
    (Policy.ACTIVE, 0.1),
    (Policy.ACTIVE, 0.2),
    (Policy.ACTIVE, 0.3),
    (Policy.SWISS, 0.2),
)


def studies(
    kind: Kind, policy: Policy, exploration: float, runs: range
) -> Iterator[tuple[int, list[tuple[Simulated, FloatArray]]]]:
    """Yield each look's number of judgments, and all studies at it with their true scores."""
    plan = replace(kind.plan, policy=policy, exploration=exploration)
    seed = zlib.crc32(kind.name.encode())
    under_way = [StudySimulation(plan, np.random.default_rng([seed, run])) for run in runs]
    truth = under_way[0].crowd.population_scores()
    for look in LOOKS:
        sessions = look * len(plan.strengths) // TRIALS
        for study in under_way:
            study.advance(sessions)
        yield sessions * TRIALS, [(study.judgments(), truth) for study in under_way]


def main(runs: int = 200, first: int = 0) -> None:
    """Print one table, a row for each way of pairing under each kind of study."""
    print_header(HEADERS[0])
    for kind in KINDS:
        print_row([f"**{kind.title}**", *[""] * len(LOOKS)])
        for policy, exploration in PAIRINGS:
            looks = studies(kind, policy, exploration, range(first, first + runs))
            held = [mean(covered(one.tally(), truth) for one, truth in data) for _, data in looks]
            balanced = policy is Policy.BALANCED
            name = str(policy) if balanced else f"{policy}, exploration {exploration:g}"
            print_row([name, *(f"{one.pairs:.3f} / {one.all_pairs:.3f}" for one in held)])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
