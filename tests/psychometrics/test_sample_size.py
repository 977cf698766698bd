"""Planning: what a rehearsal keeps to, and what a forecast says of it."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ratings.psychometrics.design.pairing import Policy
from ratings.psychometrics.design.sample_size import (
    Forecast,
    SampleSizePoint,
    even_strengths,
    forecast,
    sentences,
    spread_covariance,
    spread_strengths,
    wilson,
)
from ratings.psychometrics.design.simulation import RaterModel
from ratings.psychometrics.design.study_simulation import Plan, StudySimulation

EASY = Plan(even_strengths(3, 1.5), pictures=20, raters=20, top=3, trials=30)
NO_CLUSTERS = RaterModel(taste_sd=0, picture_sd=0, side_sd=0, careless=0, lapse=0)


def last(plan: Plan, runs: int = 8, seed: int = 1) -> Forecast:
    """Return the result of a forecast."""
    return list(forecast(plan, runs, seed))[-1]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"strengths": (1.0,)}, "two methods"),
        ({"strengths": (1.0, float("nan"))}, "finite"),
        ({"raters": 1}, "single rater"),
        ({"pictures": 1}, "single picture"),
        ({"top": 4}, "The top must be 1 to 3"),
        ({"top": 0}, "The top must be 1 to 3"),
        ({"trials": 0}, "one judgment"),
        ({"visits": 0}, "at least once"),
        ({"rater_model": RaterModel(taste_sd=-1)}, "log odds from 0 on"),
        ({"rater_model": RaterModel(unsure=1)}, "between 0 and 1"),
        ({"rater_model": RaterModel(sensitivity_sd=-1)}, "log odds from 0 on"),
        ({"activity_sd": -1.0}, "a number from 0 on"),
        ({"activity_sd": 1e200}, "at most 100"),
        ({"rater_model": RaterModel(taste_sd=1e200)}, "at most 100"),
        ({"covariance": ((1.0,),)}, "a finite row and column for each method"),
    ],
)
def test_plans_that_can_not_be_are_refused(change: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        replace(EASY, **change)  # type: ignore[arg-type]


def test_runs_must_be_possible() -> None:
    with pytest.raises(ValueError, match="At least one run"):
        last(EASY, runs=0)
    with pytest.raises(ValueError, match="too much to simulate"):
        last(EASY, runs=10**9)


@given(st.integers(2, 40), st.floats(0.01, 9))
def test_strengths_are_as_spread_as_asked_for(methods: int, size: float) -> None:
    assert np.std(spread_strengths(methods, size)) == pytest.approx(size)
    assert [a - b for a, b in pairwise(even_strengths(methods, size))] == pytest.approx(
        [size] * (methods - 1)
    )
    for strengths in (spread_strengths(methods, size), even_strengths(methods, size)):
        assert np.mean(strengths) == pytest.approx(0, abs=1e-9)
        assert list(strengths) == sorted(strengths, reverse=True)


@pytest.mark.parametrize("policy", Policy)
def test_raters_give_what_they_are_asked_for_and_judge_nothing_twice(policy: Policy) -> None:
    plan = Plan(even_strengths(4, 0.3), 5, 3, top=1, trials=12, visits=9, policy=policy)
    study = StudySimulation(plan, np.random.default_rng(1))
    study.advance(2)
    assert (study.tally().judgments, study.tally().raters) == (24, 2)
    study.advance(27)
    # 6 pairs on 5 pictures: a rater has no more than 30 trials.
    tally = study.tally()
    assert (tally.judgments, tally.raters, tally.pictures) == (90, 3, 5)
    for table in (tally.by_rater, tally.by_picture):
        counts = table[:, 3:].sum(axis=1)
        assert len(set(counts.tolist())) == 1


def test_exploration_alone_is_balanced() -> None:
    plan = Plan(even_strengths(5, 2.0), 50, 2, top=1, trials=40, visits=5, policy=Policy.ACTIVE)
    gaps = []
    for exploration in (1.0, 0.0):
        study = StudySimulation(replace(plan, exploration=exploration), np.random.default_rng(1))
        study.advance(10)
        judgments = study.judgments()
        assert len(judgments.choice) == study.tally().judgments == 400
        issued = np.bincount(5 * judgments.left + judgments.right, minlength=25).reshape(5, 5)
        pairs = (issued + issued.T)[np.triu_indices(5, 1)]
        gaps.append(int(pairs.max() - pairs.min()))
    assert gaps[0] <= 1 < gaps[1]


def test_the_same_seed_gives_the_same_forecast() -> None:
    first = last(EASY, runs=2)
    assert last(EASY, runs=2) == first
    assert last(EASY, runs=2, seed=2).points != first.points


def test_clear_gaps_are_reached_and_said_in_a_sentence() -> None:
    forecast = last(EASY)
    assert forecast.points[-1].reached >= 0.95 and forecast.points[-1].wrong == 0
    half, most = forecast.judgments(0.5), forecast.judgments(0.8)
    assert half is not None and most is not None and 60 < half <= most < 1500
    told = " ".join(sentences(forecast))
    assert "all methods told apart at 95 % after about" in told and "This is a simulation" in told


def test_wider_gaps_and_fewer_methods_to_tell_apart_need_fewer_judgments() -> None:
    def needed(gap: float, top: int) -> int:
        plan = Plan(even_strengths(4, gap), 30, 30, top, trials=40, rater_model=NO_CLUSTERS)
        return last(plan, runs=4).judgments(0.5) or 10**9

    assert needed(1.2, 1) < needed(0.6, 1)
    assert needed(0.6, 1) < needed(0.6, 4)


def test_a_study_limited_by_its_pictures_says_so() -> None:
    model = replace(NO_CLUSTERS, picture_sd=0.8)
    forecast = last(Plan(even_strengths(3, 0.2), 6, 30, 1, trials=18, visits=1, rater_model=model))
    assert forecast.judgments(0.8) is None
    floor = forecast.floor()
    assert floor is not None and floor > 0.5
    told = " ".join(sentences(forecast))
    assert "hardly help" in told and "More raters and pictures do, pictures first." in told


def test_independent_judgments_have_no_floor() -> None:
    plan = Plan(even_strengths(3, 0.02), 40, 30, 1, trials=40, visits=2, rater_model=NO_CLUSTERS)
    forecast = last(plan)
    floor = forecast.floor()
    assert floor is not None and floor < 0.3
    assert "More judgments may do" in " ".join(sentences(forecast))


def points(*pairs: tuple[int, float]) -> Forecast:
    """Return a forecast with these shares, and errors with half their square left in the end."""
    known = [SampleSizePoint(n, share, 0.0, (1 + 1000 / n) ** 0.5) for n, share in pairs]
    return Forecast(EASY, 100, tuple(known))


def test_numbers_are_interpolated_in_the_logarithm() -> None:
    forecast = points((100, 0.0), (400, 0.4), (1600, 0.8))
    assert forecast.judgments(0.2) == 200
    assert forecast.judgments(0.4) == 400
    assert forecast.judgments(0.6) == 800
    assert forecast.judgments(0.81) is None
    assert points((100, 0.9)).judgments(0.5) is not None


@given(st.integers(1, 400), st.floats(0, 1))
def test_intervals_of_shares_are_wilson_s(runs: int, part: float) -> None:
    count = round(part * runs)
    exact = stats.binomtest(count, runs).proportion_ci(method="wilson")
    assert wilson(count / runs, runs) == pytest.approx((exact.low, exact.high), abs=1e-9)


def test_the_number_of_judgments_has_an_interval_about_it() -> None:
    forecast = points((100, 0.0), (400, 0.4), (1600, 0.8), (6400, 1.0))
    low, high = forecast.between(0.8)
    assert low is not None and high is not None and 1000 < low < 1600 < high < 6400
    # Of few runs nothing certain can be said.
    few = replace(forecast, runs=4).between(0.8)
    assert few[1] is None and few[0] is not None and few[0] < low
    assert points((100, 0.1)).between(0.8) == (None, None)


def test_drawn_strengths_differ_from_study_to_study() -> None:
    drawn = replace(EASY, strengths=(0.0,) * 3, covariance=spread_covariance(3, 2.0))
    fields = [StudySimulation(drawn, np.random.default_rng(s)).crowd.strengths for s in range(40)]
    assert np.std(fields) == pytest.approx(2.0, abs=0.4)
    # Near ties among them keep a promise low that gaps of the same spread would make.
    spaced = replace(EASY, strengths=spread_strengths(3, 2.0))
    tried = last(drawn, 6)
    assert tried.points[-1].reached < last(spaced, 6).points[-1].reached
    assert "draws its own strengths" in " ".join(sentences(tried))


def test_raters_may_judge_unequally_much() -> None:
    plan = replace(EASY, raters=200, activity_sd=1.0, trials=20, visits=1, pictures=60)
    study = StudySimulation(plan, np.random.default_rng(1))
    study.advance(200)
    counts = np.bincount(study.judgments().rater, minlength=200)
    assert np.log(counts).std() == pytest.approx(1.0, abs=0.2)
    assert counts.mean() == pytest.approx(20, rel=0.25)
    assert "judge unequally much" in sentences(last(plan, 2))[-1]


def test_the_floor_is_what_endless_judgments_leave() -> None:
    assert points((500, 0.0), (1000, 0.0)).floor() == pytest.approx(0.5)
    assert points((900, 0.0), (1000, 0.0)).floor() is None
    assert Forecast(EASY, 1, (SampleSizePoint(10, 0.0, 0.0, None),)).floor() is None


def test_order_counts_by_strength_so_that_equals_may_change_places() -> None:
    equal = replace(EASY, strengths=(0.0, 0.0, 0.0))
    assert all(point.wrong == 0 for point in last(equal, runs=4).points)
