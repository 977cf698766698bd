"""Bytes, pixels and budgets: bits per pixel, and how to spend a dataset's bytes best."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

BISECTIONS = 100


class OperatingPoint(NamedTuple):
    """What one setting of a codec gives on one picture."""

    size_bytes: int
    squared_error: int


Points = Mapping[str, Sequence[OperatingPoint]]


class BudgetExceeded(ValueError):
    """Even the smallest files together are larger than the budget."""


def bits_per_pixel(size_bytes: int, pixels: int) -> float:
    """Return the rate in bits per pixel of so many bytes for so many pixels.

    Raises ValueError for a negative size, or no pixels.
    """
    if size_bytes < 0 or pixels < 1:
        raise ValueError(f"{size_bytes} bytes for {pixels} pixels have no rate.")
    return 8 * size_bytes / pixels


def byte_budget(pixels: int, bpp: float) -> int:
    """Return how many whole bytes a rate in bits per pixel allows for so many pixels.

    Raises ValueError for no pixels, or a rate that is not above 0.
    """
    if pixels < 1 or not bpp > 0:
        raise ValueError(f"A rate of {bpp} bpp for {pixels} pixels is no budget.")
    return int(pixels * bpp / 8)


def allocate(points_by_picture: Points, budget_bytes: int) -> dict[str, int]:
    """Choose an operating point for each picture: its index in the picture's sequence.

    Each picture takes the point of least squared error + lambda * bytes, with the smallest lambda
    that keeps within the budget (Shoham and Gersho, 1988); what is left is then spent step by step
    where a byte removes most error. Raises BudgetExceeded if no choice fits.
    """
    least = sum(min(points).size_bytes for points in points_by_picture.values())
    if least > budget_bytes:
        raise BudgetExceeded(
            f"The smallest files together take {least} bytes, {least - budget_bytes} more than the "
            f"budget of {budget_bytes}; offer coarser settings or a larger budget."
        )
    choice = _equal_slope(points_by_picture, budget_bytes)
    return _spend_rest(points_by_picture, choice, budget_bytes)


def _equal_slope(points_by_picture: Points, budget_bytes: int) -> dict[str, int]:
    """Bisect on lambda, from spending freely to a slope at which no byte is worth its price."""
    choice = {name: points.index(min(points)) for name, points in points_by_picture.items()}
    errors = [point.squared_error for points in points_by_picture.values() for point in points]
    low, high = 0.0, 1.0 + max(errors, default=0)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        candidate = {name: _cheapest(points, middle) for name, points in points_by_picture.items()}
        if _total_bytes(points_by_picture, candidate) <= budget_bytes:
            choice, high = candidate, middle
        else:
            low = middle
    return choice


def _cheapest(points: Sequence[OperatingPoint], slope: float) -> int:
    """Return the index of least squared error + slope * bytes, of fewest bytes among equals."""

    def cost(index: int) -> tuple[float, int]:
        point = points[index]
        return point.squared_error + slope * point.size_bytes, point.size_bytes

    return min(range(len(points)), key=cost)


def _total_bytes(points_by_picture: Points, choice: Mapping[str, int]) -> int:
    return sum(points_by_picture[name][index].size_bytes for name, index in choice.items())


def _spend_rest(points_by_picture: Points, choice: dict[str, int], budget: int) -> dict[str, int]:
    """Move single pictures to better points while the budget lasts, best gain per byte first."""
    choice = dict(choice)
    room = budget - _total_bytes(points_by_picture, choice)
    while steps := [
        (_gain(points[choice[name]], point), name, index)
        for name, points in points_by_picture.items()
        for index, point in enumerate(points)
        if point.squared_error < points[choice[name]].squared_error
        and point.size_bytes - points[choice[name]].size_bytes <= room
    ]:
        _, name, index = max(steps)
        room -= points_by_picture[name][index].size_bytes
        room += points_by_picture[name][choice[name]].size_bytes
        choice[name] = index
    return choice


def _gain(now: OperatingPoint, then: OperatingPoint) -> float:
    """Return the squared error removed per byte spent; infinite where nothing is spent."""
    spent = then.size_bytes - now.size_bytes
    removed = now.squared_error - then.squared_error
    return removed / spent if spent > 0 else float("inf")
