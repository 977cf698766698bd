"""Tables and symbols for the coders, and what the symbols cost at best."""

import math
from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from ratings.kit.arithmetic_coder import TOTAL, Table, quantise

weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=40).filter(any)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Draw a table of 1 to 40 symbols, often very uneven, with or without an escape."""
    widths = quantise(draw(weights))
    escape = draw(st.booleans()) and len(widths) > 1
    return Table(widths, draw(st.integers(-20, 20)), escape=escape)


@st.composite
def messages(draw: st.DrawFn, most: int = 60) -> tuple[list[int], list[Table]]:
    """Draw symbols with a table each, from a few tables."""
    few = draw(st.lists(tables(), min_size=1, max_size=4))
    used = draw(st.lists(st.sampled_from(few), max_size=most))
    return [draw(symbols_of(table)) for table in used], used


def symbols_of(table: Table) -> st.SearchStrategy[int]:
    """Return the symbols a table can code, those beyond its ends by escape."""
    inside = st.integers(table.lowest, table.highest)
    return inside | st.integers(-(2**60), 2**60) if table.escape else inside


def ideal_bits(widths: Iterable[int]) -> float:
    """Return the bits that symbols of such widths are worth: -log2 of their probabilities."""
    return -math.fsum(math.log2(width / TOTAL) for width in widths)


def message_bits(symbols: Sequence[int], used: Sequence[Table]) -> float:
    """Return the ideal code length of a message; escapes as documented, written out anew."""
    bits = 0.0
    for symbol, table in zip(symbols, used, strict=True):
        if symbol in table.intervals:
            bits += ideal_bits([table.intervals[symbol][1]])
        else:
            assert table.escape
            distance = max(symbol - table.highest, table.lowest - symbol)
            bits += ideal_bits([table.escape[1]]) + 1 + 2 * distance.bit_length() - 1
    return bits
