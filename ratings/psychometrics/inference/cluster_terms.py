"""Sums over raters, or over pictures: what a covariance needs of one clustering of the judgments.

Clusters are many and each knows few pairs, so their information matrices are kept as one sparse
matrix with a block for each, and everything costs time in proportion to the rows; memory only up to
so many rows, since clusters are added up some at a time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ratings.psychometrics.arrays import FloatArray, IntArray
from ratings.psychometrics.counts.tally import cluster_count
from ratings.psychometrics.model.likelihood import Outcomes, judgments

# Terms of the series below: it converges like the largest leverage to the power of their number.
_PRECISION, _MOST_TERMS = 1e-13, 500
# Matrices with fewer zeros than this share are multiplied faster as dense ones.
_MOSTLY_ZEROS = 0.9
_ROWS_AT_ONCE = 1 << 15


@dataclass(frozen=True, eq=False)
class ClusterTerms:
    """What one clustering contributes; matrices, (coordinates, coordinates), for information 1.

    `sizes`, shape (clusters,), are the judgments of each cluster, `meat` is the bias-reduced sum
    of squares of the clusters' score vectors (CR2), `unit_heterogeneity` what tastes of variance 1
    would add to it.
    """

    sizes: FloatArray
    meat: FloatArray
    unit_heterogeneity: FloatArray

    @property
    def effective(self) -> float:
        """The number of clusters of equal size that would be worth as much (Kish 1965)."""
        return float(self.sizes.sum() ** 2 / (self.sizes**2).sum())


def cluster_terms(table: IntArray, expected: Outcomes, whitening: FloatArray) -> ClusterTerms:
    """Return the terms of the clusters of a tally's table.

    `whitening`, shape (parameters, coordinates), has whitening' information whitening = 1.
    """
    return added_up([_terms(rows, expected, whitening) for rows in _some_clusters(table)])


def added_up(parts: Sequence[ClusterTerms]) -> ClusterTerms:
    """Return the terms of all clusters, of which each part has some."""
    return ClusterTerms(
        sizes=np.concatenate([part.sizes for part in parts]),
        meat=np.sum([part.meat for part in parts], axis=0),
        unit_heterogeneity=np.sum([part.unit_heterogeneity for part in parts], axis=0),
    )


def _some_clusters(table: IntArray) -> Iterator[IntArray]:
    """Yield a table in pieces of whole clusters, in each of which they are numbered from 0."""
    starts = np.flatnonzero(np.diff(table[:, 0], prepend=-1))
    _, first = np.unique(starts // _ROWS_AT_ONCE, return_index=True)
    for rows in np.split(table, starts[first[1:]]):
        piece = rows.copy(order="F")
        piece[:, 0] -= rows[0, 0]
        yield piece


def _terms(table: IntArray, expected: Outcomes, whitening: FloatArray) -> ClusterTerms:
    """Return the terms of clusters that are worked on at once."""
    sizes = np.bincount(table[:, 0], judgments(table)).astype(np.float64)
    return terms_of(sizes, _gradients(table, expected), _blocks(table, expected), whitening)


def terms_of(
    sizes: FloatArray, gradients: FloatArray, blocks: sparse.csr_array, whitening: FloatArray
) -> ClusterTerms:
    """Return the terms of clusters of some `sizes`, whatever the model.

    `gradients`, (clusters, parameters), are those of each cluster's log likelihood; `blocks` has
    each one's information on the diagonal, (clusters * parameters, clusters * parameters).
    """
    stacked = sparse.csr_array(
        (blocks.data, blocks.indices % len(whitening), blocks.indptr),
        shape=(blocks.shape[0], len(whitening)),
    )
    cluster_scores = _reduced(gradients @ whitening, blocks, whitening)
    return ClusterTerms(
        sizes=sizes,
        meat=cluster_scores.T @ cluster_scores,
        unit_heterogeneity=whitening.T @ _gram(stacked) @ whitening,
    )


def _gradients(table: IntArray, expected: Outcomes) -> FloatArray:
    """Return each cluster's gradient of the log likelihood, shape (clusters, parameters)."""
    clusters, size = cluster_count(table), expected.parameters
    points, ties = expected.unexpected(table)
    gradient = _sides(table, points, clusters, size)
    if expected.davidson:
        gradient[:, -1] = np.bincount(table[:, 0], ties, minlength=clusters)
    return gradient


def _sides(table: IntArray, value: FloatArray, clusters: int, size: int) -> FloatArray:
    """Sum a row's value for its first method, less it for its second, by cluster and method."""
    place, cells = table[:, 0] * size, clusters * size
    first = np.bincount(place + table[:, 1], value, minlength=cells)
    second = np.bincount(place + table[:, 2], value, minlength=cells)
    return np.asarray(first - second, np.float64).reshape(clusters, size)


def _blocks(table: IntArray, expected: Outcomes) -> sparse.csr_array:
    """Return all clusters' information matrices as one, a diagonal block for each."""
    clusters, size = cluster_count(table), expected.parameters
    pair, judged = (table[:, 1], table[:, 2]), judgments(table)
    products = expected.expected_products()
    points = judged * products.points[pair]
    place = table[:, 0] * size
    first, second = place + table[:, 1], place + table[:, 2]
    cells = clusters * size
    own: IntArray = np.arange(cells)
    diagonal = np.bincount(first, points, minlength=cells)
    diagonal += np.bincount(second, points, minlength=cells)
    rows, columns = [first, second, own], [second, first, own]
    values = [-points, -points, diagonal]
    if expected.davidson:
        last = own[size - 1 :: size]
        ties = judged * products.ties[pair]
        diagonal[last] = np.bincount(table[:, 0], ties, minlength=clusters)
        border = _sides(table, judged * products.mixed[pair], clusters, size).ravel()
        across = np.repeat(last, size)
        rows, columns = [*rows, own, across], [*columns, across, own]
        values = [*values, border, border]
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.coo_array(entries, shape=(cells, cells)).tocsr()


def _reduced(
    cluster_scores: FloatArray, blocks: sparse.csr_array, whitening: FloatArray
) -> FloatArray:
    """Return (1 - S)^(-1/2) u of each cluster with score vector u and leverage S.

    A cluster pulls the fit towards itself, so that its residuals are too small; this makes up
    for it (CR2: Bell & McCaffrey 2002). Computed by the binomial series in S.
    """
    result, term = cluster_scores.copy(), cluster_scores
    for power in range(1, _MOST_TERMS + 1):
        moved = (blocks @ (term @ whitening.T).ravel()).reshape(len(cluster_scores), -1)
        term = (2 * power - 1) / (2 * power) * (moved @ whitening)
        result += term
        if np.abs(term).max() <= _PRECISION * np.abs(result).max():
            break
    return result


def _gram(matrix: sparse.csr_array) -> FloatArray:
    """Return matrix' matrix."""
    cells = matrix.shape[0] * matrix.shape[1]
    if matrix.nnz < (1 - _MOSTLY_ZEROS) * cells:
        product: FloatArray = (matrix.T @ matrix).toarray()
        return product
    dense = matrix.toarray()
    squared: FloatArray = dense.T @ dense
    return squared
