"""What clusters behind a difference are worth, and what tastes pooled over all of them add."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ratings.psychometrics.arrays import FloatArray, IntArray
from ratings.psychometrics.counts.tally import Tally, tally_codes
from ratings.psychometrics.inference.cluster_terms import cluster_terms
from ratings.psychometrics.inference.intervals import Uncertainty, uncertainty
from ratings.psychometrics.inference.pooling import Pooled, pooled
from ratings.psychometrics.inference.standing import standing
from ratings.psychometrics.model.bradley_terry import scores
from ratings.psychometrics.model.likelihood import outcomes


def tastes(sizes: list[int], points: list[FloatArray]) -> Pooled:
    """Return what clusters show that judged each pair of methods `sizes` times.

    `points` are each cluster's shares of wins, (methods, methods); the scores are all 0.
    """
    first, second = np.triu_indices(len(points[0]), 1)
    rows = []
    for cluster, (size, share) in enumerate(zip(sizes, points, strict=True)):
        won = np.rint(size * share[first, second]).astype(int)
        pairs = zip(first, second, won, strict=True)
        rows += [(cluster, i, j, wins, size - wins, 0) for i, j, wins in pairs]
    table: IntArray = np.array(rows)
    expected, total = outcomes(np.zeros(len(points[0]))), sum(sizes)
    information = expected.information(total * (1 - np.eye(len(points[0]))))
    values, vectors = np.linalg.eigh(information)
    terms = cluster_terms(table, expected, vectors[:, 1:] / np.sqrt(values[1:]), information)
    return pooled(terms, np.diag(information), 1.0)


def crowd(raters: int, methods: int, taste: float, seed: int) -> list[FloatArray]:
    """Return shares of wins by raters with tastes of this standard deviation about equal methods.

    In linear approximation: the share is 1/2 + difference / 4.
    """
    taste_of = taste * np.random.default_rng(seed).normal(size=(raters, methods))
    return [0.5 + np.subtract.outer(one, one) / 4 for one in taste_of]


def test_equal_clusters_that_see_all_are_worth_one_less_than_they_are() -> None:
    two = tastes([400] * 7, crowd(7, 2, 0.3, 1))
    assert two.degrees_of_freedom == pytest.approx(np.full((2, 2), 6))
    assert two.weight == pytest.approx(np.zeros(2), abs=1e-9)
    # With more methods tastes are pooled over them, and are worth 4 beside the scatter's 6.
    more = tastes([100_000] * 7, crowd(7, 5, 0.3, 1))
    assert more.degrees_of_freedom == pytest.approx(np.full((5, 5), 10), rel=0.01)
    assert more.weight == pytest.approx(np.full(5, 0.4), rel=0.01)


def test_without_tastes_chance_is_known_and_pooled_over_all_methods() -> None:
    # Everybody as if by chance alone: four directions, of six degrees of freedom each.
    level = tastes([100] * 7, [np.full((5, 5), 0.5)] * 7)
    assert level.variance == 0
    assert level.degrees_of_freedom == pytest.approx(np.full((5, 5), 24))


@given(st.integers(0, 10**6), st.floats(0.2, 0.6))
@settings(max_examples=10)
def test_the_variance_of_tastes_is_found(seed: int, taste: float) -> None:
    found = tastes([2_000] * 60, crowd(60, 6, taste, seed))
    # 300 degrees of freedom leave a tenth of the variance, at one standard deviation .08.
    assert found.variance == pytest.approx(taste**2, rel=0.4)


def test_one_large_cluster_does_not_decide_what_tastes_are() -> None:
    for odd in (0.0, 1.0):
        points = crowd(15, 6, 0.3, 3)
        points[0] = 0.5 + odd * (points[0] - 0.5)
        found = tastes([4_000, *[400] * 14], points)
        assert found.variance == pytest.approx(0.09, rel=0.5)
        # The scatter tells nearly nothing where one cluster makes most of it; the model does.
        assert found.weight.min() > 0.9
        assert 4 < found.degrees_of_freedom.min() < 5


def late(raters: int) -> Tally:
    """Return judgments by 40 raters on 40 pictures, the last method's by a few raters only."""
    rng = np.random.default_rng(4)
    rater, picture = rng.integers(0, 40, 4_000), rng.integers(0, 40, 4_000)
    left = rng.integers(0, 5, 4_000)
    right = (left + rng.integers(1, 5, 4_000)) % 5
    left[-200:], rater[-200:] = 5, rng.integers(0, raters, 200)
    taste, effect = 0.5 * rng.normal(size=(40, 6)), 0.5 * rng.normal(size=(40, 6))
    appeal = taste[rater] + effect[picture]
    trial = np.arange(4_000)
    ahead = appeal[trial, left] - appeal[trial, right]
    choice = (rng.random(4_000) > 1 / (1 + np.exp(-ahead))).astype(int)
    return tally_codes([f"m{i}" for i in range(6)], rater, picture, left, right, choice)


def known(tally: Tally) -> Uncertainty:
    """Return the uncertainty of a tally that has one."""
    found = uncertainty(tally, scores(tally.wins()))
    assert found is not None
    return found


def test_a_difference_has_the_degrees_of_freedom_of_the_raters_behind_it() -> None:
    few, many = (known(late(raters)).degrees_of_freedom for raters in (2, 40))
    # Until method version 4 all had some 45.
    assert few[5, :5].max() < 15 < 40 < few[:5, :5].min()
    assert many[5, :5].min() > 40


def test_bands_and_what_is_told_apart_follow() -> None:
    ours = standing(late(2), 0.95)
    margin = ours.simultaneous_half_width / np.diag(ours.se)
    others = [place for place, name in enumerate(ours.methods) if name != "m5"]
    assert margin[ours.methods.index("m5")] > 1.05 * margin[others].max()
    reach = ours.half_width / ours.se
    assert (
        reach[ours.methods.index("m5"), others].min() > 1.05 * reach[np.ix_(others, others)].max()
    )


def test_the_same_judgments_by_raters_of_another_order_are_worth_the_same() -> None:
    tally = late(3)
    table = tally.by_rater.copy()
    table[:, 0] = table[:, 0].max() - table[:, 0]
    turned = Tally(tally.methods, table[np.argsort(table[:, 0], kind="stable")], tally.by_picture)
    plain, other = known(tally), known(turned)
    assert other.degrees_of_freedom == pytest.approx(plain.degrees_of_freedom, rel=1e-9)
    assert other.covariance == pytest.approx(plain.covariance, rel=1e-9)


def test_of_three_clusters_no_rounding_makes_a_model() -> None:
    # Tastes are estimated as 0, so that a model would count whole, however little it is worth.
    for methods in range(2, 9):
        for size in (6, 7, 10, 30, 70, 100):
            level = tastes([size] * 3, [np.full((methods, methods), 0.5)] * 3)
            assert level.weight == pytest.approx(np.zeros(methods))
