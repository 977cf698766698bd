"""Streams of the first version stay what they are: fixtures/streams. A change here is a new format.

Nothing makes these files but the coders of their day; `recorded` is the message of each.
"""

import random
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from ratings.kit.arithmetic_coder import Decoder, Encoder, Model, Table, decode, encode, quantise
from ratings.kit.lane_coder import decode_lanes, encode_lanes
from ratings.kit.probability_models import (
    AdaptiveBit,
    AdaptiveCounts,
    MixedBit,
    gaussian,
    laplace,
)

STREAMS = Path(__file__).resolve().parents[2] / "fixtures" / "streams"
LENGTH = 2000


def values(spread: float) -> list[int]:
    """Return integers around 0, the same wherever Python's Mersenne Twister is."""
    chance = random.Random(2018)
    return [round(spread * (chance.random() + chance.random() - 1) ** 3) for _ in range(LENGTH)]


def scaled(weights: Callable[[int, int], list[int]]) -> list[Table]:
    """Return tables of 16 scales, each to 6 and beyond by escape."""
    return [Table(quantise(weights(3 << i // 2, 6)), -6, escape=True) for i in range(16)]


def by_turns(tables: list[Table]) -> list[Table]:
    return [tables[7 * i % len(tables)] for i in range(LENGTH)]


STATIC = Table(quantise([2**i for i in range(10)]), -4)
MESSAGES: dict[str, tuple[list[int], Table | list[Table]]] = {
    "nothing": ([], STATIC),
    "static": ([value % 10 - 4 for value in values(40)], STATIC),
    "laplace": (values(12), by_turns(scaled(laplace))),
    "gaussian": (values(1e6), by_turns(scaled(gaussian))),
}


def adaptive() -> Callable[[int], Model]:
    """Counts, a bit and mixed bits, in turn."""
    counts, bit, mixer = AdaptiveCounts(5), AdaptiveBit(), MixedBit(2)
    contexts = [AdaptiveBit(100) for _ in range(7)]

    def model(i: int) -> Model:
        mixer.select((contexts[i % 3], contexts[3 + i % 4]))
        return (counts, bit, mixer)[i % 3]

    return model


def learned() -> Iterator[int]:
    """Yield a message for `adaptive`."""
    for i, value in enumerate(values(9)):
        yield abs(value) % 5 if i % 3 == 0 else int(value > 0)


@pytest.mark.parametrize("name", MESSAGES)
def test_arrays(name: str) -> None:
    symbols, tables = MESSAGES[name]
    stream = (STREAMS / f"{name}.bin").read_bytes()
    assert decode(stream, len(symbols), tables) == symbols
    assert encode(symbols, tables) == stream


def test_adaptive_models_and_raw_bits() -> None:
    stream = (STREAMS / "adaptive.bin").read_bytes()
    encoder, to_code = Encoder(b"golden"), adaptive()
    decoder, to_read = Decoder(stream, b"golden"), adaptive()
    for i, symbol in enumerate(learned()):
        encoder.encode(symbol, to_code(i))
        encoder.bits(symbol, i % 40 + 3)
        assert decoder.decode(to_read(i)) == symbol
        assert decoder.bits(i % 40 + 3) == symbol
    decoder.finish()
    assert encoder.finish() == stream


def test_lanes() -> None:
    widths = [quantise(laplace(8 << i, 9)) for i in range(4)]
    symbols, choice = np.tile(np.abs(values(15)), 12) % 10, np.arange(12 * LENGTH) % 4
    stream = (STREAMS / "lanes.bin").read_bytes()
    assert (decode_lanes(stream, symbols.size, widths, choice) == symbols).all()
    assert encode_lanes(symbols, widths, choice) == stream


def test_tables_by_scale() -> None:
    """Checksums of tables as they were: 40 scales, Laplace and Gaussian."""
    sums = [
        zlib.crc32(repr([quantise(weights(scale, 30)) for scale in range(1, 400, 10)]).encode())
        for weights in (laplace, gaussian)
    ]
    assert sums == [627782251, 3439672950]
