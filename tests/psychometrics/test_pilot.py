"""A pilot: what it tells of strengths, raters and pictures is what made it."""

from dataclasses import replace

import numpy as np
import pytest

from ratings.psychometrics.counts.judgment_arrays import JudgmentArrays, judgment_arrays
from ratings.psychometrics.design.pilot import Pilot, _products, pilot
from ratings.psychometrics.design.simulation import RaterModel, SyntheticCrowd

STRENGTHS = np.array([1.6, 0.9, 0.3, -0.2, -0.9, -1.7])


def judged(
    seed: int, model: RaterModel, *, raters: int = 60, pictures: int = 60, each: int = 100
) -> JudgmentArrays:
    """Return judgments of six methods by a crowd of this kind."""
    crowd = SyntheticCrowd(
        [f"m{i}" for i in range(len(STRENGTHS))],
        [f"p{i:03}" for i in range(pictures)],
        raters,
        np.random.default_rng(seed),
        strengths=STRENGTHS.tolist(),
        rater_model=model,
    )
    return crowd.simulate(raters * each).arrays(raters, crowd.pictures)


def mean_of(model: RaterModel) -> tuple[float, ...]:
    """Return the mean square of tastes and effects, of ties, and of activity of four pilots."""
    told = [pilot(judged(seed, model)) for seed in range(4)]
    return tuple(
        float(np.mean(values))
        for values in (
            [one.rater_model.taste_sd**2 for one in told],
            [one.rater_model.picture_sd**2 for one in told],
            [one.rater_model.unsure for one in told],
            [one.activity_sd for one in told],
        )
    )


@pytest.mark.parametrize(("taste", "picture"), [(0.6, 0.0), (0.0, 0.6), (0.5, 0.5)])
def test_spreads_are_found_apart(taste: float, picture: float) -> None:
    model = RaterModel(taste, picture, careless=0, lapse=0, activity_sd=0.7)
    tastes, pictures, unsure, activity = mean_of(model)
    assert tastes == pytest.approx(taste**2, abs=0.07)
    assert pictures == pytest.approx(picture**2, abs=0.07)
    assert unsure == 0 and activity == pytest.approx(0.7, abs=0.15)


def test_strengths_are_those_before_tastes_and_pictures_blur_them() -> None:
    told = pilot(judged(5, RaterModel(0.7, 0.7, careless=0, lapse=0), each=200))
    slope = float(np.polyfit(told.strengths, STRENGTHS, 1)[0])
    error = np.sqrt(np.diagonal(told.covariance))
    assert slope == pytest.approx(1, abs=0.15)
    assert (np.abs(told.strengths - STRENGTHS) < 4 * error).all() and error.max() < 0.4


def test_ties_are_davidson_s() -> None:
    model = RaterModel(0.2, 0.2, careless=0, lapse=0, unsure=0.3)
    assert mean_of(model)[2] == pytest.approx(0.3, abs=0.04)


def test_raters_who_judge_alike_have_no_spread_of_activity() -> None:
    data = judged(6, RaterModel(activity_sd=0), raters=20, each=60)
    evenly = replace(data, rater=np.arange(len(data)) % 20)
    assert pilot(evenly).activity_sd == 0


def test_other_names_tell_the_same() -> None:
    data = judged(7, RaterModel(), raters=20, pictures=15)
    order = np.random.default_rng(1).permutation(6)
    place = np.argsort(order)
    renamed = replace(data, left=place[data.left], right=place[data.right])
    one, other = pilot(data), pilot(renamed)
    assert other.strengths == pytest.approx(one.strengths[order])
    assert other.rater_model.taste_sd == pytest.approx(one.rater_model.taste_sd)
    assert other.rater_model.picture_sd == pytest.approx(one.rater_model.picture_sd)


def few(*choices: str, raters: int = 4) -> Pilot:
    """Return what a few judgments of two methods tell."""
    rows = [
        (f"r{number % raters}", f"p{number // raters}", "a", "b", choice)
        for number, choice in enumerate(choices)
    ]
    return pilot(judgment_arrays(*zip(*rows, strict=True)))


def test_pilots_that_tell_too_little_are_refused() -> None:
    with pytest.raises(ValueError, match="no distance from the others for: a, b"):
        few(*["left"] * 12)
    with pytest.raises(ValueError, match="several raters and pictures"):
        few("left", "left", "right", "left", raters=1)
    assert few(*["left", "left", "right", "left", "right", "left"] * 4).methods == ("a", "b")


@pytest.mark.parametrize("size", [1, 5, 60])
def test_products_within_clusters_are_those_of_all_their_pairs(size: int) -> None:
    # Small clusters go pair by pair, large ones by matrices: both are the sum that is meant.
    rng = np.random.default_rng(size)
    methods, clusters = 4, 3
    root = rng.normal(size=(methods, methods))
    covariance, across = root @ root.T, np.eye(methods) - 1 / methods
    cluster = np.repeat(np.arange(clusters), size)
    left = rng.integers(0, methods, len(cluster))
    right = (left + rng.integers(1, methods, len(cluster))) % methods
    residual, slope = rng.normal(size=len(cluster)), rng.random(len(cluster))
    sides = np.eye(methods)[left] - np.eye(methods)[right]
    same = cluster[:, None] == cluster
    looked = sides @ across @ sides.T * same
    slopes = np.outer(slope, slope)
    errors = slopes * (sides @ covariance @ sides.T)
    wanted = ((np.outer(residual, residual) - errors) * looked).sum()
    product, weight = _products(covariance, across, cluster, left, right, residual, slope)
    assert product == pytest.approx(wanted)
    assert weight == pytest.approx((slopes * (sides @ sides.T) * looked).sum())
