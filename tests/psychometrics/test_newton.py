"""Newton's method with a damped step, beside scipy's optimizers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, special

from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.model.newton import maximize


def logistic(won: FloatArray, lost: FloatArray, start: FloatArray) -> FloatArray:
    """Return the likeliest log odds of independent series of wins and losses."""

    def newton_step(x: FloatArray) -> FloatArray:
        p = special.expit(x)
        return (won * (1 - p) - lost * p) / ((won + lost) * p * (1 - p))

    return maximize(start, newton_step, lambda step: float(np.abs(step).max()))


@given(st.lists(st.tuples(st.integers(1, 1000), st.integers(1, 1000)), min_size=1, max_size=4))
def test_it_finds_a_maximum_that_is_known_in_closed_form(counts: list[tuple[int, int]]) -> None:
    won, lost = np.array(counts, float).T
    assert logistic(won, lost, np.zeros(len(won))) == pytest.approx(np.log(won / lost), abs=1e-10)


@pytest.mark.parametrize("start", [-30.0, -8.0, 3.0, 25.0])
def test_a_far_start_takes_damped_steps_where_full_ones_would_fly_away(start: float) -> None:
    won, lost = np.array([3.0]), np.array([2.0])
    p = special.expit(start)
    full = (won * (1 - p) - lost * p) / ((won + lost) * p * (1 - p))
    assert abs(start + full[0]) > abs(start) or abs(start) < 5
    assert logistic(won, lost, np.array([start])) == pytest.approx(np.log(1.5), abs=1e-10)


def test_it_agrees_with_an_optimizer_on_a_regression() -> None:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(60, 3))
    won = rng.random(60) < special.expit(rows @ [1.0, -2.0, 0.5])

    def newton_step(x: FloatArray) -> FloatArray:
        p = special.expit(rows @ x)
        return np.asarray(
            np.linalg.solve((rows.T * (p * (1 - p))) @ rows, rows.T @ (won - p)), np.float64
        )

    def loss(x: FloatArray) -> float:
        return float(np.logaddexp(0, np.where(won, -1, 1) * (rows @ x)).sum())

    ours = maximize(np.zeros(3), newton_step, lambda step: float(np.abs(rows @ step).max()))
    other = optimize.minimize(loss, np.zeros(3), method="BFGS", options={"gtol": 1e-9})
    assert ours == pytest.approx(other.x, abs=1e-5)
    assert loss(ours) <= other.fun + 1e-12


def test_without_a_maximum_it_says_so() -> None:
    with pytest.raises(ArithmeticError, match="no maximum"):
        maximize(np.zeros(1), np.ones_like, lambda step: float(np.abs(step).max()))
