"""What scores of methods with an open end are at least, or at most."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special

from ratings.psychometrics.arrays import IntArray
from ratings.psychometrics.counts.tally import Tally, tally_judgments
from ratings.psychometrics.inference.fitting import Fit, Row, fit
from ratings.psychometrics.model.one_sided import AllWon, least_score

Trial = tuple[str, str, str, str, str]
UPPER = tuple(f"u{number}" for number in range(7))
LOWER = tuple(f"l{number}" for number in range(8))


def by_method(fitted: Fit) -> dict[str, Row]:
    """Return the rows by method."""
    return {row.method: row for row in fitted.rows}


def judged_among(names: tuple[str, ...], times: int, seed: int) -> list[Trial]:
    """Return judgments of all pairs by 20 raters of 30 pictures; earlier names are better."""
    rng = np.random.default_rng(seed)
    return [
        (
            f"r{rng.integers(20)}",
            f"p{rng.integers(30)}",
            names[i],
            names[j],
            "left" if rng.random() < 1 / (1 + np.exp(0.3 * (i - j))) else "right",
        )
        for i, j in combinations(range(len(names)), 2)
        for _ in range(times)
    ]


def seven_beat_eight() -> list[Trial]:
    """Return 112 judgments that seven methods won against eight, which were judged themselves."""
    pairs = [(one, other) for one in UPPER for other in LOWER for _ in range(2)]
    beaten = [
        (f"r{number % 20}", f"p{number * 7 % 30}", one, other, "left")
        for number, (one, other) in enumerate(pairs)
    ]
    return beaten + judged_among(LOWER, 20, seed=1)


def tally_of(trials: list[Trial]) -> Tally:
    """Tally trials of (rater, image, left, right, choice)."""
    return tally_judgments(*zip(*trials, strict=True))


def all_won(cells: list[tuple[int, int, int]]) -> AllWon:
    """Return judgments of (rater, picture, opponent) that one method won."""
    tables = []
    for cluster in (0, 1):
        pairs, counts = np.unique([(c[cluster], c[2]) for c in cells], axis=0, return_counts=True)
        tables.append(np.column_stack([pairs, counts]))
    return AllWon(*tables)


def test_who_wins_all_of_its_200_judgments_is_first_with_a_bound() -> None:
    names = ("a", "b", "c", "d")
    trials = judged_among(names, 50, seed=2)
    trials += [
        (f"r{number % 10}", f"p{number % 12}", "best", name, "left")
        for name in names
        for number in range(50)
    ]
    fitted = fit(tally_of(trials))
    best, second = fitted.rows[:2]
    assert (best.rank, best.rank_low, best.rank_high, best.method) == (1, 1, 1, "best")
    assert (best.open_end, best.score_at_most, best.judgments) == ("above", None, 200)
    # Ten raters: ten independent judgments, which are all that it needs against the best of them.
    assert second.band_low is not None
    ten = second.band_low + special.logit(0.025 ** (1 / 10))
    assert best.score_at_least == pytest.approx(ten, abs=1e-6)
    assert second.score_at_least is None and second.open_end is None


def test_seven_that_beat_eight_are_above_them_with_bounds() -> None:
    trials = seven_beat_eight()
    rows = by_method(fit(tally_of(trials)))
    assert {rows[name].rank for name in UPPER} == {1}
    assert sorted(rows[name].rank or 0 for name in LOWER) == list(range(8, 16))
    # Two judgments of a pair show nothing, and sixteen against eight something.
    scores = [rows[name].score or 0.0 for name in LOWER]
    bounds = [rows[name].score_at_least or 0.0 for name in UPPER]
    assert all(np.median(scores) < bound < max(scores) for bound in bounds)
    # Through the bounds they are told apart from the last four, of whom each won two judgments.
    assert {rows[name].rank_high for name in UPPER} == {11}
    last = sorted(LOWER, key=scored(rows))[: 15 - 11]
    assert min(rows[name].rank_low or 0 for name in last) > 8
    turned = [(rater, image, right, left, choice) for rater, image, left, right, choice in trials]
    mirror = by_method(fit(tally_of(turned)))
    for name, bound in zip(UPPER, bounds, strict=True):
        assert mirror[name].open_end == "below" and mirror[name].score_at_least is None
        assert mirror[name].score_at_most == pytest.approx(-bound, abs=0.01)


def scored(rows: dict[str, Row]) -> Callable[[str], float]:
    """Return a key that sorts methods by score."""
    return lambda name: rows[name].score or 0.0


def test_without_judgments_against_the_scale_there_is_no_bound() -> None:
    trials = [*judged_among(LOWER, 20, seed=3), ("r1", "p1", "high", "l0", "left")]
    rows = by_method(fit(tally_of([*trials, ("r2", "p2", "higher", "high", "left")])))
    assert rows["higher"].open_end == rows["high"].open_end == "above"
    assert rows["higher"].score_at_least is None
    # One judgment: .025 is the chance to be ruled out.
    low = rows["l0"].band_low
    assert low is not None
    assert rows["high"].score_at_least == pytest.approx(low + special.logit(0.025), abs=1e-6)


def test_a_ranking_by_one_rater_has_no_bound() -> None:
    trials = [("r0", *trial[1:]) for trial in seven_beat_eight()]
    assert all(row.score_at_least is None for row in fit(tally_of(trials)).rows)


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(0, 3)),
        min_size=1,
        max_size=25,
    ),
    st.lists(st.floats(-2, 2), min_size=4, max_size=4),
)
@settings(max_examples=50)
def test_below_the_bound_independent_judgments_are_won_too_seldom(
    cells: list[tuple[int, int, int]], opponent: list[float]
) -> None:
    bound = least_score(all_won(cells), np.array(opponent), 0.025)
    assert bound is not None
    # Of all judgments that share nothing, those that are hardest to win.
    chances = np.zeros((6, 5))
    for rater, picture, other in cells:
        chances[rater, picture] = min(
            chances[rater, picture], special.log_expit(bound - opponent[other])
        )
    chosen: tuple[IntArray, IntArray] = optimize.linear_sum_assignment(chances)
    assert chances[chosen].sum() <= np.log(0.025) + 1e-9


def test_of_unknown_opponents_nothing_follows() -> None:
    won = all_won([(rater, rater, 0) for rater in range(9)])
    assert least_score(won, np.array([np.nan]), 0.025) is None
