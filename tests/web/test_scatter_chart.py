"""PSNR against people, drawn: where points and names stand, and when there is no chart."""

import math
from itertools import combinations
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from ratings.web.parts.drawing.scatter_chart import HEIGHT, WIDTHS, Point, scatter

# Charts are at least as wide as their names are placed for, and up to so many times.
WIDER = (1, 1.3, 2, 3.1, 4)
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
    assert len(leaders) == sum(shift != 4 for shift in name_shifts(svg, "spare"))


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
    for kind, least in WIDTHS.items():
        assert name_boxes(svg, kind, least)  # one of the highest score has room
    for kind, width in [(kind, least * wider) for kind, least in WIDTHS.items() for wider in WIDER]:
        names = name_boxes(svg, kind, width)
        for box in names:
            assert box[0] >= 0 and box[1] <= width and box[2] >= 0 and box[3] <= HEIGHT
        for box, other in combinations(names, 2):
            assert not meet(box, other)
        for dot in parts(svg, "circle"):
            x, y = float((dot.get("cx") or "").strip("%")) * width / 100, float(dot.get("cy") or 0)
            assert not any(meet(box, (x - 4, x + 4, y - 4, y + 4)) for box in names)


@given(
    st.lists(st.tuples(st.floats(20, 50), st.floats(-3, 3)), min_size=3, max_size=12),
    st.sampled_from(WIDER),
)
def test_a_name_is_nearest_to_its_own_point_or_led_to_and_clear_of_others(
    drawn: list[tuple[float, float]], wider: float
) -> None:
    svg = scatter([point(f"Codec {at}", *one) for at, one in enumerate(drawn)])
    for kind, least in WIDTHS.items():
        width = least * wider
        dots = [
            (float((dot.get("cx") or "").strip("%")) * width / 100, float(dot.get("cy") or 0))
            for dot in parts(svg, "circle")
        ]
        shifts = name_shifts(svg, kind)
        owners = [int(each.split()[1]) for each in named(svg, kind)]
        for own, shift, box in zip(owners, shifts, name_boxes(svg, kind, width), strict=True):
            away = [distance(box, dot) for dot in dots]
            assert min(away) > min(away[own], 16 if shift != 4 else math.inf) - 0.2


def named(svg: str, kind: str) -> list[str]:
    """Return the methods whose names stand in the chart, in the order of the names."""
    return [
        group.get("data-key") or ""
        for group in parts(svg, "g")
        if any(text.get("class") == kind for text in group.iter("text"))
    ]


def name_shifts(svg: str, kind: str) -> list[float]:
    """Return how far each name's foot stands below its point; 4 right beside it."""
    return [float(text.get("y") or 0) for text in parts(svg, "text") if text.get("class") == kind]


def distance(box: tuple[float, ...], dot: tuple[float, float]) -> float:
    left, right, top, bottom = box
    x, y = dot
    return math.dist((x, y), (min(max(x, left), right), min(max(y, top), bottom)))


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
