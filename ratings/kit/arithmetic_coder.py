# SPDX-License-Identifier: Apache-2.0
"""Arithmetic coding: integers and a model of them in, almost exactly as few bytes as can be out.

    table = Table(quantise([0.7, 0.2, 0.1]))
    stream = encode([0, 0, 2, 1, 0], table)
    assert decode(stream, 5, table) == [0, 0, 2, 1, 0]

A range coder (Martin, 1979) with a 64-bit range and carries. Only integers decide what is coded, so
a stream means the same on every machine. This one file is all of it: standard library, no more.
"""

import struct
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, repeat
from operator import index
from typing import Protocol, TypeAlias

PRECISION = 16
TOTAL = 1 << PRECISION  # what the widths of all symbols of a model add up to
STATE_BITS = 64
WORD_BITS = 16
WORD = (1 << WORD_BITS) - 1
FULL_RANGE = (1 << STATE_BITS) - 1
TOP = STATE_BITS - WORD_BITS  # where the word starts that is due next
SMALLEST_RANGE = 1 << TOP  # 2^32 x TOTAL: rounding it to parts costs at most 2^-32 of a symbol
STATE_WORDS = STATE_BITS // WORD_BITS
LONGEST_ESCAPE = 64  # bits of a value that a table has no symbol for
OUT_OF_STEP = ": damaged, another count of symbols, or other tables."

Interval: TypeAlias = tuple[int, int]  # start and width, both out of TOTAL


class CodingError(ValueError):
    """What was asked for can't be coded."""


class CorruptStream(CodingError):
    """The bytes are not what an encoder with the same models wrote."""


class Model(Protocol):
    """What gives each symbol its share of TOTAL; both sides keep one, always in step.

    `interval` returns a symbol's share or raises ValueError if it has none, `find` the symbol whose
    share holds `slot`, and `update` learns from a symbol that was coded.
    """

    def interval(self, symbol: int) -> Interval: ...
    def find(self, slot: int) -> int: ...
    def update(self, symbol: int) -> None: ...


def quantise(weights: Iterable[float]) -> list[int]:
    """Turn weights (a pmf, counts) into widths: integers of at least 1 that add up to TOTAL.

    Floats are first rounded to units of 2^-20 of the largest, which forgives most differences in
    their last digits; from there on all is exact. Who gets less than 1 gets 1, the others share the
    rest in proportion, rounded down; what is left goes to the largest remainders, first come first.
    Raises CodingError for no weights, too many, negative, infinite or only zeros.
    """
    whole = _whole_weights(list(weights))
    small: set[int] = set()
    while True:
        room = TOTAL - len(small)
        mass = sum(weight for i, weight in enumerate(whole) if i not in small)
        fallen = {i for i, w in enumerate(whole) if i not in small and w * room < mass}
        if not fallen:
            break
        small |= fallen
    shares = [(0, 0) if i in small else divmod(w * room, mass) for i, w in enumerate(whole)]
    widths = [max(share, 1) for share, _ in shares]
    for i in sorted(range(len(whole)), key=lambda i: -shares[i][1])[: TOTAL - sum(widths)]:
        widths[i] += 1
    return widths


def _whole_weights(weights: list[float]) -> list[int]:
    fit = any(weights) and all(0 <= weight < float("inf") for weight in weights)
    if not fit or len(weights) > TOTAL:
        raise CodingError(f"Needs 1 to {TOTAL} weights, finite, none negative, not all zero.")
    if all(isinstance(weight, int) for weight in weights):
        return [int(weight) for weight in weights]
    largest = float(max(weights))
    return [round(float(weight) / largest * 2.0**20) for weight in weights]


