"""How sure scores and effects of a model with covariates are; see `intervals` for the formulas."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ratings.psychometrics.arrays import FloatArray, IntArray, Numbers
from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.inference.cluster_terms import ClusterTerms, added_up, terms_of
from ratings.psychometrics.inference.intervals import (
    Uncertainty,
    combined,
    least_share,
    single_cluster,
    whitening_of,
)
from ratings.psychometrics.model.adjusted import Expected, Rows, expected

_ROWS_AT_ONCE = 1 << 15


@dataclass(frozen=True, eq=False)
class AdjustedErrors:
    """What is known of the errors of scores, and of effects: `se` and `dof`, (effects,) each."""

    scores: Uncertainty
    se: FloatArray
    dof: FloatArray


def adjusted_errors(
    rows: Rows, point: FloatArray, kept: Tally, clusters: tuple[Numbers, Numbers]
) -> AdjustedErrors | None:
    """Return how sure a maximum `point`, (parameters,), is; None with one rater or one picture.

    `kept` has the same judgments counted, `clusters` are rater and picture of each row.
    """
    if min(kept.raters, kept.pictures) < 2:
        return None
    known, size = expected(rows, point), rows.methods
    whitening = whitening_of(known.information, size)
    clusterings = [cluster_terms_of_rows(of, rows, known, whitening) for of in clusters]
    moved = known.slopes @ whitening * (rows.weight * known.surprise)[:, None]
    least = least_share(float(rows.weight @ known.surprise**2), float(rows.weight @ known.noise))
    every, effects = rows.parameters, rows.parameters - size
    covariance, dof = combined(
        clusterings, moved.T @ moved, least, whitening, known.information, every, effects
    )
    return AdjustedErrors(
        Uncertainty(
            covariance=covariance[:size, :size],
            degrees_of_freedom=dof[:size, :size],
            raters=clusterings[0].effective,
            pictures=clusterings[1].effective,
            single_cluster=single_cluster(kept),
        ),
        se=np.sqrt(np.maximum(np.diag(covariance)[size:], 0)),
        dof=np.diag(dof)[size:],
    )


def cluster_terms_of_rows(
    cluster: Numbers, rows: Rows, known: Expected, whitening: FloatArray
) -> ClusterTerms:
    """Return the terms of one clustering: `cluster` numbers that of each row."""
    number = np.unique(cluster, return_inverse=True)[1]
    parts = [_terms(number[some], rows, known, whitening, some) for some in _some_clusters(number)]
    return added_up(parts, whitening)


def _some_clusters(number: IntArray) -> Iterator[IntArray]:
    """Yield the rows of some whole clusters at a time, in the clusters' order."""
    order = np.argsort(number, kind="stable")
    starts = np.flatnonzero(np.diff(number[order], prepend=-1))
    _, first = np.unique(starts // _ROWS_AT_ONCE, return_index=True)
    yield from np.split(order, starts[first[1:]])


def _terms(
    number: IntArray, rows: Rows, known: Expected, whitening: FloatArray, some: IntArray
) -> ClusterTerms:
    own = number - number[0]
    clusters, size = int(own[-1]) + 1, rows.parameters
    weight, slopes = rows.weight[some], known.slopes[some]
    by_cluster = sparse.csr_array(
        (weight * known.surprise[some], own, np.arange(len(own) + 1)), (len(own), clusters)
    )
    # Each row's slopes at its cluster's block of columns.
    placed = sparse.csr_array(
        (
            slopes.data,
            slopes.indices + np.repeat(own * size, np.diff(slopes.indptr)),
            slopes.indptr,
        ),
        shape=(len(own), clusters * size),
    )
    noise = weight * known.noise[some]
    blocks = sparse.csr_array(placed.T @ placed.multiply(noise[:, None]))
    return terms_of(
        np.bincount(own, weight).astype(np.float64),
        (by_cluster.T @ slopes).toarray(),
        blocks,
        blocks.diagonal().reshape(clusters, size),
        whitening,
        np.diag(known.information),
        size - rows.methods,
    )
