"""PSNR against people, drawn: where points and names stand, and when there is no chart."""

import math
from itertools import combinations
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from ratings.web.parts.scatter_chart import HEIGHT, WIDTHS, Point, scatter

HOSTILE = "\"><script>alert('1')</script>&"


def parts(svg: str, tag: str) -> list[ElementTree.Element]:
    return [element for element in ElementTree.fromstring(svg).iter() if element.tag == tag]


def point(name: str, psnr_db: float, score: float) -> Point:
    return Point(name, name, "competing", psnr_db, score, score - 0.5, score + 0.5)


def test_points_stand_by_psnr_and_score_and_names_hide_no_other() -> None:
    svg = scatter([point("A", 30, 0.0), point(HOSTILE, 30.01, 0.01), point("C", 31, 1.0)])
    assert "<script" not in svg
    groups = [each for each in parts(svg, "g") if each.get("data-key")]
    # All names come after all points and their intervals: nothing strikes them through. They are
    # there twice: as they stand on phones, and else.
    assert [group.get("data-key") for group in groups] == ["A", HOSTILE, "C"] * 3
    assert [title.text for title in parts(svg, "title")] == ["A", HOSTILE, "C"] * 3
    dots = parts(svg, "circle")
    across, up = ([float((dot.get(at) or "").strip("%")) for dot in dots] for at in ("cx", "cy"))
    assert across == sorted(across) and up == sorted(up, reverse=True)
    assert all(0 < y < HEIGHT for y in up)
    for kind, width in WIDTHS.items():
        boxes = name_boxes(svg, kind, width)
        assert len(boxes) == 3
        for box, other in combinations(boxes, 2):
            assert not meet(box, other)


def test_names_of_a_crowd_stand_some_lines_off_with_a_line_to_each() -> None:
    svg = scatter(
        [point(f"Codec {n}", 30 + n / 50, n / 20) for n in range(8)] + [point("Z", 40, -3)]
    )
    boxes = name_boxes(svg, "spare", WIDTHS["spare"])
    leaders = [each for each in parts(svg, "line") if each.get("class") == "leader spare"]
    assert len(boxes) >= 8 and 0 < len(leaders) < 8
    for leader in leaders:
        assert abs(float(leader.get("y2") or 0)) > 14


@given(
    st.lists(
        st.tuples(st.text("ab 1", min_size=1, max_size=60), st.floats(20, 50), st.floats(-3, 3)),
        min_size=3,
        max_size=20,
    )
)
def test_names_cover_neither_names_nor_points_and_stay_on_the_chart(
    drawn: list[tuple[str, float, float]],
) -> None:
    svg = scatter([point(*one) for one in drawn])
    for kind, width in WIDTHS.items():
        names = name_boxes(svg, kind, width)
        assert names  # one of the highest score has room
        for box in names:
            assert box[0] >= 0 and box[1] <= width and box[2] >= 0 and box[3] <= HEIGHT
        for box, other in combinations(names, 2):
            assert not meet(box, other)
        for dot in parts(svg, "circle"):
            x, y = float((dot.get("cx") or "").strip("%")) * width / 100, float(dot.get("cy") or 0)
            assert not any(meet(box, (x - 4, x + 4, y - 4, y + 4)) for box in names)


def name_boxes(svg: str, kind: str, width: float) -> list[tuple[float, float, float, float]]:
    """Return left, right, top and bottom of the names as they stand in a chart of this width."""
    boxes = []
    for place in parts(svg, "svg"):
        for text in place:
            if text.get("class") == kind:
                length = 8 * len(text.text or "")
                shift = float(text.get("x") or 0)
                x = float((place.get("x") or "").strip("%")) * width / 100 + shift
                left = x - length if text.get("text-anchor") == "end" else x
                y = float(place.get("y") or 0) + float(text.get("y") or 0) - 4
                boxes.append((left, left + length, y - 7, y + 7))
    return boxes


def meet(box: tuple[float, ...], other: tuple[float, ...]) -> bool:
    slack = 0.1  # places are rounded
    return (
        min(box[1], other[1]) - max(box[0], other[0]) > slack
        and min(box[3], other[3]) - max(box[2], other[2]) > slack
    )


def test_too_few_points_or_none_with_a_place_make_no_chart() -> None:
    assert scatter([point("A", 30, 0), point("B", 31, 1)]) == ""
    assert scatter([point("A", 30, 0), point("B", 31, 1), point("C", math.inf, 2)]) == ""
    assert "circle" in scatter([point(name, 30, 0) for name in "ABC"])  # all in one place
