"""How far apart tastes are, pooled over all clusters and methods, and what that adds.

The scatter of clusters behind one difference may rest on two or three of them, or on one that has
most of the judgments. What all clusters show of tastes helps it out, as in moderated t tests
(Smyth 2004): the worth of both, in degrees of freedom, is added, and sets their weights.
docs/scoring.md has the formulas.
"""

from dataclasses import dataclass

import numpy as np

from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.inference.cluster_terms import ClusterTerms

# Tastes may be stronger about some methods than about others. So however many clusters and methods
# they are estimated from, their variance is never worth more degrees of freedom than this. Three
# clusters can't show that tastes go all one way, so with them it is worth nothing, however their
# effective number is rounded.
_TASTES_WORTH = 4.0
_TOO_FEW, _EACH_MORE = 3.000001, 2.0
# Weights of clusters and the variance that follows from them, each from the other.
_ROUNDS = 8
_LEAST = 1e-9


@dataclass(frozen=True, eq=False)
class Pooled:
    """Tastes as one clustering shows them.

    `variance`, in squared log odds, is that of what a cluster adds to a method. `weight`, shape
    (methods,), is that of the model with this variance, against the scatter, in each score's own
    variance; `degrees_of_freedom`, (methods, methods), is what both are worth together in the
    variances of differences, and of scores on the diagonal.
    """

    variance: float
    weight: FloatArray
    degrees_of_freedom: FloatArray


def pooled(terms: ClusterTerms, known: FloatArray, dispersion: float, effects: int = 0) -> Pooled:
    """Return the tastes that one clustering shows.

    `known`, shape (methods,), is the information about each score; `dispersion` is the observed
    over the expected variance of a judgment. Where the last `effects` of them are of covariates in
    place of scores, the model says nothing of these.
    """
    chance, taste = dispersion * terms.chance, terms.taste * _left_by_the_fit(terms.sizes)
    variance = _variance(terms.squares - chance, np.ones_like(taste), taste)
    for _ in range(_ROUNDS):
        weight = taste / (chance + variance * taste) ** 2
        variance = _variance(terms.squares - chance, weight, taste)
    told = taste**2 / (chance + variance * taste) ** 2
    clusters = float(told.sum() ** 2 / (told**2).sum())
    most = min(_TASTES_WORTH, _EACH_MORE * max(0.0, clusters - _TOO_FEW))
    worth = len(terms.meat) * max(0.0, clusters - 1)
    alone, alike = dispersion / known, variance * np.diag(terms.shares)[: len(known)]
    scatter = _scatter_worth(terms.shares, alone, alike, variance)
    # What independent judgments add to a variance is known.
    doubted = _sums(alike) / _sums(alone + alike)
    model = np.minimum(most / np.maximum(_LEAST, doubted) ** 2, np.maximum(0, worth - scatter))
    scored = len(known) - effects
    model[scored:] = model[:, scored:] = 0
    return Pooled(variance, np.diag(model / (model + scatter)), model + scatter)


def _left_by_the_fit(sizes: FloatArray) -> FloatArray:
    """Return how much of a cluster's tastes is left in its score vector, as CR2 makes it larger.

    The fit follows all tastes by their shares of the judgments, those of a large cluster most; CR2
    makes up for what it takes from independent judgments. With equal clusters this is 1.
    """
    share = sizes / sizes.sum()
    left: FloatArray = (1 - 2 * share + (share**2).sum()) / (1 - share)
    return left


def _variance(excess: FloatArray, weight: FloatArray, taste: FloatArray) -> float:
    """Return the variance of tastes with which clusters exceed chance by as much as they do."""
    return max(0.0, float(weight @ excess / (weight @ taste)))


def _scatter_worth(
    shares: FloatArray, alone: FloatArray, alike: FloatArray, variance: float
) -> FloatArray:
    """Return the degrees of freedom of what clusters show by themselves, (methods, methods).

    Cluster g adds q[g, i] + q[g, j] to the variance of the difference of i and j, by its shares of
    what is known about each, and so many equal clusters, less one for the fit, would be worth as
    much as these unequal ones are (Satterthwaite 1946; Bell & McCaffrey 2002). `alone` and
    `alike`, (methods,), are what chance and tastes add to the variance of each score.
    """
    size = len(alone)
    plain, mixed, squared = shares[:size, :size], shares[:size, size:], shares[size:, size:]
    crossed = variance * alone[:, None] * mixed
    products = np.outer(alone, alone) * plain + crossed + crossed.T + variance**2 * squared
    concentration = _sums(np.diag(products)) + 2 * products
    np.fill_diagonal(concentration, np.diag(products))
    worth: FloatArray = np.maximum(_LEAST, _sums(alone + alike) ** 2 / concentration - 1)
    return worth


def _sums(part: FloatArray) -> FloatArray:
    """Return what each two methods have together, and on the diagonal each by itself."""
    sums = part[:, None] + part
    np.fill_diagonal(sums, part)
    return sums
