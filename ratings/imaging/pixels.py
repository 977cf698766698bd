# SPDX-License-Identifier: Apache-2.0
"""PNG files to 8-bit RGB samples and back, with everything refused that could be read in two ways.

What is taken, and how (every line has its test in tests/imaging/test_pixels.py):

==============================  ===================================================================
RGB, 8 bits                     taken as it is stored; interlaced files too
greyscale, 1, 2, 4 or 8 bits    taken; scaled to 0..255 as the standard says, R = G = B
palette, 1, 2, 4 or 8 bits      taken; colours looked up; an index beyond the palette is refused
alpha (grey or RGB), 8 bits     taken if every pixel is fully opaque, else refused
16 bits, tRNS, animation        refused
gAMA cHRM iCCP sRGB cICP eXIf   ignored and never served: samples count as stored, taken for sRGB
other ancillary chunks          ignored, never inflated; at most 64 KiB of them
unknown critical chunks         refused
wrong checksum, order, length,  refused, and whatever follows the stream, the samples or the end
filter
==============================  ===================================================================

A decoder sees a file only after the strict walk, and only its IHDR, PLTE, IDAT and IEND.
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ratings.imaging.chunks import (
    CRITICAL_KINDS,
    PALETTE,
    PngHeader,
    check_chunks,
    iter_chunks,
    read_header,
)
from ratings.imaging.native import decode_rgb
from ratings.imaging.picture_errors import PictureRefused
from ratings.imaging.scanlines import check_scanlines

__all__ = [
    "PictureRefused",
    "PngHeader",
    "Rgb",
    "check_png",
    "decode_checked",
    "decode_png",
    "encode_png",
    "only_samples",
    "other_chunks",
    "read_header",
]

Rgb = NDArray[np.uint8]  # shape (height, width, 3)


def check_png(data: bytes, *, expected_size: tuple[int, int] | None = None) -> PngHeader:
    """Check a whole PNG file against the policy above and return its header.

    `expected_size` is (width, height) in pixels and is compared before anything else is read.
    Raises PictureRefused. For the plain kinds no samples are held in memory.
    """
    header = read_header(data)
    if expected_size and (header.width, header.height) != expected_size:
        wanted = " x ".join(map(str, expected_size))
        raise PictureRefused(
            "wrong_size",
            f"The picture is {header.width} x {header.height} pixels, not {wanted}; "
            "it must have the size of the original.",
        )
    check_scanlines(header, check_chunks(data, header))
    if not header.is_plain:
        _decode_other(data, header)  # indices and opacity show only in the samples
    return header


def decode_png(data: bytes) -> Rgb:
    """Check a PNG file and return its samples, shape (height, width, 3), uint8.

    Raises PictureRefused.
    """
    return decode_checked(data, check_png(data))


def decode_checked(data: bytes, header: PngHeader) -> Rgb:
    """Return the samples of a file that `check_png` has passed, shape (height, width, 3), uint8.

    Never call it on a file that was not checked: decoders forgive too much. Raises PictureRefused
    if the decoder fails all the same.
    """
    return _decode_plain(data, header) if header.is_plain else _decode_other(data, header)


def only_samples(data: bytes) -> bytes:
    """Return the same picture of IHDR, PLTE, IDAT and IEND alone; the very same bytes if it is so.

    Raises PictureRefused for what the strict walk over the chunks refuses.
    """
    check_chunks(data, read_header(data))
    return _without_ancillary(data)


def other_chunks(data: bytes) -> list[str]:
    """Return the kinds of a checked file's ancillary chunks, each once, as they come."""
    kinds = (chunk.kind for chunk in iter_chunks(data) if chunk.kind not in CRITICAL_KINDS)
    return [kind.decode("latin-1") for kind in dict.fromkeys(kinds)]


def encode_png(rgb: Rgb) -> bytes:
    """Return a PNG of IHDR, IDAT and IEND alone for samples of shape (height, width, 3), uint8."""
    file = io.BytesIO()
    # Of a photograph level 6, Pillow's own, makes 3 % less, in more than twice the time.
    Image.fromarray(rgb).save(file, "PNG", compress_level=4)
    return file.getvalue()


def _decode_plain(data: bytes, header: PngHeader) -> Rgb:
    try:
        return decode_rgb(_without_ancillary(data), header.height, header.width)
    except Exception as error:  # the decoder raises bare Exception
        raise _undecodable(error) from error


def _decode_other(data: bytes, header: PngHeader) -> Rgb:
    try:
        with Image.open(io.BytesIO(_without_ancillary(data)), formats=["PNG"]) as picture:
            if header.color_type == PALETTE:
                return _look_up(np.asarray(picture), _palette(data))
            if "A" in picture.getbands():
                _require_opaque(np.asarray(picture.getchannel("A")))
            return np.asarray(picture.convert("RGB"))
    except (OSError, SyntaxError) as error:
        raise _undecodable(error) from error


def _undecodable(error: Exception) -> PictureRefused:
    return PictureRefused("undecodable", f"The decoder refused it ({error}); save it anew as PNG.")


def _without_ancillary(data: bytes) -> bytes:
    """Return the same picture without ancillary chunks; the very same bytes if it has none."""
    chunks = list(iter_chunks(data))
    if all(chunk.kind in CRITICAL_KINDS for chunk in chunks):
        return data
    kept = [data[: chunks[0].start]]
    kept += [data[chunk.start : chunk.end] for chunk in chunks if chunk.kind in CRITICAL_KINDS]
    return b"".join(kept)


def _palette(data: bytes) -> Rgb:
    payload = next(chunk.payload for chunk in iter_chunks(data) if chunk.kind == b"PLTE")
    return np.frombuffer(payload, np.uint8).reshape(-1, 3)


def _look_up(indices: NDArray[np.uint8], palette: Rgb) -> Rgb:
    if int(indices.max()) >= len(palette):
        raise PictureRefused("palette", "A pixel's index is beyond the palette; save it as RGB.")
    return palette[indices]


def _require_opaque(alpha: NDArray[np.uint8]) -> None:
    if int(alpha.min()) < 255:
        raise PictureRefused(
            "transparency", "The picture is transparent in places; save it without alpha."
        )
