"""Bytes go where they remove most error, and never beyond the budget."""

from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ratings.kit.budget import Point, allocate

points = st.lists(
    st.builds(Point, st.integers(1, 60), st.integers(0, 1000)), min_size=1, max_size=4
)
sets = st.lists(points, min_size=1, max_size=4).map(
    lambda each: dict(zip("abcd", each, strict=False))
)


def totals(choices: dict[str, list[Point]], chosen: dict[str, int]) -> tuple[int, int]:
    """Return bytes and error of a choice."""
    taken = [choices[name][index] for name, index in chosen.items()]
    return sum(p.size_bytes for p in taken), sum(p.squared_error for p in taken)


@given(sets, st.integers(0, 240))
def test_keeps_the_budget_close_to_the_best_of_all_choices(
    choices: dict[str, list[Point]], budget: int
) -> None:
    """Whatever was chosen, no choice of at most its bytes beats it by more than one step does."""
    least = sum(min(each).size_bytes for each in choices.values())
    assume(budget >= least)
    chosen = allocate(choices, budget)
    size_bytes, error = totals(choices, chosen)
    assert chosen.keys() == choices.keys() and size_bytes <= budget
    largest_step = max(p.squared_error for each in choices.values() for p in each)
    for indices in product(*(range(len(each)) for each in choices.values())):
        other_bytes, other_error = totals(choices, dict(zip(choices, indices, strict=True)))
        assert other_bytes > size_bytes or error <= other_error + largest_step


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=8, unique=True), st.data())
def test_steps_of_one_size_go_to_the_largest_gains(gains: list[int], data: st.DataObject) -> None:
    """Then the best choice is known: as many of the largest gains as there are bytes."""
    choices = {str(gain): [Point(1, 1000), Point(2, 1000 - gain)] for gain in gains if gain}
    spare = data.draw(st.integers(0, len(choices)))
    chosen = allocate(choices, len(choices) + spare)
    best = sorted((gain for gain in gains if gain), reverse=True)[:spare]
    assert {name for name, index in chosen.items() if index} == set(map(str, best))


def test_the_steepest_step_comes_first() -> None:
    choices = {
        "flat": [Point(10, 100), Point(20, 90)],
        "steep": [Point(10, 900), Point(20, 100), Point(30, 99)],
    }
    assert allocate(choices, 20) == {"flat": 0, "steep": 0}
    assert allocate(choices, 30) == {"flat": 0, "steep": 1}
    assert allocate(choices, 40) == {"flat": 1, "steep": 1}
    assert allocate(choices, 50) == {"flat": 1, "steep": 2}


def test_a_step_too_large_leaves_its_bytes_to_others() -> None:
    choices = {"a": [Point(1, 1000), Point(100, 0)], "b": [Point(1, 10), Point(3, 5)]}
    assert allocate(choices, 50) == {"a": 0, "b": 1}


def test_points_off_the_hull_are_passed_over() -> None:
    assert allocate({"a": [Point(10, 100), Point(15, 99), Point(20, 0)]}, 19) == {"a": 0}
    assert allocate({"a": [Point(10, 100), Point(12, 200), Point(10, 90)]}, 19) == {"a": 2}


def test_too_small_a_budget_ends_the_program() -> None:
    with pytest.raises(SystemExit, match="1 bytes more than 9"):
        allocate({"a": [Point(10, 1), Point(20, 0)]}, 9)
