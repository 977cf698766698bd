"""Crops for raters: where they lie, and files that show their exact samples and nothing else."""

import hashlib
import io
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from PIL import Image

from ratings.imaging.pixels import Rgb

CROP_SIZE = (768, 768)
# Two crops of a picture lie apart by at least this part of their side; else there are fewer.
LEAST_STEP = 0.25
PAGE_BYTES = 4096
CHUNK_HEADER_BYTES = 8


@dataclass(frozen=True)
class Box:
    """A rectangle of a picture, in pixels from its top left corner."""

    x: int
    y: int
    width: int
    height: int

    def overlaps(self, other: "Box") -> bool:
        """Tell whether the two have a pixel in common."""
        beside = self.x >= other.x + other.width or other.x >= self.x + self.width
        below = self.y >= other.y + other.height or other.y >= self.y + self.height
        return not (beside or below)


def place_crops(
    width: int,
    height: int,
    *,
    size: tuple[int, int] = CROP_SIZE,
    count: int,
    seed: str | int,
    name: str,
) -> tuple[Box, ...]:
    """Choose where a picture of width x height pixels is cropped: the same for every method.

    The places follow from the picture's size and name and the study's seed alone, on any machine.
    The picture is divided into a grid with a crop in each cell; cells and the places in them are
    drawn by hash. Crops don't overlap where there is room for `count` of them; they are fewer
    where the picture is too small, and smaller where it is smaller than `size` (width, height, in
    pixels). Raises ValueError for a size or a count below 1.
    """
    if min(width, height, count, *size) < 1:
        raise ValueError(f"Can't place {count} crops of {size} in a picture of {width} x {height}.")
    crop_width, crop_height = min(width, size[0]), min(height, size[1])
    key = f"{seed}\n{name}\n{width}x{height}\n{crop_width}x{crop_height}"
    columns, rows = _grid((width, height), (crop_width, crop_height), count)
    cells = sorted(product(range(columns), range(rows)), key=lambda cell: _draw(key, "cell", *cell))
    return tuple(
        Box(
            _start(width, crop_width, columns, column, _draw(key, "x", column, row)),
            _start(height, crop_height, rows, row, _draw(key, "y", column, row)),
            crop_width,
            crop_height,
        )
        for column, row in cells[:count]
    )


def _grid(picture: tuple[int, int], crop: tuple[int, int], count: int) -> tuple[int, int]:
    """Return columns and rows: as many as fit side by side, then more, the roomier way first."""
    cells = [picture[axis] // crop[axis] for axis in (0, 1)]
    while cells[0] * cells[1] < count:
        steps = [(picture[axis] - crop[axis]) / cells[axis] / crop[axis] for axis in (0, 1)]
        if max(steps) < LEAST_STEP:
            break
        cells[steps[1] > steps[0]] += 1
    return cells[0], cells[1]


def _start(length: int, crop: int, cells: int, cell: int, draw: int) -> int:
    """Return where a crop begins along one side: anywhere in its cell, evenly if cells overlap."""
    if length < crop * cells:
        return cell * (length - crop) // (cells - 1)
    first, end = cell * length // cells, (cell + 1) * length // cells
    return first + draw % (end - first - crop + 1)


def _draw(key: str, what: str, column: int, row: int) -> int:
    digest = hashlib.sha256(f"{key}\n{what}\n{column}\n{row}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


def cut(rgb: Rgb, box: Box) -> Rgb:
    """Return the samples of a box, a view of shape (box.height, box.width, 3), uint8.

    Raises ValueError where the box does not lie in the picture.
    """
    if box.x < 0 or box.y < 0 or box.x + box.width > rgb.shape[1] or box.y + box.height > len(rgb):
        raise ValueError(f"{box} does not lie in a picture of {rgb.shape[1]} x {len(rgb)} pixels.")
    return rgb[box.y : box.y + box.height, box.x : box.x + box.width]


def encode_crop(rgb: Rgb) -> bytes:
    """Return a lossless WebP of samples of shape (height, width, 3), uint8, without metadata."""
    return encode_picture(Image.fromarray(rgb))


def encode_picture(picture: Image.Image) -> bytes:
    """Return a lossless WebP of an RGB picture's samples, without metadata."""
    file = io.BytesIO()
    picture.save(file, "WEBP", lossless=True, method=0, quality=0, exact=True)
    return file.getvalue()


def padded_size(sizes: Iterable[int]) -> int:
    """Return a byte length to which every one of these files can be padded, in whole pages.

    Raises ValueError where there are none.
    """
    return -(-(max(sizes) + CHUNK_HEADER_BYTES) // PAGE_BYTES) * PAGE_BYTES


def pad_crop(data: bytes, size_bytes: int) -> bytes:
    """Return the same WebP picture in a file of exactly `size_bytes` bytes.

    A chunk of unknown type is appended inside the RIFF container, which readers must ignore (WebP
    container specification, RFC 9649, section 2.7). Raises ValueError where no such file exists.
    """
    growth = size_bytes - len(data)
    if growth == 0:
        return data
    if growth < CHUNK_HEADER_BYTES or size_bytes % 2:
        raise ValueError(f"A crop of {len(data)} bytes can't be padded to {size_bytes}.")
    padding = bytes(growth - CHUNK_HEADER_BYTES)
    riff = b"RIFF" + struct.pack("<I", size_bytes - 8)
    return riff + data[8:] + b"PAD " + struct.pack("<I", len(padding)) + padding
