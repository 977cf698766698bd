# SPDX-License-Identifier: Apache-2.0
"""The inflated stream of a PNG, checked in bounded slices: exact length, filters, a proper end."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ratings.imaging.chunks import CHANNELS, PngHeader
from ratings.imaging.native import zlib
from ratings.imaging.picture_errors import PictureRefused

SLICE_IN = 65_536
SLICE_OUT = 262_144
LAST_FILTER = 4  # Paeth
# Adam7: first column, first row, column step, row step of each pass (PNG specification, 8.1).
ADAM7 = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)


class RowRun(NamedTuple):
    """Rows of one length, one after another from `start`; each begins with its filter byte."""

    start: int
    row_bytes: int
    rows: int

    @property
    def end(self) -> int:
        """Where the next run begins, in bytes."""
        return self.start + self.row_bytes * self.rows


def row_layout(header: PngHeader) -> list[RowRun]:
    """Return where rows lie in the inflated stream: one run, or up to seven when interlaced."""
    passes = ADAM7 if header.interlaced else ((0, 0, 1, 1),)
    bits = header.bit_depth * CHANNELS[header.color_type]
    layout: list[RowRun] = []
    for x, y, dx, dy in passes:
        width, height = -((x - header.width) // dx), -((y - header.height) // dy)
        if width > 0 and height > 0:
            start = layout[-1].end if layout else 0
            layout.append(RowRun(start, 1 + (width * bits + 7) // 8, height))
    return layout


def check_scanlines(header: PngHeader, idat: Sequence[memoryview]) -> None:
    """Inflate the IDAT payloads and require exactly the rows that the header promises.

    Holds at most one slice at a time, whatever the stream inflates to. Raises PictureRefused.
    """
    layout = row_layout(header)
    expected, done = layout[-1].end, 0
    for piece in _inflate(idat):
        if done + len(piece) > expected:
            raise PictureRefused("too_long", "The file holds more than its rows; save it anew.")
        _check_filters(layout, piece, done)
        done += len(piece)
    if done < expected:
        raise PictureRefused("too_short", "Rows of the picture are missing; save it anew.")


def _inflate(idat: Sequence[memoryview]) -> Iterator[bytes]:
    """Inflate one zlib stream spread over IDAT payloads, in slices of at most SLICE_OUT bytes."""
    stream = zlib.decompressobj()
    try:
        for payload in idat:
            for first in range(0, len(payload), SLICE_IN):
                rest: bytes | memoryview = payload[first : first + SLICE_IN]
                while len(rest):
                    if stream.eof:
                        raise PictureRefused("idat_trailing", "IDAT goes on after its stream ends.")
                    yield stream.decompress(rest, SLICE_OUT)
                    rest = stream.unconsumed_tail or stream.unused_data
        while not stream.eof and (piece := stream.decompress(b"", SLICE_OUT)):
            yield piece
    except zlib.error as error:  # type: ignore[misc]  # its stub declares an instance
        raise PictureRefused(
            "deflate", "The compressed samples are damaged; upload the file again."
        ) from error
    if not stream.eof:
        raise PictureRefused("truncated_stream", "The compressed samples end early; upload again.")


def _check_filters(layout: Sequence[RowRun], piece: bytes, offset: int) -> None:
    """Require filter types 0 to 4 for the rows that begin in this piece of the stream."""
    stream = np.frombuffer(piece, np.uint8)
    for run in layout:
        begun = max(0, -((run.start - offset) // run.row_bytes))  # rows that began before
        first = run.start + begun * run.row_bytes - offset
        filters = stream[first : max(0, run.end - offset) : run.row_bytes]
        if filters.size and int(filters.max()) > LAST_FILTER:
            raise PictureRefused("filter", "A row has a filter no PNG may have; save it anew.")