class Table:
    """A static model of the integers from `lowest` on, in order of `widths`.

    With `escape` the last width stands for all other integers; encoding one of them costs this
    symbol, a sign and about 2 log2 bits of how far it lies outside (Elias gamma). Raises
    CodingError unless widths are integers of at least 1 that add up to TOTAL.
    """

    def __init__(self, widths: Iterable[int], lowest: int = 0, *, escape: bool = False) -> None:
        widths = [index(width) for width in widths]
        if len(widths) < 1 + escape or min(widths) < 1 or sum(widths) != TOTAL:
            raise CodingError(f"Widths must be at least 1 and add up to {TOTAL}; see quantise.")
        self.starts = [0, *accumulate(widths)][:-1]
        self.lowest, self.highest = lowest, lowest + len(widths) - 1 - escape
        self.escape = (self.starts[-1], widths[-1]) if escape else None
        values: list[int | None] = [*range(lowest, self.highest + 1), *[None] * escape]
        self.entries = list(zip(values, self.starts, widths, strict=True))
        self.intervals = {s: (start, width) for s, start, width in self.entries if s is not None}
        self.digest = zlib.crc32(repr((lowest, escape, widths)).encode()).to_bytes(4, "big")

    def interval(self, symbol: int) -> Interval:
        """Return start and width of a symbol. Raises CodingError for one out of range."""
        if symbol in self.intervals:
            return self.intervals[symbol]
        raise CodingError(f"{symbol} is not in the table of {self.lowest} to {self.highest}.")

    def find(self, slot: int) -> int:
        """Return the symbol whose interval holds `slot`; one above the highest for the escape."""
        return self.lowest + bisect_right(self.starts, slot) - 1

    def update(self, symbol: int) -> None:
        """Learn nothing: the table is static."""


Tables: TypeAlias = Table | Iterable[Table]  # one for all symbols, or one each


