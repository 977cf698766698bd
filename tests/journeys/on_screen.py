"""What stands on the screen, sample by sample, beside the files that it shows."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
# What is on the page: each shown picture's address, its corner and its pane, in CSS px.
SHOWN = """
() => [...document.querySelectorAll(".picture[data-shown]")].map((image) => {
  const at = image.getBoundingClientRect();
  const pane = image.parentElement.getBoundingClientRect();
  const { x, y, width, height } = pane;
  return { url: image.src, dx: x - at.x, dy: y - at.y, x, y, width, height };
})
"""


def part(whole: Pixels, shown: dict[str, Any], factor: float) -> Pixels:
    """Return what the pane shows of the whole picture."""
    x, y, width, height = (round(shown[key] * factor) for key in ("dx", "dy", "width", "height"))
    return whole[y : y + height, x : x + width]


def find(wanted: Pixels, screen: Pixels, shown: dict[str, Any], factor: float) -> bool:
    """Tell whether the samples stand on the screen where the page says, to the nearest pixel."""
    height, width = wanted.shape[:2]
    assert height > 50 and width > 50
    left, top = round(shown["x"] * factor), round(shown["y"] * factor)
    return any(
        np.array_equal(screen[y : y + height, x : x + width], wanted)
        for y in (top, top - 1, top + 1)
        for x in (left, left - 1, left + 1)
        if x >= 0 and y >= 0
    )


def pixels(data: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
