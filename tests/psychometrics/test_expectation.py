"""What can be expected without a simulation: as the simulation finds it, and as it must be."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from ratings.psychometrics.design.expectation import (
    ExpectedPoint,
    endless_half_width,
    expectations,
)
from ratings.psychometrics.design.sample_size import forecast, spread_strengths
from ratings.psychometrics.design.simulation import RaterModel
from ratings.psychometrics.design.study_simulation import Plan
from ratings.psychometrics.inference.fitting import Settings

PLAN = Plan(spread_strengths(5, 1.0), pictures=20, raters=24, top=5, trials=40, visits=2)
ROUGH = RaterModel(taste_sd=1.0, picture_sd=0.8, careless=0.2, unsure=0.3)


def last(plan: Plan) -> ExpectedPoint:
    return list(expectations(plan))[-1]


@pytest.mark.parametrize("model", [RaterModel(), ROUGH])
def test_errors_are_those_of_simulated_studies(model: RaterModel) -> None:
    plan = replace(PLAN, rater_model=model)
    (*_, simulated) = forecast(plan, runs=8, seed=1)
    expected = {point.judgments: point for point in expectations(plan)}
    compared = [point for point in simulated.points if point.judgments >= 10 * plan.trials]
    assert len(compared) > 3
    for point in compared:
        assert expected[point.judgments].error == pytest.approx(point.error, rel=0.12)


def test_more_judgments_tell_more_and_never_what_tastes_and_pictures_hide() -> None:
    points = list(expectations(replace(PLAN, visits=4)))
    judgments = [point.judgments for point in points]
    assert judgments == sorted(set(judgments)) and judgments[-1] == 24 * 40 * 4
    for before, after in pairwise(points):
        assert after.half_width < before.half_width and after.apart > before.apart
    assert 0 < endless_half_width(PLAN) < points[-1].half_width
    assert all(0 <= point.apart <= 4 for point in points)
    of_endless = endless_half_width(PLAN)
    assert endless_half_width(replace(PLAN, raters=96, pictures=80)) == pytest.approx(
        of_endless / 2
    )


def test_without_tastes_and_effects_the_error_falls_with_the_root_of_the_judgments() -> None:
    alike = RaterModel(taste_sd=0, picture_sd=0, side_sd=0, lapse=0, careless=0)
    points = list(expectations(replace(PLAN, rater_model=alike, strengths=(0.0, 0.0), top=1)))
    # Of n judgments between equals: 2 / sqrt(n) in log odds.
    for point in points:
        assert point.error == pytest.approx(2 / np.sqrt(point.judgments))
    assert endless_half_width(replace(PLAN, rater_model=alike)) == 0


def test_a_tie_tells_as_much_as_two_halves() -> None:
    sure, unsure = (replace(RaterModel(), unsure=share) for share in (0.0, 0.5))
    # Ties vary less than coin flips, so that half of them narrows the error.
    first, second = (last(replace(PLAN, rater_model=model)).error for model in (sure, unsure))
    assert 0.5 * first < second < first


def test_a_higher_level_is_wider_and_tells_fewer_apart() -> None:
    usual, high = last(PLAN), last(replace(PLAN, settings=Settings(level=0.99)))
    assert high.half_width > usual.half_width and high.apart < usual.apart
    assert high.error == usual.error
