"""Planning a study: what is assumed of it, and what it can then be expected to tell."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Annotated

import numpy as np

from ratings.challenge.keys.asked_values import asked_values
from ratings.challenge.keys.checks import number, whole
from ratings.challenge.keys.tables import TomlTable
from ratings.comparisons.models import Stage, Study, Trial
from ratings.comparisons.participation import has_picture
from ratings.comparisons.session_plan import draw_plan
from ratings.psychometrics.design.expectation import (
    ExpectedPoint,
    endless_half_width,
    expectations,
    mean_expectations,
)
from ratings.psychometrics.design.pilot import Pilot
from ratings.psychometrics.design.sample_size import spread_strengths
from ratings.psychometrics.design.simulation import RaterModel
from ratings.psychometrics.design.study_simulation import Plan
from ratings.psychometrics.inference.fitting import Settings

# More would take longer than a page may.
MOST_METHODS, MOST_PICTURES, MOST_RATERS = 100, 100_000, 100_000
USUAL_METHODS, USUAL_RATERS, USUAL_TIES = 8, 30, 0.1
CROWD = RaterModel()

DEVIATIONS = 0, 10
# What a study's pilot tells, of all assumptions, so that nobody need guess it.
TOLD_BY_PILOT = ("methods", "spread")
Deviation = Annotated[float, number(*DEVIATIONS)]
Part = Annotated[float, number(0, 1)]


@dataclass(frozen=True)
class Assumptions:
    """What is assumed: `trials` are comparisons of a visit; deviations are in log odds.

    `spread` is that of the methods' strengths, `taste` and `picture` of what a rater and a picture
    add to each method; `careless` the share of raters who answer at random, `ties` that of ties
    between equals, `level` that of the intervals.
    """

    methods: Annotated[int, whole(2, MOST_METHODS)] = USUAL_METHODS
    pictures: Annotated[int, whole(2, MOST_PICTURES)] = 40
    raters: Annotated[int, whole(2, MOST_RATERS)] = USUAL_RATERS
    trials: Annotated[int, whole(1, 10_000)] = 80
    visits: Annotated[int, whole(1, 100)] = 1
    spread: Deviation = 1.8
    taste: Deviation = CROWD.taste_sd
    picture: Deviation = CROWD.picture_sd
    careless: Part = CROWD.careless
    ties: Part = CROWD.unsure
    level: Part = 0.95

    def check(self, table: TomlTable) -> None:
        """Note shares that leave nothing over."""
        for key in ("careless", "ties", "level"):
            if getattr(self, key) == 1:
                table.note(key, "it must be below 1.")
        if not self.level:
            table.note("level", "it must be above 0.")

    def plan(self, pilot: Pilot | None = None) -> Plan:
        """Return the plan that they make; its aim is to tell all methods apart.

        A pilot tells the methods' strengths, with their doubt; without one they are spaced evenly.
        """
        strengths = spread_strengths(self.methods, self.spread)
        return Plan(
            strengths=tuple(pilot.strengths.tolist()) if pilot else strengths,
            covariance=tuple(map(tuple, pilot.covariance.tolist())) if pilot else None,
            pictures=self.pictures,
            raters=self.raters,
            top=len(pilot.strengths) if pilot else self.methods,
            trials=self.trials,
            visits=self.visits,
            rater_model=replace(
                pilot.rater_model if pilot else CROWD,
                taste_sd=self.taste,
                picture_sd=self.picture,
                careless=self.careless,
                unsure=self.ties,
            ),
            settings=Settings(level=self.level),
        )

    def as_options(self, study: str = "") -> str:
        """Return them as options of `plan_study`, which simulates what is only expected here.

        `study` is the slug of the one whose pilot tells the methods, if any.
        """
        values = asdict(self)
        told = [f"--study {study}"] if study else ["--spaced"]
        if study:
            values = {name: value for name, value in values.items() if name not in TOLD_BY_PILOT}
        return " ".join([*(f"--{name} {value:g}" for name, value in values.items()), *told])


@dataclass(frozen=True)
class PlannedStudy:
    """What can be expected, numbers of judgments ascending, of so many `neighbours` in the ranking.

    `endless_half_width` is what no number of judgments by these raters on these pictures beats.
    """

    assumptions: Assumptions
    points: tuple[ExpectedPoint, ...]
    neighbours: int
    endless_half_width: float


def assumed(study: Study, pilot: Pilot | None = None) -> Assumptions:
    """Return what a study as it stands would be planned with, and after what its pilot told."""
    protocol = study.protocol
    entries = study.entries.filter(active=True).count() or len(study.methods) or USUAL_METHODS
    pictures = sum(has_picture(study, original) for original in study.phase.originals())
    kinds = draw_plan(study.trials_per_rater, protocol.checks, np.random.default_rng(0))
    of_main = study.raters.filter(stage=Stage.MAIN)
    raters = protocol.recruiting.most_raters or max(USUAL_RATERS, of_main.count())
    usual = Assumptions(
        methods=min(max(entries, 2), MOST_METHODS),
        pictures=min(max(pictures, 2), MOST_PICTURES),
        raters=min(max(raters, 2), MOST_RATERS),
        trials=max(1, kinds.count(Trial.Kind.COMPARISON)),
        ties=USUAL_TIES if study.ties_allowed else CROWD.unsure,
    )
    return _as_told(usual, pilot) if pilot else usual


def _as_told(usual: Assumptions, pilot: Pilot) -> Assumptions:
    """Return assumptions with what a pilot tells of methods and raters, as far as limits go."""
    model, (_, most) = pilot.rater_model, DEVIATIONS
    return replace(
        usual,
        methods=len(pilot.strengths),
        spread=_digits(min(float(pilot.strengths.std()), most)),
        taste=_digits(min(model.taste_sd, most)),
        picture=_digits(min(model.picture_sd, most)),
        careless=model.careless,
        ties=_digits(model.unsure),
    )


def _digits(value: float) -> float:
    """Return a number with three digits: a pilot tells no more, and a page shows them."""
    return float(f"{value:.3g}")


def read_assumptions(
    study: Study, asked: Mapping[str, str], pilot: Pilot | None = None
) -> tuple[Assumptions, dict[str, str]]:
    """Return the study's assumptions with those that are asked for; and what is wrong, by key.

    Where anything is wrong, they are the study's.
    """
    usual = assumed(study, pilot)
    values, problems = asked_values(Assumptions, asked, asdict(usual))
    return (usual if problems else Assumptions(**values)), problems


def planned(assumptions: Assumptions, pilot: Pilot | None = None) -> PlannedStudy:
    """Work out what can be expected; at once, for whatever the assumptions' limits allow.

    After a pilot it is the mean over strengths that are drawn as the pilot leaves them in doubt.
    """
    plan = assumptions.plan(pilot)
    points = mean_expectations(plan) if pilot else tuple(expectations(plan))
    neighbours = len(plan.strengths) - 1
    return PlannedStudy(assumptions, points, neighbours, endless_half_width(plan))
