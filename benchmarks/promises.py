"""Does a plan keep what it promises? `python -m benchmarks promises [RUNS [PILOTS]]`.

Prints two tables for docs/validation.md. In the first, promises are made with usual guesses, and
kept (or not) by crowds of other shapes, RUNS studies each. In the second, each of PILOTS fields has
a pilot by such a crowd, from which the promise is made; it is held against studies of the same
field by other raters, on other pictures.
"""

import sys
from dataclasses import replace

import numpy as np

from benchmarks.page import print_header, print_row
from ratings.psychometrics.design.heterogeneity import Heterogeneity, Shape
from ratings.psychometrics.design.pilot import pilot
from ratings.psychometrics.design.sample_size import (
    spread_covariance,
    spread_strengths,
    told_apart,
)
from ratings.psychometrics.design.simulation import RaterModel
from ratings.psychometrics.design.study_simulation import Plan, StudySimulation
from ratings.psychometrics.inference.fitting import fit

METHODS, SPREAD = 8, 1.8
USUAL = RaterModel()
GUESSED = Plan(spread_strengths(METHODS, SPREAD), pictures=60, raters=60, top=3, rater_model=USUAL)
SESSIONS = 38
# Of the second table: so many sessions of 50 judgments for a pilot, and of 80 for a study.
PILOT_SESSIONS, STUDY_SESSIONS, STUDIES = 30, 25, 6
CROWDS: dict[str, tuple[Plan, Shape]] = {
    "as assumed": (GUESSED, "normal"),
    "t3 tastes": (replace(GUESSED, rater_model=replace(USUAL, taste="heavy")), "normal"),
    "skewed pictures": (GUESSED, "skewed"),
    "unequal sensitivity, .5": (
        replace(GUESSED, rater_model=replace(USUAL, sensitivity_sd=0.5)),
        "normal",
    ),
    "unequal activity, 1.2": (replace(GUESSED, activity_sd=1.2), "normal"),
}
HEADERS = (
    "strengths, crowd | judgments | promised | kept | Monte Carlo error of either",
    "crowd | fields | promised | kept | difference | Monte Carlo error of the difference",
)


def main(runs: int = 600, pilots: int = 150) -> None:
    """Print both tables."""
    print_header(HEADERS[0])
    for strengths, field in {"spaced": _spaced, "drawn": _drawn}.items():
        promised, _ = _kept(field(GUESSED), "normal", runs, 0)
        for number, (name, (plan, pictures)) in enumerate(CROWDS.items(), 1):
            kept, judged = _kept(field(plan), pictures, runs, number)
            error = 100 * np.sqrt(promised * (1 - promised) / runs)
            row = [f"{strengths}, {name}", f"{judged:,.0f}", _points(promised), _points(kept)]
            print_row([*row, f"{error:.1f}"])
    print()
    print_header(HEADERS[1])
    for name, (plan, pictures) in CROWDS.items():
        pairs = [_after_a_pilot(plan, pictures, [8, run]) for run in range(pilots)]
        known = np.array([pair for pair in pairs if pair is not None])
        promised, kept = known.mean(axis=0)
        apart = known[:, 0] - known[:, 1]
        error = 100 * apart.std(ddof=1) / np.sqrt(len(apart))
        row = [name, str(len(apart)), _points(promised), _points(kept)]
        print_row([*row, f"{100 * apart.mean():+.1f}", f"{error:.1f}"])


def _spaced(plan: Plan) -> Plan:
    return plan


def _drawn(plan: Plan) -> Plan:
    strengths = (0.0,) * METHODS
    return replace(plan, strengths=strengths, covariance=spread_covariance(METHODS, SPREAD))


def _points(share: float) -> str:
    return f"{100 * share:.1f} %"


def _kept(plan: Plan, pictures: Shape, runs: int, kind: int) -> tuple[float, float]:
    """Return the share of studies that reach the aim, and their mean number of judgments."""
    fits = [fit(_study(plan, pictures, [7, kind, run], SESSIONS).tally()) for run in range(runs)]
    share = np.mean([told_apart(fitted, plan.top) for fitted in fits])
    return float(share), float(np.mean([fitted.judgments for fitted in fits]))


def _study(plan: Plan, pictures: Shape, seed: list[int], sessions: int) -> StudySimulation:
    """Return a study by a crowd whose pictures have effects of this shape."""
    rng = np.random.default_rng(seed)
    study = StudySimulation(plan, rng)
    if pictures != "normal":
        effects = Heterogeneity(pictures, len(plan.strengths), rng).draw(plan.pictures, rng)
        study.crowd.effects = plan.rater_model.picture_sd * effects
    study.advance(sessions)
    return study


def _after_a_pilot(plan: Plan, pictures: Shape, seed: list[int]) -> tuple[float, float] | None:
    """Return the share promised after a pilot, and the share kept; None where it places too few."""
    strengths = np.random.default_rng(seed).normal(0, SPREAD, METHODS)
    field = replace(plan, strengths=tuple(strengths.tolist()), top=1)
    first = _study(
        replace(field, raters=30, pictures=40, trials=50), pictures, [*seed, 1], PILOT_SESSIONS
    )
    try:
        told = pilot(first.judgments().arrays(30, 40))
    except ValueError:
        return None
    promise = replace(
        field,
        strengths=tuple(told.strengths.tolist()),
        covariance=tuple(map(tuple, told.covariance.tolist())),
        rater_model=told.rater_model,
        activity_sd=told.activity_sd,
    )
    shares: list[float] = []
    cases: tuple[tuple[Plan, Shape], ...] = ((promise, "normal"), (field, pictures))
    for number, (study, shape) in enumerate(cases, 2):
        fits = [
            fit(_study(study, shape, [*seed, number, run], STUDY_SESSIONS).tally())
            for run in range(STUDIES)
        ]
        shares.append(float(np.mean([told_apart(fitted, 1) for fitted in fits])))
    return shares[0], shares[1]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
