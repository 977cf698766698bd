"""The kit's coders beside others from PyPI: `.venv-coders/bin/python -m benchmarks.coders`

`make peers` makes that environment. Prints million symbols a second of CPU time, encoding and
decoding, and the bits above the ideal code length of the distribution symbols are drawn from. All
coders get the same symbols in what they like best: lists for Python, arrays for the others.
"""

import math
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import constriction
import numpy as np
import range_coder
from numpy.typing import NDArray

from ratings.kit.arithmetic_coder import TOTAL, Table, decode, encode, quantise
from ratings.kit.lane_coder import decode_lanes, encode_lanes
from ratings.kit.probability_models import gaussian

COUNT = 1_000_000
ROUNDS = 3
RADIUS = 40
SCALES = 4 * 2 ** np.arange(0, 5, 0.1)  # 50 standard deviations up to 7.5, in sixteenths
Symbols = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Case:
    """Symbols of one distribution, or of one each: `scale` numbers those in SCALES."""

    name: str
    symbols: Symbols
    ideal_bits: float
    widths: list[list[int]]
    scale: NDArray[np.int64]

    @property
    def one(self) -> bool:
        """Tell whether all symbols have the same distribution."""
        return len(self.widths) == 1


class Coder(NamedTuple):
    """Two functions: to a stream, and back; and the stream's length in bits."""

    encode: Callable[[], Any]
    decode: Callable[[Any], Any]
    bits: Callable[[Any], int] = lambda stream: 8 * len(stream)


def main() -> None:
    """Print a line for each coder and case."""
    for case in cases():
        per_symbol = case.ideal_bits / COUNT
        print(f"\n{case.name}, {per_symbol:.3f} bits a symbol, {COUNT:,} symbols")
        print(f"{'':32}{'encode':>8}{'decode':>8}{'bits above':>12}{'':>8}")
        coders = dict(ours(case)) | dict(constrictions(case)) | dict(range_coders(case))
        for name, (speeds, above) in measured(case, coders).items():
            share = 100 * above / case.ideal_bits
            print(f"{name:32}{speeds[0]:8.2f}{speeds[1]:8.2f}{above:12,.0f}{share:7.3f}%")


def measured(case: Case, coders: dict[str, Coder]) -> dict[str, tuple[tuple[float, float], float]]:
    """Run all coders in turn, round after round; check that each gives the symbols back."""
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in coders}
    above = {}
    for _ in range(ROUNDS):
        for name, coder in coders.items():
            begun = time.process_time()
            stream = coder.encode()
            halfway = time.process_time()
            symbols = coder.decode(stream)
            seconds[name].append((halfway - begun, time.process_time() - halfway))
            assert np.array_equal(symbols, case.symbols), name
            above[name] = coder.bits(stream) - case.ideal_bits
    return {
        name: (
            (
                COUNT / median(one for one, _ in spent) / 1e6,
                COUNT / median(two for _, two in spent) / 1e6,
            ),
            above[name],
        )
        for name, spent in seconds.items()
    }


def cases() -> Iterator[Case]:
    """Yield the distributions: of one table three, and Gaussians of 50 scales."""
    draw = np.random.default_rng(2018)
    yield one_table("33 symbols", np.exp(-np.abs(np.arange(33) - 16) / 2.0))
    yield one_table("33 symbols, nearly all zeros", np.array([0.9976] + [0.0024 / 32] * 32))
    yield one_table("256 symbols", draw.dirichlet(np.ones(256)))
    scale = draw.integers(0, len(SCALES), COUNT)
    sigma = SCALES[scale] / 16
    symbols = np.rint(draw.normal(0, sigma)).clip(-RADIUS, RADIUS).astype(np.int32)
    root = sigma * math.sqrt(2)
    cdf = [np.vectorize(math.erf)((symbols + half) / root) / 2 for half in (-0.5, 0.5)]
    inside = np.vectorize(math.erf)((RADIUS + 0.5) / root)
    ideal = -float(np.log2((cdf[1] - cdf[0]) / inside).sum())
    # Clipping instead of escaping, as peers can't: the tails go to the ends.
    widths = [quantise(gaussian(round(scale), RADIUS)[:-1]) for scale in SCALES.tolist()]
    yield Case("A Gaussian for each symbol", symbols, ideal, widths, scale)


