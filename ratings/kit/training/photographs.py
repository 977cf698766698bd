# SPDX-License-Identifier: Apache-2.0
"""Photographs of a folder beside what a codec makes of them, and squares cut from both."""

import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import codec
import numpy as np
from PIL import Image
from wavelet import Rgb

SHRINKS = (1.0, 0.5)  # sizes that each photograph is taken in
LARGEST_SIDE = 1400  # larger ones are shrunk before, which hides what JPEG did to them
MOST = 512  # samples a side that are cut from the middle
STEPS = range(64, 92, 4)  # of the quantiser


class Pair(NamedTuple):
    """A photograph as it was, as it was decoded, and the index of the quantiser's step."""

    original: Rgb
    decoded: Rgb
    step: int


def pairs(folder: Path, least: int, workers: int) -> list[Pair]:
    """Return pairs of all photographs of a folder that have `least` samples a side.

    Ends the program where there are none.
    """
    originals = [
        rgb
        for path in sorted(folder.iterdir())
        if path.suffix in (".png", ".jpg")
        for rgb in sizes(path)
        if min(rgb.shape[:2]) >= least
    ]
    if not originals:
        raise SystemExit(f"{folder} has no .png or .jpg files of {least} x {least} or more.")
    steps = [STEPS[i % len(STEPS)] for i in range(len(originals))]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(pair, originals, steps))


def sizes(path: Path) -> Iterator[Rgb]:
    """Yield the middle of a photograph in each size: uint8 of shape (height, width, 3)."""
    with Image.open(path) as image:
        rgb = image.convert("RGB")
    rgb.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
    for by in SHRINKS:
        shrunk = rgb.resize(
            (round(rgb.width * by), round(rgb.height * by)), Image.Resampling.LANCZOS
        )
        samples = np.asarray(shrunk)
        top, left = (max(0, side - MOST) // 2 for side in samples.shape[:2])
        yield samples[top : top + MOST, left : left + MOST]


def pair(original: Rgb, step: int) -> Pair:
    """Encode and decode a photograph."""
    return Pair(original, codec.decode(codec.encode(original, step)), step)


def squares(of: list[Pair], count: int, side: int, draw: random.Random) -> Iterator[Pair]:
    """Yield squares cut at random, mirrored and turned at random."""
    for original, decoded, step in draw.choices(of, k=count):
        top, left = (draw.randrange(length - side + 1) for length in original.shape[:2])
        turns, mirrored = draw.randrange(4), draw.choice((slice(None), slice(None, None, -1)))
        cut = (slice(top, top + side), slice(left, left + side))
        yield Pair(*(np.rot90(rgb[cut], turns)[mirrored] for rgb in (original, decoded)), step)
