"""Whatever is coded comes back, in next to the ideal number of bits; all else is an error."""

import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.kit.arithmetic_coder import (
    TOTAL,
    CodingError,
    CorruptStream,
    Decoder,
    Encoder,
    Table,
    decode,
    encode,
    quantise,
)
from tests.kit.builders import ideal_bits, message_bits, messages, tables, weights

ALMOST_SURE = Table([TOTAL - 1, 1])
SKEWED = Table(quantise([60, 25, 10, 4, 1]), -2)
Message = tuple[list[int], list[Table]]


@given(messages())
def test_comes_back_within_16_bits_of_the_ideal(message: Message) -> None:
    symbols, used = message
    stream = encode(symbols, used)
    assert decode(stream, len(symbols), used) == symbols
    assert 8 * len(stream) <= message_bits(symbols, used) + 16


@given(messages())
def test_one_by_one_gives_the_same_stream(message: Message) -> None:
    encoder, whole = Encoder(), Encoder()
    for symbol, table in zip(*message, strict=True):
        encoder.encode(symbol, table)
    whole.encode_array(*message)
    stream = encoder.finish()
    assert stream == whole.finish()
    decoder = Decoder(stream)
    assert [decoder.decode(table) for table in message[1]] == message[0]
    decoder.finish()


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=12))
def test_stream_is_a_number_in_the_exact_interval(steps: list[tuple[int, bool]]) -> None:
    """Against arithmetic coding by the book, in fractions; rounding moves ends by 2^-32."""
    low, size = Fraction(0), Fraction(1)
    encoder = Encoder()
    for symbol, skewed in steps:
        table = SKEWED if skewed else Table(quantise([1] * 5), -2)
        start, width = table.intervals[symbol - 2]
        low, size = low + size * Fraction(start, TOTAL), size * Fraction(width, TOTAL)
        encoder.encode(symbol - 2, table)
    body = encoder.finish()[:-1]
    number = Fraction(int.from_bytes(body, "big"), 256 ** len(body))
    slack = Fraction(len(steps), 2**32)
    assert low - slack <= number < low + size + slack


@pytest.mark.parametrize("length", [0, 1, 2, 1000, 100_000])
@pytest.mark.parametrize("symbol", [0, 1])
def test_runs_of_almost_sure_and_hardly_possible_symbols(length: int, symbol: int) -> None:
    stream = encode([symbol] * length, ALMOST_SURE)
    assert decode(stream, length, ALMOST_SURE) == [symbol] * length
    ideal = length * ideal_bits([ALMOST_SURE.intervals[symbol][1]])
    assert ideal <= 8 * len(stream) <= ideal + 16


def test_an_alphabet_of_one_costs_nothing() -> None:
    only = Table([TOTAL], 7)
    stream = encode([7] * 5000, only)
    assert len(stream) == 1
    assert decode(stream, 5000, only) == [7] * 5000


def test_nothing_is_coded_as_a_check_byte() -> None:
    assert len(encode([], SKEWED)) == 1
    assert decode(encode([], SKEWED), 0, SKEWED) == []


