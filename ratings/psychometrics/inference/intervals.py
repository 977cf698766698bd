"""How sure a fit is: covariance of the scores when raters and pictures are both clusters.

Judgments of one rater are alike (taste), and so are judgments of one picture, so treating them as
independent makes intervals far too narrow. The covariance here is the two-way cluster-robust one
(Cameron, Gelbach & Miller 2011), each clustering being bias-reduced (CR2: Bell & McCaffrey 2002)
and drawn towards a model that needs fewer clusters; each difference has degrees of freedom of its
own (Satterthwaite 1946). docs/scoring.md has the formulas. All matrices are computed in
coordinates in which the Fisher information is 1.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csgraph

from ratings.psychometrics.arrays import BoolArray, FloatArray, IntArray
from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.inference.cluster_terms import ClusterTerms, cluster_terms
from ratings.psychometrics.model.likelihood import judgments, outcomes

# No direction is credited with less than this share of what independent judgments would vary.
_LEAST_SHARE = 0.5
# What the other differences say of one's error adds degrees of freedom, by at most one such
# factor for so many clusters: with few of them a model of tastes can't be trusted that far.
_CLUSTERS_PER_FACTOR = 4


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
    if min(tally.raters, tally.pictures) < 2:
        return None
    # Without a tie log nu has no finite value, and halves say the same.
    expected, wins = outcomes(score, tie or None), tally.wins()
    judged, products = wins + wins.T, expected.observed_products(wins, tally.ties())
    information = expected.information(judged)
    whitening = whitening_of(information)
    independent = whitening.T @ expected.square(products) @ whitening
    tables = tally.by_rater, tally.by_picture
    clusterings = [cluster_terms(table, expected, whitening) for table in tables]
    size = len(score)
    least = least_share(products.points.sum() / 2, np.trace(information[:size, :size]) / 2)
    covariance, dof = combined(clusterings, independent, least, whitening[: len(score)], len(score))
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
    onto: FloatArray,
    methods: int,
) -> tuple[FloatArray, FloatArray]:
    """Return covariance and degrees of freedom of some parameters, as in `Uncertainty`.

    `independent`, (coordinates, coordinates), is what independent judgments would vary, `least`
    the share of the information below which nothing may; `onto`, (parameters, coordinates), leads
    from the coordinates to the parameters.
    """
    meats = [_blend(terms, independent, methods) for terms in clusterings]
    # Judgments that share rater and picture are in both terms; taking away only their
    # independent part leaves their likeness counted twice: on the safe side.
    meat = _repair(sum(meats, -independent), least)
    floor = least * _variances(onto @ onto.T)
    variances = [
        np.maximum(floor, _variances(onto @ part @ onto.T)) for part in (independent, *meats, meat)
    ]
    return onto @ meat @ onto.T, _degrees_of_freedom(clusterings, variances, methods)


def whitening_of(fisher: FloatArray) -> FloatArray:
    """Return K with K' fisher K = 1, one column fewer than parameters, scores summing to 0."""
    values, vectors = np.linalg.eigh(fisher)
    whitening: FloatArray = vectors[:, 1:] / np.sqrt(values[1:])
    return whitening


def least_share(observed: float, expected: float) -> float:
    """Return the share of the information below which no variance may lie.

    It goes with the observed over the expected variance of all judgments' points, to each of which
    one even judgment is added: 1 without ties, less with them, and above 0 where all are ties.
    """
    return _LEAST_SHARE * min(1.0, float((observed + 0.25) / (expected + 0.25)))


def _blend(terms: ClusterTerms, independent: FloatArray, methods: int) -> FloatArray:
    """Draw the observed meat, which needs many clusters, towards a model that needs few.

    The model: tastes vary alike in all directions, by as much as the meat does in all.
    """
    excess = max(0.0, float(np.trace(terms.meat) - np.trace(independent)))
    heterogeneity = terms.unit_heterogeneity
    model = independent + excess / np.trace(heterogeneity) * heterogeneity
    weight = _model_weight(terms, methods)
    blended: FloatArray = weight * model + (1 - weight) * terms.meat
    return blended


def _model_weight(terms: ClusterTerms, methods: int) -> float:
    """Return the model's weight: half where there are as many methods as clusters."""
    return methods / (methods + terms.effective)


def _repair(matrix: FloatArray, least: float) -> FloatArray:
    """Raise eigenvalues below `least` to it: differences of estimates may come out negative."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    repaired: FloatArray = (vectors * np.maximum(values, least)) @ vectors.T
    return repaired


def difference_variances(covariance: FloatArray) -> FloatArray:
    """Return the variances of all differences, shape (methods, methods), 0 on the diagonal."""
    own = np.diag(covariance)
    variances: FloatArray = own[:, None] + own[None, :] - 2 * covariance
    return variances


def _variances(covariance: FloatArray) -> FloatArray:
    """Return the variances of differences of scores, [i, j], and of scores, [i, i]."""
    variances = difference_variances(covariance)
    np.fill_diagonal(variances, np.diag(covariance))
    return variances


def _degrees_of_freedom(
    clusterings: list[ClusterTerms], variances: list[FloatArray], methods: int
) -> FloatArray:
    """Return Satterthwaite's degrees of freedom, from each clustering's share of a variance.

    `variances` are those by independent judgments, by each of the clusterings, and in all.
    """
    independent, *by_clustering, total = variances
    doubt = sum(
        variance**2 / _of_one_clustering(terms, np.minimum(1, independent / variance), methods)
        for terms, variance in zip(clusterings, by_clustering, strict=True)
    )
    return np.maximum(1, total**2 / doubt)


def _of_one_clustering(terms: ClusterTerms, share: FloatArray, methods: int) -> FloatArray:
    """Return the degrees of freedom of one clustering's variances; `share` is that of independence.

    A cluster's own share of a variance goes with its size as far as judgments are independent,
    with its square as far as they are alike.
    """
    by_size = terms.sizes / terms.sizes.sum()
    by_square = terms.sizes**2 / (terms.sizes**2).sum()
    alike = 1 - share
    concentration = (
        share**2 * (by_size**2).sum()
        + 2 * share * alike * (by_size * by_square).sum()
        + alike**2 * (by_square**2).sum()
    )
    own = np.maximum(1, 1 / concentration - 1)
    weight = (1 - _model_weight(terms, methods)) ** 2
    factor = 1 / (weight + (1 - weight) / (methods - 1))
    dof: FloatArray = own * min(factor, max(1.0, terms.effective / _CLUSTERS_PER_FACTOR))
    return dof


def single_cluster(tally: Tally) -> BoolArray:
    """Return which differences rest on a single rater or picture, (methods, methods)."""
    judged = tally.wins() + tally.wins().T
    tables = tally.by_rater, tally.by_picture
    held: BoolArray = np.any([_held_by_one(table, judged) for table in tables], axis=0)
    return held


def _held_by_one(table: IntArray, judged: FloatArray) -> BoolArray:
    """Return the pairs of methods that are no longer linked when some one cluster is left out."""
    counts = judgments(table)
    sole = counts == judged[table[:, 1], table[:, 2]]
    held = np.zeros(judged.shape, bool)
    for cluster in np.unique(table[sole, 0]):
        rest = judged.copy()
        rows = table[sole & (table[:, 0] == cluster)]
        rest[rows[:, 1], rows[:, 2]] = rest[rows[:, 2], rows[:, 1]] = 0
        label = csgraph.connected_components(rest > 0, directed=False)[1]
        held |= label[:, None] != label[None, :]
    return held
