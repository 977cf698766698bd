"""Colour plates: what the eyes that they are for can't see, others can."""

import re

import numpy as np
import pytest
from numpy.typing import NDArray

from ratings.imaging.colour_plates import AXES, COPUNCTAL, SHOWN, draw_plate

CIRCLE = re.compile(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)" fill="#(\w{6})"/>')
# Cones of Smith and Pokorny (1975) from XYZ, not what the plates are drawn with.
CONES = np.array([[0.15514, 0.54312, -0.03286], [-0.15514, 0.45684, 0.03286], [0.0, 0.0, 0.00801]])
# sRGB to XYZ, IEC 61966-2-1.
TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)  # fmt: skip
LACKING = {"protan": 0, "deutan": 1, "tritan": 2}


def cones(svg: str) -> NDArray[np.float64]:
    """Return what each dot does to the cones of long, middle and short waves."""
    samples = [bytes.fromhex(colour) for *_, colour in CIRCLE.findall(svg)]
    coded = np.array([list(one) for one in samples]) / 255
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ TO_XYZ.T @ CONES.T)


def hues(svg: str, first: int, second: int) -> NDArray[np.float64]:
    """Return how much more one kind of cones takes in than another, whatever the luminance."""
    seen = cones(svg)
    return np.asarray(np.log(seen[:, first] / seen[:, second]))


@pytest.mark.parametrize("axis", COPUNCTAL)
def test_all_dots_are_of_one_hue_to_who_lacks_the_cones_and_of_two_to_others(axis: str) -> None:
    svg = draw_plate(5, axis, 7)
    lacking = LACKING[axis]
    kept = [cone for cone in range(3) if cone != lacking]
    alone, with_all = hues(svg, *kept), hues(svg, lacking, kept[0])
    assert np.ptp(alone) < 0.03
    # Two heaps, far apart, and nothing between them.
    middle = (with_all.min() + with_all.max()) / 2
    low, high = with_all[with_all < middle], with_all[with_all > middle]
    assert high.min() - low.max() > 5 * np.ptp(alone)
    assert 0.1 < len(high) / len(with_all) < 0.9


def test_luminance_tells_nothing_but_on_the_plate_that_all_are_shown() -> None:
    def gap(axis: str) -> float:
        svg = draw_plate(3, axis, 11)
        hue = hues(svg, 0, 1)
        is_one = hue > (hue.min() + hue.max()) / 2
        light = cones(svg)[:, :2].sum(axis=1)
        return float(abs(light[is_one].mean() - light[~is_one].mean()) / light.std())

    assert gap("protan") < 0.3
    assert gap("deutan") < 0.3
    assert gap(SHOWN) > 1.5


@pytest.mark.parametrize("axis", AXES)
def test_a_plate_is_the_same_each_time_and_its_dots_touch_nowhere(axis: str) -> None:
    svg = draw_plate(8, axis, 3)
    assert svg == draw_plate(8, axis, 3)
    assert svg != draw_plate(8, axis, 4)
    dots = np.array([[float(number) for number in one[:3]] for one in CIRCLE.findall(svg)])
    assert len(dots) > 200
    away = np.hypot(*(dots[:, None, :2] - dots[None, :, :2]).T)
    gaps = away - dots[:, 2] - dots[:, 2][:, None]
    np.fill_diagonal(gaps, np.inf)
    assert gaps.min() > 0
    assert (np.hypot(*(dots[:, :2] - 100).T) + dots[:, 2]).max() <= 100


def test_digits_are_told_apart_by_colours_alone() -> None:
    plates = [draw_plate(digit, "protan", 2) for digit in range(10)]
    assert len(set(plates)) == 10
    places = {re.sub(r'fill="#\w+"', "", svg) for svg in plates}
    assert len(places) == 1


def test_no_other_axis_or_digit_is_drawn() -> None:
    with pytest.raises(KeyError):
        draw_plate(3, "green", 1)
    with pytest.raises(KeyError):
        draw_plate(11, "protan", 1)