class Encoder:
    """Codes symbol after symbol; `finish` returns the stream.

    It is a number between 0 and 1 in base 256. Each symbol narrows the interval from `low`
    to `low + range` in which it may lie to the symbol's share of it; any number left will do.
    `agreed` is what both sides must know and is not sent, such as the number of symbols and digests
    of tables; the check byte covers it.
    """

    def __init__(self, agreed: bytes = b"") -> None:
        self._check = _crc_8(agreed)
        self._low, self._range = 0, FULL_RANGE
        # Words that may be larger than WORD: finish carries, as in addition on paper.
        self._words: list[int] = []

    def put(self, start: int, width: int) -> None:
        """Narrow to an interval out of TOTAL. Raises CodingError for one not inside."""
        self._refuse_finished()
        if not (0 <= start < start + width <= TOTAL):
            raise CodingError(f"The interval of {width} from {start} is not in 0 to {TOTAL}.")
        part = self._range >> PRECISION
        self._low += part * start
        self._range = part * width
        if self._range < SMALLEST_RANGE:
            self._words.append(self._low >> TOP)
            self._low = self._low % SMALLEST_RANGE << WORD_BITS
            self._range <<= WORD_BITS

    def encode(self, symbol: int, model: Model) -> None:
        """Code one symbol, and let the model learn. Raises CodingError if it has no share."""
        if isinstance(model, Table) and model.escape and symbol not in model.intervals:
            self._escape(index(symbol), model, model.escape)
        else:
            self.put(*model.interval(symbol))
            model.update(symbol)

    def bits(self, value: int, count: int) -> None:
        """Code `count` raw bits. Raises CodingError for a value that has more, or is negative."""
        if not (count >= 0 and 0 <= value < 1 << count):
            raise CodingError(f"{value} has no {count} bits.")
        for shift in range(0, count, PRECISION):
            width = 1 << PRECISION - min(PRECISION, count - shift)
            self.put((value >> shift) % (TOTAL // width) * width, width)

    def _escape(self, value: int, table: Table, escape: Interval) -> None:
        above = value > table.highest
        distance = value - table.highest if above else table.lowest - value
        length = distance.bit_length()
        if length > LONGEST_ESCAPE:
            raise CodingError(f"{value} is more than 2^{LONGEST_ESCAPE} outside its table.")
        self.put(*escape)
        self.bits(int(above), 1)
        for more in [1] * (length - 1) + [0]:
            self.bits(more, 1)
        self.bits(distance - (1 << length - 1), length - 1)

    def encode_array(self, symbols: Iterable[int], tables: Tables) -> None:
        """Code symbols with one table for all, or a table each. Faster than one by one.

        Raises CodingError for a symbol without a share, and where there are more or fewer tables.
        """
        self._refuse_finished()
        symbols = _plain(symbols)
        low, range_, emit = self._low, self._range, self._words.append
        for symbol, table in zip(symbols, _one_each(symbols, tables), strict=True):
            try:
                start, width = table.intervals[symbol]
            except KeyError:
                self._low, self._range = low, range_
                self.encode(symbol, table)
                low, range_ = self._low, self._range
                continue
            range_ >>= PRECISION
            low += range_ * start
            range_ *= width
            if range_ < SMALLEST_RANGE:
                emit(low >> TOP)
                low = low % SMALLEST_RANGE << WORD_BITS
                range_ <<= WORD_BITS
        self._low, self._range = low, range_

    def finish(self) -> bytes:
        """Return the stream: the shortest number in the interval, and a check byte.

        Together they are less than 16 bits longer than the symbols' widths ask for.
        """
        self._refuse_finished()
        zero_bytes, distance = _shortest(self._low, self._range)
        low, self._range = self._low + distance, 0
        words = [*self._words, low >> TOP, *(low >> shift & WORD for shift in (32, 16, 0))]
        carry = 0
        for i in range(len(words) - 1, -1, -1):
            carry, words[i] = divmod(words[i] + carry, WORD + 1)
        body = struct.pack(f">{len(words)}H", *words)[: 2 * len(words) - zero_bytes]
        return body + bytes([_crc_8(body, self._check)])

    def _refuse_finished(self) -> None:
        if not self._range:
            raise CodingError("The stream is finished; begin another.")


class Decoder:
    """Undoes what Encoder did, given the stream and the same models in the same order.

    Raises CorruptStream at once for a stream that fails its check, as when one byte is wrong.
    Call `finish` after the last symbol: no result may be trusted before.
    """

    def __init__(self, stream: bytes, agreed: bytes = b"") -> None:
        body = bytes(stream[:-1])
        if not stream or _crc_8(body, _crc_8(agreed)) != stream[-1]:
            raise CorruptStream("The check byte is wrong" + OUT_OF_STEP)
        self._length = len(body)
        # Behind the end stand zeros, as many as the encoder may have left out.
        padded = body + bytes(STATE_BITS // 8 - len(body) % 2)
        self._words = struct.unpack(f">{len(padded) // 2}H", padded)
        self._read = STATE_WORDS
        self._offset = _number(self._words[:STATE_WORDS])  # how far it lies above `low`
        self._range = FULL_RANGE

    def slot(self) -> int:
        """Return where in [0, TOTAL) the next symbol lies."""
        return min(self._offset // (self._range >> PRECISION), TOTAL - 1)

    def take(self, start: int, width: int) -> None:
        """Narrow to the interval of the symbol that was found. Raises CorruptStream."""
        part = self._range >> PRECISION
        self._offset -= part * start
        self._range = part * width
        if not 0 <= self._offset < self._range:
            raise CorruptStream("The stream lies in no symbol's interval" + OUT_OF_STEP)
        if self._range < SMALLEST_RANGE:
            if self._read == len(self._words):
                raise CorruptStream("There is nothing left to read" + OUT_OF_STEP)
            self._offset = self._offset << WORD_BITS | self._words[self._read]
            self._range <<= WORD_BITS
            self._read += 1

    def decode(self, model: Model) -> int:
        """Return the next symbol, and let the model learn."""
        symbol = model.find(self.slot())
        if isinstance(model, Table) and symbol > model.highest and model.escape:
            self.take(*model.escape)
            return self._escaped(model)
        self.take(*model.interval(symbol))
        model.update(symbol)
        return symbol

    def bits(self, count: int) -> int:
        """Return the next `count` raw bits. Raises CodingError for fewer than 0."""
        if count < 0:
            raise CodingError(f"There are no {count} bits.")
        value = 0
        for shift in range(0, count, PRECISION):
            width = 1 << PRECISION - min(PRECISION, count - shift)
            digit = self.slot() // width
            self.take(digit * width, width)
            value |= digit << shift
        return value

    def _escaped(self, table: Table) -> int:
        above = self.bits(1)
        length = 1
        while self.bits(1):
            length += 1
            if length > LONGEST_ESCAPE:
                raise CorruptStream("An escaped value is too long" + OUT_OF_STEP)
        distance = (1 << length - 1) + self.bits(length - 1)
        return table.highest + distance if above else table.lowest - distance

    def decode_array(self, count: int, tables: Tables) -> list[int]:
        """Return the next `count` symbols, of one table or a table each. Raises CorruptStream."""
        if count < 0:
            raise CodingError(f"There are no {count} symbols.")
        symbols: list[int] = []
        add, words = symbols.append, self._words
        offset, range_, read = self._offset, self._range, self._read
        try:
            for table in _one_each(range(count), tables):
                range_ >>= PRECISION
                slot = offset // range_
                symbol, start, width = table.entries[bisect_right(table.starts, slot) - 1]
                offset -= range_ * start
                range_ *= width
                if range_ < SMALLEST_RANGE:
                    if offset >= range_:
                        raise CorruptStream("The stream lies in no symbol's interval" + OUT_OF_STEP)
                    offset = offset << WORD_BITS | words[read]
                    range_ <<= WORD_BITS
                    read += 1
                if symbol is None:
                    self._offset, self._range, self._read = offset, range_, read
                    symbol = self._escaped(table)
                    offset, range_, read = self._offset, self._range, self._read
                add(symbol)
        except IndexError:
            raise CorruptStream("There is nothing left to read" + OUT_OF_STEP) from None
        self._offset, self._range, self._read = offset, range_, read
        return symbols

    def finish(self) -> None:
        """Check that the stream ends here, as the encoder ends it. Raises CorruptStream if not."""
        seen = _number(self._words[self._read - STATE_WORDS : self._read])
        zero_bytes, distance = _shortest(seen - self._offset, self._range)
        if self._offset != distance or 2 * self._read - zero_bytes != self._length:
            raise CorruptStream("The stream does not end with the last symbol" + OUT_OF_STEP)


def _shortest(low: int, range_: int) -> tuple[int, int]:
    """Return how many bytes of a number from `low` on may be zero, and how far up that number is.

    It is less than `low + range_` and has as many zero bytes at its end as possible.
    """
    choices = ((count, -low % (1 << 8 * count)) for count in range(STATE_BITS // 8, -1, -1))
    return next(choice for choice in choices if choice[1] < range_)


def _crc_8_of_byte(value: int) -> int:
    """Return the remainder by x^8 + x^5 + x^3 + x^2 + x + 1: any one wrong byte is seen."""
    for _ in range(8):
        value = value << 1 ^ (0x12F if value & 0x80 else 0)
    return value


_CRC_8 = [_crc_8_of_byte(value) for value in range(256)]


def _crc_8(data: bytes, check: int = 0) -> int:
    for byte in data:
        check = _CRC_8[check ^ byte]
    return check ^ 0xFF  # else a zero byte behind the check would fit


def _number(words: Sequence[int]) -> int:
    return int.from_bytes(struct.pack(f">{len(words)}H", *words), "big")


def _plain(symbols: Iterable[int]) -> list[int]:
    """Return a list; integers of numpy become Python's, which are faster one by one."""
    return symbols.tolist() if hasattr(symbols, "tolist") else list(symbols)


def _one_each(symbols: Sequence[int], tables: Tables) -> Iterable[Table]:
    if isinstance(tables, Table):
        return repeat(tables, len(symbols))
    tables = list(tables)
    if len(tables) != len(symbols):
        raise CodingError(f"{len(symbols)} symbols and {len(tables)} tables.")
    return tables


def _digest(count: int, tables: Table | list[Table]) -> bytes:
    used = [tables] if isinstance(tables, Table) else tables
    return repr((count, zlib.crc32(b"".join(table.digest for table in used)))).encode()


def encode(symbols: Iterable[int], tables: Tables) -> bytes:
    """Return the stream of integers with one table for all, or a table each."""
    symbols = _plain(symbols)
    tables = tables if isinstance(tables, Table) else list(tables)
    encoder = Encoder(_digest(len(symbols), tables))
    encoder.encode_array(symbols, tables)
    return encoder.finish()


def decode(stream: bytes, count: int, tables: Tables) -> list[int]:
    """Return the `count` integers of a stream of `encode`.

    Raises CorruptStream, and returns nothing, if the stream is damaged or count or tables differ.
    """
    tables = tables if isinstance(tables, Table) else list(tables)
    decoder = Decoder(stream, _digest(count, tables))
    symbols = decoder.decode_array(count, tables)
    decoder.finish()
    return symbols
