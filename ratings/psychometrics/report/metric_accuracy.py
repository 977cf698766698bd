"""How often a metric decides between two pictures as people do, and what any metric could reach."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import FloatArray, IntArray
from ratings.psychometrics.counts.cluster_levels import ALONE, Members, different


@dataclass(frozen=True, eq=False)
class PairAnswers:
    """Judgments, one entry each, numbered from 0: by whom, on which picture, of which unit.

    Raters who have a group are numbered by it, and pictures that have a scene: they are clusters,
    and `members` says how many raters and pictures they are made of.
    A unit is one pair of methods on one crop. `preferred` is 1 where its first was preferred, 0
    where its second was, 0.5 for a tie; no rater answers a unit twice.
    """

    rater: IntArray
    picture: IntArray
    unit: IntArray
    preferred: FloatArray
    members: Members = ALONE

    @property
    def raters(self) -> int:
        """Number of raters, whatever their groups."""
        return different(self.rater) if self.members.raters is None else self.members.raters

    @property
    def pictures(self) -> int:
        """Number of pictures, whatever their scenes."""
        return different(self.picture) if self.members.pictures is None else self.members.pictures

    @property
    def judgments(self) -> int:
        """Number of judgments, ties included."""
        return len(self.preferred)


@dataclass(frozen=True)
class Share:
    """A mean over judgments; without an interval where it can't be known how far it scatters."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Ceiling:
    """Bounds of the accuracy of a metric that knew what most people prefer, on each unit.

    They are from `judgments` of units that several raters judged.
    """

    low: float
    high: float
    judgments: int


def accuracy(answers: PairAnswers, decisions: FloatArray, level: float = 0.95) -> Share:
    """Return the share of judgments that a metric's decisions agree with.

    `decisions`, shape (units,), are 1 for the first, 0 for the second, 0.5 for neither. A tie of
    people or of the metric counts half. The interval is for raters and pictures drawn anew, of
    whom judgments come in clusters (Cameron, Gelbach & Miller 2011). Raises ValueError without
    judgments.
    """
    credit = _credit(answers, decisions)
    return _share(credit, answers, level, (0.0, 1.0))


def accuracy_difference(
    answers: PairAnswers, one: FloatArray, other: FloatArray, level: float = 0.95
) -> Share:
    """Return how much more often `one` agrees than `other`, on the very same judgments.

    Raises ValueError without judgments.
    """
    credit = _credit(answers, one) - _credit(answers, other)
    return _share(credit, answers, level, (-1.0, 1.0))


def ceiling(answers: PairAnswers) -> Ceiling | None:
    """Return bounds of the accuracy that is attainable; None where no unit was judged twice.

    With p the share of people who prefer a unit's first (a tie half), nobody is right more often
    than |p - 1/2| + 1/2. Two raters' judgments of a unit agree with probability
    1/2 + 2 (p - 1/2)², whose mean A over pairs of raters is unbiased. As |p - 1/2| is at most 1/2,
    the ceiling is at least A; by Jensen's inequality it is at most 1/2 + sqrt((A - 1/2) / 2).
    """
    judged = np.bincount(answers.unit)
    side = answers.preferred - 0.5
    total, squares = (np.bincount(answers.unit, weights) for weights in (side, side**2))
    several = judged > 1
    if not several.any():
        return None
    # Of all ordered pairs of a unit's judgments, weighed by judgments and not by pairs.
    product = (total**2 - squares)[several] / (judged[several] - 1)
    judgments = int(judged[several].sum())
    excess = max(0.0, float(product.sum()) / judgments)
    return Ceiling(0.5 + 2 * excess, 0.5 + float(np.sqrt(excess)), judgments)


def _credit(answers: PairAnswers, decisions: FloatArray) -> FloatArray:
    """Return 1 for each judgment agreed with, 0 for each against it, 0.5 where either is a tie."""
    credit: FloatArray = 0.5 + 2 * (answers.preferred - 0.5) * (decisions[answers.unit] - 0.5)
    return credit


def _share(
    values: FloatArray, answers: PairAnswers, level: float, ends: tuple[float, float]
) -> Share:
    if not len(values):
        raise ValueError("There are no judgments to compare with.")
    mean = float(values.mean())
    error, freedom = _error(values - mean, answers)
    if not error:
        return Share(mean, None, None)
    margin = error * float(special.stdtrit(freedom, (1 + level) / 2))
    return Share(mean, max(ends[0], mean - margin), min(ends[1], mean + margin))


def _error(residuals: FloatArray, answers: PairAnswers) -> tuple[float, float]:
    """Return the standard error of the residuals' mean, and its degrees of freedom.

    Two judgments go together where they share rater or picture. 0 with one rater or picture.
    """
    clusterings = (answers.rater, answers.picture)
    clusters = min(_effective(cluster) for cluster in clusterings)
    if clusters < 1.5:  # one, or one with hardly anything beside it
        return 0.0, 1.0
    both = answers.rater * (answers.picture.max() + 1) + answers.picture
    by_rater, by_picture, by_both = (
        float((np.bincount(_dense(cluster), residuals) ** 2).sum())
        for cluster in (*clusterings, both)
    )
    variance = max(by_rater + by_picture - by_both, by_rater, by_picture)
    scale = clusters / (clusters - 1)
    return float(np.sqrt(variance * scale)) / len(residuals), clusters - 1


def _effective(cluster: IntArray) -> float:
    """Return the number of clusters of equal size that would be worth as much (Kish 1965)."""
    sizes = np.bincount(_dense(cluster)).astype(np.float64)
    return float(sizes.sum() ** 2 / (sizes**2).sum())


def _dense(cluster: IntArray) -> IntArray:
    """Return numbers without gaps."""
    return np.unique(cluster, return_inverse=True)[1]
