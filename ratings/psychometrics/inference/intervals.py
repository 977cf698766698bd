"""How sure a fit is: covariance of the scores when raters and pictures are both clusters.

Judgments of one rater are alike (taste), and so are judgments of one picture, so treating them as
independent makes intervals far too narrow. The covariance here is the two-way cluster-robust one
(Cameron, Gelbach & Miller 2011), each clustering being bias-reduced (CR2: Bell & McCaffrey 2002)
and drawn towards a model that needs fewer clusters, the more so the fewer stand behind a score;
each difference has degrees of freedom of its own (Satterthwaite 1946). docs/scoring.md has the
formulas. All matrices are computed in coordinates in which the Fisher information is 1.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse
from scipy.sparse import csgraph

from ratings.psychometrics.arrays import BoolArray, FloatArray, IntArray
from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.inference.cluster_terms import ClusterTerms, cluster_terms
from ratings.psychometrics.inference.pooling import Pooled, pooled
from ratings.psychometrics.inference.undecided import undecided_variance
from ratings.psychometrics.model.likelihood import judgments, outcomes

# No direction is credited with less than this share of what independent judgments would vary.
_LEAST_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """What is known about the errors of scores with mean 0.

    `covariance`, shape (methods, methods), of the scores; `degrees_of_freedom[i, j]` of
    Student's t for the difference of i and j, and [i, i] for the score of i; `raters` and
    `pictures` are effective numbers (equal shares of judgments would give as sure a result).
    `single_cluster[i, j]` says that the difference of i and j rests on a single rater or a single
    picture, so that nothing is known about its error.
    """

    covariance: FloatArray
    degrees_of_freedom: FloatArray
    raters: float
    pictures: float
    single_cluster: BoolArray

    def se(self) -> FloatArray:
        """Return standard errors, (methods, methods): [i, j] of differences, [i, i] of scores."""
        errors: FloatArray = np.sqrt(np.maximum(_variances(self.covariance), 0))
        return errors


def uncertainty(tally: Tally, score: FloatArray, tie: float | None = None) -> Uncertainty | None:
    """Return how sure the maximum likelihood scores of a tally are, or None with one cluster.

    `score`, shape (methods,), must be `bradley_terry.scores(tally.wins())`, or `score` and `tie`
    those of `davidson.fit_davidson`. With a single rater or a single picture no honest statement
    exists, so there is none.
    """
    if min(tally.rater_clusters, tally.picture_clusters) < 2:
        return None
    # Without a tie log nu has no finite value, and halves say the same.
    expected, wins = outcomes(score, tie or None), tally.wins()
    judged, products = wins + wins.T, expected.observed_products(wins, tally.ties())
    information = expected.information(judged)
    size = len(score)
    whitening = whitening_of(information, size)
    independent = whitening.T @ expected.square(products) @ whitening
    tables = tally.by_rater, tally.by_picture
    clusterings = [cluster_terms(table, expected, whitening, information) for table in tables]
    least = least_share(products.points.sum() / 2, np.trace(information[:size, :size]) / 2)
    least = max(least, undecided_variance(tally))
    covariance, dof = combined(clusterings, independent, least, whitening, information, size)
    return Uncertainty(
        covariance=covariance,
        degrees_of_freedom=dof,
        raters=clusterings[0].effective,
        pictures=clusterings[1].effective,
        single_cluster=single_cluster(tally),
    )


def combined(
    clusterings: list[ClusterTerms],
    independent: FloatArray,
    least: float,
    whitening: FloatArray,
    information: FloatArray,
    size: int,
    effects: int = 0,
) -> tuple[FloatArray, FloatArray]:
    """Return covariance and degrees of freedom of the first `size` parameters, as `Uncertainty`.

    `independent`, (coordinates, coordinates), is what independent judgments would vary, `least` the
    share of the information below which nothing may. The clusterings know shares of as many
    parameters, the last `effects` of which are no scores: what tastes are about scores says nothing
    of them, so clusters show how sure they are, and nothing else does.
    """
    dispersion = max(least, float(np.trace(independent)) / len(independent))
    known = np.diag(information)[:size]
    tastes = [pooled(terms, known, dispersion, effects) for terms in clusterings]
    meats = [
        _blend(*clustering, independent, information, whitening)
        for clustering in zip(clusterings, tastes, strict=True)
    ]
    # Judgments that share rater and picture are in both terms; taking away only their
    # independent part leaves their likeness counted twice: on the safe side.
    meat = _repair(sum(meats, -independent), least)
    onto = whitening[:size]
    floor = least * _variances(onto @ onto.T)
    covariance = onto @ meat @ onto.T
    by_part = (*(onto @ part @ onto.T for part in meats), covariance)
    variances = [np.maximum(floor, _variances(part)) for part in by_part]
    return covariance, _degrees_of_freedom(tastes, variances)


def whitening_of(fisher: FloatArray, methods: int) -> FloatArray:
    """Return K with K' fisher K = 1, one column fewer than parameters, scores summing to 0."""
    whitening = np.zeros((len(fisher), len(fisher) - 1))
    # Against the first method: what is left has full rank.
    whitening[1:] = linalg.solve_triangular(
        np.linalg.cholesky(fisher[1:, 1:]).T, np.eye(len(fisher) - 1)
    )
    whitening[:methods] -= whitening[:methods].mean(axis=0)
    return whitening


