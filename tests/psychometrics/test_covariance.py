"""The covariance against a plain reference: loops over judgments, and derivatives by differences.

The reference knows nothing of counts, sparse blocks or series; it is the formulas of
docs/scoring.md written down one by one.
"""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import linalg

from ratings.psychometrics.counts.tally import win_matrix
from ratings.psychometrics.design.simulation import RaterModel, Simulated, SyntheticCrowd
from ratings.psychometrics.inference.intervals import uncertainty
from ratings.psychometrics.model import davidson
from ratings.psychometrics.model.bradley_terry import scores

Floats = NDArray[np.float64]
STEP = 1e-5


def log_chance(point: Floats, i: int, j: int, outcome: int, methods: int) -> float:
    """Return an outcome's log probability (i wins, j wins, tie); half a win each without nu."""
    ahead = point[i] - point[j]
    if len(point) == methods:
        chance = 1 / (1 + np.exp(-ahead))
        return float(
            [np.log(chance), np.log(1 - chance), np.log(chance * (1 - chance)) / 2][outcome]
        )
    weights = np.exp([ahead / 2, -ahead / 2, point[-1]])
    return float(np.log(weights[outcome] / weights.sum()))


def gradient(function: Callable[[Floats], float], point: Floats) -> Floats:
    """Return central differences."""
    steps = np.eye(len(point)) * STEP
    return np.array([(function(point + s) - function(point - s)) / (2 * STEP) for s in steps])


def derivatives(point: Floats, methods: int) -> tuple[Floats, Floats]:
    """Return gradients [i, j, outcome] and expected information [i, j] of one judgment."""
    size = len(point)
    slopes = np.zeros((methods, methods, 3, size))
    fisher = np.zeros((methods, methods, size, size))
    for i in range(methods):
        for j in range(methods):
            if i == j:
                continue
            for outcome in range(3):
                slopes[i, j, outcome] = gradient(
                    lambda x, i=i, j=j, o=outcome: log_chance(x, i, j, o, methods),  # type: ignore[misc]
                    point,
                )
            for outcome in range(2 if size == methods else 3):
                chance = np.exp(log_chance(point, i, j, outcome, methods))
                slope = slopes[i, j, outcome]
                fisher[i, j] += chance * np.outer(slope, slope)
    return slopes, fisher


def reference(data: Simulated, point: Floats) -> tuple[Floats, Floats]:
    """Return covariance and degrees of freedom by the formulas, cluster by cluster."""
    methods = len(data.methods)
    slopes, fisher = derivatives(point, methods)
    pulls, blocks = slopes[data.left, data.right, data.choice], fisher[data.left, data.right]
    values, vectors = np.linalg.eigh(blocks.sum(axis=0))
    white = vectors[:, 1:] / np.sqrt(values[1:])
    independent = white.T @ (pulls.T @ pulls) @ white
    expected = np.trace(blocks.sum(axis=0)[:methods, :methods]) / 2
    observed = (pulls[:, :methods] ** 2).sum() / 2
    least = 0.5 * min(1.0, (observed + 0.25) / (expected + 0.25))
    dispersion = max(least, np.trace(independent) / len(independent))
    parts, freedoms = [], []
    for cluster in (data.rater, data.picture):
        owns = [blocks[cluster == g].sum(axis=0) for g in np.unique(cluster)]
        sums = [pulls[cluster == g].sum(axis=0) for g in np.unique(cluster)]
        sizes = np.array([(cluster == g).sum() for g in np.unique(cluster)], float)
        part, freedom = one_way(owns, sums, sizes, white, independent, dispersion, methods)
        parts.append(part)
        freedoms.append(freedom)
    meat = repaired(parts[0] + parts[1] - independent, least)
    covariance = (white @ meat @ white.T)[:methods, :methods]
    contrasts = [
        white[i] - (white[j] if i != j else 0) for i in range(methods) for j in range(methods)
    ]
    errors = np.zeros(len(contrasts))
    for c, contrast in enumerate(contrasts):
        total, *by_way = (
            max(contrast @ part @ contrast, least * contrast @ contrast) for part in (meat, *parts)
        )
        doubt = [v**2 / freedoms[w].ravel()[c] for w, v in enumerate(by_way)]
        errors[c] = max(1.0, total**2 / sum(doubt))
    return covariance, errors.reshape(methods, methods)


