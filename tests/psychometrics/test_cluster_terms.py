"""Sums over clusters, beside dense matrices made for one cluster at a time."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ratings.psychometrics.arrays import FloatArray, IntArray
from ratings.psychometrics.inference import cluster_terms as module
from ratings.psychometrics.inference.cluster_terms import ClusterTerms, cluster_terms
from ratings.psychometrics.model.likelihood import Outcomes, outcomes


def drawn(seed: int, clusters: int, methods: int) -> IntArray:
    """Return a table of some judgments by each cluster of most pairs."""
    rng = np.random.default_rng(seed)
    rows = [
        (cluster, i, j, *rng.integers(0, 4, 3))
        for cluster in range(clusters)
        for i in range(methods)
        for j in range(i + 1, methods)
        if rng.random() < 0.8
    ]
    rows += [(cluster, 0, methods - 1, 1, 1, 1) for cluster in range(clusters)]
    table = np.array(rows, np.int64)
    return table[np.argsort(table[:, 0], kind="stable")]


def matrices(rows: IntArray, expected: Outcomes) -> tuple[FloatArray, FloatArray]:
    """Return the gradient and the information of some rows, judgment by judgment."""
    methods, size = len(expected.win), expected.parameters
    gradient, fisher = np.zeros(size), np.zeros((size, size))
    for _, i, j, won, lost, level in rows:
        direction = np.zeros((3, size))
        direction[0, i], direction[1, j], direction[2, [i, j]] = 1, 1, 0.5
        if expected.davidson:
            direction[2, methods] = 1
        p = np.array([expected.win[i, j], expected.win[j, i], expected.tied[i, j]])
        slopes = direction - p @ direction
        gradient += np.array([won, lost, level]) @ slopes
        fisher += (won + lost + level) * (slopes.T * p) @ slopes
    return gradient, fisher


def reference(table: IntArray, expected: Outcomes, whitening: FloatArray) -> ClusterTerms:
    """Return the terms by the formulas: (1 - S)^(-1/2) of each cluster by eigenvalues."""
    coordinates, methods = whitening.shape[1], len(expected.win)
    known = np.diag(matrices(table, expected)[1])[:methods]
    meat, heterogeneity = np.zeros((coordinates,) * 2), np.zeros((coordinates,) * 2)
    sizes, squares, chance, taste, shares = [], [], [], [], np.zeros((2 * methods,) * 2)
    for cluster in np.unique(table[:, 0]):
        rows = table[table[:, 0] == cluster]
        gradient, fisher = matrices(rows, expected)
        leverage = whitening.T @ fisher @ whitening
        values, vectors = np.linalg.eigh(np.eye(coordinates) - leverage)
        adjusted = vectors / np.sqrt(values) @ vectors.T @ whitening.T @ gradient
        meat += np.outer(adjusted, adjusted)
        heterogeneity += whitening.T @ fisher @ fisher @ whitening
        sizes.append(float(rows[:, 3:].sum()))
        squares.append(float(adjusted @ adjusted))
        share = np.diag(fisher)[:methods] / known
        chance.append(share.sum())
        taste.append(known @ share**2)
        shares += np.outer(*[np.append(share, share**2)] * 2)
    return ClusterTerms(
        np.array(sizes),
        meat,
        np.array(squares),
        heterogeneity,
        np.array(chance) * coordinates / sum(chance),
        np.array(taste) * np.trace(heterogeneity) / sum(taste),
        shares,
    )


def whitened(table: IntArray, expected: Outcomes) -> FloatArray:
    """Return coordinates in which the information of all judgments is 1."""
    values, vectors = np.linalg.eigh(matrices(table, expected)[1])
    whitening: FloatArray = vectors[:, 1:] / np.sqrt(values[1:])
    return whitening


def terms_of(table: IntArray, expected: Outcomes, whitening: FloatArray) -> ClusterTerms:
    """Return the terms as the covariance asks for them."""
    return cluster_terms(table, expected, whitening, matrices(table, expected)[1])


def least_left(table: IntArray, expected: Outcomes, whitening: FloatArray) -> float:
    """Return the least share of information in any direction that some cluster leaves to others."""
    left = [
        np.eye(whitening.shape[1])
        - whitening.T @ matrices(table[table[:, 0] == cluster], expected)[1] @ whitening
        for cluster in np.unique(table[:, 0])
    ]
    return float(min(np.linalg.eigvalsh(matrix).min() for matrix in left))


@pytest.mark.parametrize("nu", [None, 0.7])
@given(st.integers(0, 10**6), st.integers(2, 9), st.integers(2, 5))
@example(289, 2, 3)  # a cluster that is alone in a direction
@settings(max_examples=15, deadline=None)
def test_terms_are_those_of_dense_matrices(
    nu: float | None, seed: int, clusters: int, methods: int
) -> None:
    table = drawn(seed, clusters, methods)
    expected = outcomes(np.random.default_rng(seed).normal(size=methods), nu)
    whitening = whitened(table, expected)
    # Where one cluster has all information in a direction, the formulas divide by nothing.
    assume(least_left(table, expected, whitening) > 1e-6)
    ours, theirs = terms_of(table, expected, whitening), reference(table, expected, whitening)
    assert ours.sizes.tolist() == theirs.sizes.tolist()
    assert ours.meat == pytest.approx(theirs.meat, rel=1e-6, abs=1e-6 * theirs.meat.max())
    assert ours.squares == pytest.approx(theirs.squares, rel=1e-6, abs=1e-6 * theirs.squares.max())
    for name in ("unit_heterogeneity", "chance", "taste", "shares"):
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("nu", [None, 0.7])
def test_clusters_that_are_worked_on_some_at_a_time_add_up(
    nu: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, expected = drawn(7, 40, 6), outcomes(np.random.default_rng(7).normal(size=6), nu)
    whitening = whitened(table, expected)
    whole = terms_of(table, expected, whitening)
    for rows in (1, 50, 10_000):
        monkeypatch.setattr(module, "_ROWS_AT_ONCE", rows)
        pieces = terms_of(table, expected, whitening)
        assert pieces.sizes.tolist() == whole.sizes.tolist()
        for field in fields(ClusterTerms):
            one, other = getattr(pieces, field.name), getattr(whole, field.name)
            assert one == pytest.approx(other, rel=1e-12, abs=1e-12)


def test_a_cluster_alone_in_a_direction_has_a_leverage_that_is_made_up_for() -> None:
    # Two clusters of the same four judgments: each has half of the information.
    table = np.array([[0, 0, 1, 3, 1, 0], [1, 0, 1, 1, 3, 0]])
    expected = outcomes(np.zeros(2))
    terms = terms_of(table, expected, whitened(table, expected))
    # Gradients of 1 and -1 at information 2: u = 1 / sqrt(2), over 1 - S = 1/2.
    assert terms.meat == pytest.approx(np.array([[2 * (1 / 2) / (1 / 2)]]))


def test_equal_clusters_count_fully_and_unequal_ones_less() -> None:
    rows = [[cluster, 0, 1, 1, 1, 1] for cluster in range(7)]
    for largest, effective in ((1, 7), (5, (6 * 3 + 15) ** 2 / (6 * 9 + 225))):
        table = np.array(rows)
        table[0, 3:] *= largest
        expected = outcomes(np.zeros(2))
        terms = terms_of(table, expected, whitened(table, expected))
        assert terms.effective == pytest.approx(effective)
