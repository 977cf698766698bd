"""Which PNG files are refused, why, at what cost; and the exact samples of those taken."""

import io
import json
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from ratings.imaging.chunks import iter_chunks
from ratings.imaging.pixels import (
    PictureRefused,
    Rgb,
    check_png,
    decode_checked,
    decode_png,
    encode_png,
    read_header,
)
from tests.imaging.hostile import BOMBS, GOOD, HOSTILE, INDICES, OPAQUE, SAMPLES, STREAM, zeros
from tests.imaging.png_builder import chunk, idat, ihdr, picture, png

REFUSE_BOMBS = """
import json, pathlib, resource, sys, time
from ratings.imaging.pixels import PictureRefused, decode_png, encode_png
import numpy as np

def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

decode_png(encode_png(np.zeros((9, 9, 3), np.uint8)))
bombs = {path.name: path.read_bytes() for path in pathlib.Path(sys.argv[1]).iterdir()}
base, cpu_seconds = peak_bytes(), {}
for name, data in bombs.items():
    begun = time.process_time()
    try:
        decode_png(data)
    except PictureRefused:
        cpu_seconds[name] = time.process_time() - begun
print(json.dumps({"cpu_seconds": cpu_seconds, "peak_bytes": peak_bytes() - base}))
"""
GREY_TO_8_BITS = {1: 255, 2: 85, 4: 17, 8: 1}


def test_the_hostile_files_are_many() -> None:
    assert len(HOSTILE) >= 48


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_with_its_code(name: str) -> None:
    data, code = HOSTILE[name]
    with pytest.raises(PictureRefused) as refusal:
        check_png(data)
    assert refusal.value.code == code
    with pytest.raises(PictureRefused):
        decode_png(data)


def test_every_byte_of_a_file_counts() -> None:
    for at in range(len(GOOD)):
        damaged = bytearray(GOOD)
        damaged[at] ^= 0x10
        with pytest.raises(PictureRefused):
            check_png(bytes(damaged))


def test_every_shorter_file_is_refused() -> None:
    for length in range(len(GOOD)):
        with pytest.raises(PictureRefused):
            check_png(GOOD[:length])


@given(st.lists(st.tuples(st.integers(0, 5), st.binary(min_size=15, max_size=15)), max_size=8))
def test_rows_of_any_filter_are_read_as_pillow_reads_them_or_refused(
    filtered: list[tuple[int, bytes]],
) -> None:
    height = 4
    filtered = (filtered + filtered[:1] * height)[: max(height, len(filtered))]
    file = png(ihdr(5, height), idat(b"".join(bytes([kind]) + row for kind, row in filtered)))
    if len(filtered) == height and all(kind <= 4 for kind, _ in filtered):
        assert np.array_equal(decode_png(file), np.asarray(Image.open(io.BytesIO(file))))
    else:
        with pytest.raises(PictureRefused):
            check_png(file)


def test_bombs_are_real() -> None:
    assert zlib.decompress(zeros(2_500_000)) == bytes(2_500_000)


def test_bombs_are_refused_within_50_mb_and_a_fifth_of_a_second(tmp_path: Path) -> None:
    for name, (data, _) in BOMBS.items():
        (tmp_path / name).write_bytes(data)
    run = subprocess.run(
        [sys.executable, "-c", REFUSE_BOMBS, tmp_path], capture_output=True, text=True, check=True
    )
    cost = json.loads(run.stdout)
    assert len(cost["cpu_seconds"]) == len(BOMBS)
    assert max(cost["cpu_seconds"].values()) <= 0.2
    assert cost["peak_bytes"] <= 50_000_000


def test_wrong_size_is_refused_from_the_first_29_bytes() -> None:
    with pytest.raises(PictureRefused, match="5 x 7 pixels, not 7 x 5") as refusal:
        check_png(GOOD[:29], expected_size=(7, 5))
    assert refusal.value.code == "wrong_size"
    assert read_header(GOOD[:29]).width == 5


def test_expected_size_is_taken() -> None:
    header = check_png(GOOD, expected_size=(5, 7))
    assert (header.width, header.height, header.is_plain) == (5, 7, True)


def test_rgb_is_taken_as_stored() -> None:
    assert np.array_equal(decode_png(GOOD), SAMPLES)


