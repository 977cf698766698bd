"""How often intervals hold the truth while pairs are chosen by what was judged, look after look.

Run with `python -m benchmarks.checkpoints [RUNS [FIRST]]`: prints the table of docs/protocol.md
from RUNS studies of each kind, numbered from FIRST on. Raters come one after the other for 20
judgments each and then again; the pairing policy sees all judgments before a visit.
"""

import sys
import zlib
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields, replace

import numpy as np

from benchmarks.coverage import Covered, covered, summary
from benchmarks.studies import careful
from ratings.psychometrics.pairing import Policy
from ratings.psychometrics.planning import spread_strengths
from ratings.psychometrics.rehearsal import Plan, Rehearsal
from ratings.psychometrics.simulation import Simulated
from ratings.psychometrics.tally import FloatArray

TRIALS = 20
# Judgments per method at each look: a visit holds 20 judgments, so that is a visit per method.
LOOKS = (20, 40, 80, 160, 320)


@dataclass(frozen=True)
class Kind:
    """A kind of study, under a name."""

    name: str
    plan: Plan

    def __str__(self) -> str:
        plan = self.plan
        return f"{self.name}: {plan.raters} x {plan.pictures}, {len(plan.strengths)}"


def _kind(name: str, methods: int, spread: float, taste: float, picture: float) -> Kind:
    plan = Plan(
        spread_strengths(methods, spread),
        pictures=40,
        raters=40,
        top=methods,
        trials=TRIALS,
        visits=1_000,
        habits=careful(taste, picture, side_sd=0.12 if taste else 0.0),
    )
    return Kind(name, plan)


KINDS = (
    _kind("independent", 10, 1.2, 0, 0),
    _kind("tastes .4, effects .5", 10, 1.2, 0.4, 0.5),
    _kind("the same, close", 10, 0.3, 0.4, 0.5),
    _kind("the same, far apart", 15, 2.5, 0.4, 0.5),
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
    under_way = [Rehearsal(plan, np.random.default_rng([seed, run])) for run in runs]
    truth = under_way[0].crowd.population_scores()
    for look in LOOKS:
        sessions = look * len(plan.strengths) // TRIALS
        for study in under_way:
            study.advance(sessions)
        yield sessions * TRIALS, [(study.judgments(), truth) for study in under_way]


def main(runs: int = 200, first: int = 0) -> None:
    """Print one table for each kind of study."""
    names = [field.name.replace("_", " ") for field in fields(Covered)]
    for kind in KINDS:
        print(f"\n| {kind} | judgments | " + " | ".join(names) + " |")
        print("| --- " * (len(names) + 2) + "|")
        for policy, exploration in PAIRINGS:
            for judgments, data in studies(kind, policy, exploration, range(first, first + runs)):
                results = [astuple(covered(one.tally(), truth)) for one, truth in data]
                way = f"{policy}, {exploration}" if policy is not Policy.BALANCED else policy
                print(f"| {way} | {judgments:,} | {summary(results)} |", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
