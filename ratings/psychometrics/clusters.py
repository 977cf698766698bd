"""Sums over raters, or over pictures: what a covariance needs to know of one way of clustering.

Clusters are many and each knows few pairs, so their information matrices are kept as one sparse
matrix with a block for each, and everything costs time and memory in proportion to the rows.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ratings.psychometrics.outcomes import Outcomes, judgments
from ratings.psychometrics.tally import FloatArray, IntArray, cluster_count

# Terms of the series below: it converges like the largest leverage to the power of their number.
_PRECISION, _MOST_TERMS = 1e-13, 500
# Matrices with fewer zeros than this share are multiplied faster as dense ones.
_MOSTLY_ZEROS = 0.9


@dataclass(frozen=True, eq=False)
class Way:
    """What one way of clustering contributes; matrices in coordinates of information 1.

    `sizes` are the judgments of each cluster, `scatter` is the bias-reduced sum of squares of
    the clusters' score vectors (CR2), `spread` what tastes of variance 1 would add to it.
    """

    sizes: FloatArray
    scatter: FloatArray
    spread: FloatArray

    @property
    def effective(self) -> float:
        """The number of clusters of equal size that would be worth as much (Kish 1965)."""
        return float(self.sizes.sum() ** 2 / (self.sizes**2).sum())


def way(table: IntArray, expected: Outcomes, white: FloatArray) -> Way:
    """Sum up the clusters of a tally's table.

    `white`, shape (parameters, coordinates), has white' information white = 1.
    """
    blocks = _blocks(table, expected)
    stacked = sparse.csr_array(
        (blocks.data, blocks.indices % len(white), blocks.indptr),
        shape=(blocks.shape[0], len(white)),
    )
    pull = _reduced(_gradients(table, expected) @ white, blocks, white)
    return Way(
        sizes=np.bincount(table[:, 0], judgments(table)).astype(np.float64),
        scatter=pull.T @ pull,
        spread=white.T @ _gram(stacked) @ white,
    )


def _gradients(table: IntArray, expected: Outcomes) -> FloatArray:
    """Return each cluster's gradient of the log likelihood, shape (clusters, parameters)."""
    clusters, size = cluster_count(table), expected.parameters
    points, ties = expected.unexpected(table)
    gradient = _sides(table, points, clusters, size)
    if expected.tied is not None:
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
    points, mixed, ties = (judged * product[pair] for product in expected.expected_products())
    place = table[:, 0] * size
    first, second = place + table[:, 1], place + table[:, 2]
    cells = clusters * size
    own: IntArray = np.arange(cells)
    diagonal = np.bincount(first, points, minlength=cells)
    diagonal += np.bincount(second, points, minlength=cells)
    rows, columns = [first, second, own], [second, first, own]
    values = [-points, -points, diagonal]
    if expected.tied is not None:
        last = own[size - 1 :: size]
        diagonal[last] = np.bincount(table[:, 0], ties, minlength=clusters)
        border = _sides(table, mixed, clusters, size).ravel()
        across = np.repeat(last, size)
        rows, columns = [*rows, own, across], [*columns, across, own]
        values = [*values, border, border]
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.coo_array(entries, shape=(cells, cells)).tocsr()


def _reduced(pull: FloatArray, blocks: sparse.csr_array, white: FloatArray) -> FloatArray:
    """Return (1 - S)^(-1/2) u of each cluster with score vector u and leverage S.

    A cluster pulls the fit towards itself, so that its residuals are too small; this makes up
    for it (CR2: Bell & McCaffrey 2002). Computed by the binomial series in S.
    """
    result, term = pull.copy(), pull
    for power in range(1, _MOST_TERMS + 1):
        moved = (blocks @ (term @ white.T).ravel()).reshape(len(pull), -1)
        term = (2 * power - 1) / (2 * power) * (moved @ white)
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
