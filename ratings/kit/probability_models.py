# SPDX-License-Identifier: Apache-2.0
"""Models for arithmetic_coder: Laplace and Gaussian by scale, adaptive counts and bits, mixing.

    table = Table(quantise(gaussian(scale=24, radius=9)), -9, escape=True)

    encoder, model = Encoder(), AdaptiveCounts(10)
    for digit in [3, 1, 4, 1, 5]:
        encoder.encode(digit, model)

Encoder and decoder each keep an adaptive model of their own, and these stay in step. All is
integers or exact decimals, so it is the same on every machine. Standard library, no more.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from decimal import Context, Decimal, localcontext
from itertools import accumulate, pairwise
from typing import TypeAlias

TOTAL = 1 << 16  # what the widths of all symbols add up to, as arithmetic_coder has it
MASS = 1 << 41  # what integer weights of a distribution are counted in, both sides together

Interval: TypeAlias = tuple[int, int]  # start and width, both out of TOTAL


def laplace(scale: int, radius: int) -> list[int]:
    """Return weights of round(x), x Laplacian around 0 with a mean |x| of `scale` / 16.

    They are those of -radius to radius, and last that of all outside: the escape's. Raises
    ValueError for a scale below 1 or a negative radius.
    """
    return _symmetric(scale, radius, lambda x: (-x).exp())


def gaussian(scale: int, radius: int) -> list[int]:
    """Return weights as `laplace` does, x normal of standard deviation `scale` / 16."""
    return _symmetric(scale, radius, _two_sided_normal_tail)


def _symmetric(scale: int, radius: int, tail: Callable[[Decimal], Decimal]) -> list[int]:
    """Return weights from the chance that |x| exceeds so many scales."""
    if radius < 0 or scale < 1:
        raise ValueError(f"Scale {scale} and radius {radius} must be at least 1 and 0.")
    with localcontext(Context(prec=40)):
        edges = (Decimal(8 * (2 * k + 1)) / scale for k in range(radius + 1))
        beyond = [MASS, *(round(tail(edge) * MASS) for edge in edges)]
    inside, *shells = (outer - inner for outer, inner in pairwise(beyond))
    half = [shell // 2 for shell in shells]
    return [*half[::-1], inside, *half, beyond[-1]]


def _two_sided_normal_tail(x: Decimal) -> Decimal:
    """Return erfc(x / sqrt(2)), by the series of erf whose terms are all positive."""
    if x > 12:
        return Decimal(0)
    term = total = x
    n = 1
    while term > Decimal("1e-30"):
        n += 2
        term *= x * x / n
        total += term
    # 2 / pi to 30 digits
    return 1 - total * (-x * x / 2).exp() * Decimal("0.636619772367581343075535053490").sqrt()


class AdaptiveCounts:
    """A model of the integers from 0 to `size` - 1 that counts what it sees.

    Counts start at 1; when they add up to more than `memory` they are halved, so that it forgets.
    """

    def __init__(self, size: int, step: int = 32, memory: int = TOTAL // 2) -> None:
        if not (1 <= size <= memory and step >= 1 and memory + step <= TOTAL):
            raise ValueError("Counts need 1 <= size <= memory <= TOTAL - step, and a step >= 1.")
        self._counts, self._sum = [1] * size, size
        self._step, self._memory = step, memory

    def interval(self, symbol: int) -> Interval:
        """Return the symbol's share of all counts, rounded to TOTAL.

        Raises ValueError for none of the symbols.
        """
        if not 0 <= symbol < len(self._counts):
            raise ValueError(f"{symbol} is not one of the symbols 0 to {len(self._counts) - 1}.")
        below = sum(self._counts[:symbol])
        start = below * TOTAL // self._sum
        return start, (below + self._counts[symbol]) * TOTAL // self._sum - start

    def find(self, slot: int) -> int:
        """Return the first symbol whose end lies above `slot`."""
        least_end = -(-(slot + 1) * self._sum // TOTAL)
        return bisect_left(list(accumulate(self._counts)), least_end)

    def update(self, symbol: int) -> None:
        """Count a symbol."""
        self._counts[symbol] += self._step
        self._sum += self._step
        if self._sum > self._memory:
            self._counts = [(count + 1) // 2 for count in self._counts]
            self._sum = sum(self._counts)


class AdaptiveBit:
    """A model of bits: its chance of a 1 moves towards each bit, first in large steps.

    After n bits the step is 1 / (n + 1.5) of the way, from `limit` bits on it stays.
    """

    __slots__ = ("_limit", "_seen", "one")

    def __init__(self, limit: int = 30) -> None:
        if not 1 <= limit < TOTAL // 4:
            raise ValueError(f"The limit must be 1 to {TOTAL // 4 - 1} bits, not {limit}.")
        self.one, self._seen, self._limit = TOTAL // 2, 0, limit

    def interval(self, symbol: int) -> Interval:
        """Return the share of 0 or 1."""
        return _bit_interval(symbol, self.one)

    def find(self, slot: int) -> int:
        """Return 1 below its chance, else 0."""
        return int(slot < self.one)

    def update(self, symbol: int) -> None:
        """Move towards a bit, never onto certainty."""
        divisor = 2 * self._seen + 3
        self.one += 2 * (TOTAL - self.one) // divisor if symbol else -(2 * self.one // divisor)
        self._seen = min(self._seen + 1, self._limit)


def _bit_interval(symbol: int, ones: int) -> Interval:
    if symbol not in (0, 1):
        raise ValueError(f"{symbol} is no bit.")
    return (0, ones) if symbol else (ones, TOTAL - ones)


LOGIT_UNIT = 256
LOGIT_REACH = 11 * LOGIT_UNIT  # the logit of about 1 / TOTAL
_CLASS_BITS = 4  # chances within 2^4 / TOTAL share a logit


def _logistic_table() -> list[int]:
    with localcontext(Context(prec=28)):
        logits = (Decimal(i) / LOGIT_UNIT for i in range(-LOGIT_REACH, LOGIT_REACH + 1))
        return [max(1, round(TOTAL / (1 + (-logit).exp()))) for logit in logits]


def _logit_table(chances: Sequence[int]) -> list[int]:
    middles = range(1 << _CLASS_BITS - 1, TOTAL, 1 << _CLASS_BITS)
    return [bisect_left(chances, middle) - LOGIT_REACH for middle in middles]


_CHANCE = _logistic_table()
_LOGIT = _logit_table(_CHANCE)


class MixedBit:
    """A model of bits that asks several AdaptiveBits, each of a context of its own, and mixes.

    Their logits are added up with weights that learn which contexts tell most (Mahoney, Adaptive
    weighing of context models for lossless data compression, 2005); in integers throughout.
    """

    def __init__(self, inputs: int, rate_bits: int = 15) -> None:
        if inputs < 1 or rate_bits < 0:
            raise ValueError("A mixer needs at least one input, and a rate of 2^-n, n >= 0.")
        self._weights = [(1 << 16) // inputs + (1 << 14)] * inputs
        self._rate_bits = rate_bits
        self._models: Sequence[AdaptiveBit] = ()
        self._logits: list[int] = []
        self.one = TOTAL // 2

    def select(self, models: Sequence[AdaptiveBit]) -> "MixedBit":
        """Choose the models of the next bit's contexts, one an input; return this one.

        Raises ValueError for another number of them.
        """
        if len(models) != len(self._weights):
            raise ValueError(f"{len(models)} models for {len(self._weights)} inputs.")
        self._models = models
        self._logits = [_LOGIT[model.one >> _CLASS_BITS] for model in models]
        mixed = sum(map(int.__mul__, self._weights, self._logits)) >> 16
        self.one = _CHANCE[max(-LOGIT_REACH, min(LOGIT_REACH, mixed)) + LOGIT_REACH]
        return self

    def interval(self, symbol: int) -> Interval:
        """Return the share of 0 or 1."""
        return _bit_interval(symbol, self.one)

    def find(self, slot: int) -> int:
        """Return 1 below its chance, else 0."""
        return int(slot < self.one)

    def update(self, symbol: int) -> None:
        """Shift weight to the models that were right, and let all of them learn."""
        error = (TOTAL if symbol else 0) - self.one
        shift = self._rate_bits
        self._weights = [
            weight + (logit * error >> shift)
            for weight, logit in zip(self._weights, self._logits, strict=True)
        ]
        for model in self._models:
            model.update(symbol)