def one_way(
    owns: list[Floats],
    sums: list[Floats],
    sizes: Floats,
    white: Floats,
    independent: Floats,
    dispersion: float,
    methods: int,
) -> tuple[Floats, Floats]:
    """Return the blend of scatter and model, and its degrees of freedom, from clusters' terms."""
    size, coordinates = white.shape
    score_vectors, spread = [], np.zeros((coordinates,) * 2)
    for own, pull in zip(owns, sums, strict=True):
        leverage = np.eye(coordinates) - white.T @ own @ white
        score_vectors.append(linalg.inv(linalg.sqrtm(leverage)).real @ white.T @ pull)
        spread += white.T @ own @ own @ white
    scatter = np.sum([np.outer(u, u) for u in score_vectors], axis=0)
    whole = np.sum(owns, axis=0)
    shares = np.array([np.diag(own)[:methods] / np.diag(whole)[:methods] for own in owns])
    chance = coordinates * shares.sum(axis=1) / shares.sum() * dispersion
    taste = np.array([s**2 @ np.diag(whole)[:methods] for s in shares])
    part = sizes / sizes.sum()
    taste *= np.trace(spread) / taste.sum() * (1 - 2 * part + part @ part) / (1 - part)
    variance = tastes([u @ u for u in score_vectors] - chance, chance, taste)
    told = taste**2 / (chance + variance * taste) ** 2
    clusters = told.sum() ** 2 / (told @ told)
    most, trusted = (
        coordinates * max(0.0, clusters - 1),
        min(4.0, 2 * max(0.0, clusters - 3.000001)),
    )
    worth, model = np.zeros((methods,) * 2), np.zeros((methods,) * 2)
    for i in range(methods):
        for j in range(methods):
            both = [i] if i == j else [i, j]
            alone = (dispersion * shares / np.diag(whole)[:methods])[:, both].sum(axis=1)
            alike = (variance * shares**2)[:, both].sum(axis=1)
            each = alone + alike
            worth[i, j] = max(1e-9, each.sum() ** 2 / (each @ each) - 1)
            doubted = max(1e-9, alike.sum() / each.sum())
            model[i, j] = min(trusted / doubted**2, max(0.0, most - worth[i, j]))
    weight = np.diag(model / (model + worth))
    weight = np.append(weight, np.full(size - methods, weight.mean()))
    blend = np.zeros((coordinates,) * 2)
    for root, matrix in (
        (np.sqrt(1 - weight), scatter),
        (np.sqrt(weight), independent + variance * spread),
    ):
        scaled = white.T @ whole @ np.diag(root) @ white
        blend += scaled @ matrix @ scaled.T
    return blend, model + worth


def tastes(excess: Floats, chance: Floats, taste: Floats) -> float:
    """Return the variance of tastes by a least-squares fit, clusters weighted by what they tell."""
    variance = max(0.0, excess.sum() / taste.sum())
    for _ in range(8):
        weight = taste / (chance + variance * taste) ** 2
        variance = max(0.0, weight @ excess / (weight @ taste))
    return float(variance)


def repaired(matrix: Floats, least: float) -> Floats:
    """Raise eigenvalues below the least to it."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    whole: Floats = vectors @ np.diag(np.maximum(values, least)) @ vectors.T
    return whole


def simulated(seed: int, methods: int, raters: int, pictures: int) -> Simulated:
    """Let a small crowd judge, with ties."""
    people = SyntheticCrowd(
        [f"m{i}" for i in range(methods)],
        [f"p{i}" for i in range(pictures)],
        raters,
        np.random.default_rng(seed),
        strengths=np.linspace(-1, 1, methods).tolist(),
        rater_model=RaterModel(taste_sd=0.6, picture_sd=0.6, unsure=0.3, activity_sd=0.8),
    )
    return people.simulate(500)


@pytest.mark.parametrize("ties", ["half", "davidson"])
@given(st.integers(0, 10**6), st.integers(2, 5), st.integers(2, 12), st.integers(2, 12))
@settings(max_examples=12)
def test_covariance_and_degrees_of_freedom_follow_the_formulas(
    ties: str, seed: int, methods: int, raters: int, pictures: int
) -> None:
    data = simulated(seed, methods, raters, pictures)
    tally = data.tally()
    if ties == "half":
        score, tie = scores(tally.wins()), None
        point = score
    else:
        fitted = davidson.fit_davidson(tally.wins() - tally.ties() / 2, tally.ties())
        score, tie = fitted.score, fitted.tie
        point = np.append(score, np.log(tie))
    ours = uncertainty(tally, score, tie)
    assert ours is not None
    covariance, freedom = reference(data, point)
    assert ours.covariance == pytest.approx(covariance, rel=1e-4, abs=1e-6 * covariance.max())
    assert ours.degrees_of_freedom == pytest.approx(freedom, rel=1e-4)


def test_on_many_clusters_it_is_that_of_refits_to_resampled_clusters() -> None:
    people = SyntheticCrowd(
        [f"m{i}" for i in range(5)],
        [f"p{i}" for i in range(50)],
        50,
        np.random.default_rng(5),
        strengths=np.linspace(-1, 1, 5).tolist(),
        rater_model=RaterModel(taste_sd=0.5, picture_sd=0.5, unsure=0.2),
    )
    tally, rng = people.simulate(30_000).tally(), np.random.default_rng(6)
    wins = tally.wins()

    def resampled(table: NDArray[np.int64]) -> Floats:
        """Return the wins of as many clusters, drawn with replacement."""
        times = np.bincount(rng.integers(0, 50, 50), minlength=50)
        drawn = table.copy()
        drawn[:, 3:] *= times[table[:, 0], None]
        return win_matrix(drawn, 5)

    # Owen's pigeonhole bootstrap (2007), but for the product of both changes.
    refits = [
        scores(resampled(tally.by_rater) + resampled(tally.by_picture) - wins) for _ in range(500)
    ]
    ours = uncertainty(tally, scores(wins))
    assert ours is not None
    ratio = np.std(refits, axis=0) / np.sqrt(np.diag(ours.covariance))
    assert ratio == pytest.approx(1, abs=0.2)
