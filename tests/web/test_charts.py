"""Charts: where things stand, what is left out, and that no name can break out of the markup."""

import itertools
import math
import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.utils.html import conditional_escape
from hypothesis import given
from hypothesis import strategies as st

from ratings.web.desk.parts.desk_charts import (
    bars_per_hour,
    distribution,
    hours_until,
    matrix,
    meter,
    timeline,
)
from ratings.web.parts.drawing.charts import (
    Interval,
    axis_ticks,
    brackets,
    forest_plot,
    slope,
    symbol,
)

HOSTILE = "\"><script>alert('1')</script>&\u202e"
NOON = datetime(2018, 4, 20, 12, tzinfo=UTC)


def row(score: float | None, kind: str = "competing", name: str = "A") -> Interval:
    if score is None:
        return Interval(name, kind, None, None, None)
    return Interval(name, kind, score, score - 0.5, score + 0.5)


def parts(svg: str, tag: str) -> list[ElementTree.Element]:
    return [element for element in ElementTree.fromstring(svg).iter() if element.tag == tag]


NOW = datetime(2018, 4, 10, 12, tzinfo=UTC)


def percent(text: str | None) -> float:
    assert text is not None and text.endswith("%")
    return float(text[:-1])


def test_a_hostile_name_stays_text() -> None:
    svg = forest_plot([row(1.0, name=HOSTILE)])
    assert "<script" not in svg
    assert [title.text for title in parts(svg, "title")] == [HOSTILE]


def test_a_matrix_has_a_cell_for_each_pair_and_says_its_count() -> None:
    names = ["A", HOSTILE, "C"]
    svg = matrix(names, [[None] * 3, [10, None, None], [0, 5, None]])
    cells = [part for part in parts(svg, "rect") if part.get("class", "").startswith("cell")]
    assert [cell[0].text for cell in cells] == [
        f"A \N{EN DASH} {HOSTILE}: 10",
        "A \N{EN DASH} C: 0",
        f"{HOSTILE} \N{EN DASH} C: 5",
    ]
    assert [cell.get("class") for cell in cells] == ["cell", "cell none", "cell"]
    assert [cell.get("fill-opacity") for cell in cells] == ["1.00", None, "0.56"]
    assert [text.text for text in parts(svg, "text") if text.get("class")] == ["10", "5"]


@given(st.integers(2, 40))
def test_a_matrix_stays_within_its_place(size: int) -> None:
    counts = [[i + j for j in range(size)] for i in range(size)]
    svg = matrix([f"method {n}" for n in range(size)], counts)
    cells = [part for part in parts(svg, "rect") if part.get("class") == "cell"]
    assert len(cells) == size * (size - 1) // 2
    ends = [percent(cell.get("x")) + percent(cell.get("width")) for cell in cells]
    assert max(ends) <= 100.01 and min(percent(cell.get("x")) for cell in cells) >= 38
    assert max(float(cell.get("y", 0)) + 26 for cell in cells) < float(
        ElementTree.fromstring(svg).get("height", 0)
    )


def test_without_pairs_or_counts_nothing_is_drawn() -> None:
    assert parts(matrix(["A"], [[None]]), "rect") == []
    assert parts(distribution([], "x"), "rect") == [] == parts(distribution([0], "x"), "rect")
    assert parts(timeline([], NOW), "rect") == []


def test_a_distribution_is_of_all_that_is_counted() -> None:
    columns = parts(distribution([5] * 20, "pictures"), "rect")
    assert [column[0].text for column in columns] == ["5: 20 pictures"]
    columns = parts(distribution([1, 2, 2, 4], HOSTILE), "rect")
    assert [column[0].text for column in columns] == [
        f"{count}: {here} {HOSTILE}" for count, here in ((1, 1), (2, 2), (3, 0), (4, 1))
    ]
    heights = [float(column.get("height", 0)) for column in columns]
    assert heights[1] == 2 * heights[0] == 2 * heights[3] and heights[2] == 0


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=60))
def test_no_distribution_has_more_columns_than_can_be_told_apart(counts: list[int]) -> None:
    svg = distribution(counts, "x")
    titles = [column[0].text or "" for column in parts(svg, "rect")]
    assert len(titles) <= 12
    assert sum(int(title.split(": ")[1].split()[0].replace(",", "")) for title in titles) == (
        len(counts) if max(counts) else 0
    )


def test_phases_stand_in_time_with_now_among_them() -> None:
    day = timedelta(days=1)
    svg = timeline(
        [
            (HOSTILE, NOW - 2 * day, NOW - day),
            ("b", NOW - day, NOW + day),
            ("c", NOW + day, NOW + 2 * day),
        ],
        NOW,
    )
    bars = parts(svg, "rect")
    assert [bar.get("class") for bar in bars] == ["phase over", "phase live", "phase ahead"]
    assert [percent(bar.get("x")) for bar in bars] == [0, 25, 75]
    (now,) = [line for line in parts(svg, "line") if line.get("class") == "now"]
    assert percent(now.get("x1")) == 50


