"""Codecs to compare with, through Pillow: JPEG, WebP, JPEG 2000, AVIF, and half-size JPEG.

Their operating points are few, for speed, and suit rates around 0.15 bits per pixel. Two more are
there where their packages are, which bundle code under the GPL: HEVC intra, the nearest relative
of BPG (which is HEVC intra in another container), by pillow-heif; and JPEG XL by pillow-jxl-plugin.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from PIL import Image

from ratings.imaging.pixels import Rgb


@dataclass(frozen=True)
class Codec:
    """A codec with its operating points, coarsest first; `beyond` are further ones, still finer.

    `encode` takes samples of shape (height, width, 3), uint8, and one of `settings`; `decode` takes
    a bitstream and the picture's width and height in pixels.
    """

    name: str
    suffix: str
    settings: tuple[int, ...]
    encode: Callable[[Rgb, int], bytes]
    decode: Callable[[bytes, int, int], Rgb]
    beyond: tuple[int, ...] = ()


def _save(picture: Image.Image, kind: str, **options: Any) -> bytes:
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


def _encode_hevc(rgb: Rgb, quality: int) -> bytes:
    return _save(Image.fromarray(rgb), "HEIF", quality=quality)


def _encode_jpeg_xl(rgb: Rgb, quality: int) -> bytes:
    return _save(Image.fromarray(rgb), "JXL", quality=quality, effort=7)


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
    (88, 93, 96),
)
WEBP = Codec(
    "WebP", ".webp", (0, 2, 5, 9, 14, 22, 35, 55), _encode_webp, _decoder("WEBP"), (75, 88, 95)
)
JPEG_2000 = Codec(
    "JPEG 2000",
    ".j2k",
    (480, 280, 180, 120, 70),
    _encode_jpeg_2000,
    _decoder("JPEG2000"),
    (42, 25, 14, 8),
)
AVIF = Codec("AVIF", ".avif", (1, 8, 16, 25, 37, 55), _encode_avif, _decoder("AVIF"), (70, 82, 92))
HALF_SIZE_JPEG = Codec(
    "JPEG at half size",
    ".hjpg",
    (4, 8, 12, 18, 25, 35, 45, 60, 75, 88),
    _encode_half_size_jpeg,
    _decode_half_size_jpeg,
)
BASELINES = (JPEG, WEBP, JPEG_2000, AVIF, HALF_SIZE_JPEG)
HEVC = Codec(
    "HEVC intra (x265)",
    ".heic",
    (0, 8, 16, 24, 32, 42, 55),
    _encode_hevc,
    _decoder("HEIF"),
    (70, 85, 95),
)
JPEG_XL = Codec(
    "JPEG XL", ".jxl", (1, 5, 10, 17, 25, 37, 52), _encode_jpeg_xl, _decoder("JXL"), (70, 85, 95)
)
# Of whole pictures alone: half-size JPEG must be told a picture's size, which no bitstream says.
NATIVE = (JPEG, WEBP, JPEG_2000, AVIF)
OPTIONAL = {"pillow_heif": HEVC, "pillow_jxl": JPEG_XL}
NAMES = tuple(codec.name for codec in (*NATIVE, *OPTIONAL.values()))
# What has to be installed for them, as `pip` names it; all others are there always.
NEEDS = {HEVC.name: "pillow-heif", JPEG_XL.name: "pillow-jxl-plugin"}


def available() -> list[Codec]:
    """Return the codecs that work here: Pillow's own, and those whose packages are installed."""
    codecs = list(NATIVE)
    for package, codec in OPTIONAL.items():
        if find_spec(package):
            module = import_module(package)  # which tells Pillow of its format, or can do so
            if hasattr(module, "register_heif_opener"):
                module.register_heif_opener()
            codecs.append(codec)
    return codecs
