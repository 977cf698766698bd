"""The lane coder: what goes in comes out, long streams come close to the ideal, damage is seen."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ratings.kit.arithmetic_coder import TOTAL, quantise
from ratings.kit.lane_coder import CorruptStream, Integers, decode_lanes, encode_lanes
from tests.kit.builders import ideal_bits

WIDTHS = np.array([quantise([9, 5, 1, 1]), quantise([1, 1, 30, 2]), [1, TOTAL - 2, 1, 0]])


def drawn(widths: Integers, choice: Integers, seed: int = 0) -> Integers:
    """Return symbols as likely as their tables say."""
    slots = np.random.default_rng(seed).integers(0, TOTAL, choice.size)
    symbols: Integers = (np.cumsum(widths, axis=1)[choice] <= slots[:, None]).sum(axis=1)
    return symbols


@given(arrays(np.int8, st.integers(0, 300), elements=st.integers(0, 3)))
def test_one_table(symbols: Integers) -> None:
    stream = encode_lanes(symbols, WIDTHS[0])
    assert (decode_lanes(stream, symbols.size, WIDTHS[0]) == symbols).all()
    ideal = ideal_bits(WIDTHS[0][symbols])
    assert 8 * len(stream) <= ideal + 8 * (2 + 6 + 4)  # head, state, check


@given(arrays(np.int16, st.integers(0, 300), elements=st.integers(0, 2)))
def test_a_table_each(choice: Integers) -> None:
    symbols = drawn(WIDTHS, choice)
    stream = encode_lanes(symbols, WIDTHS, choice)
    assert (decode_lanes(stream, choice.size, WIDTHS, choice) == symbols).all()


@pytest.mark.parametrize("count", [250_000, 250_001, 300_017])
def test_many_lanes_cost_less_than_half_a_percent(count: int) -> None:
    widths = np.array([quantise([1] * 200)])
    choice = np.zeros(count, np.int64)
    symbols = drawn(widths, choice)
    stream = encode_lanes(symbols, widths)
    assert int.from_bytes(stream[:2], "big") > 100
    assert (decode_lanes(stream, count, widths) == symbols).all()
    assert 8 * len(stream) < 1.005 * ideal_bits(widths[0][symbols])


def test_hardly_possible_symbols_fill_the_state() -> None:
    symbols = np.tile([0, 2], 5000)
    stream = encode_lanes(symbols, WIDTHS[2])
    assert (decode_lanes(stream, symbols.size, WIDTHS[2]) == symbols).all()


CHOICE = np.random.default_rng(3).integers(0, 2, 900)
SYMBOLS = drawn(WIDTHS, CHOICE)
STREAM = encode_lanes(SYMBOLS, WIDTHS, CHOICE)


@given(st.integers(0, len(STREAM) - 1), st.integers(1, 255))
def test_damage_is_seen(position: int, change: int) -> None:
    damaged = bytearray(STREAM)
    damaged[position] ^= change
    with pytest.raises(CorruptStream):
        decode_lanes(bytes(damaged), SYMBOLS.size, WIDTHS, CHOICE)


@pytest.mark.parametrize(
    "arguments",
    [
        (STREAM[:-1], 900, WIDTHS, CHOICE),
        (STREAM + b"\0", 900, WIDTHS, CHOICE),
        (b"", 900, WIDTHS, CHOICE),
        (b"\0\0\0\0", 900, WIDTHS, CHOICE),
        (STREAM, 899, WIDTHS, CHOICE[:-1]),
        (STREAM, 900, WIDTHS, 1 - CHOICE),
        (STREAM, 900, WIDTHS[::-1], CHOICE),
        (STREAM, 900, WIDTHS[0], None),
    ],
    ids=["cut", "longer", "empty", "zeros", "count", "choice", "tables", "one table"],
)
def test_what_was_not_encoded_is_seen(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(CorruptStream):
        decode_lanes(*arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([4], WIDTHS[0]), "Symbols must be 0 to 3"),
        (([-1], WIDTHS[0]), "Symbols must be 0 to 3"),
        (([0.5], WIDTHS[0]), "symbols must be integers"),
        (([3], WIDTHS[2]), "Symbol 3 has no width"),
        (([0], [5, 6]), "add up"),
        (([0], [-1, TOTAL + 1]), "none negative"),
        (([0], WIDTHS), "need a choice"),
        (([0], WIDTHS, [3]), "tables 0 to 2"),
        (([0], WIDTHS, [-1]), "tables 0 to 2"),
        (([0], WIDTHS, [0, 0]), "1 symbols and the choice of 2"),
    ],
    ids=str,
)
def test_misuse_is_refused(arguments: tuple[Any, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        encode_lanes(*arguments)


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="no -1 symbols"):
        decode_lanes(STREAM, -1, WIDTHS[0])
