# SPDX-License-Identifier: Apache-2.0
"""The quick coder for long streams: rANS in many lanes, a step of all lanes being one numpy call.

    stream = encode_lanes(symbols, widths)
    symbols = decode_lanes(stream, len(symbols), widths)

A format of its own, not that of arithmetic_coder: each lane costs 40 bits, so there is a lane for
every 12,288 bits and the method pays from about 100,000 bytes on. Symbols are 0, 1, 2, ...; widths
are as `arithmetic_coder.quantise` makes them. numpy, no more.

A lane's state x holds its symbols as one number (Duda, Asymmetric numeral systems, 2013): coding s
turns x into x // width * TOTAL + start + x % width, and x % TOTAL tells s again. What a state can't
hold goes out in words of 16 bits. Coding begins with the last symbol, so that decoding begins with
the first.

Format, all numbers big-endian: lanes (2 bytes), the state of each lane (6 bytes), words (2 bytes
each), CRC-32 (4 bytes) of all before, the number of symbols, the tables and their choice.
"""

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

TOTAL = 1 << 16
WORD_BITS = 16
SMALLEST_STATE = 1 << 32  # a state is below SMALLEST_STATE << WORD_BITS
STATE_BYTES = 6
BITS_PER_LANE = 12288
MOST_LANES = 4096
OUT_OF_STEP = ": damaged, another count of symbols, or other tables."

Integers = NDArray[np.int64]


class CorruptStream(ValueError):
    """The bytes are not what `encode_lanes` made with the same tables."""


@dataclass(frozen=True, eq=False)
class _Tables:
    """Widths of shape (tables, symbols), zero where a table has no such symbol.

    An entry is a symbol of a table; entries are numbered from 0, one table after the other.
    """

    widths: Integers

    def starts(self) -> Integers:
        """Return where each entry begins in its table, shape (entries,)."""
        return (np.cumsum(self.widths, axis=1) - self.widths).ravel()

    def entry_of_slot(self) -> NDArray[np.unsignedinteger]:
        """Return the entry of each slot, in as few bytes as can be: caches hold more of them."""
        entries = np.arange(self.widths.size, dtype=np.min_scalar_type(self.widths.size))
        return np.repeat(entries, self.widths.ravel())


def encode_lanes(symbols: ArrayLike, widths: ArrayLike, choice: ArrayLike | None = None) -> bytes:
    """Return the stream of integer symbols, in C order.

    `widths` is one table, shape (symbols,), or several, shape (tables, symbols); of several,
    `choice` names one for each symbol. A width of 0 allows no such symbol. Raises ValueError for
    what has no width, and for tables that don't add up to TOTAL.
    """
    tables = _tables(widths)
    values = _integers(symbols, "symbols").ravel()
    chosen = _chosen(tables, choice, values.size)
    if values.size and not 0 <= values.min() <= values.max() < tables.widths.shape[1]:
        raise ValueError(f"Symbols must be 0 to {tables.widths.shape[1] - 1}.")
    entries = chosen * tables.widths.shape[1] + values
    width = tables.widths.take(entries)
    if not width.all():
        raise ValueError(f"Symbol {values[np.argmin(width)]} has no width in its table.")
    # The number of lanes is in the stream: rounding of floats decides nothing but the length.
    lanes = int(np.log2(TOTAL / width).sum()) // BITS_PER_LANE
    states, words = _push(width, tables.starts().take(entries), max(1, min(MOST_LANES, lanes)))
    body = len(states).to_bytes(2, "big") + _state_bytes(states) + words.astype(">u2").tobytes()
    return body + _check(body, tables, chosen, values.size)


def _push(width: Integers, start: Integers, lanes: int) -> tuple[Integers, NDArray[np.uint16]]:
    """Return states and words; symbol i is in lane i % lanes."""
    states = np.full(lanes, SMALLEST_STATE, np.int64)
    pieces = []
    limit, rest = width << 32, TOTAL - width
    for first in reversed(range(0, len(width), lanes)):
        step = slice(first, first + lanes)
        state = states[: len(width) - first]
        full = (state >= limit[step]).nonzero()[0]
        due = state.take(full)
        pieces.append(due.astype(np.uint16))
        state[full] = due >> WORD_BITS
        state += state // width[step] * rest[step] + start[step]
    return states, np.concatenate([np.zeros(0, np.uint16), *reversed(pieces)])


