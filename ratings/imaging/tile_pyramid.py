"""A picture as tiles: at full size, and a third of it again and again: a view loads what it shows.

Each level's pixels are means of 3 x 3 of the level before, as whole numbers. Whoever shows a level
pixel by pixel shows exact samples at full size, and the same reduced picture everywhere else.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from ratings.imaging.crops import Box, encode_picture
from ratings.imaging.pixels import Rgb

TILE_SIDE = 512
# Halves would be a third of the picture's pixels more to encode; thirds are an eighth.
SHRINK = 3
# The last level is so small that it is there at once, and seen whole in any window.
LAST_SIDE = 256


@dataclass(frozen=True)
class TileLevel:
    """A picture reduced so far that each pixel stands for `shrink` x `shrink`; sizes in these."""

    shrink: int
    width: int
    height: int

    @property
    def columns(self) -> int:
        """How many tiles stand side by side."""
        return -(-self.width // TILE_SIDE)

    @property
    def rows(self) -> int:
        """How many tiles stand below each other."""
        return -(-self.height // TILE_SIDE)

    def boxes(self) -> Iterator[Box]:
        """Yield where the tiles lie, row by row; those at the right and lower edge are smaller."""
        for y in range(0, self.height, TILE_SIDE):
            for x in range(0, self.width, TILE_SIDE):
                width, height = min(TILE_SIDE, self.width - x), min(TILE_SIDE, self.height - y)
                yield Box(x, y, width, height)


def levels(width: int, height: int) -> list[TileLevel]:
    """Return the levels of a picture of width x height pixels, full size first.

    Raises ValueError for a size below 1.
    """
    if min(width, height) < 1:
        raise ValueError(f"There is no picture of {width} x {height} pixels.")
    found = [TileLevel(1, width, height)]
    while max(found[-1].width, found[-1].height) > LAST_SIDE:
        last = found[-1]
        width, height = -(-last.width // SHRINK), -(-last.height // SHRINK)
        found.append(TileLevel(SHRINK * last.shrink, width, height))
    return found


def encode_tiles(rgb: Rgb) -> Iterator[bytes]:
    """Yield each tile of samples (height, width, 3), uint8, as a lossless WebP without metadata.

    They come level by level, full size first, and row by row in each, as `tile_number` counts.
    """
    picture = Image.fromarray(rgb)
    for level in levels(*picture.size):
        if level.shrink > 1:
            picture = picture.reduce(SHRINK)
        for box in level.boxes():
            corner = (box.x, box.y, box.x + box.width, box.y + box.height)
            yield encode_picture(picture.crop(corner))


def tile_number(size: tuple[int, int], level: int, column: int, row: int) -> int:
    """Return the place of a tile among all of a picture of `size` (width, height), from 0 on.

    Raises ValueError where there is no such tile.
    """
    found = levels(*size)
    if level not in range(len(found)):
        raise ValueError(f"There is no level {level}.")
    there = found[level]
    if column not in range(there.columns) or row not in range(there.rows):
        raise ValueError(f"Level {level} has no tile {column}, {row}.")
    before = sum(each.columns * each.rows for each in found[:level])
    return before + row * there.columns + column
