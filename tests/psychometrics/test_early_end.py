"""The sequential test of checks: its level and power by enumeration, and what it looks at."""

from collections.abc import Sequence
from itertools import accumulate, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ratings.psychometrics.raters.early_end import (
    ANSWERS,
    GOLDENS,
    HONEST_DROP,
    HONEST_MISS,
    NEVER,
    RANDOM,
    Hopeless,
    bounds,
    drop_bounds,
    golden_bounds,
    hopeless,
    in_doubt,
    stopped,
)

LEVEL = 0.01


def enumerated(limits: Sequence[int], miss: float) -> float:
    """Return the chance of being stopped: the sum over all sequences of misses."""
    total = 0.0
    for sequence in product((0, 1), repeat=len(limits)):
        so_far = accumulate(sequence)
        if any(missed >= least for missed, least in zip(so_far, limits, strict=True)):
            missed = sum(sequence)
            total += miss**missed * (1 - miss) ** (len(sequence) - missed)
    return total


@given(st.lists(st.integers(1, 8), min_size=1, max_size=9), st.floats(0.01, 0.9))
@settings(max_examples=60, deadline=None)
def test_the_chance_of_being_stopped_is_that_of_all_sequences(
    limits: list[int], miss: float
) -> None:
    assert stopped(limits, miss) == pytest.approx(enumerated(limits, miss), abs=1e-12)


@given(st.floats(0.001, 0.1), st.integers(1, 9), st.floats(0.01, 0.2))
@settings(max_examples=60, deadline=None)
def test_an_honest_rater_is_stopped_within_the_level(
    level: float, looks: int, honest: float
) -> None:
    limits = bounds(level, looks, honest)
    assert len(limits) == looks
    assert enumerated([min(least, looks + 1) for least in limits], honest) <= level + 1e-12


def test_no_lower_bound_keeps_the_level() -> None:
    limits = golden_bounds(LEVEL)
    assert stopped(limits, HONEST_MISS) <= LEVEL / 2
    # Whichever of the looks asked for one miss less would take it over the level.
    for look, least in enumerate(limits):
        if least != NEVER and (look == 0 or limits[look - 1] != least):
            looser = [*limits[:look], least - 1, *limits[look + 1 :]]
            assert stopped(looser, HONEST_MISS) > LEVEL / 2


def test_who_misses_less_than_an_honest_rater_may_is_stopped_less_often() -> None:
    for limits, honest in ((golden_bounds(LEVEL), HONEST_MISS), (drop_bounds(LEVEL), HONEST_DROP)):
        chances = [stopped(limits, share * honest) for share in (0, 0.25, 0.5, 1, 2)]
        assert chances == sorted(chances)
        assert chances[0] == 0


def test_random_answers_are_nearly_always_stopped() -> None:
    assert (len(golden_bounds(LEVEL)), len(drop_bounds(LEVEL))) == (GOLDENS, ANSWERS)
    assert stopped(golden_bounds(LEVEL), RANDOM) > 0.97
    assert stopped(drop_bounds(LEVEL), RANDOM) > 0.95


def test_the_first_look_that_crosses_is_told() -> None:
    least = golden_bounds(LEVEL)[1]
    assert least == 2
    assert hopeless(LEVEL, [1, 1, 0], [False] * 5) == Hopeless("golden", 2, 2, 2)
    # Of the answers, so many of the first three must be dropped.
    assert hopeless(LEVEL, [0], [True, True, True]) == Hopeless("dropped", 3, 3, 3)
    assert hopeless(LEVEL, [0, 0, 1], [False, True, False]) is None
    assert hopeless(LEVEL, [], []) is None


def test_two_ties_make_one_miss() -> None:
    assert hopeless(LEVEL, [0.5, 0.5], []) is None
    assert hopeless(LEVEL, [0.5, 0.5, 0.5, 0.5], []) is None
    always = hopeless(LEVEL, [0.5] * GOLDENS, [])
    assert always is not None and always.missed == always.looked // 2


def test_what_comes_after_the_last_look_ends_nobody() -> None:
    assert hopeless(LEVEL, [0.0] * GOLDENS + [1.0] * 20, []) is None
    assert hopeless(LEVEL, [], [False] * ANSWERS + [True] * 20) is None


def test_one_miss_puts_in_doubt_until_enough_are_right() -> None:
    assert not in_doubt([]) and not in_doubt([0, 0])
    assert in_doubt([1]) and in_doubt([0, 1, 0, 0])
    assert not in_doubt([0, 1, 0, 0, 0, 0])


@pytest.mark.parametrize(
    "wrong", [(0, 5, 0.1), (1, 5, 0.1), (0.1, 0, 0.1), (0.1, 5, 0), (0.1, 5, 0.5)]
)
def test_what_makes_no_test_is_refused(wrong: tuple[float, int, float]) -> None:
    with pytest.raises(ValueError, match="A test needs looks"):
        bounds(*wrong)