def decode_lanes(
    stream: bytes, count: int, widths: ArrayLike, choice: ArrayLike | None = None
) -> Integers:
    """Return the `count` symbols of a stream of `encode_lanes`, shape (count,).

    Raises CorruptStream if it is damaged, or made with another count or other tables.
    """
    tables = _tables(widths)
    if count < 0:
        raise ValueError(f"There are no {count} symbols.")
    chosen = _chosen(tables, choice, count)
    body, lanes = stream[:-4], int.from_bytes(stream[:2], "big")
    header = 2 + STATE_BYTES * lanes
    if stream[-4:] != _check(body, tables, chosen, count) or lanes == 0:
        raise CorruptStream("The check is wrong" + OUT_OF_STEP)
    if len(body) < header or (len(body) - header) % 2:
        raise CorruptStream("The stream is cut off" + OUT_OF_STEP)
    states = _states(body[2:header])
    return _pull(states, np.frombuffer(body, ">u2", offset=header), tables, chosen)


def _pull(
    states: Integers, words: NDArray[np.uint16], tables: _Tables, chosen: Integers
) -> Integers:
    """Return the symbols, one for each chosen table; checks that nothing is left over."""
    entry_of_slot, first_slot = tables.entry_of_slot(), chosen * TOTAL
    # x becomes x // TOTAL * width + slot - start, where slot is x - x // TOTAL * TOTAL.
    change, starts = tables.widths.ravel() - TOTAL, tables.starts()
    entries = np.empty(chosen.size, entry_of_slot.dtype)
    words = np.concatenate([words.astype(np.int64), np.zeros(len(states), np.int64)])
    read = 0
    for first in range(0, chosen.size, len(states)):
        step = slice(first, first + len(states))
        state = states[: chosen.size - first]
        entry = entry_of_slot.take((state & TOTAL - 1) + first_slot[step])
        entries[step] = entry
        state += (state >> WORD_BITS) * change.take(entry) - starts.take(entry)
        due = (state < SMALLEST_STATE).nonzero()[0]
        state[due] = state.take(due) << WORD_BITS | words[read : read + due.size]
        read += due.size
        if read > len(words) - len(states):
            raise CorruptStream("There is nothing left to read" + OUT_OF_STEP)
    if read != len(words) - len(states) or (states != SMALLEST_STATE).any():
        raise CorruptStream("The stream does not end with the last symbol" + OUT_OF_STEP)
    symbols: Integers = entries - chosen * tables.widths.shape[1]
    return symbols


def _tables(widths: ArrayLike) -> _Tables:
    table = np.atleast_2d(_integers(widths, "widths"))
    if table.ndim != 2 or (table < 0).any() or (table.sum(axis=1) != TOTAL).any():
        raise ValueError(f"Widths of a table must add up to {TOTAL}, none negative.")
    return _Tables(table)


def _integers(values: ArrayLike, name: str) -> Integers:
    array = np.asarray(values)
    if array.size and array.dtype.kind not in "iu":
        raise ValueError(f"{name} must be integers, not {array.dtype}.")
    return array.astype(np.int64)


def _chosen(tables: _Tables, choice: ArrayLike | None, count: int) -> Integers:
    """Return the number of the table of each symbol."""
    if choice is None and len(tables.widths) != 1:
        raise ValueError("Several tables need a choice, one number of a table for each symbol.")
    chosen = np.zeros(count, np.int64) if choice is None else _integers(choice, "choice").ravel()
    if chosen.size != count:
        raise ValueError(f"{count} symbols and the choice of {chosen.size} tables.")
    if count and not 0 <= chosen.min() <= chosen.max() < len(tables.widths):
        raise ValueError(f"There are tables 0 to {len(tables.widths) - 1}.")
    return chosen


def _state_bytes(states: Integers) -> bytes:
    return b"".join(int(state).to_bytes(STATE_BYTES, "big") for state in states)


def _states(data: bytes) -> Integers:
    cuts = range(0, len(data), STATE_BYTES)
    return np.array([int.from_bytes(data[i : i + STATE_BYTES], "big") for i in cuts], np.int64)


def _check(body: bytes, tables: _Tables, chosen: Integers, count: int) -> bytes:
    agreed = [str((count, tables.widths.shape)).encode(), tables.widths.astype(">i8").tobytes()]
    check = zlib.crc32(body)
    for part in (*agreed, chosen.astype(">u2").tobytes()):
        check = zlib.crc32(part, check)
    return check.to_bytes(4, "big")
