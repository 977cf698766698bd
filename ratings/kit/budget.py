# SPDX-License-Identifier: Apache-2.0
"""Spend a byte budget on a set of pictures: for the example codecs, or one of your own.

A picture may be coded in several ways, each a number of bytes and a squared error. The first bytes
go where each removes most error, over all pictures: that makes the PSNR of the set largest, since
it comes from one mean over all pixels. Every picture the same rate, or the same quality, is worse.
"""

import argparse
import heapq
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Rgb = NDArray[np.uint8]


class Point(NamedTuple):
    """What one setting of a codec gives on one picture."""

    size_bytes: int
    squared_error: int


class Task(NamedTuple):
    """What an encoder is asked for."""

    pictures: list[Path]
    folder: Path
    budget_bytes: int


def task(description: str) -> Task:
    """Read the command line: `encode PICTURES FOLDER --bpp 0.15` or `--bytes 4722341`.

    PICTURES is a folder of PNG files, FOLDER is made for the bitstreams. Ends the
    program with a message for what is missing or wrong.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("pictures", type=Path, help="folder of PNG files")
    parser.add_argument("folder", type=Path, help="new folder for the bitstreams")
    budget = parser.add_mutually_exclusive_group(required=True)
    budget.add_argument("--bpp", type=float, help="bits per pixel, over all pictures")
    budget.add_argument("--bytes", type=int, help="bytes of all bitstreams together")
    given = parser.parse_args()
    pictures = sorted(given.pictures.glob("*.png"))
    if not pictures:
        parser.error(f"there are no PNG files in {given.pictures}")
    if given.folder.exists():
        parser.error(f"{given.folder} is there already; name a new folder")
    allowed = given.bytes if given.bpp is None else int(pixels(pictures) * given.bpp / 8)
    return Task(pictures, given.folder, allowed)


def pixels(pictures: Sequence[Path]) -> int:
    """Return how many pixels the pictures have together."""
    total = 0
    for picture in pictures:
        with Image.open(picture) as image:
            total += image.width * image.height
    return total


def read(picture: Path) -> Rgb:
    """Return the samples of a picture, shape (height, width, 3), uint8."""
    with Image.open(picture) as image:
        return np.asarray(image.convert("RGB"))


def squared_error(one: Rgb, other: Rgb) -> int:
    """Return the sum of squared differences of all samples, uint8 of one shape."""
    difference = one.astype(np.int32) - other
    return int((difference * difference).sum(dtype=np.int64))


def allocate(points: Mapping[str, Sequence[Point]], budget_bytes: int) -> dict[str, int]:
    """Choose a point for each picture: its index in the picture's sequence.

    From the smallest files up, always the step that removes most error for each byte, along the
    lower convex hull of each picture's points (Shoham and Gersho, 1988), while it fits. Ends the
    program if even the smallest files don't fit.
    """
    hulls = {name: _hull(choices) for name, choices in points.items()}
    at = dict.fromkeys(hulls, 0)
    room = budget_bytes - sum(points[name][hull[0]].size_bytes for name, hull in hulls.items())
    if room < 0:
        raise SystemExit(f"Even the smallest files are {-room} bytes more than {budget_bytes}.")
    steps = [step for name in hulls for step in _next_step(points[name], hulls[name], 0, name)]
    heapq.heapify(steps)
    while steps:
        _, name, size_bytes = heapq.heappop(steps)
        if size_bytes <= room:
            room -= size_bytes
            at[name] += 1
            for step in _next_step(points[name], hulls[name], at[name], name):
                heapq.heappush(steps, step)
    return {name: hull[at[name]] for name, hull in hulls.items()}


def _hull(choices: Sequence[Point]) -> list[int]:
    """Return indices of the points on the lower convex hull, smallest file first."""
    hull: list[int] = []
    for index in sorted(range(len(choices)), key=lambda i: choices[i]):
        if hull and choices[index].squared_error >= choices[hull[-1]].squared_error:
            continue
        while len(hull) > 1 and _slope(choices, hull[-2], hull[-1]) >= _slope(
            choices, hull[-1], index
        ):
            hull.pop()
        hull.append(index)
    return hull


def _slope(choices: Sequence[Point], start: int, end: int) -> float:
    """Return error added for each byte, from one point to a larger one: negative."""
    one, other = choices[start], choices[end]
    return (other.squared_error - one.squared_error) / (other.size_bytes - one.size_bytes)


def _next_step(
    choices: Sequence[Point], hull: Sequence[int], at: int, name: str
) -> list[tuple[float, str, int]]:
    """Return slope, name and bytes of the step from a point of a hull, or nothing at its end."""
    if at + 1 == len(hull):
        return []
    size_bytes = choices[hull[at + 1]].size_bytes - choices[hull[at]].size_bytes
    return [(_slope(choices, hull[at], hull[at + 1]), name, size_bytes)]


def run(
    asked: Task,
    suffix: str,
    settings: Sequence[int],
    encode: Callable[[Rgb, int], bytes],
    decode: Callable[[bytes], Rgb],
) -> None:
    """Try all settings on all pictures, choose, and write the bitstreams: PICTURE + suffix.

    Samples are uint8 of shape (height, width, 3). Ends the program where nothing fits.
    """
    points: dict[str, list[Point]] = {}
    for picture in asked.pictures:
        rgb = read(picture)
        streams = [encode(rgb, setting) for setting in settings]
        points[picture.stem] = [Point(len(s), squared_error(rgb, decode(s))) for s in streams]
    chosen = allocate(points, asked.budget_bytes)
    write(
        asked,
        {p.stem + suffix: encode(read(p), settings[chosen[p.stem]]) for p in asked.pictures},
    )


def write(asked: Task, streams: Mapping[str, bytes]) -> None:
    """Write bitstreams into the new folder, and say what they take.

    Ends the program where they take more than the budget.
    """
    size_bytes = sum(map(len, streams.values()))
    if size_bytes > asked.budget_bytes:
        raise SystemExit(f"{size_bytes} bytes are more than the budget of {asked.budget_bytes}.")
    asked.folder.mkdir(parents=True)
    try:
        for name, stream in streams.items():
            (asked.folder / name).write_bytes(stream)
    except OSError:
        shutil.rmtree(asked.folder)
        raise
    bpp = 8 * size_bytes / pixels(asked.pictures)
    print(f"{len(streams)} bitstreams, {size_bytes} of {asked.budget_bytes} bytes, {bpp:.4f} bpp")
