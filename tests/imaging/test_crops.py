"""Where crops lie, and that their files show exactly their samples, at any padded length."""

import io
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from ratings.imaging.crops import (
    Box,
    cut,
    encode_crop,
    pad_crop,
    padded_size,
    place_crops,
)
from ratings.imaging.pixels import Rgb

NOISE: Rgb = np.random.default_rng(5).integers(0, 256, (60, 80, 3), dtype=np.uint8)
SIDES = st.integers(1, 5000)


def webp_samples(data: bytes) -> Rgb:
    with Image.open(io.BytesIO(data), formats=["WEBP"]) as picture:
        assert picture.mode == "RGB"
        assert set(picture.info) <= {"loop", "background", "timestamp", "duration"}
        return np.asarray(picture)


def overlap(a: Box, b: Box) -> int:
    """Pixels that two boxes share."""
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    return max(0, width) * max(0, height)


@pytest.mark.parametrize("wrong", [{"width": 0}, {"height": -1}, {"count": 0}, {"size": (0, 9)}])
def test_impossible_crops_are_refused(wrong: dict[str, int]) -> None:
    asked = {"width": 9, "height": 9, "count": 1, "seed": 1, "name": "a"} | wrong
    with pytest.raises(ValueError, match="Can't place"):
        place_crops(**asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("box", [Box(-1, 0, 5, 5), Box(0, 0, 81, 60), Box(76, 0, 5, 5)])
def test_box_outside_the_picture_is_refused(box: Box) -> None:
    with pytest.raises(ValueError, match="does not lie in a picture of 80 x 60"):
        cut(NOISE, box)


@settings(max_examples=100)
@given(SIDES, SIDES, st.integers(1, 12), st.integers(), st.text(max_size=9))
def test_crops_lie_in_the_picture_and_apart(
    width: int, height: int, count: int, seed: int, name: str
) -> None:
    boxes = place_crops(width, height, count=count, seed=seed, name=name)
    assert 1 <= len(boxes) <= count
    for box in boxes:
        assert (box.width, box.height) == (min(width, 768), min(height, 768))
        assert 0 <= box.x <= width - box.width
        assert 0 <= box.y <= height - box.height
    for a, b in combinations(boxes, 2):
        assert max(abs(a.x - b.x) / a.width, abs(a.y - b.y) / a.height) > 0.24
    if (width // boxes[0].width) * (height // boxes[0].height) >= count:
        assert len(boxes) == count
        assert all(overlap(a, b) == 0 for a, b in combinations(boxes, 2))


def test_places_depend_on_seed_and_name_and_nothing_else() -> None:
    first = place_crops(4000, 3000, count=3, seed=1, name="a.png")
    assert first == place_crops(4000, 3000, count=3, seed="1", name="a.png")
    assert first != place_crops(4000, 3000, count=3, seed=2, name="a.png")
    assert first != place_crops(4000, 3000, count=3, seed=1, name="b.png")


def test_places_are_the_same_on_any_machine() -> None:
    assert place_crops(2000, 900, count=2, seed="study", name="a.png") == (
        Box(x=1079, y=43, width=768, height=768),
        Box(x=203, y=18, width=768, height=768),
    )


def test_places_reach_the_whole_picture() -> None:
    covered = np.zeros((40, 50), bool)
    for seed in range(300):
        for box in place_crops(50, 40, size=(20, 15), count=2, seed=seed, name="a"):
            cut(covered, box)[:] = True
    assert covered.all()


@pytest.mark.parametrize(
    ("width", "height", "number"),
    [(768, 512, 1), (500, 300, 1), (800, 800, 1), (1024, 768, 2), (2048, 1365, 3)],
)
def test_crops_are_fewer_where_they_would_nearly_coincide(
    width: int, height: int, number: int
) -> None:
    assert len(place_crops(width, height, count=3, seed=1, name="a.png")) == number


def test_cut_gives_the_samples_of_the_box() -> None:
    assert np.array_equal(cut(NOISE, Box(7, 3, 20, 10)), NOISE[3:13, 7:27])


@settings(max_examples=50)
@given(
    arrays(np.uint8, st.tuples(st.integers(1, 30), st.integers(1, 30), st.just(3))),
    st.integers(4, 5000),
)
def test_crop_files_are_exact_at_any_padded_length(samples: Rgb, half_growth: int) -> None:
    data = encode_crop(samples)
    padded = pad_crop(data, len(data) + 2 * half_growth)
    assert len(padded) == len(data) + 2 * half_growth
    assert int.from_bytes(padded[4:8], "little") == len(padded) - 8
    for file in (data, padded):
        assert np.array_equal(webp_samples(file), samples)


def test_crop_file_holds_one_chunk() -> None:
    data = encode_crop(NOISE)
    assert (data[:4], data[8:16]) == (b"RIFF", b"WEBPVP8L")
    assert int.from_bytes(data[16:20], "little") in (len(data) - 20, len(data) - 21)


@pytest.mark.parametrize("growth", [-2, 2, 6, 9])
def test_impossible_padding_is_refused(growth: int) -> None:
    data = encode_crop(NOISE)
    with pytest.raises(ValueError, match="can't be padded"):
        pad_crop(data, len(data) + growth)


@given(st.lists(st.integers(10, 10**6).map(lambda half: 2 * half), min_size=1))
def test_every_version_can_be_padded_to_the_common_size(sizes: list[int]) -> None:
    common = padded_size(sizes)
    assert common % 4096 == 0
    assert all(common - size >= 8 for size in sizes)
    assert common - max(sizes) < 4096 + 8
