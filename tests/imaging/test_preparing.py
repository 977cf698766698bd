"""Pictures of all kinds made fit to be originals: what is done, exactly, and what is refused."""

import base64
import io
import struct
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps
from PIL.PngImagePlugin import PngInfo

from ratings.imaging.pixels import PictureRefused, decode_png, encode_png, only_samples
from ratings.imaging.preparing import prepare
from tests.builders import build_rgb
from tests.imaging.hostile import HOSTILE, SAMPLES
from tests.imaging.png_builder import ADAM7, chunk, idat, ihdr, png

RGB = build_rgb(width=11, height=9)
KINDS = ["TIFF", "BMP", "PPM", "JPEG", "WEBP", "AVIF", "JPEG2000"]
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def saved(format: str, mode: str = "RGB", **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(RGB).convert(mode).save(file, format, **options)
    return file.getvalue()


def wide(samples: NDArray[np.uint16], color: int, *, interlaced: bool = False) -> bytes:
    """A PNG of 16 bits from samples of shape (height, width, channels)."""

    def rows(part: NDArray[np.uint16]) -> bytes:
        return b"".join(b"\0" + row.astype(">u2").tobytes() for row in part)

    passes = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7] if interlaced else [samples]
    height, width, _ = samples.shape
    head = ihdr(width, height, 16, color, tail=b"\0\0\1" if interlaced else b"\0\0\0")
    return png(head, idat(b"".join(rows(part) for part in passes if part.size)))


def refusal(data: bytes) -> PictureRefused:
    with pytest.raises(PictureRefused) as caught:
        prepare(data)
    return caught.value


def test_what_is_taken_already_stays_byte_for_byte() -> None:
    for data in (encode_png(RGB), saved("PNG", "L"), saved("PNG", "P")):
        assert prepare(data).png == data and prepare(data).changes == []


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(("color", "channels"), [(0, 1), (2, 3), (6, 4)])
def test_sixteen_bits_are_rounded_to_the_nearest_of_eight(
    color: int, channels: int, interlaced: bool
) -> None:
    levels = np.random.default_rng(color).integers(0, 65_536, (40, 50, channels), np.uint16)
    levels[0, :4, 0] = [0, 128, 129, 65_535]
    if channels == 4:
        levels[..., 3] = 65_535
    prepared = prepare(wide(levels, color, interlaced=interlaced))
    exact = np.rint(levels[..., :3].astype(float) * 255 / 65_535).astype(np.uint8)
    assert np.array_equal(decode_png(prepared.png), np.broadcast_to(exact, (40, 50, 3)))
    assert (prepared.changes, prepared.exact) == (["rounded 16 bits to 8"], False)


def test_sixteen_bits_that_say_no_more_than_eight_lose_nothing() -> None:
    for factor, said in (
        (257, "made 8 bits of 16, exactly"),
        (256, "took 8 bits of 16, whose others are all 0"),
    ):
        found = prepare(wide(RGB.astype(np.uint16) * np.uint16(factor), 2))
        assert np.array_equal(decode_png(found.png), RGB)
        assert (found.changes, found.exact) == ([said], True)


@pytest.mark.parametrize("format", ["TIFF", "BMP", "PPM"])
def test_other_lossless_files_keep_every_sample(format: str) -> None:
    found = prepare(saved(format))
    assert np.array_equal(decode_png(found.png), RGB)
    assert (found.changes, found.exact) == ([f"made a PNG of {format}"], True)


def test_a_jpeg_is_what_its_decoder_makes_of_it() -> None:
    data = saved("JPEG", quality=90)
    with Image.open(io.BytesIO(data)) as image:
        expected = np.asarray(image)
    prepared = prepare(data)
    assert np.array_equal(decode_png(prepared.png), expected)
    assert prepared.changes == ["made a PNG of JPEG, whose losses it keeps"]


