"""Distributions against scipy, and models that learn, on both sides the same."""

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ratings.kit.arithmetic_coder import (
    TOTAL,
    CodingError,
    Decoder,
    Encoder,
    Model,
    Table,
    quantise,
)
from ratings.kit.probability_models import (
    MASS,
    AdaptiveBit,
    AdaptiveCounts,
    MixedBit,
    gaussian,
    laplace,
)

scales = st.integers(1, 2000)


@pytest.mark.parametrize(
    ("weights", "distribution"),
    [
        (laplace, lambda scale: stats.laplace(scale=scale / 16)),
        (gaussian, lambda scale: stats.norm(scale=scale / 16)),
    ],
)
@given(scale=scales, radius=st.integers(0, 40))
def test_weights_are_those_of_the_distribution(
    weights: Callable[[int, int], list[int]],
    distribution: Callable[[int], Any],
    scale: int,
    radius: int,
) -> None:
    known = distribution(scale)
    edges = known.cdf(np.arange(-radius, radius + 2) - 0.5)
    expected = [*np.diff(edges), 2 * known.cdf(-radius - 0.5)]
    shares = np.array(weights(scale, radius)) / MASS
    np.testing.assert_allclose(shares, expected, rtol=1e-9, atol=1e-11)
    assert 0 <= MASS - sum(weights(scale, radius)) <= radius


@pytest.mark.parametrize("arguments", [(0, 3), (-1, 3), (5, -1)])
def test_no_scale_is_refused(arguments: tuple[int, int]) -> None:
    for weights in (laplace, gaussian):
        with pytest.raises(ValueError, match="must be at least"):
            weights(*arguments)


def test_a_table_of_a_scale_loses_next_to_nothing() -> None:
    for scale in (1, 8, 40, 300):
        weights = gaussian(scale, 40)
        ideal = -sum(w / MASS * math.log2(w / MASS) for w in weights if w)
        paid = -sum(
            w / MASS * math.log2(width / TOTAL)
            for w, width in zip(weights, quantise(weights), strict=True)
        )
        assert paid - ideal < 0.002


Models = Callable[[], Callable[[int], Model]]


def counts() -> Callable[[int], Model]:
    """Two adaptive models in turn, one with little memory."""
    few = [AdaptiveCounts(2), AdaptiveCounts(2, step=900, memory=1000)]
    return lambda i: few[i % 2]


def bits() -> Callable[[int], Model]:
    """Bits in three contexts."""
    few = [AdaptiveBit(), AdaptiveBit(1), AdaptiveBit(255)]
    return lambda i: few[i % 3]


def mixed() -> Callable[[int], Model]:
    """Two ways to see a context, mixed."""
    one, two, mixer = [AdaptiveBit() for _ in range(3)], [AdaptiveBit(2)] * 2, MixedBit(2)
    return lambda i: mixer.select((one[i % 3], two[i % 2]))


@pytest.mark.parametrize("models", [counts, bits, mixed])
@given(message=st.lists(st.integers(0, 1), max_size=300))
def test_both_sides_stay_in_step(models: Models, message: list[int]) -> None:
    encoder, model = Encoder(), models()
    for i, symbol in enumerate(message):
        encoder.encode(symbol, model(i))
    decoder, model = Decoder(encoder.finish()), models()
    assert [decoder.decode(model(i)) for i in range(len(message))] == message
    decoder.finish()


@pytest.mark.parametrize("models", [counts, bits, mixed])
@pytest.mark.parametrize("symbol", [0, 1])
def test_no_symbol_ever_loses_its_share(models: Models, symbol: int) -> None:
    model = models()
    for i in range(5000):
        now = model(i)
        (start, width), (other_start, other_width) = (now.interval(s) for s in (symbol, 1 - symbol))
        assert width >= 1 and other_width >= 1 and width + other_width == TOTAL
        assert sorted([start, other_start]) == [0, min(start + width, other_start + other_width)]
        assert now.find(start) == now.find(start + width - 1) == symbol
        now.update(symbol)


@given(st.lists(st.integers(0, 8), max_size=200), st.integers(0, TOTAL - 1))
def test_counts_give_every_slot_to_one_symbol(message: list[int], slot: int) -> None:
    model = AdaptiveCounts(9, step=1000, memory=3000)
    for symbol in message:
        model.update(symbol)
    start, width = model.interval(model.find(slot))
    assert start <= slot < start + width
    assert sum(model.interval(symbol)[1] for symbol in range(9)) == TOTAL


def cost(model: Callable[[int], Model], message: list[int]) -> float:
    """Return bits a symbol of a message coded with models by position."""
    encoder = Encoder()
    for i, symbol in enumerate(message):
        encoder.encode(symbol, model(i))
    return 8 * len(encoder.finish()) / len(message)


def entropy(p: float) -> float:
    return -p * math.log2(p) - (1 - p) * math.log2(1 - p)


def test_adaptive_models_come_close_to_what_they_learn() -> None:
    chance = random.Random(4)
    message = [int(chance.random() < 0.1) for _ in range(20_000)]
    for model in (AdaptiveCounts(2, step=1, memory=TOTAL - 1), AdaptiveBit(1000)):
        assert cost(dict.fromkeys(range(len(message)), model).__getitem__, message) < (
            1.02 * entropy(0.1)
        )


def test_mixing_finds_the_context_that_tells() -> None:
    chance = random.Random(5)
    message = [int(chance.random() < (0.95, 0.1, 0.1)[i % 3]) for i in range(20_000)]
    ideal = (entropy(0.05) + 2 * entropy(0.1)) / 3
    useful, useless = [AdaptiveBit(255) for _ in range(3)], [AdaptiveBit(255) for _ in range(7)]
    mixer = MixedBit(2)
    together = cost(lambda i: mixer.select((useful[i % 3], useless[i % 7])), message)
    assert together < 1.04 * ideal
    alone = [AdaptiveBit(255) for _ in range(7)]
    assert cost(lambda i: alone[i % 7], message) > 1.5 * together


@pytest.mark.parametrize(
    "misuse",
    [
        lambda: AdaptiveCounts(0),
        lambda: AdaptiveCounts(5, memory=4),
        lambda: AdaptiveCounts(5, step=0),
        lambda: AdaptiveCounts(5, step=TOTAL),
        lambda: AdaptiveCounts(5).interval(5),
        lambda: AdaptiveCounts(5).interval(-1),
        lambda: AdaptiveBit(0),
        lambda: AdaptiveBit().interval(2),
        lambda: MixedBit(0),
        lambda: MixedBit(2).select([AdaptiveBit()]),
        lambda: MixedBit(1).interval(-1),
    ],
)
def test_misuse_is_refused(misuse: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        misuse()


def test_a_refusal_of_a_model_stops_the_encoder() -> None:
    encoder = Encoder()
    with pytest.raises(ValueError, match="not one of"):
        encoder.encode(3, AdaptiveCounts(3))
    with pytest.raises(CodingError):
        encoder.encode(3, Table([TOTAL]))