def one_table(name: str, weights: NDArray[np.float64]) -> Case:
    """Return a case of the table nearest to weights; the table is the distribution."""
    widths = quantise(weights.tolist())
    chances = np.array(widths) / TOTAL
    symbols = np.random.default_rng(7).choice(len(widths), COUNT, p=chances).astype(np.int32)
    ideal = -float(np.log2(chances[symbols]).sum())
    return Case(name, symbols, ideal, [widths], np.zeros(COUNT, np.int64))


def ours(case: Case) -> Iterator[tuple[str, Coder]]:
    """Yield the kit's coder in pure Python, and its lanes in numpy."""
    lowest = 0 if case.one else -RADIUS
    tables = [Table(widths, lowest) for widths in case.widths]
    used = tables[0] if case.one else [tables[i] for i in case.scale.tolist()]
    listed = case.symbols.tolist()
    yield (
        "arithmetic_coder (pure Python)",
        Coder(lambda: encode(listed, used), lambda s: decode(s, COUNT, used)),
    )
    widths, shifted = np.array(case.widths), case.symbols - lowest
    yield (
        "lane_coder (numpy)",
        Coder(
            lambda: encode_lanes(shifted, widths, case.scale),
            lambda s: decode_lanes(s, COUNT, widths, case.scale) + lowest,
        ),
    )


def constrictions(case: Case) -> Iterator[tuple[str, Coder]]:
    """Yield constriction's range coder and ANS."""
    stream, models = constriction.stream, constriction.stream.model
    parameters: tuple[Any, ...] = ()
    if case.one:
        model = models.Categorical(np.array(case.widths[0]) / TOTAL, perfect=False)
    else:
        model = models.QuantizedGaussian(-RADIUS, RADIUS)
        sigma = SCALES[case.scale] / 16
        parameters = (np.zeros(COUNT), sigma)
    times = () if parameters else (COUNT,)

    def queue() -> Any:  # noqa: ANN401
        encoder = stream.queue.RangeEncoder()
        encoder.encode(case.symbols, model, *parameters)
        return encoder.get_compressed()

    def stack() -> Any:  # noqa: ANN401
        encoder = stream.stack.AnsCoder()
        encoder.encode_reverse(case.symbols, model, *parameters)
        return encoder.get_compressed()

    def bits(words: NDArray[np.uint32]) -> int:
        return 32 * len(words)

    def from_queue(words: Any) -> Any:  # noqa: ANN401
        return stream.queue.RangeDecoder(words).decode(model, *parameters, *times)

    def from_stack(words: Any) -> Any:  # noqa: ANN401
        return stream.stack.AnsCoder(words).decode(model, *parameters, *times)

    yield "constriction, range coder", Coder(queue, from_queue, bits)
    yield "constriction, ANS", Coder(stack, from_stack, bits)


def range_coders(case: Case) -> Iterator[tuple[str, Coder]]:
    """Yield range-coder: whole lists with one table, or symbol by symbol with a table each."""
    file = Path(tempfile.gettempdir()) / "benchmark-of-coders.bin"
    lowest = 0 if case.one else -RADIUS
    listed = (case.symbols - lowest).tolist()
    cumulative = [[0, *np.cumsum(widths).tolist()] for widths in case.widths]
    of_symbol = [cumulative[i] for i in case.scale.tolist()]

    def to_file() -> bytes:
        encoder = range_coder.RangeEncoder(str(file))
        if case.one:
            encoder.encode(listed, cumulative[0])
        else:
            for symbol, table in zip(listed, of_symbol, strict=True):
                encoder.encode([symbol], table)
        encoder.close()
        return file.read_bytes()

    def from_file(_: bytes) -> NDArray[np.int64]:
        decoder = range_coder.RangeDecoder(str(file))
        if case.one:
            symbols = decoder.decode(COUNT, cumulative[0])
        else:
            symbols = [decoder.decode(1, table)[0] for table in of_symbol]
        decoder.close()
        file.unlink()
        return np.array(symbols) + lowest

    yield "range-coder", Coder(to_file, from_file)


if __name__ == "__main__":
    main()
