"""What raters and pictures leave: against brute force, and against crowds whose spread is known."""

import numpy as np
import pytest
from scipy import linalg, special

from ratings.psychometrics.arrays import IntArray
from ratings.psychometrics.counts.tally import Tally, tally_codes
from ratings.psychometrics.design.floor import Floor, variance_floor
from ratings.psychometrics.design.simulation import RaterModel, Simulated, SyntheticCrowd
from ratings.psychometrics.model.prior import prior_scores

METHODS = ("a", "b", "c", "d", "e")


def crowd(taste: float, picture: float, judgments: int, raters: int = 20) -> Simulated:
    model = RaterModel(taste_sd=taste, picture_sd=picture, side_sd=0, lapse=0, careless=0)
    people = SyntheticCrowd(
        METHODS,
        [f"p{number}" for number in range(25)],
        raters,
        np.random.default_rng(8),
        strengths=[0.8, 0.4, 0, -0.4, -0.8],
        rater_model=model,
    )
    return people.simulate(judgments)


def nothing() -> Tally:
    nobody = np.zeros(0, np.int64)
    return tally_codes(METHODS, nobody, nobody, nobody, nobody, nobody)


def by_hand(judged: Simulated, cluster: IntArray) -> float:
    """Return what one clustering leaves, judgment by judgment and with dense matrices."""
    size, wins = len(METHODS), judged.tally().wins()
    score = prior_scores(wins)
    apart = np.eye(size)[judged.left] - np.eye(size)[judged.right]
    chance = special.expit(apart @ score)
    residual = np.array([1.0, 0.0, 0.5])[judged.choice] - chance
    told = chance * (1 - chance)
    virtual = special.expit(score) * special.expit(-score)
    covariance = np.linalg.inv((apart.T * told) @ apart + np.diag(virtual))
    root = linalg.sqrtm(covariance).real
    seen = apart @ root
    excess, alike = -float((residual**2 * (seen**2).sum(axis=1)).sum()), np.zeros((size, size))
    for one in np.unique(cluster):
        own = cluster == one
        information = (apart[own].T * told[own]) @ apart[own]
        leverage = root @ information @ root
        total = linalg.fractional_matrix_power(np.eye(size) - leverage, -0.5) @ (
            residual[own] @ seen[own]
        )
        excess += float(total @ total)
        alike += root @ information @ information @ root
    moved = root @ alike @ root
    variances = [moved[i, i] + moved[j, j] - 2 * moved[i, j] for i in range(size) for j in range(i)]
    return max(0.0, excess) / float(np.trace(alike)) * float(np.mean(variances)) / 2


def test_it_is_what_brute_force_finds() -> None:
    judged = crowd(taste=0.7, picture=0.5, judgments=900)
    left = variance_floor(judged.tally())
    assert left.raters == pytest.approx(by_hand(judged, judged.rater), rel=1e-6)
    assert left.pictures == pytest.approx(by_hand(judged, judged.picture), rel=1e-6)
    assert left.difference == 2 * (left.raters + left.pictures)
    assert min(left.raters, left.pictures) > 0


@pytest.mark.parametrize(("taste", "picture"), [(0.8, 0.0), (0.0, 0.8)])
def test_it_is_of_what_differs(taste: float, picture: float) -> None:
    left = variance_floor(crowd(taste, picture, judgments=20_000).tally())
    of_raters, of_pictures = taste**2 / 20, picture**2 / 25
    # Slopes flatten what differs, by a tenth or two; unequal activity makes raters worth fewer.
    assert 0.6 * of_raters <= left.raters <= 1.6 * of_raters + 0.002
    assert 0.6 * of_pictures <= left.pictures <= 1.6 * of_pictures + 0.002


def test_a_single_rater_or_picture_or_none_tells_nothing() -> None:
    alone = crowd(taste=0.8, picture=0.0, judgments=200, raters=1).tally()
    for tally in (alone, nothing()):
        assert variance_floor(tally) == Floor(0.0, 0.0)


def test_a_single_group_or_scene_tells_nothing() -> None:
    judged = crowd(taste=0.8, picture=0.3, judgments=400)
    one = np.zeros(len(judged.rater), np.int64)
    answers = (judged.rater, judged.picture, judged.left, judged.right, judged.choice)
    for tally in (
        tally_codes(METHODS, *answers, group=one),
        tally_codes(METHODS, *answers, scene=one),
    ):
        assert variance_floor(tally) == Floor(0.0, 0.0)


def test_methods_that_won_everything_have_a_floor_too() -> None:
    judged = crowd(taste=0.7, picture=0.5, judgments=400)
    won = np.where(judged.left == 0, 0, np.where(judged.right == 0, 1, judged.choice))
    tally = tally_codes(METHODS, judged.rater, judged.picture, judged.left, judged.right, won)
    left = variance_floor(tally)
    assert 0 < left.difference < 1
