"""The crops of the instructions: an easy pair and a hard one, each beside its original.

`python -m frontend.examples` writes static/examples. What they show is drawn by the code below, a
ball on woven cloth, so it is no picture of any challenge; and the versions are made as codecs make
them, not as checks are, so they teach nothing about those.
"""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ratings.imaging.pixels import Rgb

FOLDER = Path(__file__).resolve().parents[1] / "static" / "examples"
WIDTH, HEIGHT = 88, 66
# Each pixel is the mean of so many by so many points.
POINTS = 4
Samples = NDArray[np.float64]


def main() -> None:
    """Write both originals, and of each the closer and the farther version."""
    for name, rgb in pictures().items():
        Image.fromarray(rgb).save(FOLDER / f"{name}.webp", lossless=True, quality=100, method=6)


def pictures() -> dict[str, Rgb]:
    """Return all crops by name, each of shape (HEIGHT, WIDTH, 3)."""
    easy, hard = draw(0, 0), draw(104, 74)
    return {
        "easy-original": easy,
        "easy-closer": recompressed(easy, "JPEG", 75),
        "easy-farther": recompressed(easy, "JPEG", 12),
        "hard-original": hard,
        "hard-closer": recompressed(hard, "WEBP", 88),
        "hard-farther": recompressed(hard, "WEBP", 35),
    }


def draw(left: int, top: int) -> Rgb:
    """Return what is seen in a window of the scene, whose corner stands at a pixel."""
    x = left + (np.arange(WIDTH * POINTS) + 0.5) / POINTS
    y = top + (np.arange(HEIGHT * POINTS) + 0.5) / POINTS
    scene = _scene(*np.meshgrid(x, y))
    means = scene.reshape(HEIGHT, POINTS, WIDTH, POINTS, 3).mean(axis=(1, 3))
    rgb: Rgb = np.rint(np.clip(means, 0, 1) * 255).astype(np.uint8)
    return rgb


def recompressed(rgb: Rgb, codec: str, quality: int) -> Rgb:
    """Return what one of Pillow's codecs leaves of samples."""
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, codec, quality=quality)
    with Image.open(file, formats=[codec]) as picture:
        return np.asarray(picture.convert("RGB"))


def _scene(x: Samples, y: Samples) -> Samples:
    """Return the colour at points: a striped ball, lit from the left, before woven cloth."""
    across, down = (x - 52) / 46, (y - 44) / 46
    depth = np.sqrt(np.clip(1 - across**2 - down**2, 0, 1))
    light = np.clip(-0.5 * across - 0.55 * down + 0.67 * depth, 0, 1)
    stripes = np.sin(9 * (0.8 * across + 0.6 * down) + 2.2 * depth) > 0.35
    paint = np.where(stripes[..., None], [0.86, 0.80, 0.68], [0.66, 0.16, 0.12])
    shine = np.clip(light, 0, 1)[..., None] ** 40
    ball = paint * (0.12 + 0.95 * light[..., None]) + 0.8 * shine
    shadow = np.exp(-(((x - 74) / 44) ** 2) - ((y - 66) / 40) ** 2)
    cloth = _cloth(x, y) * (1 - 0.6 * shadow[..., None])
    return np.where((across**2 + down**2 < 1)[..., None], ball, cloth)


def _cloth(x: Samples, y: Samples) -> Samples:
    """Return woven threads, each of a slightly other colour, over and under in turn."""
    u, v = (x + 0.35 * y) / 9.4, (y - 0.25 * x) / 8.2
    column, row = np.floor(u), np.floor(v)
    is_over = (column + row) % 2 == 0
    round_ = np.where(is_over, np.sin(np.pi * (u - column)), np.sin(np.pi * (v - row)))
    fibres = 0.06 * np.sin(np.where(is_over, 41 * v + 3 * u, 37 * u + 2 * v))
    own = 0.16 * np.where(is_over, _noise(column, 1), _noise(row, 2))
    checks = 0.25 * (np.floor(column / 4) % 2) + 0.2 * (np.floor(row / 4) % 2)
    shade = (0.28 + 0.38 * round_ + fibres + own) * (0.75 + checks)
    dyed = np.where(is_over[..., None], [0.70, 0.78, 0.90], [0.94, 0.88, 0.76])
    return shade[..., None] * dyed


def _noise(at: Samples, seed: int) -> Samples:
    """Return numbers from 0 to 1 that are other for each whole number."""
    wild = np.sin(at * 12.9898 + seed * 78.233) * 43758.5453
    noise: Samples = wild - np.floor(wild)
    return noise


if __name__ == "__main__":
    main()
