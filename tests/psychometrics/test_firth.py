"""Bias-reduced scores against R's brglm, and against the penalised likelihood itself."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import optimize, special

from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.inference.bias_reduced import bias_reduced
from ratings.psychometrics.inference.fitting import fit
from ratings.psychometrics.model.firth import firth_scores
from ratings.psychometrics.model.win_graph import islands
from tests.psychometrics.sparse_contests import METHODS, sparse_tally

FOLDER = Path(__file__).parents[2] / "fixtures" / "paired"
# R 4.2.2, BradleyTerry2 1.1.2: BTm(..., br = TRUE), fitted by brglm 0.7.2 (br.epsilon = 1e-13).
BASEBALL = (1.0803784822, 0.6662629464, 1.4015757437, 1.5431223546, 1.2171194786, 1.2629175291)
CITATIONS = (-2.9443818218, -0.4790752610, 0.2685310228)
# fmt: off
SPARSE = (
    3.59360457, 1.44392519, 3.14261250, 0.00236625, 3.57239676, 0.76422224, 3.40425143,
    4.87555213, 2.05341424, 1.95221840, 0.88541449, 2.53881214, 2.54546563, 2.92286310,
    2.01676201, 4.82337939, -3.22395480, 1.88200223, 0.17146304, -0.97408417, 1.77513954,
    -0.30922029, -0.74465778, -0.08030351, -1.48354914, 0.61181653, 1.06115235, 2.06645966,
    -1.77144631, 1.04893776, -2.23263662, 3.44598706, 2.77714826, 2.57776927,
)
# fmt: on
COUNTS = st.integers(2, 6).flatmap(
    lambda size: st.lists(st.integers(0, 3), min_size=size * size, max_size=size * size)
)


def wins_of(name: str) -> FloatArray:
    """Return the wins of a textbook's file, methods by name."""
    with (FOLDER / name).open(encoding="utf-8") as lines:
        rows = list(csv.reader(lines))[1:]
    names = sorted({name for row in rows for name in row[:2]})
    wins = np.zeros((len(names), len(names)))
    for first, second, *counts in rows:
        i, j = names.index(first), names.index(second)
        wins[i, j], wins[j, i] = float(counts[0]), float(counts[1])
    return wins


@pytest.mark.parametrize(
    ("wins", "reference"),
    [
        (wins_of("baseball_1987.csv"), BASEBALL),
        (wins_of("citations_1994.csv"), CITATIONS),
        (sparse_tally().wins(), SPARSE),
    ],
)
def test_scores_are_those_of_r(wins: FloatArray, reference: tuple[float, ...]) -> None:
    score = firth_scores(wins)
    assert (score - score[0])[1:] == pytest.approx(reference, abs=1e-7)
    assert score.mean() == pytest.approx(0, abs=1e-12)


def test_one_pair_has_half_a_win_more_on_either_side() -> None:
    # One difference has one leverage: half a win for each, as Firth says of a binomial.
    score = firth_scores(np.array([[0.0, 60.0], [0.0, 0.0]]))
    assert score[0] - score[1] == pytest.approx(np.log(60.5 / 0.5))


@given(COUNTS)
@settings(max_examples=40, deadline=None)
def test_they_maximise_the_likelihood_with_jeffreys_prior(counts: list[int]) -> None:
    size = round(len(counts) ** 0.5)
    wins = np.array(counts, float).reshape(size, size)
    np.fill_diagonal(wins, 0)
    assume(len(islands(wins, "weak")) == 1)
    first, second = np.nonzero(np.triu(wins + wins.T))
    design = np.zeros((len(first), size))
    design[range(len(first)), first], design[range(len(first)), second] = 1, -1
    won, judged = wins[first, second], (wins + wins.T)[first, second]

    def loss(free: FloatArray) -> float:
        """Return what brglm minimises, the first method's score being 0."""
        logit = design[:, 1:] @ free
        weight = judged * special.expit(logit) * special.expit(-logit)
        log_likelihood = won @ special.log_expit(logit)
        log_likelihood += (judged - won) @ special.log_expit(-logit)
        information = design[:, 1:].T @ (weight[:, None] * design[:, 1:])
        return -float(log_likelihood + np.linalg.slogdet(information)[1] / 2)

    score = firth_scores(wins)
    own = (score - score[0])[1:]
    found = optimize.minimize(loss, own, method="BFGS", options={"gtol": 1e-7})
    assert loss(own) <= found.fun + 1e-8
    slope = optimize.approx_fprime(own, loss, 1e-6)
    assert slope == pytest.approx(np.zeros(size - 1), abs=1e-4)


def test_methods_that_no_judgment_links_are_named_as_the_problem() -> None:
    with pytest.raises(ValueError, match="No judgment links some of these methods"):
        firth_scores(np.zeros((2, 2)))


def test_sparse_contests_get_an_answer_for_every_method() -> None:
    tally = sparse_tally()
    rows, estimate = fit(tally).rows, bias_reduced(tally)
    on_scale = [row.method for row in rows if row.placed]
    # The maximum is finite for seven; nothing is said of the others' distances.
    assert len(on_scale) == 7 and [row.rank is None for row in rows] == [False] * 35
    assert estimate.keys() == {*METHODS}
    assert np.mean([estimate[name] for name in on_scale]) == pytest.approx(0, abs=1e-12)
    # Undefeated ones are ahead by it, and by how much depends on whom they met.
    best = [row.method for row in rows if row.open_end == "above"]
    worst = [row.method for row in rows if row.open_end == "below"]
    means = [np.mean([estimate[name] for name in some]) for some in (best, on_scale, worst)]
    assert means == sorted(means, reverse=True)
