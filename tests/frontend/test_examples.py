"""The crops of the instructions: what their captions say is true, and no check is taught."""

from functools import cache

import numpy as np
import pytest
from PIL import Image

from frontend.examples import FOLDER, HEIGHT, WIDTH, pictures
from ratings.imaging.degrading import LEVELS, degrade
from ratings.imaging.pixels import Rgb

PAIRS = ("easy", "hard")


@cache
def served(name: str) -> Rgb:
    """Return a crop as pages show it."""
    with Image.open(FOLDER / f"{name}.webp") as picture:
        return np.asarray(picture.convert("RGB"))


def error(one: Rgb, other: Rgb) -> float:
    return float(np.square(one.astype(float) - other).mean())


def test_what_is_served_is_what_the_code_makes() -> None:
    made = pictures()
    assert {path.stem for path in FOLDER.iterdir()} == set(made)
    for name, rgb in made.items():
        assert rgb.shape == served(name).shape == (HEIGHT, WIDTH, 3)
        # Sines and codecs may differ a little from one machine to another.
        assert error(rgb, served(name)) < 1, name


@pytest.mark.parametrize("pair", PAIRS)
def test_the_closer_one_is_closer(pair: str) -> None:
    original = served(f"{pair}-original")
    closer, farther = (error(served(f"{pair}-{one}"), original) for one in ("closer", "farther"))
    assert 0 < closer < farther / 2


def test_the_easy_pair_is_easier() -> None:
    easy, hard = (
        error(served(f"{pair}-farther"), served(f"{pair}-original"))
        - error(served(f"{pair}-closer"), served(f"{pair}-original"))
        for pair in PAIRS
    )
    assert easy > 1.3 * hard


@pytest.mark.parametrize("pair", PAIRS)
def test_nothing_is_degraded_as_checks_are(pair: str) -> None:
    original = served(f"{pair}-original")
    for version in ("closer", "farther"):
        shown = served(f"{pair}-{version}")
        for level in LEVELS:
            assert error(shown, degrade(original, level)) > 30, (version, level)