@pytest.mark.parametrize("format", ["TIFF", "PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_pictures_come_out_upright(format: str, turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    data = saved(format, exif=exif)
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        expected = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    prepared = prepare(data)
    assert np.array_equal(decode_png(prepared.png), expected)
    assert prepared.changes.count("turned as its orientation says") == (turn != 1)
    if format in ("TIFF", "PNG"):
        size = (11, 9) if turn > 4 else (9, 11)
        assert expected.shape[:2] == size
        assert sorted(expected.reshape(-1, 3).tolist()) == sorted(RGB.reshape(-1, 3).tolist())


def swapped(icc: bytes) -> bytes:
    """An RGB profile whose red and green primaries are exchanged: any conversion shows."""
    return icc.replace(b"rXYZ", b"tmp0").replace(b"gXYZ", b"rXYZ").replace(b"tmp0", b"gXYZ")


def test_a_profile_that_changes_colours_is_converted_to_srgb() -> None:
    found = prepare(saved("PNG", icc_profile=swapped(SRGB)))
    assert (found.changes, found.exact) == (["converted from sRGB built-in to sRGB"], False)
    rows = decode_png(found.png).astype(int)
    assert np.abs(rows - RGB[..., [1, 0, 2]].astype(int)).max() <= 2


def test_a_profile_of_srgb_changes_no_sample() -> None:
    found = prepare(saved("PNG", icc_profile=SRGB))
    assert np.array_equal(decode_png(found.png), RGB)
    assert found.changes == ["left out its colour profile, which is sRGB (sRGB built-in)"]
    assert found.exact


def test_what_is_never_served_is_left_out_and_told() -> None:
    about = PngInfo()
    about.add_text("Software", "a camera")
    found = prepare(saved("PNG", pnginfo=about, dpi=(72, 72)))
    assert found.changes == ["left out tEXt, pHYs"]
    assert only_samples(found.png) == found.png and np.array_equal(decode_png(found.png), RGB)


def test_transparency_that_hides_nothing_is_left_out() -> None:
    prepared = prepare(saved("PNG", "RGBA"))
    assert np.array_equal(decode_png(prepared.png), RGB)
    hidden = png(ihdr(1, 1), chunk(b"tRNS", struct.pack(">3H", 1, 2, 3)), idat(b"\0\x09\x09\x09"))
    prepared = prepare(hidden)
    assert prepared.changes == ["saved anew"]
    assert decode_png(prepared.png).tolist() == [[[9, 9, 9]]]


@pytest.mark.parametrize(("depth", "color"), [(1, 0), (2, 0), (4, 0), (8, 0), (16, 0), (16, 2)])
def test_a_transparent_value_is_looked_for_in_every_depth(depth: int, color: int) -> None:
    channels, row = 1 + color, bytes([1] * (1 + depth // 16))
    ones = png(ihdr(8 // min(depth, 8), 1, depth, color), idat(b"\0" + row * channels))
    value = 257 if depth == 16 else 1

    def keyed(transparent: int) -> bytes:
        key = chunk(b"tRNS", struct.pack(">H", transparent) * channels)
        return ones[:33] + key + ones[33:]  # behind IHDR

    assert "put it on a background" in str(refusal(keyed(value)))
    if depth > 1:
        assert prepare(keyed(value + 1)).png


def test_what_needs_a_decision_is_refused_with_the_mend() -> None:
    glass = Image.fromarray(RGB).convert("RGBA")
    glass.putalpha(128)
    file = io.BytesIO()
    glass.save(file, "PNG")
    assert "put it on a background" in str(refusal(file.getvalue()))
    half = np.full((2, 2, 4), 1000, np.uint16)
    assert "put it on a background" in str(refusal(wide(half, 6)))
    assert "save it as RGB" in str(refusal(wide(np.zeros((2, 2, 2), np.uint16), 4)))
    assert "convert it to RGB" in str(refusal(saved("JPEG", "CMYK")))
    several = io.BytesIO()
    image = Image.fromarray(RGB)
    image.save(several, "TIFF", save_all=True, append_images=[image])
    assert "several pictures" in str(refusal(several.getvalue()))
    broken = ihdr(40_000, 1)
    assert refusal(png(broken, idat(b"\0")))
    icc = saved("PNG", icc_profile=b"no profile at all")
    assert "convert it to sRGB" in str(refusal(icc))


def deep_tiff() -> bytes:
    """A TIFF of one pixel of RGB in 16 bits (TIFF 6.0, section 6)."""
    short, long = 3, 4
    entries = [
        *((256, long, 1, 1), (257, long, 1, 1), (258, short, 3, 200), (259, short, 1, 1)),
        *((262, short, 1, 2), (273, long, 1, 210), (277, short, 1, 3), (278, long, 1, 1)),
        (279, long, 1, 6),
    ]
    head = b"II*\0" + struct.pack("<IH", 8, len(entries))
    table = b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    return (head + table).ljust(200, b"\0") + struct.pack("<5H", 16, 16, 16, 0, 0) + b"\xff\x80" * 3


def deep_jpeg2000() -> bytes:
    """The head of a codestream of three components of 12 bits, before a sound one's rest."""
    data = bytearray(saved("JPEG2000"))
    at = data.index(b"\xff\x4f\xff\x51") + 42
    for component in range(3):
        data[at + 3 * component] = 11
    return bytes(data)


# Four pixels of 10 bits by libavif; Pillow writes no such file, and reads it as one of 8 bits.
DEEP_AVIF = """
AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUEAAADrbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAA
AAAAAAAAAAAOcGl0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAETAAAATgAAAChpaW5mAAAAAAABAAAAGmluZmUC
AAAAAAEAAGF2MDFDb2xvcgAAAABqaXBycAAAAEtpcGNvAAAAFGlzcGUAAAAAAAAAAgAAAAIAAAAQcGl4aQAAAAADCgoKAAAA
DGF2MUOBIEAAAAAAE2NvbHJuY2x4AAIAAgAAgAAAABdpcG1hAAAAAAAAAAEAAQQBAoMEAAAAVm1kYXQSAAoHOAA+cCAgCTJB
EAAA/OYl5ZBSgWp/z+qDFQfE8XIDwInQiXRua7/HDP+P4vCX5i0lWtWzStJUQFmj5f6EJ2xfHkLkO8rx5FXrDRg=
"""


@pytest.mark.parametrize(
    ("data", "format"),
    [
        (deep_tiff(), "TIFF"),
        (b"P6 1 1 65535\n" + bytes(6), "PPM"),
        (b"P5 1 1 65535\n" + bytes(2), "PPM"),
        (b"P3 1 1 1023\n1 2 1023\n", "PPM"),
        (deep_jpeg2000(), "JPEG2000"),
        (base64.b64decode(DEEP_AVIF), "AVIF"),
    ],
    ids=["tiff", "ppm", "pgm", "plain", "jpeg2000", "avif"],
)
def test_more_bits_than_can_be_read_are_refused_and_not_cut_off(data: bytes, format: str) -> None:
    assert str(refusal(data)) == (
        f"Its samples have more than 8 bits in {format}; save it as a PNG of 16 bits."
    )


@pytest.mark.parametrize("format", ["TIFF", "PPM", "JPEG2000", "AVIF", "WEBP", "BMP"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_eight_bits_are_taken_of_every_kind(format: str, mode: str) -> None:
    options = {"WEBP": {"lossless": True}}.get(format, {})
    found = prepare(saved(format, mode, **options))
    assert decode_png(found.png).shape == RGB.shape
    if format != "AVIF":
        expected = np.asarray(Image.fromarray(RGB).convert(mode).convert("RGB"))
        assert np.array_equal(decode_png(found.png), expected)


# PNGs that no original may be, though all their samples are sound: those may be saved anew.
SOUND = {
    *("ancillary_over_limit", "ancillary_sum_over_limit", "trailing_byte", "second_picture"),
    *("zip_behind", "trns_rgb", "chunk_type_digits", "ihdr_second", "chunk_flood"),
}


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_damaged_png_is_refused_and_not_saved_as_far_as_it_goes(name: str) -> None:
    data, code = HOSTILE[name]
    if name in SOUND:
        assert np.array_equal(decode_png(prepare(data).png), SAMPLES)
    elif code == "bit_depth":
        assert not decode_png(prepare(data).png).any()
    else:
        assert refusal(data).code


def test_damaged_samples_of_16_bits_are_refused() -> None:
    whole = wide(np.zeros((3, 4, 3), np.uint16), 2)
    at = whole.index(b"IDAT") + 12
    assert refusal(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]).code == "undecodable"
    assert refusal(whole[:-20]).code == "undecodable"


@pytest.mark.filterwarnings("ignore")  # what Pillow thinks of them
@pytest.mark.parametrize("format", [*KINDS, "PNG"])
def test_damaged_files_are_refused_or_read_and_nothing_else_happens(format: str) -> None:
    """Bytes flipped, cut out, doubled, and cut off, a few hundred times."""
    sound, random = saved(format), np.random.default_rng(2018)
    for _ in range(300):
        data = bytearray(sound)
        for _ in range(random.integers(1, 6)):
            at, length = random.integers(0, len(data)), int(random.integers(1, 9))
            match random.integers(0, 4):
                case 0:
                    data[at] ^= 1 << random.integers(0, 8)
                case 1:
                    del data[at : at + length]
                case 2:
                    data[at:at] = data[at : at + length]
                case _:
                    del data[-length:]
            if not data:
                break
        with suppress(PictureRefused):
            decode_png(prepare(bytes(data)).png)


@given(st.binary(max_size=200) | st.integers(0, 300).map(lambda n: encode_png(RGB)[:n]))
def test_bytes_that_are_no_picture_are_refused(data: bytes) -> None:
    assert refusal(data).code