def test_a_hostile_key_stays_an_attribute() -> None:
    svg = slope([HOSTILE], [HOSTILE], frozenset())
    assert [line.get("data-key") for line in parts(svg, "line")] == [HOSTILE]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")))
def test_any_name_gives_well_formed_markup(name: str) -> None:
    assert [title.text or "" for title in parts(forest_plot([row(0.0, name=name)]), "title")] == [
        name
    ]


def test_templates_put_charts_on_the_page_as_they_are() -> None:
    assert str(conditional_escape(meter(0.5))) == str(meter(0.5))


@pytest.mark.parametrize(
    "svg",
    [
        forest_plot([row(0.0), row(1.0, "baseline"), row(None)]),
        slope(["a"], ["a"], frozenset("a")),
        bars_per_hour([(NOON, 3)]),
        meter(0.5),
        symbol("baseline"),
        brackets(3, [(0, 1), (1, 2)]),
    ],
)
def test_charts_need_no_inline_style_and_are_hidden_from_screen_readers(svg: str) -> None:
    root = ElementTree.fromstring(svg)
    assert root.get("aria-hidden") == "true"
    assert not any("style" in (e.tag, *e.attrib) for e in root.iter())


def test_a_forest_plot_is_as_high_as_its_rows_and_higher_scores_stand_to_the_right() -> None:
    svg = forest_plot([row(1.5), row(-2.0), row(0.25)], row_height=40)
    assert ElementTree.fromstring(svg).get("height") == "120"
    dots = parts(svg, "circle")
    assert [dot.get("cy") for dot in dots] == ["20", "60", "100"]
    places = [percent(dot.get("cx")) for dot in dots]
    assert places[1] < places[2] < places[0]


def test_an_interval_is_drawn_on_the_axis_that_its_numbers_name() -> None:
    svg = forest_plot([Interval("A", "competing", 0.0, -1.0, 2.0)])
    ticks = {text.text: percent(text.get("x")) for text in parts(svg, "text")}
    zero, one = ticks["0"], ticks["1"]
    line = next(e for e in parts(svg, "line") if "interval" in (e.get("class") or ""))
    assert percent(line.get("x1")) == pytest.approx(zero - (one - zero), abs=0.02)
    assert percent(line.get("x2")) == pytest.approx(zero + 2 * (one - zero), abs=0.02)


@pytest.mark.parametrize(
    ("low", "high", "center", "kept"),
    [
        (-1, 1, 0, ["\u22121", "0", "1"]),
        (1700, 2300, 2000, ["2000"]),
        (0, 100, 50, ["0", "50", "100"]),
    ],
)
def test_a_phone_shows_no_more_numbers_than_have_room(
    low: float, high: float, center: float, kept: list[str]
) -> None:
    row = Interval("A", "competing", center, low, high)
    numbers = parts(forest_plot([row], center=center), "text")
    assert [text.text for text in numbers if text.get("class") != "spare"] == kept


def test_the_line_of_the_mean_is_the_stronger_one() -> None:
    rows = [Interval("A", "competing", 2100.0, 1900.0, 2300.0)]
    lines = parts(forest_plot(rows, center=2000), "line")
    (mean,) = [line for line in lines if line.get("class") == "zero"]
    ticks = {text.text: text.get("x") for text in parts(forest_plot(rows, center=2000), "text")}
    assert mean.get("x1") == ticks["2000"]


def ends(wide: float) -> dict[str | None, tuple[float, float]]:
    """Return where the lines of a single row from -1 to 1 end, per cent, by their class."""
    lines = parts(forest_plot([Interval("A", "competing", 0.0, -1.0, 1.0, -wide, wide)]), "line")
    return {e.get("class"): (percent(e.get("x1")), percent(e.get("x2"))) for e in lines[1:]}


def test_the_thin_interval_reaches_farther_than_the_thick_one() -> None:
    assert ends(1.3)["whisker"] == (6.0, 94.0)
    assert ends(1.3)["interval"] == pytest.approx((50 - 44 / 1.3, 50 + 44 / 1.3), abs=0.01)


def test_a_thin_interval_that_would_squeeze_the_rest_is_cut() -> None:
    assert ends(9.0)["whisker"] == (6.0, 94.0)
    assert ends(9.0)["interval"] == pytest.approx((50 - 44 / 2, 50 + 44 / 2), abs=0.01)


