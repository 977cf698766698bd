"""Compressing a data set to a byte budget at the least squared error a codec can reach."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple

from ratings.codecs.baselines import Codec
from ratings.codecs.rate import OperatingPoint, allocate
from ratings.imaging.distortion import squared_error
from ratings.imaging.pixels import Rgb

# Settings tried between two coarse ones, on either side of the one that was chosen.
FINER_STEPS = 3
Table = dict[int, OperatingPoint]  # by setting


class Coded(NamedTuple):
    """One picture as a codec leaves it; `decoded` is uint8 of shape (height, width, 3)."""

    bitstream: bytes
    decoded: Rgb


def nothing() -> None:
    """Do nothing: what `tried` is by default."""


def compress_dataset(
    codec: Codec, pictures: Mapping[str, Rgb], budget_bytes: int
) -> dict[str, Coded]:
    """Compress pictures so that all bitstreams together keep the budget at least squared error.

    Pictures are samples by name, uint8 of shape (height, width, 3). Raises BudgetExceeded where
    even the coarsest settings don't fit.
    """
    tables = tabulate(codec, pictures, dict.fromkeys(pictures, codec.settings))
    return dict(encode_pictures(codec, pictures, choose(tables, budget_bytes)))


def best_settings(
    codec: Codec,
    pictures: Mapping[str, Rgb],
    budget_bytes: int,
    tried: Callable[[], None] = nothing,
) -> dict[str, int]:
    """Return each picture's setting: chosen among the coarse ones, then among those around them.

    `tried` is called after each picture in each of the two rounds; what it raises ends it soon.
    Pictures are samples, uint8 of shape (height, width, 3), looked up one at a time, so that a
    mapping may read them from disk. Raises BudgetExceeded.
    """
    coarse = codec.settings + codec.beyond
    tables = tabulate(codec, pictures, dict.fromkeys(pictures, coarse), tried)
    chosen = choose(tables, budget_bytes)
    around = {name: finer(coarse, setting) for name, setting in chosen.items()}
    for name, table in tabulate(codec, pictures, around, tried).items():
        tables[name] |= table
    # With more to choose from the allocation, a heuristic, may still end a little worse.
    return min(choose(tables, budget_bytes), chosen, key=lambda settings: _error(tables, settings))


def tabulate(
    codec: Codec,
    pictures: Mapping[str, Rgb],
    settings: Mapping[str, Sequence[int]],
    tried: Callable[[], None] = nothing,
) -> dict[str, Table]:
    """Return bytes and squared error of each picture at each of its settings, on all cores.

    Pictures are samples by name, uint8 of shape (height, width, 3).
    """

    def measure(name: str) -> Table:
        rgb = pictures[name]
        return {setting: _measure(codec, rgb, setting) for setting in settings[name]}

    tables = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # codecs work outside of Python's lock
        try:
            for name, table in zip(settings, pool.map(measure, settings), strict=True):
                tables[name] = table
                tried()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # of the rest, where it was stopped
    return tables


def choose(tables: Mapping[str, Table], budget_bytes: int) -> dict[str, int]:
    """Return the setting of each picture by Lagrangian allocation. Raises BudgetExceeded."""
    settings = {name: list(table) for name, table in tables.items()}
    points = {name: list(table.values()) for name, table in tables.items()}
    return {name: settings[name][index] for name, index in allocate(points, budget_bytes).items()}


def encode_pictures(
    codec: Codec, pictures: Mapping[str, Rgb], settings: Mapping[str, int]
) -> Iterator[tuple[str, Coded]]:
    """Yield each picture compressed at its setting, and decoded again.

    Pictures are samples by name, uint8 of shape (height, width, 3).
    """
    for name, setting in settings.items():
        rgb = pictures[name]
        bitstream = codec.encode(rgb, setting)
        yield name, Coded(bitstream, codec.decode(bitstream, rgb.shape[1], rgb.shape[0]))


def finer(settings: Sequence[int], chosen: int) -> list[int]:
    """Return evenly spread settings between a chosen one and its neighbours, these left out."""
    around = {
        low + round((high - low) * step / (FINER_STEPS + 1))
        for pair in pairwise(settings)
        if chosen in pair
        for low, high in [sorted(pair)]
        for step in range(1, FINER_STEPS + 1)
    }
    return sorted(around - set(settings))


def _error(tables: Mapping[str, Table], settings: Mapping[str, int]) -> int:
    return sum(tables[name][setting].squared_error for name, setting in settings.items())


def _measure(codec: Codec, rgb: Rgb, setting: int) -> OperatingPoint:
    bitstream = codec.encode(rgb, setting)
    decoded = codec.decode(bitstream, rgb.shape[1], rgb.shape[0])
    return OperatingPoint(len(bitstream), squared_error(rgb, decoded))
