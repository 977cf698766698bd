"""When to stop: how the error is shared among looks, and what each condition asks for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.psychometrics.counts.tally import Tally, tally_codes, tally_counts
from ratings.psychometrics.design.simulation import RaterModel, SyntheticCrowd
from ratings.psychometrics.design.stopping import (
    LOOKS,
    Rule,
    look_level,
    look_number,
    looks,
    verdict,
)
from ratings.psychometrics.inference.fitting import Settings, fit

SEPARATED = Rule(separated=True)


def crowd(strengths: list[float], seed: int, taste: float = 0.0) -> SyntheticCrowd:
    """Let 40 raters stand ready for 40 pictures."""
    return SyntheticCrowd(
        [f"m{i}" for i in range(len(strengths))],
        [f"p{i}" for i in range(40)],
        40,
        np.random.default_rng(seed),
        strengths=strengths,
        rater_model=RaterModel(taste_sd=taste, picture_sd=taste, careless=0.0),
    )


def judged(strengths: list[float], judgments: int, seed: int = 1) -> Tally:
    """Return a study of independent judgments."""
    return crowd(strengths, seed).simulate(judgments).tally()


@given(st.integers(0, 10**7), st.integers(2, 1000))
def test_looks_are_counted_as_they_come(judgments: int, methods: int) -> None:
    number = look_number(judgments, methods)
    following = next((look for look in looks(methods) if look > judgments), None)
    assert 0 <= number <= LOOKS
    if following is None:
        assert number == LOOKS
    else:
        assert following > judgments
        assert look_number(following - 1, methods) == number
        assert look_number(following, methods) == number + 1


def test_looks_start_with_the_methods_and_grow_by_half() -> None:
    assert looks(2)[0] == 100 and len(looks(2)) == LOOKS
    assert looks(15)[:3] == [300, 450, 675]


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
    stop = verdict(tally, tally.methods, Rule(judgments=130), last_look=1)
    assert stop.reason == "the budget of 130 judgments is used up" and stop.look == 1
    assert verdict(tally, tally.methods, Rule(judgments=131), last_look=1).reason is None


def test_clear_gaps_stop_a_study_and_equal_methods_do_not() -> None:
    clear, equal = judged([1, 0, -1], 3000), judged([1, 0, 0], 3000)
    decision = verdict(clear, clear.methods, SEPARATED, last_look=0)
    assert decision.look == look_number(3000, 3) == 9
    assert decision.reason == "every method is told apart from the next (look 9)"
    assert verdict(equal, equal.methods, SEPARATED, last_look=0).reason is None
    # Without the third method the second one has nobody to be told apart from.
    assert verdict(equal, ["m0", "m1"], SEPARATED, last_look=0).reason


def test_a_look_is_taken_once() -> None:
    tally = judged([1, 0, -1], 3000)
    again = verdict(tally, tally.methods, SEPARATED, last_look=look_number(3000, 3))
    assert (again.look, again.reason) == (look_number(3000, 3), None)


def test_nothing_stops_without_a_rule_or_methods_or_before_the_first_look() -> None:
    tally = judged([3, -3], 99)
    assert verdict(tally, tally.methods, SEPARATED, last_look=0) == verdict(
        tally, tally.methods, Rule(), last_look=0
    )
    many = judged([3, -3], 300)
    assert verdict(many, ["m0"], SEPARATED, last_look=0).reason is None
    assert verdict(many, [*many.methods, "new"], SEPARATED, last_look=0).reason is None
    nothing = tally_counts([], [], [])
    assert verdict(nothing, [], Rule(True, 1.0, 1), last_look=0).reason is None


def test_half_width_is_that_of_scores_and_differences_of_those_who_take_part() -> None:
    tally = judged([0.5, 0, -0.5], 3000)
    result = fit(tally)
    bounds = [(difference.ci_low, difference.ci_high) for difference in result.differences]
    bounds += [(row.ci_low, row.ci_high) for row in result.rows]
    widest = max((high - low) / 2 for low, high in bounds if low is not None and high is not None)
    assert all(None not in pair for pair in bounds)
    for factor, stops in ((1.01, True), (0.99, False)):
        rule = Rule(half_width=widest * factor)
        assert bool(verdict(tally, tally.methods, rule, last_look=0).reason) is stops
    assert verdict(tally, ["new", *tally.methods], Rule(half_width=9.0), last_look=0).reason is None


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
            decision = verdict(tally, tally.methods, SEPARATED, looked)
            looked, ours = decision.look, ours or decision.reason is not None
        stops += [often, ours]
    assert stops[0] >= 3 and stops[1] <= 1


@pytest.mark.parametrize(("raters", "reason"), [(12, "every method is told apart"), (8, None)])
def test_a_winner_without_a_distance_can_be_separated_and_has_no_width(
    raters: int, reason: str | None
) -> None:
    # At a twentieth of 5 % for each look nine raters who agree are needed: 2^-9 < .0025.
    rows = [[rater, 0, 1, 20, 0, 0] for rater in range(raters)]
    decision = verdict(tally_counts(["good", "bad"], rows, rows), ["good", "bad"], SEPARATED, 0)
    assert (decision.reason or "").startswith(reason or "none") or decision.reason is reason
    wide = verdict(
        tally_counts(["good", "bad"], rows, rows), ["good", "bad"], Rule(half_width=9), 0
    )
    assert wide.look and wide.reason is None
