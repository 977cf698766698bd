"""Pairing policies: against brute force, and what every plan keeps to."""

from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from scipy import optimize, special, stats

from ratings.psychometrics.design.floor import NO_FLOOR, Floor
from ratings.psychometrics.design.pairing import START, Policy, next_pairs
from ratings.psychometrics.model.prior import prior_information, prior_scores

Matrix = NDArray[np.float64]
NONE_PENDING = np.zeros((5, 5), np.int64)


def judged(size: int, judgments: int, seed: int) -> Matrix:
    """Return wins of a study with strengths one apart, pairs drawn by chance."""
    rng, wins = np.random.default_rng(seed), np.zeros((size, size))
    for _ in range(judgments):
        i, j = rng.choice(size, 2, replace=False)
        first_won = rng.random() < special.expit(j - i)
        wins[(i, j) if first_won else (j, i)] += 1
    return wins


@st.composite
def studies(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a study under way: wins, pending trials, and pairs that may be issued."""
    size = draw(st.integers(2, 7))
    halves = draw(arrays.arrays(np.int64, (size, size), elements=st.integers(0, 9)))
    pending = draw(arrays.arrays(np.int64, (size, size), elements=st.integers(0, 4)))
    allowed = draw(arrays.arrays(np.bool_, (size, size)))
    for matrix in (halves, pending, allowed):
        np.fill_diagonal(matrix, 0)
    return {
        "wins": halves / 2,
        "pending": np.triu(pending) + np.triu(pending).T,
        "allowed": np.triu(allowed) | np.triu(allowed).T,
    }


def planned(policy: Policy, study: dict[str, Any], count: int, **options: Any) -> NDArray[Any]:
    wins = study["wins"]
    pending = study.get("pending", np.zeros(wins.shape, np.int64))
    rng = np.random.default_rng(1)
    allowed = study.get("allowed")
    return next_pairs(policy, wins, pending, count, rng, allowed=allowed, **options)


@given(studies(), st.sampled_from(Policy), st.integers(0, 30), st.floats(0, 1))
def test_a_plan_has_the_trials_asked_for_of_pairs_that_may_be_issued(
    study: dict[str, Any], policy: Policy, count: int, exploration: float
) -> None:
    plan = planned(policy, study, count, exploration=exploration)
    assert (plan == plan.T).all() and plan.min() >= 0 and not plan.diagonal().any()
    assert not plan[~study["allowed"]].any()
    assert np.triu(plan).sum() == (count if study["allowed"].any() else 0)


@given(studies(), st.sampled_from(Policy))
def test_the_same_generator_gives_the_same_plan(study: dict[str, Any], policy: Policy) -> None:
    before = study["wins"].copy()
    assert (planned(policy, study, 9) == planned(policy, study, 9)).all()
    assert (study["wins"] == before).all()


@pytest.mark.parametrize("policy", Policy)
def test_a_study_may_begin_without_a_judgment(policy: Policy) -> None:
    plan = planned(policy, {"wins": np.zeros((5, 5))}, 10)
    assert np.triu(plan).sum() == 10
    assert plan.sum(axis=1).min() >= 2


@given(studies(), st.integers(1, 40))
def test_balanced_gives_each_trial_to_a_least_issued_pair(
    study: dict[str, Any], count: int
) -> None:
    plan = planned(Policy.BALANCED, study, count)
    issued = study["wins"] + study["wins"].T + study["pending"]
    may = np.triu(study["allowed"])
    if may.any():
        level = (issued + plan)[may]
        assert level[plan[may] > 0].max() <= level.min() + 1


def test_exploration_is_the_share_of_least_issued_pairs() -> None:
    # Methods 0 and 1 have met least, and are plainly apart: of use to explorers alone.
    strength = np.array([3.0, -3.0, 0.1, 0.0, -0.1])
    wins = 200 * special.expit(strength[:, None] - strength[None, :])
    wins[:2, :2] /= 4
    np.fill_diagonal(wins, 0)
    for share in (0.0, 0.25, 1.0):
        plan = planned(Policy.ACTIVE, {"wins": wins}, 40, exploration=share)
        assert plan[0, 1] == 40 * share


def test_active_is_balanced_until_each_method_has_had_its_first_judgments() -> None:
    strength = np.array([0.1, 0.0, 3.0, -3.0, 6.0])
    lead = special.expit(strength[:, None] - strength[None, :])
    np.fill_diagonal(lead, 0)
    for each, begun in ((START * 5 // 10 - 1, False), (START * 5 // 10, True)):
        plan = planned(Policy.ACTIVE, {"wins": each * lead}, 10, exploration=0.0)
        assert (plan[np.triu_indices(5, 1)] == 1).all() is np.bool_(not begun)


@given(studies())
def test_prior_scores_are_those_of_an_independent_optimizer(study: dict[str, Any]) -> None:
    wins = study["wins"]

    def loss(score: Matrix) -> float:
        chances = special.log_expit(score[:, None] - score[None, :])
        virtual = special.log_expit(score) + special.log_expit(-score)
        return -float((wins * chances).sum() + virtual.sum() / 2)

    ours = prior_scores(wins)
    best = optimize.minimize(loss, np.zeros(len(wins)), method="BFGS", options={"gtol": 1e-7})
    assert ours == pytest.approx(best.x, abs=1e-4)
    assert loss(ours) <= best.fun + 1e-9


def test_precision_is_the_curvature_of_the_prior_s_likelihood() -> None:
    wins, step = judged(4, 30, seed=1), 1e-5
    score, total = prior_scores(wins), wins + wins.T

    def slope(at: Matrix) -> Matrix:
        chance = special.expit(at[:, None] - at[None, :])
        return np.asarray(wins.sum(axis=1) - (total * chance).sum(axis=1) + 0.5 - special.expit(at))

    curvature = [
        (slope(score - move) - slope(score + move)) / (2 * step) for move in step * np.eye(4)
    ]
    assert prior_information(total, score) == pytest.approx(np.array(curvature), abs=1e-8)


def gain_by_hand(covariance: Matrix, score: Matrix, weight: Matrix, pair: tuple[int, int]) -> float:
    """Return how much one judgment lowers the weighted variances, by inverting anew."""
    k, j = pair
    apart = np.zeros(len(score))
    apart[k], apart[j] = 1, -1
    p = special.expit(score[k] - score[j])
    after = np.linalg.inv(np.linalg.inv(covariance) + p * (1 - p) * np.outer(apart, apart))
    fall = covariance - after
    own = np.diag(fall)
    return float((weight * (own[:, None] + own[None, :] - 2 * fall)).sum() / 2)


def inverse(matrix: Matrix) -> Matrix:
    return np.linalg.inv(matrix).astype(np.float64)


def weights_by_hand(covariance: Matrix, score: Matrix, floor: Floor) -> Matrix:
    """Return each pair's chance to be undecided, not for ever, over its variance and its rank."""
    weight = np.zeros(covariance.shape)
    for i, j in np.argwhere(~np.eye(len(score), dtype=bool)):
        variance = covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]
        apart, left = abs(score[i] - score[j]), 2 * (floor.raters + floor.pictures)
        undecided = stats.norm.cdf((3 - apart / np.sqrt(variance + left)) / 0.7)
        true = stats.norm(apart, np.sqrt(variance))
        hidden = 2 * np.sqrt(2 * floor.pictures)
        possible = true.sf(hidden) + true.cdf(-hidden)
        rank = 1 + min((score > score[i]).sum(), (score > score[j]).sum())
        weight[i, j] = max(0.01, undecided * possible) / variance / rank
    return weight


