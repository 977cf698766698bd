"""Numbers as text, rounded as a reader of their digits would: halves go away from 0.

Python's own formatting rounds the binary number that lies next to the digits, and a half to the
even digit: 62.5 becomes 62, and 0.285 with two decimals 0.28.
"""

import math
from decimal import ROUND_HALF_UP, Decimal

MINUS = "\N{MINUS SIGN}"
NOTHING = "\N{EM DASH}"


def fixed(value: float, places: int) -> str:
    """Return a finite number with so many decimals."""
    return _rounded(_digits(value), places)


def counted(number: int, singular: str, *, grouped: bool = True) -> str:
    """Return a number of things with their name: "1 rater", "2,400 raters"."""
    return f"{number:{',' if grouped else ''}} {singular}{'' if number == 1 else 's'}"


def decimal(value: float | None, places: int) -> str:
    """Return a number with a true minus sign; infinity as its symbol, None as a dash."""
    if value is None:
        return NOTHING
    if math.isinf(value):
        return "\N{INFINITY}" if value > 0 else f"{MINUS}\N{INFINITY}"
    text = fixed(value, places)
    negative = text.startswith("-") and float(text) != 0
    return (MINUS if negative else "") + text.lstrip("-")


def per_cent(share: float, places: int = 0) -> str:
    """Return a share of 1 in per cent, with so many decimals and without the sign."""
    return _rounded(100 * _digits(share), places)


def _digits(value: float) -> Decimal:
    """Return the number that the shortest digits of a float say."""
    return Decimal(repr(float(value)))


def _rounded(value: Decimal, places: int) -> str:
    return f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