@pytest.mark.parametrize("carried", [1, 2, 3, 50])
def test_a_carry_runs_through_words_full_of_ones(carried: int) -> None:
    """All top slots make 0xFFFF words; then an interval that crosses the top of the last one."""
    widths = Table([1] * (TOTAL - 1) + [1])
    middle = Table([TOTAL // 2 - 1, 2, TOTAL // 2 - 1])
    encoder = Encoder()
    encoder.encode(0x1234, widths)
    encoder.encode(1, middle)  # the interval holds a number with 1 and zeros below its middle
    for _ in range(carried):
        encoder.put(TOTAL // 2 - 1, 2)
    encoder.put(TOTAL - 1, 1)
    assert any(word > 0xFFFF for word in encoder._words) or encoder._low >> 64
    decoder = Decoder(encoder.finish())
    assert (decoder.decode(widths), decoder.decode(middle)) == (0x1234, 1)
    for _ in range(carried):
        assert decoder.slot() in (TOTAL // 2 - 1, TOTAL // 2)
        decoder.take(TOTAL // 2 - 1, 2)
    assert decoder.slot() == TOTAL - 1
    decoder.take(TOTAL - 1, 1)
    decoder.finish()


def test_a_million_symbols_with_a_table_each() -> None:
    chance = random.Random(1)
    few = [Table(quantise([chance.random() ** 6 for _ in range(n)])) for n in (2, 9, 33, 256)]
    used = chance.choices(few, k=1_000_000)
    symbols = [table.find(chance.randrange(TOTAL)) for table in used]
    stream = encode(symbols, used)
    assert decode(stream, len(symbols), used) == symbols
    ideal = ideal_bits(table.intervals[s][1] for s, table in zip(symbols, used, strict=True))
    assert ideal <= 8 * len(stream) <= ideal + 16


@given(st.lists(st.tuples(st.integers(0, 80), st.integers(0, 2**80)), max_size=20))
def test_raw_bits(fields: list[tuple[int, int]]) -> None:
    encoder = Encoder()
    for count, value in fields:
        encoder.bits(value % (1 << count), count)
    stream = encoder.finish()
    decoder = Decoder(stream)
    assert [decoder.bits(count) for count, _ in fields] == [v % (1 << c) for c, v in fields]
    decoder.finish()
    assert 8 * len(stream) <= sum(count for count, _ in fields) + 16


def test_arrays_of_numpy_are_taken() -> None:
    symbols = np.array([[0, 1], [-2, 2]], np.int8)
    assert encode(symbols.ravel(), SKEWED) == encode([0, 1, -2, 2], SKEWED)


# What is no stream


SYMBOLS = [random.Random(2).choice([-2, -2, -2, -1, 0, 1]) for _ in range(400)]
STREAM = encode(SYMBOLS, SKEWED)


def test_any_one_wrong_byte_is_seen() -> None:
    for position in range(len(STREAM)):
        for change in range(1, 256):
            damaged = bytearray(STREAM)
            damaged[position] ^= change
            with pytest.raises(CorruptStream, match="check byte"):
                decode(bytes(damaged), len(SYMBOLS), SKEWED)


@pytest.mark.parametrize("length", range(len(STREAM)))
def test_every_cut_is_seen(length: int) -> None:
    with pytest.raises(CorruptStream):
        decode(STREAM[:length], len(SYMBOLS), SKEWED)


@pytest.mark.parametrize("more", [b"\0", b"\0\0", b"x", STREAM])
def test_more_bytes_are_seen(more: bytes) -> None:
    with pytest.raises(CorruptStream):
        decode(STREAM + more, len(SYMBOLS), SKEWED)


@pytest.mark.parametrize("count", [0, 1, len(SYMBOLS) - 1, len(SYMBOLS) + 1, 10**5])
def test_another_count_is_seen(count: int) -> None:
    with pytest.raises(CorruptStream):
        decode(STREAM, count, SKEWED)


@pytest.mark.parametrize(
    "table",
    [
        Table(quantise([60, 25, 10, 4, 1])),
        Table(quantise([1, 4, 10, 25, 60]), -2),
        Table(quantise([60, 25, 10, 5, 1]), -2),
        Table(quantise([60, 25, 10, 4, 1]), -2, escape=True),
    ],
    ids=["shifted", "reversed", "slightly other", "with escape"],
)
def test_another_table_is_seen(table: Table) -> None:
    with pytest.raises(CorruptStream):
        decode(STREAM, len(SYMBOLS), table)


def test_the_end_tells_what_the_check_cannot() -> None:
    """Nothing was agreed; where a symbol takes less than a bit, one more may still fit."""
    encoder = Encoder()
    encoder.encode_array(SYMBOLS, SKEWED)
    stream = encoder.finish()
    for count in (len(SYMBOLS) - 30, len(SYMBOLS) + 30):
        decoder = Decoder(stream)
        with pytest.raises(CorruptStream):
            decoder.decode_array(count, SKEWED)
            decoder.finish()


@pytest.mark.parametrize(
    "read",
    [
        lambda decoder: decoder.decode_array(10**6, SKEWED),
        lambda decoder: [decoder.decode(SKEWED) for _ in range(10**6)],
        lambda decoder: decoder.bits(10**4),
    ],
    ids=["array", "symbols", "bits"],
)
def test_reading_past_the_end_stops(read: Callable[[Decoder], object]) -> None:
    encoder = Encoder()
    encoder.encode_array(SYMBOLS, SKEWED)
    decoder = Decoder(encoder.finish())
    with pytest.raises(CorruptStream, match="nothing left"):
        read(decoder)


@given(st.binary(max_size=40), st.integers(0, 50), tables())
def test_no_bytes_make_it_fail_otherwise(stream: bytes, count: int, table: Table) -> None:
    for check in range(256):
        try:
            decoder = Decoder(stream + bytes([check]))
        except CorruptStream:
            continue
        try:
            decoder.decode_array(count, table)
            decoder.finish()
        except CorruptStream:
            pass
        else:
            again = Encoder()
            again.encode_array(Decoder(stream + bytes([check])).decode_array(count, table), table)
            assert again.finish() == stream + bytes([check])


@pytest.mark.parametrize("symbol", [-3, 3, 10**9, 0.5, float("nan")])
def test_a_symbol_outside_the_table_is_refused(symbol: int) -> None:
    with pytest.raises(CodingError, match="not in the table"):
        Encoder().encode(symbol, SKEWED)
    with pytest.raises(CodingError, match="not in the table"):
        encode([0, symbol], SKEWED)


def test_an_escape_is_for_integers_of_at_most_64_bits() -> None:
    table = Table([TOTAL - 1, 1], escape=True)
    with pytest.raises(TypeError):
        encode([1.5], table)  # type: ignore[list-item]
    assert decode(encode([2**64 - 1], table), 1, table) == [2**64 - 1]
    with pytest.raises(CodingError, match="2\\^64"):
        encode([2**64], table)


@pytest.mark.parametrize(
    "interval", [(0, 0), (5, 0), (-1, 2), (0, -1), (TOTAL, 1), (1, TOTAL)], ids=str
)
def test_an_interval_that_is_none_is_refused(interval: tuple[int, int]) -> None:
    with pytest.raises(CodingError, match="interval"):
        Encoder().put(*interval)


@pytest.mark.parametrize(
    "misuse",
    [
        lambda: Encoder().bits(4, 2),
        lambda: Encoder().bits(-1, 2),
        lambda: Encoder().bits(0, -1),
        lambda: Decoder(Encoder().finish()).bits(-1),
        lambda: Decoder(Encoder().finish()).decode_array(-1, SKEWED),
        lambda: encode([0, 0], [SKEWED]),
        lambda: decode(STREAM, 2, [SKEWED]),
        lambda: Decoder(b""),
    ],
)
def test_misuse_is_refused(misuse: Callable[[], object]) -> None:
    with pytest.raises(CodingError):
        misuse()


def test_a_finished_stream_takes_no_more() -> None:
    encoder = Encoder()
    encoder.finish()
    for more in (encoder.finish, lambda: encoder.put(0, 1), lambda: encoder.encode_array([], [])):
        with pytest.raises(CodingError, match="finished"):
            more()


# Widths


@given(weights)
def test_widths_add_up_and_keep_to_their_share(given_weights: list[int]) -> None:
    widths = quantise(given_weights)
    assert sum(widths) == TOTAL and min(widths) >= 1
    for weight, width in zip(given_weights, widths, strict=True):
        share = Fraction(weight * TOTAL, sum(given_weights))
        # Those lifted to 1 are paid for by all others in proportion.
        assert width == 1 or share * (1 - Fraction(len(widths), TOTAL)) - 1 < width < share + 1


@given(weights, st.randoms(use_true_random=False))
def test_widths_follow_their_weights(given_weights: list[int], chance: random.Random) -> None:
    order = list(range(len(given_weights)))
    chance.shuffle(order)
    widths, moved = quantise(given_weights), quantise([given_weights[i] for i in order])
    assert sorted(widths) == sorted(moved)
    for weight, width in zip(given_weights, widths, strict=True):
        assert all(
            width <= other_width + (weight <= other)
            for other, other_width in zip(given_weights, widths, strict=True)
            if weight <= other
        )
    assert quantise([3 * weight for weight in given_weights]) == widths


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=40))
def test_float_noise_changes_nothing(counts: list[int]) -> None:
    """Probabilities from two machines, which differ in their last digits."""
    pmf = [count / sum(counts) for count in counts]
    noisy = [p * (1 + (-1) ** i * 2e-16) for i, p in enumerate(pmf)]
    assert quantise(pmf) == quantise(noisy) == quantise(np.array(pmf))


def test_ties_go_to_the_first() -> None:
    assert quantise([1, 1, 1]) == [21846, 21845, 21845]
    assert quantise([0.1, 0.1, 0.1]) == [21846, 21845, 21845]


def test_the_largest_alphabet() -> None:
    assert quantise([1, 10**9] + [0] * (TOTAL - 2)) == [1, 1] + [1] * (TOTAL - 2)


@pytest.mark.parametrize(
    "bad",
    [[], [0, 0], [1, -1], [float("nan")], [float("inf"), 1], [1] * (TOTAL + 1)],
    ids=["none", "zeros", "negative", "nan", "infinite", "too many"],
)
def test_weights_that_are_none_are_refused(bad: Sequence[float]) -> None:
    with pytest.raises(CodingError):
        quantise(bad)


@pytest.mark.parametrize("bad", [[], [TOTAL + 1, -1], [TOTAL, 0], [TOTAL - 1], [1, 2, 3]], ids=str)
def test_widths_that_are_none_are_refused(bad: list[int]) -> None:
    with pytest.raises(CodingError, match="add up"):
        Table(bad)


def test_an_escape_alone_is_no_table() -> None:
    with pytest.raises(CodingError):
        Table([TOTAL], escape=True)


@given(tables(), st.integers(0, TOTAL - 1))
def test_each_slot_belongs_to_one_symbol(table: Table, slot: int) -> None:
    symbol = table.find(slot)
    start, width = table.intervals.get(symbol) or table.escape or (0, 0)
    assert start <= slot < start + width
    ends = list(accumulate(width for _, _, width in table.entries))
    assert ends[-1] == TOTAL
