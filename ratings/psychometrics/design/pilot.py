"""A pilot's judgments as what a plan assumes: strengths with their doubt, raters and pictures.

How far raters and pictures differ is told by residuals of the fit. Two judgments by one rater on
different pictures share nothing but the rater's tastes; so the mean product of their residuals,
over what a taste of variance 1 would make it, is the variance of tastes (a moment estimate, as
MINQUE's; Rao 1971). For pictures likewise, over two judgments by different raters. What a
fit tells is blurred by both: strengths are drawn apart until the blurred ones are the pilot's.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize, special

from ratings.psychometrics.arrays import FloatArray, Numbers
from ratings.psychometrics.counts.judgment_arrays import LEFT_WON, JudgmentArrays
from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.design.expectation import outcomes
from ratings.psychometrics.design.simulation import RaterModel
from ratings.psychometrics.inference.fitting import Fit, fit
from ratings.psychometrics.model.bradley_terry import information, win_probabilities
from ratings.psychometrics.model.davidson import fit_davidson
from ratings.psychometrics.raters.influence import influence

# Strengths differ by this variance at least: a pilot that can't tell is no sign that none does.
_LEAST_SPREAD = 0.05**2
# Tastes and pictures blur at most so much.
_MOST_BLUR = 10.0
_ROUNDS = 20
# With so few methods little is left beside the order itself.
_FEW = 3
_MOST_NAMED = 10
_GO_ON = "Let the pilot go on, or leave its ties out of the file."
# Clusters of more judgments than so often the methods are looked at by matrices, not by pairs.
_PAIRS_UP_TO = 2
# So many numbers are held at once: some megabytes.
_AT_ONCE = 1 << 20


@dataclass(frozen=True, eq=False)
class Pilot:
    """What a pilot tells: `strengths`, (methods,), of `methods`, and their `covariance`.

    They are those of one rater on one picture, in log odds; `rater_model` has its own spreads of
    tastes and pictures, and its share of ties. `activity_sd` is the deviation of the logarithm of
    judgments a rater.
    """

    methods: tuple[str, ...]
    strengths: FloatArray
    covariance: FloatArray
    rater_model: RaterModel
    activity_sd: float


def pilot(judgments: JudgmentArrays) -> Pilot:
    """Return what a pilot's judgments tell of a study like it.

    Raises ValueError, naming what to mend, where they don't place all methods on one scale, or
    come from too few raters or pictures for intervals.
    """
    tally = judgments.tally()
    fitted = fit(tally)
    score, covariance = _placed(fitted, judgments.methods)
    wins = tally.wins()
    known = information(wins + wins.T, win_probabilities(score))
    by_chance: FloatArray = np.linalg.pinv(known, hermitian=True).astype(np.float64)
    tastes, pictures = (
        _spread(judgments, score, by_chance, cluster, len(names))
        for cluster, names in (
            (judgments.rater, judgments.raters),
            (judgments.image, judgments.images),
        )
    )
    unsure = _unsure(tally)
    model, blur = _clear(score, RaterModel(tastes, pictures, careless=0, lapse=0, unsure=unsure))
    strengths, doubt = _shrunk(score, covariance)
    counts = np.bincount(judgments.rater, minlength=len(judgments.raters))
    return Pilot(
        judgments.methods,
        blur * strengths,
        blur**2 * doubt,
        model,
        _activity(counts[counts > 0].astype(np.float64)),
    )


def _placed(fitted: Fit, methods: tuple[str, ...]) -> tuple[FloatArray, FloatArray]:
    """Return scores and covariance in the order of `methods`. Raises ValueError."""
    placed = {row.method: row.score for row in fitted.rows if row.placed}
    lacking = [name for name in methods if name not in placed]
    if lacking:
        more = len(lacking) - _MOST_NAMED
        named = ", ".join(lacking[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        raise ValueError(
            f"The pilot has no distance from the others for: {named}. A method needs to have won "
            "against them and lost. Leave its rows out of the file, or let the pilot go on."
        )
    if fitted.covariance is None or not np.isfinite(fitted.covariance).all():
        raise ValueError("The pilot tells no errors: it needs several raters and pictures.")
    order = [list(placed).index(name) for name in methods]
    score = np.array([placed[name] for name in methods], np.float64)
    return score, fitted.covariance[np.ix_(order, order)]


def _spread(
    judgments: JudgmentArrays,
    score: FloatArray,
    covariance: FloatArray,
    cluster: Numbers,
    clusters: int,
) -> float:
    """Return the deviation of what a cluster (rater or picture) adds, on the scale of the fit.

    Residuals are from scores without the cluster; what these scores' chance errors add (their
    `covariance`) is taken off. Left out is what goes along the scores themselves: careless and
    keen raters follow them less and more, which tells nothing of tastes for neighbours.
    """
    without = influence(judgments.counts(cluster), clusters, score).without
    left, right = judgments.left.astype(np.int64), judgments.right.astype(np.int64)
    chance = special.expit(without[cluster, left] - without[cluster, right])
    fitted = win_probabilities(score)[left, right]
    across = np.eye(len(score))
    if len(score) > _FEW:
        across -= np.outer(score, score) / max(float(score @ score), 1e-9)
    pairs = left, right, LEFT_WON[judgments.choice] - chance, fitted * (1 - fitted)
    cell = judgments.rater.astype(np.int64) * len(judgments.images) + judgments.image
    whole, parts = (
        _products(covariance, across, np.unique(place, return_inverse=True)[1], *pairs)
        for place in (cluster, cell)
    )
    product, weight = whole[0] - parts[0], whole[1] - parts[1]
    return float(np.sqrt(max(product / max(weight, 1e-9), 0.0)))


def _products(
    covariance: FloatArray,
    across: FloatArray,
    cluster: Numbers,
    left: Numbers,
    right: Numbers,
    residual: FloatArray,
    slope: FloatArray,
) -> tuple[float, float]:
    """Return products of residuals within clusters, and what effects of variance 1 would make them.

    Over pairs of judgments k, l of one cluster: the sum of e_k e_l x_k' P x_l less
    w_k w_l x_k' C x_l x_k' P x_l, and that of w_k w_l x_k' x_l x_k' P x_l, x being 1 for the left
    and -1 for the right method, e the residual, w the slope, C the covariance of the scores and P
    (`across`) what is looked at.
    """
    # A cluster costs the pairs of its judgments, or a product of matrices of all methods.
    many = np.bincount(cluster)[cluster] > _PAIRS_UP_TO * len(covariance)
    product = weight = 0.0
    for chosen, summed in ((~many, _by_pairs), (many, _by_matrices)):
        if chosen.any():
            own = np.unique(cluster[chosen], return_inverse=True)[1]
            columns = left[chosen], right[chosen], residual[chosen], slope[chosen]
            more, heavier = summed(covariance, across, own, *columns)
            product, weight = product + more, weight + heavier
    return product, weight


def _by_pairs(
    covariance: FloatArray,
    across: FloatArray,
    cluster: Numbers,
    left: Numbers,
    right: Numbers,
    residual: FloatArray,
    slope: FloatArray,
) -> tuple[float, float]:
    """Return what `_products` does, pair by pair; clusters of one size are taken together."""
    product = weight = 0.0
    order = np.argsort(cluster, kind="stable")
    sizes = np.bincount(cluster)
    for size in np.unique(sizes).tolist():
        rows = order[(sizes == size)[cluster[order]]].reshape(-1, size)
        for some in np.array_split(rows, -(-rows.size * size // _AT_ONCE)):
            one, other = (left[some], right[some]), (slope[some], residual[some])
            looked, alike = _between(across, *one), _between(np.eye(len(across)), *one)
            slopes, residuals = (value[:, :, None] * value[:, None, :] for value in other)
            by_errors = slopes * _between(covariance, *one)
            product += float(((residuals - by_errors) * looked).sum())
            weight += float((slopes * alike * looked).sum())
    return product, weight


def _between(matrix: FloatArray, left: Numbers, right: Numbers) -> FloatArray:
    """Return x_k' M x_l of all pairs within clusters, (clusters, size, size); see `_products`."""
    (a, b), (c, d) = ((side[:, :, None], side[:, None, :]) for side in (left, right))
    return np.asarray(matrix[a, b] - matrix[a, d] - matrix[c, b] + matrix[c, d], np.float64)


