"""What raters and pictures leave: the part of a score's variance that more judgments don't lower.

Raters have tastes and pictures have effects, so judgments of one rater, or of one picture, are
alike. What that adds to the scores' variance falls only with more raters, or more pictures.
"""

from dataclasses import dataclass

import numpy as np

from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.inference.cluster_terms import ClusterTerms, cluster_terms
from ratings.psychometrics.model.likelihood import outcomes
from ratings.psychometrics.model.prior import prior_information, prior_scores


@dataclass(frozen=True)
class Floor:
    """Variance of a score, in squared log odds and on average over methods, that stays.

    `raters`: however much those who came so far still judge. `pictures`: whoever judges these
    pictures. Both are 0 where nothing can be told.
    """

    raters: float = 0.0
    pictures: float = 0.0

    @property
    def difference(self) -> float:
        """The variance of a difference of two scores that stays."""
        return 2 * (self.raters + self.pictures)


NO_FLOOR = Floor()


def variance_floor(tally: Tally) -> Floor:
    """Estimate the floor of a study; 0 with a single cluster of either, which tells nothing.

    By moments: tastes vary alike in all directions, by as much as the sum of squares of the
    clusters' residuals (CR2) exceeds that of independent judgments, as in `intervals`. Scores rest
    on a weak prior, so that any study has them.
    """
    if min(tally.rater_clusters, tally.picture_clusters) < 2:
        return NO_FLOOR
    wins = tally.wins()
    score = prior_scores(wins)
    information = prior_information(wins + wins.T, score)
    values, vectors = np.linalg.eigh(information)
    whitening: FloatArray = vectors / np.sqrt(values)
    expected = outcomes(score)
    products = expected.observed_products(wins, tally.ties())
    chance = float(np.trace(whitening.T @ expected.square(products) @ whitening))
    tables = tally.by_rater, tally.by_picture
    terms = (cluster_terms(each, expected, whitening, information) for each in tables)
    return Floor(*(_left(each, whitening, chance) for each in terms))


def _left(terms: ClusterTerms, whitening: FloatArray, chance: float) -> float:
    """Return what one clustering leaves of a score's variance, on average over methods."""
    variance = max(0.0, float(np.trace(terms.meat)) - chance)
    variance /= float(np.trace(terms.unit_heterogeneity))
    moved = whitening @ terms.unit_heterogeneity @ whitening.T
    differences = np.trace(moved) - moved.mean() * len(moved)
    return variance * float(differences) / (len(moved) - 1)
