"""Figures: valid files, equal bytes for equal rankings, and what stands in them."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import matplotlib as mpl
import numpy as np
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from PIL import Image

from ratings.psychometrics.counts.tally import tally_codes, tally_counts
from ratings.psychometrics.inference.fitting import fit
from ratings.psychometrics.inference.scales import scale
from ratings.psychometrics.report import fonts, plots
from ratings.psychometrics.report.drawing import Method, drawing_of_fit
from ratings.psychometrics.report.figures import (
    CARD_METHODS,
    FIGURES,
    FORMATS,
    draw,
    draw_card,
    drawn,
)
from ratings.psychometrics.report.plots import plot_psnr, plot_ranks, plot_scores
from ratings.psychometrics.report.plots import plot_win_probabilities as matrix
from ratings.psychometrics.report.published import Chance
from tests.psychometrics.drawings import HOSTILE, WIDE, digests, drawing, named


@pytest.fixture(autouse=True)
def settings_of_figures() -> Iterator[None]:
    """Look at figures under the settings under which they are drawn."""
    with mpl.rc_context(plots.settings()):
        yield


LACKING = "ภาษาไทย"
TABLES = [TTFont(path).getBestCmap() for path in fonts.font_files().values()]


def texts(figure: Figure) -> list[str]:
    """Return all the text of a figure."""
    return [text.get_text() for text in figure.findobj(Text)]


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_is_a_file_of_its_format_and_the_same_again(name: str) -> None:
    for form, start in (("svg", b"<?xml"), ("pdf", b"%PDF-")):
        data = draw(name, drawing(), form)
        assert data.startswith(start)
        assert draw(name, drawing(), form) == data
        assert b"CreationDate" not in data and b"<dc:date>" not in data


def test_a_fresh_process_draws_the_same_bytes() -> None:
    code = "from tests.psychometrics.drawings import digests; print(*digests())"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert ran.stdout.split() == digests()


def test_drawing_leaves_the_settings_of_matplotlib_as_they_were() -> None:
    code = (
        "import sys; from tests.psychometrics.drawings import drawing;"
        "import matplotlib as mpl; before = dict(mpl.rcParams);"
        "from ratings.psychometrics.report.figures import draw; draw('scores', drawing(), 'svg');"
        "print(before == dict(mpl.rcParams))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert ran.stdout.strip() == "True"


def test_what_is_slow_to_import_is_imported_where_it_is_needed() -> None:
    code = (
        "import sys; import ratings.psychometrics.report.figures;"
        "import ratings.psychometrics.raters.rater_report;"
        "import ratings.psychometrics.design.sample_size;"
        "import ratings.psychometrics.inference.correlation;"
        "print({'matplotlib', 'scipy.stats', 'scipy.optimize'} & sys.modules.keys())"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert ran.stdout.strip() == "set()"


def test_every_figure_has_a_name() -> None:
    assert tuple(plots.PLOTS) == FIGURES


def test_what_can_be_drawn_is_drawn_in_both_formats() -> None:
    bare = drawing(methods=drawing().methods[:1], chances=[])
    without_psnr = replace(bare, methods=[replace(bare.methods[0], psnr_db=None)])
    names = [name for name, _ in drawn(without_psnr)]
    kinds = ("scores", "win-probabilities", "ranks")
    assert names == [f"{kind}.{form}" for kind in kinds for form in FORMATS]


def test_names_are_text_and_never_formulas() -> None:
    for name, make in plots.PLOTS.items():
        assert HOSTILE in texts(make(drawing())), name
    assert b"<script>" not in draw("scores", drawing(), "svg")


def test_scores_are_drawn_and_written_with_their_intervals() -> None:
    figure = plot_scores(drawing())
    lines = [np.asarray(line.get_xdata()).tolist() for line in figure.axes[0].get_lines()]
    assert [0.25, 1.75] in lines and [0.5, 1.5] in lines and [1.0] in lines
    written = texts(figure)
    assert "1.00  [0.50, 1.50]" in written
    assert "\N{MINUS SIGN}1.00  [\N{MINUS SIGN}1.50, \N{MINUS SIGN}0.50]" in written
    assert "Score (log odds)" in written and any("9 judgments" in text for text in written)


def test_the_best_stands_on_top() -> None:
    for make in (plot_scores, plot_ranks):
        low, high = make(drawing()).axes[0].get_ylim()
        assert low > high


def test_the_matrix_has_both_sides_of_each_pair_in_bold_where_told_apart() -> None:
    cells = {text.get_text(): text.get_fontweight() for text in matrix(drawing()).axes[0].texts}
    assert cells == {"88": "bold", "12": "bold"}
    (image,) = matrix(drawing()).axes[0].get_images()
    assert np.allclose(np.asarray(image.get_array()), [[0.5, 0.88], [0.12, 0.5]])


def test_psnr_stands_against_the_score_and_needs_one_that_is_finite() -> None:
    points = [line.get_xydata() for line in plot_psnr(drawing()).axes[0].get_lines()]
    assert any(np.array_equal(np.asarray(point), [[31.0, 1.0]]) for point in points)
    exact = [replace(method, psnr_db=float("inf")) for method in drawing().methods]
    with pytest.raises(ValueError, match="finite PSNR"):
        plot_psnr(drawing(methods=exact))


def test_nothing_is_drawn_of_an_empty_ranking() -> None:
    empty = drawing(methods=[], chances=[])
    assert list(drawn(empty)) == []
    with pytest.raises(ValueError, match="nothing to draw"):
        draw("scores", empty, "svg")


def test_one_method_and_thirty_methods_have_room() -> None:
    one = drawing(methods=drawing().methods[:1], chances=[])
    many = [Method(f"Method number {i}", i + 1, -float(i), psnr_db=30 + i % 3) for i in range(30)]
    for values in (one, drawing(methods=many, chances=[])):
        for make in plots.PLOTS.values():
            figure = make(values)
            width, height = figure.get_size_inches()
            figure.draw_without_rendering()
            box = figure.get_tightbbox()
            assert box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= height


def test_the_longest_names_and_titles_are_set_smaller_and_whole() -> None:
    longest = "深" * 60 + " (" + "W" * 60 + ")"
    values = replace(named(longest, "A"), title="研究" * 100)
    for make in plots.PLOTS.values():
        figure = make(values)
        texts = {text.get_text(): text for text in figure.findobj(Text) if text.get_visible()}
        for text, inches in ((longest, 2.9), (values.title, figure.get_size_inches()[0])):
            size, weight = texts[text].get_fontsize(), texts[text].get_fontweight()
            width = fonts.width(text, float(size), str(weight))
            assert 0.9 * inches < width < 1.001 * inches
        assert texts["A"].get_fontsize() in (8, 9)


def test_a_fit_is_drawn_on_its_scale() -> None:
    rng = np.random.default_rng(1)
    left = rng.integers(0, 3, 300)
    right = (left + rng.integers(1, 3, 300)) % 3
    who, where = rng.integers(0, 9, 300), rng.integers(0, 8, 300)
    fitted = fit(tally_codes(list("abc"), who, where, left, right, rng.integers(0, 2, 300)))
    elo = drawing_of_fit(fitted, scale("elo"), "T")
    assert [method.name for method in elo.methods] == [row.method for row in fitted.rows]
    for method, row in zip(elo.methods, fitted.rows, strict=True):
        assert method.score == scale("elo").place(round(row.score or 0, 4))
        assert method.score and method.wide_low is not None and method.ci_low is not None
        assert method.wide_low < method.ci_low < method.score
    assert len(elo.chances) == 3 and "300 judgments, 9 raters, 8 pictures" in elo.facts


def test_names_of_every_font_are_drawn_as_shapes_and_kept_as_text() -> None:
    assert fonts.lacking(WIDE) == "" and fonts.needed(WIDE) == list(fonts.font_files())
    for name in FIGURES:
        svg, pdf = (draw(name, named(*WIDE), form) for form in FORMATS)
        assert b"<text" not in svg and b"LastResort" not in pdf
        assert b"NotoSansCJKjp" in pdf and b"DejaVuSans" in pdf


def test_no_font_is_embedded_as_what_it_is_not() -> None:
    wide, latin = draw("scores", named(*WIDE), "pdf"), draw("scores", named("A", "η"), "pdf")
    assert b"/Type3" in wide and b"/FontFile2" not in wide
    assert b"/CIDFontType2" in latin and b"/Type3" not in latin


def test_a_letter_that_no_font_has_is_said_and_the_svg_keeps_it_as_text() -> None:
    lacking = named(LACKING, "A")
    words = "Letters that no font of the server has: U+0E17, U+0E20, "
    for name, make in plots.PLOTS.items():
        assert any(text.startswith(words) for text in texts(make(lacking)))
        svg = draw(name, lacking, "svg").decode()
        assert f">{LACKING}</text>" in svg and f"<dc:description>{words}" in svg
        assert b"/Subject" in draw(name, lacking, "pdf")
        assert b"/Subject" not in draw(name, named("A", "B"), "pdf")


@given(st.text(st.characters(exclude_categories=["C", "Z"]), max_size=20))
def test_what_the_fonts_lack_is_what_their_own_tables_lack(text: str) -> None:
    assert fonts.lacking([text]) == "".join(
        sorted(letter for letter in set(text) if not any(ord(letter) in one for one in TABLES))
    )


def test_figures_of_different_fonts_don_t_disturb_each_other() -> None:
    kinds = [named("A", "B"), named(*WIDE), named(LACKING, "A")]
    made = [(values, form) for values in kinds for form in FORMATS]
    alone = [draw("ranks", *one) for one in made]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda one: draw("ranks", *one), made * 3)) == alone * 3


def test_a_method_without_a_score_is_an_arrow_and_a_word() -> None:
    methods = [
        Method("first", 1, None, 1, 1, open="above", start=1.4, psnr_db=40.0),
        *(replace(method, rank=method.rank + 1) for method in drawing().methods),
        Method("last", 4, None, 3, 4, open="below", start=-2.0),
    ]
    pairs = [Chance("first", "A", 1.0, 0.69, 1.0, True), *drawing().chances]
    shown = drawing(methods=methods, chances=pairs)
    figure = plot_scores(shown)
    arrows = [one for one in figure.findobj(Annotation) if one.arrowprops]
    (left, right), rows = figure.axes[0].get_xlim(), [(0, 1.4), (3, -2.0)]
    assert [(arrow.xyann[1], arrow.xyann[0]) for arrow in arrows] == rows
    assert [arrow.xy[0] for arrow in arrows] == [right, left] and left < -2.0 < 1.4 < right
    assert {"ahead", "behind"} <= set(texts(figure))
    # Between methods of unknown order stands nothing.
    assert texts(matrix(shown)).count("100") == 1
    assert "first" not in texts(plot_psnr(shown))
    for name in FIGURES:
        assert draw(name, shown, "svg") == draw(name, shown, "svg")


def test_two_methods_without_scores_can_be_drawn() -> None:
    rows = [[rater, 0, 1, 1, 0, 0] for rater in range(9)]
    fitted = fit(tally_counts(["a", "b"], rows, rows))
    shown = drawing_of_fit(fitted, scale("elo"), "two")
    assert [(method.open, method.score) for method in shown.methods] == [
        ("above", None),
        ("below", None),
    ]
    first, second = (method.start for method in shown.methods)
    # .025^(1/9) = .664, 0.68 log odds or 118 Elo points.
    assert first == pytest.approx(2118.1, abs=0.1) and second == pytest.approx(2000, abs=0.01)
    assert {name.split(".")[0] for name, _ in drawn(shown)} == {*FIGURES} - {"psnr"}


@pytest.mark.parametrize("methods", [1, CARD_METHODS, CARD_METHODS + 30])
def test_a_card_has_the_size_that_networks_take(methods: int) -> None:
    card = draw_card(named(*(f"method-{n}" for n in range(methods))))
    assert Image.open(BytesIO(card)).size == (1200, 630)
    assert card == draw_card(named(*(f"method-{n}" for n in range(methods))))


def test_a_card_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="No method is ranked"):
        draw_card(named())
