"""Pictures of all kinds made fit to be originals: 8-bit RGB, sRGB, upright; each change is said.

Whatever can't be done without deciding something for the photographer is refused with the mend.
"""

import io
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from kornia_rs.io import decode_image_png_u16
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageCms, UnidentifiedImageError

from ratings.imaging.chunks import MAX_PIXELS, MAX_SIDE, SIGNATURE, iter_chunks
from ratings.imaging.pixels import (
    PictureRefused,
    Rgb,
    check_png,
    encode_png,
    only_samples,
    other_chunks,
)

# What Pillow may open here.
FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "PPM", "AVIF", "JPEG2000")
LOSSY = ("JPEG", "MPO")  # always; of others the file does not say it
UNKNOWN = (
    "It is no picture of a kind that is taken here (PNG, JPEG, TIFF, WebP, AVIF, JPEG 2000, BMP, "
    "PPM); save it as PNG."
)
TURNED = "turned as its orientation says"
MOST_ROUNDING = 2  # of 255, where nothing is converted
_ORIENTATION = 0x0112
# What brings a picture upright, by its orientation (Exif 3.0, tag 274).
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Of 16-bit PNGs: kornia's word for each colour type, and the channels it gives.
_SIXTEEN = {0: ("mono", 1), 2: ("rgb", 3), 6: ("rgba", 4)}
_COLOR_TYPE, _BIT_DEPTH = 25, 24  # where IHDR has them
_BITS_PER_SAMPLE = 258  # TIFF 6.0
# How a JPEG 2000 codestream begins, and how far behind it has the bits of its components.
_SOC_SIZ, _SSIZ, _COMPONENTS = b"\xff\x4f\xff\x51", 42, 40
_HIGH_BITDEPTH = 64  # of the third byte of an AVIF's av1C box


@dataclass
class Prepared:
    """A PNG that the site takes, and what was done to the file that was given.

    It is exact where no sample was rounded or converted: each is one that the file holds.
    """

    png: bytes = b""
    changes: list[str] = field(default_factory=list)
    exact: bool = True


def prepare(data: bytes) -> Prepared:
    """Return a picture file as a PNG of 8-bit RGB samples, the very same bytes where it is one.

    16 bits are rounded to the nearest of 8, exactly; what has a colour profile is converted to
    sRGB; what its orientation turns is turned. Raises PictureRefused with the mend.
    """
    made = Prepared()
    samples = _sixteen(data, made) if _is_sixteen(data) else None
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            _require(opened, data)
            is_taken = opened.format == "PNG" and samples is None and _is_taken(data)
            profile = opened.info.get("icc_profile")
            turned = opened.getexif().get(_ORIENTATION, 1)
            opened.load()
            # Pillow turns a TIFF by itself while it loads it, and no other format.
            turn = opened.getexif().get(_ORIENTATION, 1)
            if turn != turned:
                made.changes.append(TURNED)
            if opened.format != "PNG":
                lost = ", whose losses it keeps" if opened.format in LOSSY else ""
                made.changes.append(f"made a PNG of {opened.format}{lost}")
            elif samples is None and not profile and turn == 1:
                if is_taken:
                    return _bare(data)
                made.changes.append("saved anew")
            image = Image.fromarray(samples) if samples is not None else _opaque(opened, data)
            image = _in_srgb(image, profile, made)
            made.png = encode_png(np.asarray(_upright(image, turn, made)))
    except UnidentifiedImageError as error:
        raise PictureRefused("kind", UNKNOWN) from error
    except PictureRefused:
        raise
    except Exception as error:  # decoders raise whatever a broken file leads them to
        raise _unreadable(error) from error
    return made


def _is_taken(png: bytes) -> bool:
    """Tell whether a PNG of 8 bits can stay as it is, not only its samples.

    Raises PictureRefused for a damaged one, of which a decoder would make what it can.
    """
    try:
        check_png(png)
        return True
    except PictureRefused:
        critical = (chunk for chunk in iter_chunks(png) if chunk.kind[:1].isupper())
        whole = SIGNATURE + b"".join(png[chunk.start : chunk.end] for chunk in critical)
    try:
        check_png(whole)
    except PictureRefused as error:
        if error.code != "transparency":  # looked at with what gives the mend
            raise
    return False


def _bare(png: bytes) -> Prepared:
    """Leave out of a PNG that is taken what is never served, since samples count as stored."""
    kinds = ", ".join(other_chunks(png))
    return Prepared(only_samples(png), [f"left out {kinds}"] if kinds else [])


def _is_sixteen(data: bytes) -> bool:
    return len(data) > _COLOR_TYPE and data.startswith(SIGNATURE) and data[_BIT_DEPTH] == 16


