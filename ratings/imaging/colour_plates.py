"""Pseudo-isochromatic plates of our own making: a digit of dots that some eyes can't tell apart.

The dots of digit and ground lie on a confusion line of CIE 1931, that is, on a line through the
copunctal point of the eyes that lack one kind of cone: to them all its colours are one. Their
luminance is drawn anew for each dot, so that it tells nothing. After S. Ishihara's idea (1917); the
points are those of V. C. Smith and J. Pokorny, "Spectral sensitivity of the foveal cone
photopigments between 400 and 500 nm", Vision Research 15 (1975) 161-171.

A screen that nobody has calibrated shows other colours, so this is no diagnosis of anybody.
"""

from collections.abc import Mapping
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

SIZE = 200
DIGITS = range(10)
# Chromaticities x, y that whoever lacks the cones of long, middle or short waves can't tell from
# any other one on a line through them.
COPUNCTAL: Mapping[str, tuple[float, float]] = {
    "protan": (0.7465, 0.2535),
    "deutan": (1.4000, -0.4000),
    "tritan": (0.1748, 0.0000),
}
# Told by luminance too, by everybody who sees the plate at all.
SHOWN = "shown"
AXES = (*COPUNCTAL, SHOWN)
_WHITE = (0.3127, 0.3290)  # of sRGB, D65
# Relative luminances of dots; the digit's are these too, but on plates that are shown to all.
_GROUND_Y, _SHOWN_Y = (0.26, 0.44), (0.05, 0.10)
_RADII = (5.2, 4.2, 3.3, 2.5, 1.8)
_TRIES = 1500
_GAP = 0.6
_STROKE = 26.0
# XYZ to linear sRGB, IEC 61966-2-1.
_TO_RGB = np.array(
    [
        [3.2406255, -1.5372080, -0.4986286],
        [-0.9689307, 1.8757561, 0.0415175],
        [0.0557101, -0.2040211, 1.0569959],
    ]
)
# Digits as lines between points of a box of 4 x 6, x to the right and y down.
_STROKES: Mapping[int, list[list[tuple[float, float]]]] = {
    0: [[(2, 0), (3.4, 0.8), (4, 3), (3.4, 5.2), (2, 6), (0.6, 5.2), (0, 3), (0.6, 0.8), (2, 0)]],
    1: [[(0.8, 1.4), (2.2, 0), (2.2, 6)]],
    2: [[(0.2, 1.4), (1, 0.2), (2.8, 0), (3.8, 1.2), (3.4, 2.6), (0, 6), (4, 6)]],
    3: [[(0.2, 0.4), (2, 0), (3.7, 1.4), (2, 2.8), (4, 4.4), (2, 6), (0, 5.6)]],
    4: [[(3, 6), (3, 0), (0, 4.2), (4, 4.2)]],
    5: [[(3.7, 0), (0.5, 0), (0.3, 2.8), (2.4, 2.4), (4, 4), (2.4, 6), (0, 5.6)]],
    6: [[(3.2, 0), (1, 1.8), (0, 4), (1.8, 6), (4, 4.4), (2.2, 2.8), (0.2, 4)]],
    7: [[(0, 0), (4, 0), (1.4, 6)]],
    8: [[(2, 2.8), (0.4, 1.4), (2, 0), (3.6, 1.4), (2, 2.8), (0, 4.4), (2, 6), (4, 4.4), (2, 2.8)]],
    9: [[(3.8, 2), (1.8, 3.2), (0, 1.6), (2, 0), (4, 1.8), (3.2, 4.2), (1, 6)]],
}


