"""When to stop: how the error is shared among looks, and what each condition asks for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.psychometrics.fitting import Settings, fit
from ratings.psychometrics.simulation import Habits, SyntheticCrowd
from ratings.psychometrics.stopping import LOOKS, Rule, look_level, look_number, next_look, verdict
from ratings.psychometrics.tally import Tally, tally_codes, tally_counts

SEPARATED = Rule(separated=True)


def crowd(strengths: list[float], seed: int, taste: float = 0.0) -> SyntheticCrowd:
    """Let 40 raters stand ready for 40 pictures."""
    return SyntheticCrowd(
        [f"m{i}" for i in range(len(strengths))],
        [f"p{i}" for i in range(40)],
        40,
        np.random.default_rng(seed),
        strengths=strengths,
        habits=Habits(taste_sd=taste, picture_sd=taste, careless=0.0),
    )


def judged(strengths: list[float], judgments: int, seed: int = 1) -> Tally:
    """Return a study of independent judgments."""
    return crowd(strengths, seed).simulate(judgments).tally()


@given(st.integers(0, 10**7), st.integers(2, 1000))
def test_looks_are_counted_as_they_come(judgments: int, methods: int) -> None:
    number, following = look_number(judgments, methods), next_look(judgments, methods)
    assert 0 <= number <= LOOKS
    if following is None:
        assert number == LOOKS
    else:
        assert following > judgments
        assert look_number(following - 1, methods) == number
        assert look_number(following, methods) == number + 1


def test_looks_start_with_the_methods_and_grow_by_half() -> None:
    assert next_look(0, 2) == 100
    assert [next_look(n, 15) for n in (0, 300, 450)] == [300, 450, 675]


@given(st.floats(0.5, 0.999))
def test_all_looks_share_the_error(level: float) -> None:
    assert LOOKS * (1 - look_level(level)) == pytest.approx(1 - level)


def test_impossible_rules_are_refused() -> None:
    for half_width in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="half_width must be above 0"):
            Rule(half_width=half_width)
    with pytest.raises(ValueError, match="judgments must be at least 1"):
        Rule(judgments=0)


def test_a_budget_stops_between_looks() -> None:
    tally = judged([0, 0], 130)
    stop = verdict(tally, tally.methods, Rule(judgments=130), looked=1)
    assert stop.reason == "the budget of 130 judgments is used up" and stop.look == 1
    assert verdict(tally, tally.methods, Rule(judgments=131), looked=1).reason is None


def test_clear_gaps_stop_a_study_and_equal_methods_do_not() -> None:
    clear, equal = judged([1, 0, -1], 3000), judged([1, 0, 0], 3000)
    found = verdict(clear, clear.methods, SEPARATED, looked=0)
    assert found.look == look_number(3000, 3) == 9
    assert found.reason == "every method is told apart from the next (look 9)"
    assert verdict(equal, equal.methods, SEPARATED, looked=0).reason is None
    # Without the third method the second one has nobody to be told apart from.
    assert verdict(equal, ["m0", "m1"], SEPARATED, looked=0).reason


def test_a_look_is_taken_once() -> None:
    tally = judged([1, 0, -1], 3000)
    again = verdict(tally, tally.methods, SEPARATED, looked=look_number(3000, 3))
    assert (again.look, again.reason) == (look_number(3000, 3), None)


def test_nothing_stops_without_a_rule_or_methods_or_before_the_first_look() -> None:
    tally = judged([3, -3], 99)
    assert verdict(tally, tally.methods, SEPARATED, looked=0) == verdict(
        tally, tally.methods, Rule(), looked=0
    )
    many = judged([3, -3], 300)
    assert verdict(many, ["m0"], SEPARATED, looked=0).reason is None
    assert verdict(many, [*many.methods, "new"], SEPARATED, looked=0).reason is None
    nothing = tally_counts([], [], [])
    assert verdict(nothing, [], Rule(True, 1.0, 1), looked=0).reason is None


def test_half_width_is_that_of_scores_and_differences_of_those_who_take_part() -> None:
    tally = judged([0.5, 0, -0.5], 3000)
    result = fit(tally)
    bounds = [(one.ci_low, one.ci_high) for one in (*result.differences, *result.rows)]
    widest = max((high - low) / 2 for low, high in bounds)
    for factor, stops in ((1.01, True), (0.99, False)):
        rule = Rule(half_width=widest * factor)
        assert bool(verdict(tally, tally.methods, rule, looked=0).reason) is stops
    assert verdict(tally, ["new", *tally.methods], Rule(half_width=9.0), looked=0).reason is None


@pytest.mark.parametrize("level", [0.9, 0.99])
def test_a_stop_asks_for_more_than_the_published_ranking(level: float) -> None:
    # Gaps that one look's level doesn't tell apart while the ranking's own does.
    settings, outcomes = Settings(level=level), set()
    for judgments in range(300, 3000, 150):
        tally = judged([0.4, 0], judgments, seed=3)
        stopped = verdict(tally, tally.methods, SEPARATED, 0, settings).reason is not None
        outcomes.add((fit(tally, settings).provisional, stopped))
    assert {(False, False), (False, True)} <= outcomes
    assert (True, True) not in outcomes


def test_looking_on_seldom_ends_in_a_wrong_order() -> None:
    """Two equal methods: any stop is wrong in half of cases. Naive looking stops far too often."""
    stops = np.zeros(2, int)
    for seed in range(25):
        made = crowd([0.0, 0.0], seed, taste=0.2).simulate(1200)
        columns = (made.rater, made.picture, made.left, made.right, made.choice)
        looked, often, ours = 0, False, False
        for judgments in range(100, 1201, 200):
            tally = tally_codes(made.methods, *(column[:judgments] for column in columns))
            often = often or not fit(tally).provisional
            found = verdict(tally, tally.methods, SEPARATED, looked)
            looked, ours = found.look, ours or found.reason is not None
        stops += [often, ours]
    assert stops[0] >= 3 and stops[1] <= 1
