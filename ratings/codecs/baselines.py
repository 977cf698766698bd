"""Codecs to compare with, through Pillow: JPEG, WebP, JPEG 2000, AVIF, and half-size JPEG.

Their operating points are few, for speed, and suit rates around 0.15 bits per pixel.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from ratings.codecs.rate import OperatingPoint, allocate
from ratings.imaging.pixels import Rgb
from ratings.imaging.psnr import squared_error


@dataclass(frozen=True)
class Codec:
    """A codec with its operating points, coarsest first.

    `encode` takes samples of shape (height, width, 3), uint8, and one of `settings`; `decode` takes
    a bitstream and the picture's width and height in pixels.
    """

    name: str
    suffix: str
    settings: tuple[int, ...]
    encode: Callable[[Rgb, int], bytes]
    decode: Callable[[bytes, int, int], Rgb]


class Coded(NamedTuple):
    """One picture as a codec leaves it."""

    bitstream: bytes
    decoded: Rgb


def compress_dataset(
    codec: Codec, pictures: Mapping[str, Rgb], budget_bytes: int
) -> dict[str, Coded]:
    """Compress pictures so that all bitstreams together keep the budget at least squared error.

    Raises BudgetExceeded where even the coarsest settings don't fit.
    """
    coded = {
        name: [_try(codec, rgb, setting) for setting in codec.settings]
        for name, rgb in pictures.items()
    }
    points = {name: [point for _, point in tries] for name, tries in coded.items()}
    bitstreams = {
        name: coded[name][index][0] for name, index in allocate(points, budget_bytes).items()
    }
    return {
        name: Coded(bitstream, _decode_for(codec, bitstream, pictures[name]))
        for name, bitstream in bitstreams.items()
    }


def _try(codec: Codec, rgb: Rgb, setting: int) -> tuple[bytes, OperatingPoint]:
    bitstream = codec.encode(rgb, setting)
    error = squared_error(rgb, _decode_for(codec, bitstream, rgb))
    return bitstream, OperatingPoint(len(bitstream), error)


def _decode_for(codec: Codec, bitstream: bytes, rgb: Rgb) -> Rgb:
    return codec.decode(bitstream, rgb.shape[1], rgb.shape[0])


def _save(picture: Image.Image, kind: str, **options: Any) -> bytes:  # noqa: ANN401
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def _load(bitstream: bytes, kind: str) -> Image.Image:
    with Image.open(io.BytesIO(bitstream), formats=[kind]) as picture:
        return picture.convert("RGB")


def _decoder(kind: str) -> Callable[[bytes, int, int], Rgb]:
    def decode(bitstream: bytes, width: int, height: int) -> Rgb:
        picture = _load(bitstream, kind)
        if picture.size != (width, height):
            raise ValueError(f"The bitstream holds {picture.size} pixels, not {(width, height)}.")
        return np.asarray(picture)

    return decode


def _encode_jpeg(rgb: Rgb, quality: int) -> bytes:
    return _save(Image.fromarray(rgb), "JPEG", quality=quality, optimize=True)


def _encode_webp(rgb: Rgb, quality: int) -> bytes:
    return _save(Image.fromarray(rgb), "WEBP", quality=quality, method=4)


def _encode_jpeg_2000(rgb: Rgb, ratio: int) -> bytes:
    """Compress to 1 / ratio of the raw bytes; mct=1 (luma and chroma) is not the default."""
    return _save(
        Image.fromarray(rgb),
        "JPEG2000",
        quality_mode="rates",
        quality_layers=[ratio],
        irreversible=True,
        mct=1,
        no_jp2=True,
    )


def _encode_avif(rgb: Rgb, quality: int) -> bytes:
    return _save(Image.fromarray(rgb), "AVIF", quality=quality, speed=8, max_threads=1)


def _encode_half_size_jpeg(rgb: Rgb, quality: int) -> bytes:
    picture = Image.fromarray(rgb)
    half = ((picture.width + 1) // 2, (picture.height + 1) // 2)
    small = picture.resize(half, Image.Resampling.LANCZOS)
    return _save(small, "JPEG", quality=quality, optimize=True)


def _decode_half_size_jpeg(bitstream: bytes, width: int, height: int) -> Rgb:
    small = _load(bitstream, "JPEG")
    return np.asarray(small.resize((width, height), Image.Resampling.LANCZOS))


JPEG = Codec(
    "JPEG",
    ".jpg",
    (1, 4, 6, 8, 10, 12, 15, 18, 22, 27, 33, 40, 50, 65, 80),
    _encode_jpeg,
    _decoder("JPEG"),
)
WEBP = Codec("WebP", ".webp", (0, 2, 5, 9, 14, 22, 35, 55), _encode_webp, _decoder("WEBP"))
JPEG_2000 = Codec(
    "JPEG 2000", ".j2k", (480, 280, 180, 120, 70), _encode_jpeg_2000, _decoder("JPEG2000")
)
AVIF = Codec("AVIF", ".avif", (1, 8, 16, 25, 37, 55), _encode_avif, _decoder("AVIF"))
HALF_SIZE_JPEG = Codec(
    "JPEG at half size",
    ".hjpg",
    (4, 8, 12, 18, 25, 35, 45, 60, 75, 88),
    _encode_half_size_jpeg,
    _decode_half_size_jpeg,
)
BASELINES = (JPEG, WEBP, JPEG_2000, AVIF, HALF_SIZE_JPEG)
# Half-size JPEG needs the picture's size told, which a bitstream alone does not.
NAMES = ("JPEG", "WebP", "JPEG 2000", "AVIF", "HEVC intra (x265)", "JPEG XL")