def test_brackets_span_their_rows_and_stand_side_by_side_where_they_overlap() -> None:
    svg = brackets(4, [(0, 1), (1, 2), (2, 3)], row_height=10)
    assert ElementTree.fromstring(svg).get("height") == "40"
    assert re.findall(r'<svg x="([^"]*)"', svg) == ["25.00%", "75.00%", "25.00%"]
    drawn = [path.get("d") for path in parts(svg, "path")]
    assert drawn == ["M-4 8h4V12h-4", "M-4 18h4V22h-4", "M-4 28h4V32h-4"]
    assert parts(brackets(2, []), "path") == []


def test_methods_without_a_score_leave_their_row_empty() -> None:
    assert len(parts(forest_plot([row(1.0), row(None), row(2.0)]), "circle")) == 2
    assert parts(forest_plot([row(None), row(None)]), "circle") == []
    assert parts(forest_plot([]), "text") == []


def test_infinite_bounds_are_not_drawn() -> None:
    svg = forest_plot([Interval("A", "competing", 1.0, -math.inf, math.inf), row(0.0)])
    assert len(re.findall('class="interval', svg)) == 1


def test_kinds_differ_in_shape_and_not_by_colour_alone() -> None:
    shapes = {kind: re.sub(r"[\d.%-]+", "", symbol(kind)) for kind in ("competing", "baseline")}
    assert "<circle" in shapes["competing"] and "<rect" in shapes["baseline"]
    assert "aside" in symbol("ineligible") and "aside" not in symbol("competing")


def test_slope_joins_the_rows_of_the_same_key_only() -> None:
    lines = parts(slope(["a", "b", "c"], ["c", "a"], frozenset("c"), row_height=10), "line")
    assert [(e.get("data-key"), e.get("y1"), e.get("y2")) for e in lines] == [
        ("a", "5", "15"),
        ("c", "25", "5"),
    ]
    assert [e.get("class") for e in lines] == ["link", "link aside"]


@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e3), st.integers(5, 9))
def test_ticks_are_few_round_evenly_spaced_and_within(low: float, span: float, most: int) -> None:
    ticks = axis_ticks(low, low + span, most)
    steps = [b - a for a, b in itertools.pairwise(ticks)]
    assert 2 <= len(ticks) <= most
    assert steps == pytest.approx([steps[0]] * len(steps), rel=1e-4)
    assert f"{steps[0]:.0e}"[0] in "125"
    tolerance = 1e-6 * steps[0]
    assert low - tolerance <= ticks[0] and ticks[-1] <= low + span + tolerance


def test_a_single_score_stands_in_the_middle() -> None:
    (dot,) = parts(forest_plot([Interval("A", "competing", 2.0, None, None)]), "circle")
    assert dot.get("cx") == "50.00%"


def test_bars_are_as_high_as_their_counts() -> None:
    counts = [(hour, count) for hour, count in zip(hours_until(NOON, 3), [4, 0, 8], strict=True)]
    heights = [float(bar.get("height") or "nan") for bar in parts(bars_per_hour(counts), "rect")]
    assert heights[1] == 0
    assert heights[2] == 2 * heights[0]


def test_hours_end_with_the_running_one() -> None:
    hours = hours_until(NOON + timedelta(minutes=59), 3)
    assert hours == [NOON - timedelta(hours=2), NOON - timedelta(hours=1), NOON]


@pytest.mark.parametrize(("share", "width"), [(-1, "0.0%"), (0.25, "25.0%"), (7, "100.0%")])
def test_a_meter_is_never_more_than_full(share: float, width: str) -> None:
    assert parts(meter(share), "rect")[1].get("width") == width


def test_an_open_end_is_an_arrow_from_where_it_begins_to_the_edge() -> None:
    above = Interval("first", "competing", None, None, None, start=1.0, open="above", said="ahead")
    below = Interval("last", "baseline", None, None, None, start=-2.0, open="below", said="behind")
    svg = forest_plot([above, row(0.0), below])
    lines = [one for one in parts(svg, "line") if "interval" in (one.get("class") or "")]
    ends = [(percent(line.get("x1")), percent(line.get("x2"))) for line in lines]
    # The axis goes from -2 to 1.
    assert ends[0] == (94, 99) and ends[2] == (6, 1)
    heads = [one.get("class") for one in parts(svg, "path") if "arrow" in (one.get("class") or "")]
    assert heads == ["arrow", "arrow aside"]
    said = [one.text for one in parts(svg, "text") if one.get("class") == "spare"]
    assert "ahead" in said and "behind" in said


def test_an_open_end_that_begins_before_everything_crosses_the_plot_without_words() -> None:
    new = Interval("new", "competing", None, None, None, start=-9.0, open="above", said="ahead")
    svg = forest_plot([new, row(-1.0), row(1.0)])
    lines = [one for one in parts(svg, "line") if "interval" in (one.get("class") or "")]
    # It makes the axis no longer than the scores do.
    assert (percent(lines[0].get("x1")), percent(lines[0].get("x2"))) == (6, 99)
    assert "ahead" not in [one.text for one in parts(svg, "text")]