def _sixteen(data: bytes, made: Prepared) -> Rgb:
    """Return the samples of a 16-bit PNG in 8 bits: the nearest, or those that were padded."""
    mode, channels = _SIXTEEN.get(data[_COLOR_TYPE], ("", 0))
    if not channels:
        raise PictureRefused("kind", "It is grey with transparency in 16 bits; save it as RGB.")
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    _require_size(width, height)
    try:
        wide: NDArray[np.uint16] = decode_image_png_u16(data, (height, width), mode)
    except Exception as error:  # the decoder raises bare Exception
        raise _unreadable(error) from error
    wide = wide.reshape(height, width, channels)
    if channels == 4 and int(wide[..., 3].min()) < 65_535:
        raise _transparent()
    wide = wide[..., :3]
    for chunk in iter_chunks(data):  # the decoder takes no notice of it
        if chunk.kind == b"tRNS" and (wide == np.frombuffer(chunk.payload, ">u2")).all(-1).any():
            raise _transparent()
    if not (wide & 255).any():  # as programs pad 8 bits that know no better
        made.changes.append("took 8 bits of 16, whose others are all 0")
        narrow = (wide >> 8).astype(np.uint8)
    else:
        narrow = np.empty(wide.shape, np.uint8)
        for row, line in zip(narrow, wide, strict=True):  # all at once would fill the memory
            row[:] = (line.astype(np.uint32) + 128) // 257
        made.exact = np.array_equal(narrow * np.uint16(257), wide)
        made.changes.append("made 8 bits of 16, exactly" if made.exact else "rounded 16 bits to 8")
    return np.ascontiguousarray(np.broadcast_to(narrow, (height, width, 3)))


def _unreadable(error: Exception) -> PictureRefused:
    return PictureRefused("undecodable", f"It can't be read ({error}); save it anew.")


def _require(image: Image.Image, data: bytes) -> None:
    _require_size(*image.size)
    # What cameras keep behind the picture (a gain map, a second view) is not meant.
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        raise PictureRefused("animation", "It holds several pictures; save the one that is meant.")
    if image.mode in ("CMYK", "YCCK", "LAB", "HSV"):
        raise PictureRefused("kind", f"Its colours are {image.mode}; convert it to RGB.")
    if image.mode in ("I", "F") or _bits(image, data) > 8:
        raise PictureRefused(
            "bit_depth",
            f"Its samples have more than 8 bits in {image.format}; save it as a PNG of 16 bits.",
        )


def _bits(image: Image.Image, data: bytes) -> int:
    """Return the bits of a sample, where it is no PNG: Pillow drops what is beyond 8 in silence."""
    if image.format == "TIFF":
        bits: tuple[int, ...] = image.tag_v2.get(_BITS_PER_SAMPLE, (1,))  # type: ignore[attr-defined]
        return max(bits)
    if image.format == "PPM":
        args = image.tile[0].args  # type: ignore[attr-defined]
        return int(args[1]).bit_length() if isinstance(args, tuple) else 8
    if image.format == "JPEG2000":
        siz = data[data.find(_SOC_SIZ) :]
        count = int.from_bytes(siz[_COMPONENTS:_SSIZ], "big")
        return max((1 + (one & 127) for one in siz[_SSIZ : _SSIZ + 3 * count : 3]), default=8)
    if image.format == "AVIF":
        deep = any(len(box) > 2 and box[2] & _HIGH_BITDEPTH for box in data.split(b"av1C")[1:])
        return 10 if deep else 8
    return 8


def _require_size(width: int, height: int) -> None:
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise PictureRefused(
            "size", f"It has {width} x {height} pixels; at most {MAX_PIXELS:,} are possible."
        )


def _opaque(image: Image.Image, data: bytes) -> Image.Image:
    """Return RGB samples. Raises PictureRefused where something shines through."""
    if image.format == "PNG" and image.mode == "L" and "transparency" in image.info:
        # Pillow makes 8 bits of grey of 2 and 4, and leaves the value that is transparent.
        image.info["transparency"] *= 255 // (2 ** data[_BIT_DEPTH] - 1)
    if image.has_transparency_data and image.convert("RGBA").getchannel("A").getextrema()[0] != 255:
        raise _transparent()
    return image.convert("RGB")


def _transparent() -> PictureRefused:
    return PictureRefused("alpha", "It is transparent in places; put it on a background.")


def _in_srgb(image: Image.Image, profile: bytes | None, made: Prepared) -> Image.Image:
    if not profile:
        return image
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = ImageCms.getProfileDescription(given).strip()
        grey = given.profile.xcolor_space.strip() == "GRAY"
        converted = ImageCms.profileToProfile(
            image.convert("L") if grey else image,
            given,
            ImageCms.createProfile("sRGB"),
            outputMode="RGB",
        )
    except (ImageCms.PyCMSError, OSError) as error:
        raise PictureRefused(
            "profile", f"Its colour profile can't be used ({error}); convert it to sRGB."
        ) from error
    # Between two profiles of sRGB, all that a conversion does is round.
    if converted is None or _most_moved(converted, image) <= MOST_ROUNDING:
        made.changes.append(f"left out its colour profile, which is sRGB ({name})")
        return image
    made.changes.append(f"converted from {name} to sRGB")
    made.exact = False
    return converted


def _most_moved(converted: Image.Image, image: Image.Image) -> int:
    """Return the most levels by which a sample of two RGB pictures differs."""
    ends = ImageChops.difference(converted, image).getextrema()
    return max(high for _, high in cast("list[tuple[int, int]]", ends))


def _upright(image: Image.Image, turn: int, made: Prepared) -> Image.Image:
    if turn not in _TURNS:
        return image
    made.changes.append(TURNED)
    return image.transpose(_TURNS[turn])