def test_interlaced_rgb_is_taken_as_stored() -> None:
    for height in range(1, 10):
        for width in range(1, 10):
            samples = np.random.default_rng(height).integers(
                0, 256, (height, width, 3), dtype=np.uint8
            )
            assert np.array_equal(decode_png(picture(samples, interlaced=True)), samples)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_grey_becomes_equal_rgb(depth: int, interlaced: bool) -> None:
    levels = (np.arange(99) % 2**depth).astype(np.uint8).reshape(9, 11, 1)
    file = picture(levels, color=0, depth=depth, interlaced=interlaced)
    expected = np.repeat(levels * GREY_TO_8_BITS[depth], 3, axis=2)
    assert np.array_equal(decode_png(file), expected)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_palette_is_looked_up(depth: int, interlaced: bool) -> None:
    palette = np.random.default_rng(depth).integers(0, 256, (2**depth, 3), dtype=np.uint8)
    indices = (np.arange(17 * 19) % 2**depth).astype(np.uint8).reshape(17, 19, 1)
    plte = chunk(b"PLTE", palette.tobytes())
    file = picture(indices, color=3, depth=depth, before=[plte], interlaced=interlaced)
    assert np.array_equal(decode_png(file), palette[indices[..., 0]])


@pytest.mark.parametrize("interlaced", [False, True])
def test_opaque_alpha_is_dropped(interlaced: bool) -> None:
    rgba = picture(np.dstack([SAMPLES, OPAQUE]), color=6, interlaced=interlaced)
    assert np.array_equal(decode_png(rgba), SAMPLES)
    grey = picture(np.dstack([INDICES, OPAQUE]), color=4, interlaced=interlaced)
    assert np.array_equal(decode_png(grey), np.repeat(INDICES, 3, axis=2))


@pytest.mark.parametrize(
    "ancillary",
    [
        chunk(b"gAMA", (100_000).to_bytes(4, "big")),
        chunk(b"cHRM", bytes(range(32))),
        chunk(b"sRGB", b"\1"),
        chunk(b"iCCP", b"p\0\0" + zlib.compress(b"no profile")),
        chunk(b"cICP", bytes([12, 16, 0, 1])),
        chunk(b"eXIf", b"MM\0*" + bytes(20)),
        chunk(b"pHYs", bytes(9)),
        chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(30_000_000), 9)),
        chunk(b"prVt", b"private"),
    ],
    ids=lambda data: data[4:8].decode(),
)
@pytest.mark.parametrize("color", [2, 6])
def test_ancillary_chunks_change_no_sample(ancillary: bytes, color: int) -> None:
    samples = SAMPLES if color == 2 else np.dstack([SAMPLES, OPAQUE])
    assert np.array_equal(decode_png(picture(samples, color=color, before=[ancillary])), SAMPLES)


def test_suggested_palette_of_rgb_changes_nothing() -> None:
    plte = chunk(b"PLTE", bytes(12))
    assert np.array_equal(decode_png(picture(SAMPLES, before=[plte])), SAMPLES)


def test_stream_may_be_cut_anywhere_into_idat_chunks() -> None:
    pieces = [chunk(b"IDAT", STREAM[at : at + 1]) for at in range(len(STREAM))]
    assert np.array_equal(decode_png(png(ihdr(5, 7), chunk(b"IDAT"), *pieces)), SAMPLES)


def test_decoder_failure_is_a_refusal() -> None:
    header = read_header(GOOD)
    cut_stream = png(ihdr(5, 7), chunk(b"IDAT", STREAM[:20]))
    with pytest.raises(PictureRefused) as refusal:
        decode_checked(cut_stream, header)
    assert refusal.value.code == "undecodable"


def test_encoded_files_hold_ihdr_idat_iend_and_nothing_else() -> None:
    kinds = [part.kind for part in iter_chunks(encode_png(SAMPLES))]
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]


@settings(max_examples=60)
@given(
    arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3))),
    st.sampled_from([0, 1, 6, 9]),
)
def test_round_trip_is_exact_and_agrees_with_pillow(samples: Rgb, level: int) -> None:
    assert np.array_equal(decode_png(encode_png(samples)), samples)
    file = io.BytesIO()
    Image.fromarray(samples).save(file, "PNG", compress_level=level)
    assert np.array_equal(decode_png(file.getvalue()), samples)