def _by_matrices(
    covariance: FloatArray,
    across: FloatArray,
    cluster: Numbers,
    left: Numbers,
    right: Numbers,
    residual: FloatArray,
    slope: FloatArray,
) -> tuple[float, float]:
    """Return what `_products` does, a Laplacian of each cluster at a time."""
    size, product, weight = len(covariance), 0.0, 0.0
    block = max(1, _AT_ONCE // size**2)
    order = np.argsort(cluster, kind="stable")
    starts = np.searchsorted(cluster[order], np.arange(0, cluster.max() + 2, block))
    for start, end in zip(starts, [*starts[1:], len(order)], strict=True):
        some = order[start:end]
        place, shape = cluster[some] % block * size, (block, size, size)
        total = np.bincount(place + left[some], residual[some], block * size)
        total -= np.bincount(place + right[some], residual[some], block * size)
        met = np.zeros(shape)
        np.add.at(met, (cluster[some] % block, left[some], right[some]), slope[some])
        met += met.transpose(0, 2, 1)
        laplacian = np.eye(size) * met.sum(axis=2)[:, :, None] - met
        by_errors = float(((laplacian @ covariance) * (across @ laplacian)).sum())
        total = total.reshape(-1, size)
        product += float(((total @ across) * total).sum()) - by_errors
        weight += float(((laplacian @ across) * laplacian).sum())
    return product, weight


def _unsure(tally: Tally) -> float:
    """Return the share of ties between equals: Davidson's, 0 without ties."""
    ties = tally.ties()
    if not ties.any():
        return 0.0
    try:
        tie = fit_davidson(tally.wins() - ties / 2, ties).tie
    except ValueError as error:
        raise ValueError(f"The pilot can't say how often people tie. {error} {_GO_ON}") from None
    return tie / (2 + tie)


def _clear(score: FloatArray, seen: RaterModel) -> tuple[RaterModel, float]:
    """Return the model of raters, and by how much strengths lie farther apart than the scores."""
    distance = np.sqrt(2) * max(float(score.std()), 0.1)
    model, blur = seen, 1.0

    def gap(blur: float) -> float:
        mean = outcomes(np.array([[blur * distance]]), model)[0].item()
        return float(np.log(mean / (1 - mean)) - distance)

    for _ in range(_ROUNDS):
        blur = float(optimize.brentq(gap, 0.5, _MOST_BLUR)) if gap(_MOST_BLUR) > 0 else _MOST_BLUR
        model = replace(seen, taste_sd=blur * seen.taste_sd, picture_sd=blur * seen.picture_sd)
    return model, blur


def _shrunk(score: FloatArray, covariance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the scores' mean and covariance given the pilot: strengths are normal beforehand.

    Their variance is that of the scores less their mean error.
    """
    size = len(score)
    error = float(np.trace(covariance)) / max(size - 1, 1)
    spread = max(float(score.var(ddof=1)) - error, _LEAST_SPREAD)
    keep = spread * np.linalg.inv(spread * np.eye(size) + covariance)
    doubt = spread * (np.eye(size) - keep)
    return keep @ score, (doubt + doubt.T) / 2


def _activity(counts: FloatArray) -> float:
    """Return the deviation of log activities, less what chance adds; 0 for equal ones."""
    if len(counts) < 2:
        return 0.0
    return float(np.sqrt(max(0.0, float(np.log(counts).var(ddof=1) - (1 / counts).mean()))))
