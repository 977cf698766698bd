"""Numbers, spans and instants in words: pure functions from values to the text of a page."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

# Letters, which lie below pages, write these too; pages take them from here, with the others.
from ratings.challenge.announced_times import SPACE, Moment, moment, offset
from ratings.psychometrics.rounding import MINUS, NOTHING, decimal, per_cent

__all__ = [
    "MINUS",
    "NOTHING",
    "SPACE",
    "Moment",
    "count",
    "decimal",
    "file_size",
    "grouped",
    "limit",
    "moment",
    "offset",
    "percent",
    "phrase",
    "rank_range",
    "span",
    "until",
]

ALONE = {"y": 3, "d": 30, "h": 24, "min": 10, "s": 0}
DASH = "\N{EN DASH}"


def span(length: timedelta) -> str:
    """Return a length of time in its two largest units: "3 d 4 h", "3 h 12 min", "40 s"."""
    seconds = max(0, int(length.total_seconds()))
    units = [("y", 365 * 86400), ("d", 86400), ("h", 3600), ("min", 60), ("s", 1)]
    parts = []
    for name, size in units:
        count, seconds = divmod(seconds, size)
        parts.append((count, name))
    first = next((i for i, (count, _) in enumerate(parts) if count), len(parts) - 1)
    # A large first number says enough by itself: "45 d", "12 min".
    shown = parts[first : first + (1 if parts[first][0] >= ALONE[parts[first][1]] else 2)]
    return SPACE.join(f"{count}{SPACE}{name}" for count, name in shown if count) or f"0{SPACE}s"


def until(at: datetime, now: datetime, zone: tzinfo) -> str:
    """Return when an instant comes: "in 3 d 4 h"; of one that is more than a year off, the year.

    A number of years would read as a mistake.
    """
    left = at - now
    return f"in {span(left)}" if left <= timedelta(days=366) else f"in {at.astimezone(zone).year}"


def grouped(number: int | None) -> str:
    """Return an integer with thousands set apart: "13,326,518"."""
    return NOTHING if number is None else f"{number:,}"


def count(number: int, singular: str, plural: str = "") -> str:
    """Return a number with its noun: "1 rater", "20 raters"."""
    return f"{number:,}{SPACE}{singular if number == 1 else plural or singular + 's'}"


def phrase(names: Sequence[str]) -> str:
    """Return names in a row: "A", "A and B", "A, B and C"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def limit(at_least: float | None, at_most: float | None, places: int) -> str:
    """Return what a number is at least, or at most: "≥1.03"; a dash where neither is known."""
    value = at_most if at_least is None else at_least
    sign = "\N{LESS-THAN OR EQUAL TO}" if at_least is None else "\N{GREATER-THAN OR EQUAL TO}"
    return NOTHING if value is None else f"{sign}{decimal(value, places)}"


def file_size(size_bytes: int | None) -> str:
    """Return a file size in decimal units with three digits: "13.3 MB"."""
    if size_bytes is None:
        return NOTHING
    value, unit = float(size_bytes), "B"
    for larger in ("kB", "MB", "GB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    places = 0 if unit == "B" or value >= 99.95 else 1 if value >= 9.995 else 2
    return f"{value:.{places}f}{SPACE}{unit}"


def percent(share: float | None) -> str:
    """Return a share of 1 in whole per cent."""
    return NOTHING if share is None else f"{per_cent(share)}{SPACE}%"


def rank_range(rank: int | None, low: int | None, high: int | None) -> str:
    """Return the ranks that the judgments leave open: "2", "2-4"; the rank alone without these."""
    if low is None or high is None:
        return NOTHING if rank is None else str(rank)
    return str(low) if low == high else f"{low}{DASH}{high}"