def least_share(observed: float, expected: float) -> float:
    """Return the share of the information below which no variance may lie.

    It goes with the observed over the expected variance of all judgments' points, to each of which
    one even judgment is added: 1 without ties, less with them, and above 0 where all are ties.
    """
    return _LEAST_SHARE * min(1.0, float((observed + 0.25) / (expected + 0.25)))


def _blend(
    terms: ClusterTerms,
    tastes: Pooled,
    independent: FloatArray,
    information: FloatArray,
    whitening: FloatArray,
) -> FloatArray:
    """Draw the observed meat, which needs many clusters, towards a model that needs few.

    The model: tastes vary alike in all directions. Each score has a weight of its own, and so has
    what goes with its errors; what remains is the sum of two matrices without negative variances.
    """
    model = independent + tastes.variance * terms.unit_heterogeneity
    # Davidson's tie parameter has no clusters of its own: it goes with the scores.
    missing = len(information) - len(tastes.weight)
    weight = np.append(tastes.weight, np.full(missing, tastes.weight.mean()))
    back = whitening.T @ information
    observed, assumed = (
        back @ (np.sqrt(part)[:, None] * whitening) for part in (1 - weight, weight)
    )
    blended: FloatArray = observed @ terms.meat @ observed.T + assumed @ model @ assumed.T
    return blended


def _repair(matrix: FloatArray, least: float) -> FloatArray:
    """Raise eigenvalues below `least` to it: differences of estimates may come out negative."""
    symmetric = (matrix + matrix.T) / 2
    try:  # mostly there is nothing to raise, and to know it takes a tenth of the time
        np.linalg.cholesky(symmetric - least * np.eye(len(symmetric)))
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(symmetric)
    else:
        return symmetric
    repaired: FloatArray = (vectors * np.maximum(values, least)) @ vectors.T
    return repaired


def difference_variances(covariance: FloatArray) -> FloatArray:
    """Return the variances of all differences, shape (methods, methods), 0 on the diagonal."""
    own = covariance.diagonal()
    variances: FloatArray = own[:, None] + own[None, :] - 2 * covariance
    return variances


def _variances(covariance: FloatArray) -> FloatArray:
    """Return the variances of differences of scores, [i, j], and of scores, [i, i]."""
    variances = difference_variances(covariance)
    np.fill_diagonal(variances, np.diag(covariance))
    return variances


def _degrees_of_freedom(tastes: list[Pooled], variances: list[FloatArray]) -> FloatArray:
    """Return Satterthwaite's degrees of freedom, from each clustering's share of a variance.

    `variances` are those by each of the clusterings, and in all.
    """
    *by_clustering, total = variances
    doubt = sum(
        variance**2 / one.degrees_of_freedom
        for one, variance in zip(tastes, by_clustering, strict=True)
    )
    return np.maximum(1, total**2 / doubt)


def single_cluster(tally: Tally) -> BoolArray:
    """Return which differences rest on a single rater or picture, (methods, methods)."""
    judged = tally.wins() + tally.wins().T
    tables = tally.by_rater, tally.by_picture
    held: BoolArray = np.any([_held_by_one(table, judged) for table in tables], axis=0)
    return held


def _held_by_one(table: IntArray, judged: FloatArray) -> BoolArray:
    """Return the pairs of methods that are no longer linked when some one cluster is left out."""
    alone = table[judgments(table) == judged[table[:, 1], table[:, 2]]]
    cluster, first, second = alone[:, :3].T
    shared = judged > 0
    shared[first, second] = shared[second, first] = False
    # Methods that are linked by what several clusters judged stay so, and count as one.
    label = _linked(np.argwhere(shared), len(judged))
    between = label[alone[:, 1:3]]
    held = np.zeros((label.max() + 1,) * 2, bool)
    for one in np.unique(cluster[between[:, 0] != between[:, 1]]):
        rest = _linked(between[cluster != one], len(held))
        held |= rest[:, None] != rest
    return held[np.ix_(label, label)]


def _linked(pairs: IntArray, size: int) -> IntArray:
    """Return a number for each of `size` things, (size,): the same for those that pairs link."""
    graph = sparse.coo_array((np.ones(len(pairs), np.int8), pairs.T), shape=(size, size))
    return np.asarray(csgraph.connected_components(graph.tocsr(), directed=False)[1], np.int64)
