"""Budgets are kept, spent well, and refused when they can't be kept."""

import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.codecs.rate import (
    BudgetExceeded,
    OperatingPoint,
    allocate,
    bits_per_pixel,
    byte_budget,
)

POINTS = st.lists(
    st.builds(OperatingPoint, st.integers(0, 60), st.integers(0, 10_000)), min_size=1, max_size=4
)
DATASETS = st.dictionaries(st.sampled_from("abcd"), POINTS, min_size=1)


def totals(points: dict[str, list[OperatingPoint]], choice: dict[str, int]) -> tuple[int, int]:
    """Bytes and squared error of a choice."""
    chosen = [points[name][index] for name, index in choice.items()]
    return sum(point.size_bytes for point in chosen), sum(point.squared_error for point in chosen)


def best_error(points: dict[str, list[OperatingPoint]], budget_bytes: int) -> float:
    """The least squared error within the budget, by trying everything."""
    sums = [
        (sum(p.size_bytes for p in chosen), sum(p.squared_error for p in chosen))
        for chosen in product(*points.values())
    ]
    return min((error for size, error in sums if size <= budget_bytes), default=math.inf)


def test_budget_below_the_smallest_files_is_refused() -> None:
    points = {"a": [OperatingPoint(9, 0)], "b": [OperatingPoint(7, 1), OperatingPoint(5, 2)]}
    with pytest.raises(BudgetExceeded, match="take 14 bytes, 1 more than the budget of 13"):
        allocate(points, 13)


@pytest.mark.parametrize(("pixels", "bpp"), [(0, 0.15), (100, 0), (100, -1), (100, math.nan)])
def test_impossible_rate_is_refused(pixels: int, bpp: float) -> None:
    with pytest.raises(ValueError, match="is no budget"):
        byte_budget(pixels, bpp)


@pytest.mark.parametrize(("size", "pixels"), [(-1, 5), (1, 0)])
def test_impossible_size_has_no_rate(size: int, pixels: int) -> None:
    with pytest.raises(ValueError, match="have no rate"):
        bits_per_pixel(size, pixels)


@given(st.integers(1, 10**10), st.floats(0.001, 24))
def test_budget_is_the_most_bytes_at_the_rate(pixels: int, bpp: float) -> None:
    budget = byte_budget(pixels, bpp)
    assert bits_per_pixel(budget, pixels) <= bpp * (1 + 1e-12)
    assert bits_per_pixel(budget + 1, pixels) > bpp * (1 - 1e-12)


@given(DATASETS, st.integers(0, 250))
def test_allocation_keeps_the_budget_and_is_near_the_best(
    points: dict[str, list[OperatingPoint]], budget_bytes: int
) -> None:
    best = best_error(points, budget_bytes)
    if best == math.inf:
        with pytest.raises(BudgetExceeded):
            allocate(points, budget_bytes)
        return
    choice = allocate(points, budget_bytes)
    size, error = totals(points, choice)
    assert choice.keys() == points.keys()
    assert size <= budget_bytes
    # The bound of the method: short of the best by no more than one step of one picture.
    widest = max(
        max(p.squared_error for p in own) - min(p.squared_error for p in own)
        for own in points.values()
    )
    assert best <= error <= best + widest


@given(DATASETS)
def test_ample_budget_takes_the_least_error(points: dict[str, list[OperatingPoint]]) -> None:
    _, error = totals(points, allocate(points, 10_000))
    assert error == best_error(points, 10_000)


def test_bytes_go_where_they_remove_most_error() -> None:
    flat = [OperatingPoint(10, 100), OperatingPoint(20, 90)]
    busy = [OperatingPoint(10, 1000), OperatingPoint(20, 100)]
    assert allocate({"flat": flat, "busy": busy}, 30) == {"flat": 0, "busy": 1}


def test_no_pictures_need_no_bytes() -> None:
    assert allocate({}, 0) == {}
