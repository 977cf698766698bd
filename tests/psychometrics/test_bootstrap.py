"""The cluster bootstrap: exact refits, and agreement with the analytic covariance."""

import numpy as np
import pytest

from ratings.psychometrics.bootstrap import bootstrap
from ratings.psychometrics.bradley_terry import information, scores, win_probabilities
from ratings.psychometrics.intervals import uncertainty
from ratings.psychometrics.simulation import Habits, SyntheticCrowd
from ratings.psychometrics.tally import Tally, cluster_count, tally_judgments, win_matrix


def crowd(seed: int, raters: int, pictures: int, judgments: int) -> Tally:
    """Let a crowd with tastes judge five methods."""
    people = SyntheticCrowd(
        [f"m{i}" for i in range(5)],
        [f"p{i}" for i in range(pictures)],
        raters,
        np.random.default_rng(seed),
        strengths=np.linspace(-1, 1, 5).tolist(),
        habits=Habits(taste_sd=0.5, picture_sd=0.5, unsure=0.2),
    )
    return people.simulate(judgments).tally()


def test_each_replicate_is_the_fit_of_its_clusters() -> None:
    tally = crowd(1, 12, 15, 2500)
    found = bootstrap(tally, 20, np.random.default_rng(2), by="rater")
    drawn = np.random.default_rng(2).multinomial(12, np.full(12, 1 / 12), size=20)
    for weights, replicate in zip(drawn, found.replicates, strict=True):
        table = tally.by_rater.copy()
        table[:, 3:] *= weights[table[:, 0], None]
        assert replicate == pytest.approx(scores(win_matrix(table, 5)), abs=1e-7)


def test_by_rater_it_has_the_clusters_covariance() -> None:
    tally = crowd(3, 60, 50, 20_000)
    found = bootstrap(tally, 3000, np.random.default_rng(4), by="rater")
    wins = tally.wins()
    inverse = np.linalg.pinv(information(wins + wins.T, win_probabilities(scores(wins))))
    pulls = []
    for g in range(cluster_count(tally.by_rater)):
        mine = win_matrix(tally.by_rater[tally.by_rater[:, 0] == g], 5)
        chance = win_probabilities(scores(wins))
        pulls.append((mine * chance.T - mine.T * chance).sum(axis=1) @ inverse)
    scatter = np.array(pulls).T @ np.array(pulls)
    assert np.diag(found.covariance()) == pytest.approx(np.diag(scatter), rel=0.12)


def test_both_ways_it_agrees_with_the_analytic_intervals() -> None:
    tally = crowd(5, 50, 50, 30_000)
    found = bootstrap(tally, 2000, np.random.default_rng(6))
    known = uncertainty(tally, scores(tally.wins()))
    assert known is not None and found.failed == 0
    ratio = np.sqrt(np.diag(found.covariance()) / np.diag(known.covariance))
    assert ratio == pytest.approx(1, abs=0.15)
    low, high = found.intervals()
    assert (low < found.score).all() and (found.score < high).all()
    low, high = found.difference_intervals(0.9)
    assert low == pytest.approx(-high.T)
    assert (high - low)[0, 4] == pytest.approx(2 * 1.645 * known.difference_se()[0, 4], rel=0.2)


def test_the_same_generator_gives_the_same_replicates() -> None:
    tally = crowd(7, 9, 9, 900)
    one, other = (bootstrap(tally, 50, np.random.default_rng(8)) for _ in range(2))
    assert (one.replicates == other.replicates).all()


def test_replicates_without_finite_scores_are_counted() -> None:
    # All of b's wins come from one rater: about a third of replicates leave that one out.
    trials = [(r, p, "a", "b", "left") for r in "uvwx" for p in "kl"] + [
        ("u", "k", "b", "a", "left")
    ]
    found = bootstrap(
        tally_judgments(*zip(*trials, strict=True)), 300, np.random.default_rng(9), "rater"
    )
    assert 60 < found.failed < 130
    assert len(found.replicates) == 300 - found.failed


def test_senseless_demands_are_refused() -> None:
    tally, rng = crowd(10, 5, 5, 300), np.random.default_rng(11)
    with pytest.raises(ValueError, match="two replicates"):
        bootstrap(tally, 1, rng)
    single = tally_judgments(["r"] * 2, ["p", "q"], ["a"] * 2, ["b"] * 2, ["left", "right"])
    with pytest.raises(ValueError, match="two clusters"):
        bootstrap(single, 10, rng, by="rater")
