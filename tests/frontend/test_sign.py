"""The site's sign: what is served as samples is what is drawn, and shows what icon.svg shows."""

import re

import numpy as np
import pytest
from PIL import Image

from frontend.sign import CHOSEN, FILES, FOLDER, OTHER, draw


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_as_it_is_drawn(name: str) -> None:
    with Image.open(FOLDER / name) as stored:
        assert np.array_equal(np.asarray(stored.convert("RGBA")), np.asarray(draw(*FILES[name])))


def test_samples_and_shapes_are_one_sign() -> None:
    svg = (FOLDER / "icon.svg").read_text()
    assert {CHOSEN, OTHER} == set(re.findall(r'(?:fill|stroke)="(#\w+)"', svg))
    assert "prefers-color-scheme:dark" in svg
    with Image.open(FOLDER / "icon.png") as icon:
        row = np.asarray(icon.convert("RGBA"))[32]
    seen = [row[round(x / 28 * 64)].tolist() for x in (7, 15.6, 21)]
    chosen, other = ([*bytes.fromhex(one[1:])] for one in (CHOSEN, OTHER))
    assert [seen[0][:3], seen[1][:3], seen[2][3]] == [chosen, other, 0]