FLOORS = (NO_FLOOR, Floor(0.01, 0.0), Floor(0.0, 0.02), Floor(0.3, 0.2))


@given(st.integers(5 * START, 200), st.integers(0, 10**6), st.sampled_from(FLOORS))
def test_active_takes_the_pairs_that_brute_force_takes(
    judgments: int, seed: int, floor: Floor
) -> None:
    # A little of everything, so that no two gains are equal.
    wins = judged(5, judgments, seed) + np.random.default_rng(seed).random((5, 5))
    np.fill_diagonal(wins, 0)
    pending = np.zeros((5, 5), np.int64)
    pending[1, 2] = pending[2, 1] = 3
    score: Matrix = prior_scores(wins).astype(np.float64)
    known: Matrix = prior_information(wins + wins.T + pending, score)
    weight = weights_by_hand(inverse(known), score, floor)
    expected = np.zeros((5, 5), np.int64)
    for _ in range(5):
        covariance = inverse(known)
        k, j = max(combinations(range(5), 2), key=partial(gain_by_hand, covariance, score, weight))
        expected[k, j] += 1
        apart, p = np.eye(5)[k] - np.eye(5)[j], special.expit(score[k] - score[j])
        known = known + p * (1 - p) * np.outer(apart, apart)
    study = {"wins": wins, "pending": pending}
    plan = planned(Policy.ACTIVE, study, 5, exploration=0.0, floor=floor)
    assert np.triu(plan).tolist() == expected.tolist()


