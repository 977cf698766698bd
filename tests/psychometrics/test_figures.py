"""Figures: valid files, equal bytes for equal rankings, and what stands in them."""

import hashlib
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from ratings.psychometrics.drawing import Drawing, Method, drawing_of_fit
from ratings.psychometrics.figures import FIGURES, FORMATS, draw, drawn, forest, psnr, ranks
from ratings.psychometrics.figures import win_probabilities as matrix
from ratings.psychometrics.fitting import fit
from ratings.psychometrics.printed import Chance
from ratings.psychometrics.scales import scale
from ratings.psychometrics.tally import tally_codes

HOSTILE = "$x_1$ \\frac & <script>"


def drawing(**changes: object) -> Drawing:
    """Return two methods, one of them a baseline with a name that looks like markup."""
    methods = [
        Method("A", 1, 1.0, 1, 2, 0.5, 1.5, 0.25, 1.75, psnr_db=31.0),
        Method(HOSTILE, 2, -1.0, 1, 2, -1.5, -0.5, None, None, "baseline", 30.0),
    ]
    pairs = [Chance("A", HOSTILE, 0.88, 0.7, 0.95, True)]
    values = Drawing("A study", "9 judgments", scale("natural"), methods, pairs)
    return replace(values, **changes)  # type: ignore[arg-type]


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


def digests() -> list[str]:
    """Return what a fresh process must draw too."""
    files = (draw("scores", drawing(), "svg"), draw("ranks", drawing(), "pdf"))
    return [hashlib.sha256(data).hexdigest() for data in files]


def test_a_fresh_process_draws_the_same_bytes() -> None:
    code = "from tests.psychometrics.test_figures import digests; print(*digests())"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert ran.stdout.split() == digests()


def test_what_can_be_drawn_is_drawn_in_both_formats() -> None:
    bare = drawing(methods=drawing().methods[:1], chances=[])
    without_psnr = replace(bare, methods=[replace(bare.methods[0], psnr_db=None)])
    names = [name for name, _ in drawn(without_psnr)]
    kinds = ("scores", "win-probabilities", "ranks")
    assert names == [f"{kind}.{form}" for kind in kinds for form in FORMATS]


def test_names_are_text_and_never_formulas() -> None:
    for name, make in FIGURES.items():
        assert HOSTILE in texts(make(drawing())), name
    assert b"<script>" not in draw("scores", drawing(), "svg")


def test_scores_are_drawn_and_written_with_their_intervals() -> None:
    figure = forest(drawing())
    lines = [list(line.get_xdata()) for line in figure.axes[0].get_lines()]
    assert [0.25, 1.75] in lines and [0.5, 1.5] in lines and [1.0] in lines
    written = texts(figure)
    assert "1.00  [0.50, 1.50]" in written
    assert "\N{MINUS SIGN}1.00  [\N{MINUS SIGN}1.50, \N{MINUS SIGN}0.50]" in written
    assert "Score (log odds)" in written and any("9 judgments" in text for text in written)


def test_the_best_stands_on_top() -> None:
    for make in (forest, ranks):
        low, high = make(drawing()).axes[0].get_ylim()
        assert low > high


def test_the_matrix_has_both_sides_of_each_pair_in_bold_where_told_apart() -> None:
    cells = {text.get_text(): text.get_fontweight() for text in matrix(drawing()).axes[0].texts}
    assert cells == {"88": "bold", "12": "bold"}
    (image,) = matrix(drawing()).axes[0].get_images()
    assert np.allclose(np.asarray(image.get_array()), [[0.5, 0.88], [0.12, 0.5]])


def test_psnr_stands_against_the_score_and_needs_one_that_is_finite() -> None:
    points = [line.get_xydata() for line in psnr(drawing()).axes[0].get_lines()]
    assert any(np.array_equal(np.asarray(point), [[31.0, 1.0]]) for point in points)
    exact = [replace(method, psnr_db=float("inf")) for method in drawing().methods]
    with pytest.raises(ValueError, match="finite PSNR"):
        psnr(drawing(methods=exact))


def test_nothing_is_drawn_of_an_empty_ranking() -> None:
    empty = drawing(methods=[], chances=[])
    assert list(drawn(empty)) == []
    with pytest.raises(ValueError, match="nothing to draw"):
        draw("scores", empty, "svg")


def test_one_method_and_thirty_methods_have_room() -> None:
    one = drawing(methods=drawing().methods[:1], chances=[])
    many = [Method(f"Method number {i}", i + 1, -float(i), psnr_db=30 + i % 3) for i in range(30)]
    for values in (one, drawing(methods=many, chances=[])):
        for make in FIGURES.values():
            figure = make(values)
            width, height = figure.get_size_inches()
            figure.draw_without_rendering()
            box = figure.get_tightbbox()
            assert box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= height


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
        assert method.wide_low is not None and method.ci_low is not None
        assert method.wide_low < method.ci_low < method.score
    assert len(elo.chances) == 3 and "300 judgments, 9 raters, 8 pictures" in elo.facts
