"""PSNR against people, drawn: where points and names stand, and when there is no chart."""

import math
from xml.etree import ElementTree

from ratings.web.parts.scatter_chart import HEIGHT, Point, scatter

HOSTILE = "\"><script>alert('1')</script>&"


def parts(svg: str, tag: str) -> list[ElementTree.Element]:
    return [element for element in ElementTree.fromstring(svg).iter() if element.tag == tag]


def point(name: str, psnr_db: float, score: float) -> Point:
    return Point(name, name, "competing", psnr_db, score, score - 0.5, score + 0.5)


def test_points_stand_by_psnr_and_score_and_names_hide_no_other() -> None:
    svg = scatter([point("A", 30, 0.0), point(HOSTILE, 30.01, 0.01), point("C", 31, 1.0)])
    assert "<script" not in svg
    groups = [each for each in parts(svg, "g") if each.get("data-key")]
    # All names come after all points and their intervals: nothing strikes them through.
    assert [group.get("data-key") for group in groups] == ["A", HOSTILE, "C"] * 2
    dots = parts(svg, "circle")
    across, up = ([float((dot.get(at) or "").strip("%")) for dot in dots] for at in ("cx", "cy"))
    assert across == sorted(across) and up == sorted(up, reverse=True)
    assert all(0 < y < HEIGHT for y in up)
    names = [
        (float(group[-1].get("y") or 0), float(group[-1][0].get("y") or 0)) for group in groups[3:]
    ]
    low, high = sorted(place + shift for place, shift in names[:2])
    assert high - low >= 14


def test_too_few_points_or_none_with_a_place_make_no_chart() -> None:
    assert scatter([point("A", 30, 0), point("B", 31, 1)]) == ""
    assert scatter([point("A", 30, 0), point("B", 31, 1), point("C", math.inf, 2)]) == ""
    assert "circle" in scatter([point(name, 30, 0) for name in "ABC"])  # all in one place
