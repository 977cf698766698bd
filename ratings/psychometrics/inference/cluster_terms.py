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
    of squares of the clusters' score vectors (CR2), `squares`, (clusters,), what each adds to its
    trace; `unit_heterogeneity` is what tastes of variance 1 would add to the meat.

    Cluster g has a share s[g, i] of the information about the score of method i. `chance` and
    `taste`, (clusters,), are what it is expected to add to the trace by independent judgments and
    by tastes of variance 1, as far as those shares tell; `shares`, (2 methods, 2 methods), is the
    sum over clusters of products of their shares and squared shares, the squares last.
    """

    sizes: FloatArray
    meat: FloatArray
    squares: FloatArray
    unit_heterogeneity: FloatArray
    chance: FloatArray
    taste: FloatArray
    shares: FloatArray

    @property
    def effective(self) -> float:
        """The number of clusters of equal size that would be worth as much (Kish 1965)."""
        return float(self.sizes.sum() ** 2 / (self.sizes**2).sum())


def cluster_terms(
    table: IntArray, expected: Outcomes, whitening: FloatArray, information: FloatArray
) -> ClusterTerms:
    """Return the terms of the clusters of a tally's table.

    `information`, (parameters, parameters), is that of all judgments; `whitening`, shape
    (parameters, coordinates), has whitening' information whitening = 1.
    """
    known = np.diag(information)[: len(expected.win)]
    at_once = max(_ROWS_AT_ONCE, whitening.size // 8)  # what these take is less than a matrix
    pieces = _some_clusters(table, at_once)
    return added_up([_terms(rows, expected, whitening, known) for rows in pieces], whitening)


def added_up(parts: Sequence[ClusterTerms], whitening: FloatArray) -> ClusterTerms:
    """Return the terms of all clusters, of which `terms_of` has given some in each part."""
    sizes, squares, chance, taste = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("sizes", "squares", "chance", "taste")
    )
    meat, blocks, shares = (
        np.sum([getattr(part, name) for part in parts], axis=0)
        for name in ("meat", "unit_heterogeneity", "shares")
    )
    heterogeneity = whitening.T @ blocks @ whitening
    return ClusterTerms(
        sizes=sizes,
        meat=meat,
        squares=squares,
        unit_heterogeneity=heterogeneity,
        # Shares leave out what pairs have in common, so that sums are known better than parts.
        chance=chance * whitening.shape[1] / chance.sum(),
        taste=taste * np.trace(heterogeneity) / taste.sum(),
        shares=shares,
    )


def _some_clusters(table: IntArray, at_once: int) -> Iterator[IntArray]:
    """Yield a table in pieces of whole clusters, in each of which they are numbered from 0."""
    starts = np.flatnonzero(np.diff(table[:, 0], prepend=-1))
    _, first = np.unique(starts // at_once, return_index=True)
    for rows in np.split(table, starts[first[1:]]):
        piece = rows.copy(order="F")
        piece[:, 0] -= rows[0, 0]
        yield piece


def _terms(
    table: IntArray, expected: Outcomes, whitening: FloatArray, known: FloatArray
) -> ClusterTerms:
    """Return the terms of clusters that are worked on at once."""
    sizes = np.bincount(table[:, 0], judgments(table)).astype(np.float64)
    return terms_of(sizes, _gradients(table, expected), *_blocks(table, expected), whitening, known)


def terms_of(
    sizes: FloatArray,
    gradients: FloatArray,
    blocks: sparse.csr_array,
    own: FloatArray,
    whitening: FloatArray,
    known: FloatArray,
    effects: int = 0,
) -> ClusterTerms:
    """Return the terms of some clusters of these `sizes`, whatever the model, to be added up.

    `gradients`, (clusters, parameters), are those of each cluster's log likelihood; `blocks` has
    each one's information on the diagonal, (clusters * parameters, clusters * parameters), and
    `own`, (clusters, parameters), its diagonal. `known` is what all clusters together know about
    the first parameters, of which shares are told; the last `effects` of these are no scores, and
    tastes don't move them. In what comes back `chance` and `taste` are not scaled yet, and
    `unit_heterogeneity` is of parameters, not of coordinates.
    """
    stacked = sparse.csr_array(
        (blocks.data, blocks.indices % len(whitening), blocks.indptr),
        shape=(blocks.shape[0], len(whitening)),
    )
    cluster_scores = _reduced(gradients @ whitening, blocks, whitening)
    share, scored = own[:, : len(known)] / known, len(known) - effects
    squared = share**2
    if effects:
        parameter = np.arange(stacked.shape[0]) % len(whitening)
        stacked = stacked[(parameter < scored) | (parameter >= len(known))]
    return ClusterTerms(
        sizes=sizes,
        meat=cluster_scores.T @ cluster_scores,
        squares=np.einsum("gc,gc->g", cluster_scores, cluster_scores),
        unit_heterogeneity=_gram(stacked),
        chance=share[:, :scored].sum(axis=1),
        taste=squared[:, :scored] @ known[:scored],
        shares=_gram(np.hstack([share, squared])),
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


def _blocks(table: IntArray, expected: Outcomes) -> tuple[sparse.csr_array, FloatArray]:
    """Return all clusters' information matrices as one, a diagonal block for each.

    Beside it stand their diagonals, shape (clusters, parameters).
    """
    clusters, size = cluster_count(table), expected.parameters
    pair, judged = (table[:, 1], table[:, 2]), judgments(table)
    products = expected.expected_products(pair)
    points = judged * products.points
    place = table[:, 0] * size
    first, second = place + table[:, 1], place + table[:, 2]
    cells = clusters * size
    own: IntArray = np.arange(cells)
    diagonal = np.asarray(np.bincount(first, points, minlength=cells), np.float64)
    diagonal += np.bincount(second, points, minlength=cells)
    rows, columns = [first, second, own], [second, first, own]
    values = [-points, -points, diagonal]
    if expected.davidson:
        last = own[size - 1 :: size]
        ties = judged * products.ties
        diagonal[last] = np.bincount(table[:, 0], ties, minlength=clusters)
        border = _sides(table, judged * products.mixed, clusters, size).ravel()
        across = np.repeat(last, size)
        rows, columns = [*rows, own, across], [*columns, across, own]
        values = [*values, border, border]
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    matrix = sparse.coo_array(entries, shape=(cells, cells))
    # No sum of entries minds their order, or one that comes in two parts: nothing is put in order.
    matrix.has_canonical_format = True
    return matrix.tocsr(), diagonal.reshape(clusters, size)


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


def _gram(matrix: sparse.csr_array | FloatArray) -> FloatArray:
    """Return matrix' matrix."""
    cells = matrix.shape[0] * matrix.shape[1]
    filled = np.count_nonzero(matrix) if isinstance(matrix, np.ndarray) else matrix.nnz
    if filled < (1 - _MOSTLY_ZEROS) * cells:
        thin = sparse.csr_array(matrix)
        product: FloatArray = (thin.T @ thin).toarray()
        return product
    full = matrix if isinstance(matrix, np.ndarray) else matrix.toarray()
    squared: FloatArray = full.T @ full
    return squared