def test_active_leaves_pairs_that_are_told_apart_to_those_that_are_not() -> None:
    # Methods 0 and 1 are close, all others far apart and known well.
    strength = np.array([0.1, 0.0, 3.0, -3.0, 6.0])
    wins = 200 * special.expit(strength[:, None] - strength[None, :])
    np.fill_diagonal(wins, 0)
    plan = planned(Policy.ACTIVE, {"wins": wins}, 30, exploration=0.0)
    assert plan[0, 1] >= 25


def test_active_stops_where_pictures_hide_a_difference_for_good() -> None:
    # Methods 0 and 1 are all but equal, 2 and 3 a little apart, and all pairs are known well.
    strength = np.array([1.0, 0.98, -0.7, -1.0])
    wins = 400 * special.expit(strength[:, None] - strength[None, :])
    np.fill_diagonal(wins, 0)
    without, with_floor = (
        planned(Policy.ACTIVE, {"wins": wins}, 40, exploration=0.0, floor=floor)
        for floor in (NO_FLOOR, Floor(0.0, 0.006))
    )
    assert without[0, 1] > 20 and with_floor[0, 1] == 0 and with_floor[2, 3] > 20


@pytest.mark.parametrize("policy", [Policy.ACTIVE, Policy.SWISS])
def test_pending_trials_count_as_information_on_its_way(policy: Policy) -> None:
    wins = judged(5, 50, seed=2)
    first = planned(policy, {"wins": wins}, 1, exploration=0.0)
    pending = 30 * first
    following = planned(policy, {"wins": wins, "pending": pending}, 1, exploration=0.0)
    assert (following != first).any()


@pytest.mark.parametrize("policy", Policy)
def test_names_of_methods_make_no_difference(policy: Policy) -> None:
    wins = judged(6, 80, seed=4)
    order = np.array([3, 0, 5, 1, 4, 2])
    nothing = np.zeros((6, 6), np.int64)
    # On average over draws that break ties.
    plans = [
        sum(
            (
                next_pairs(policy, study, nothing, 12, np.random.default_rng(seed))
                for seed in range(200)
            ),
            start=nothing,
        )
        for study in (wins, wins[np.ix_(order, order)])
    ]
    assert plans[1] == pytest.approx(plans[0][np.ix_(order, order)], abs=60)
    assert np.corrcoef(plans[1].ravel(), plans[0][np.ix_(order, order)].ravel())[0, 1] > 0.98


def test_swiss_lets_the_least_judged_meet_their_likes() -> None:
    strength = np.array([2.0, 1.9, -2.0, -2.1, 0.0])
    wins = 10 * special.expit(strength[:, None] - strength[None, :])
    np.fill_diagonal(wins, 0)
    plan = planned(Policy.SWISS, {"wins": wins}, 10, exploration=0.0)
    assert plan.sum(axis=1).min() >= 3
    assert plan[0, 1] + plan[2, 3] > 5 and plan[0, 3] == 0


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"pending": np.zeros((4, 4), np.int64)}, "of one size"),
        ({"pending": np.triu(np.ones((5, 5), np.int64), 1)}, "must be symmetric"),
        ({"allowed": np.triu(np.ones((5, 5), bool))}, "must be symmetric"),
        ({"wins": -np.ones((5, 5))}, "must not be negative"),
        ({"count": -1}, "must not be negative"),
        ({"exploration": 1.5}, "a share between 0 and 1"),
        ({"floor": Floor(-0.1, 0.2)}, "A floor has variances from 0 on"),
        ({"floor": Floor(0.0, np.inf)}, "A floor has variances from 0 on"),
    ],
)
def test_what_can_not_be_meant_is_refused(change: dict[str, Any], problem: str) -> None:
    study = {"wins": np.zeros((5, 5))} | change
    count = study.pop("count", 3)
    options = {name: study.pop(name) for name in ("exploration", "floor") if name in study}
    with pytest.raises(ValueError, match=problem):
        planned(Policy.ACTIVE, study, count, **options)