def draw_plate(digit: int, axis: str, seed: int) -> str:
    """Return a plate as an SVG of `SIZE` x `SIZE`: the same for the same digit, axis and seed.

    `axis` is one of `AXES`. The dots' places and luminances follow from the seed alone, and their
    order in the file tells nothing of what they belong to. Raises KeyError for another axis or
    digit.
    """
    rng = np.random.default_rng(seed)
    dots = _dots(rng)
    inside = _distances(dots[:, :2], digit) < _STROKE / 2
    ground, figure = chromaticities(axis)
    luminances = rng.uniform(*_GROUND_Y, len(dots))
    if axis == SHOWN:
        luminances = np.where(inside, rng.uniform(*_SHOWN_Y, len(dots)), luminances)
    xy = np.where(inside[:, None], figure, ground)
    circles = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{colour}"/>'
        for (x, y, r), colour in zip(dots, _hex(xy, luminances), strict=True)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}">'
        f'<rect width="{SIZE}" height="{SIZE}" fill="#f2f2f2"/>{"".join(circles)}</svg>'
    )


@cache
def chromaticities(axis: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return x, y of ground and digit: on one confusion line, as far apart as sRGB shows.

    Both are as far from white, at every luminance of the dots.
    """
    line = COPUNCTAL["deutan" if axis == SHOWN else axis]
    towards = np.array(line) - _WHITE
    towards /= np.linalg.norm(towards)
    far = max(
        (
            step
            for step in np.arange(0.005, 0.3, 0.001)
            if all(_is_shown(_WHITE + side * step * towards) for side in (-1, 1))
        ),
        default=0.0,
    )
    ground, figure = (_WHITE + side * far * towards for side in (-1, 1))
    return (float(ground[0]), float(ground[1])), (float(figure[0]), float(figure[1]))


def _is_shown(xy: Points) -> bool:
    """Tell whether sRGB has a chromaticity at the least and the greatest luminance of dots."""
    rgb = _linear(np.array([xy, xy]), np.array(_GROUND_Y))
    return bool((rgb >= 0).all() and (rgb <= 1).all())


def _linear(xy: Points, luminances: Points) -> Points:
    """Return linear sRGB, (n, 3), of chromaticities (n, 2) at relative luminances (n)."""
    x, y = xy.T
    xyz = np.stack([x / y, np.ones_like(x), (1 - x - y) / y], axis=1) * luminances[:, None]
    return np.asarray(xyz @ _TO_RGB.T)


def _hex(xy: Points, luminances: Points) -> list[str]:
    linear = np.clip(_linear(xy, luminances), 0, 1)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    samples = np.rint(coded * 255).astype(np.uint8)
    return [f"#{sample.tobytes().hex()}" for sample in samples]


def _dots(rng: np.random.Generator) -> Points:
    """Return dots (n, 3) as x, y and radius: in a disc, none over another, large ones first.

    They are thrown one by one, and kept where they hit none that lies there already.
    """
    dots = np.empty((0, 3))
    for radius in _RADII:
        angles = rng.uniform(0, 2 * np.pi, _TRIES)
        away = (SIZE / 2 - 2 - radius) * np.sqrt(rng.uniform(0, 1, _TRIES))
        thrown = np.stack([np.cos(angles), np.sin(angles)], axis=1) * away[:, None] + SIZE / 2
        for place in thrown:
            gaps = np.hypot(*(dots[:, :2] - place).T) - dots[:, 2] - radius
            if not (gaps < _GAP).any():
                dots = np.vstack([dots, [*place, radius]])
    return rng.permutation(dots)


def _distances(places: Points, digit: int) -> Points:
    """Return how far each place (n, 2) is from a digit's strokes."""
    height = 0.62 * SIZE
    scale = height / 6
    corner = np.array([SIZE / 2 - 2 * scale, SIZE / 2 - height / 2])
    nearest = np.full(len(places), np.inf)
    for stroke in _STROKES[digit]:
        points = np.array(stroke) * scale + corner
        for start, end in pairwise(points):
            along = end - start
            share = np.clip((places - start) @ along / (along @ along), 0, 1)
            gaps = np.linalg.norm(places - start - share[:, None] * along, axis=1)
            nearest = np.minimum(nearest, gaps)
    return nearest
