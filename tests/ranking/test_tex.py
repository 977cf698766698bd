"""LaTeX tables: what stands in them, and that no name is a command."""

import math

import pytest

from ratings.comparisons.models import Judgment
from ratings.ranking.boards.human_board import human_board
from ratings.ranking.fits.refitting import refit
from ratings.ranking.tables.tex import judgments_tex, ranking_tex
from ratings.ranking.tables.tex_letters import escape, preamble
from ratings.submissions.models import Submission
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study
from tests.ranking.builders import judge_all, judge_one_sided


def test_nothing_in_a_name_is_a_command() -> None:
    assert escape(r"50 % & $x_1$ ^2 \in{a} ~#<b>") == (
        r"50 \% \& \$x\_1\$ \textasciicircum{}2 \textbackslash{}in\{a\} "
        r"\textasciitilde{}\#\textless{}b\textgreater{}"
    )
    assert escape("two\nlines") == "two lines"


def test_no_letter_becomes_another() -> None:
    assert escape("a--b,,c") == r"a\mbox{-}-b\allowbreak{}\mbox{,},c"
    assert escape("<<") == r"\mbox{\textless{}}\textless{}"
    assert escape("'a' `b|") == (
        r"\textquotesingle{}a\textquotesingle{} \textasciigrave{}b\textbar{}"
    )
    assert escape('"\N{MINUS SIGN}1') == r"\texttt{\char34}$-$1"


def test_a_long_word_can_be_broken_where_no_letters_join() -> None:
    pieces = escape("0123456789abcdef").split(r"\allowbreak{}")
    assert pieces == ["0123", "4567", "89ab", "cdef"]
    assert escape("图像组深度编码").split(r"\allowbreak{}") == ["图像", "组深", "度编", "码"]
    for word in ("012345", "图像组", "مرحبابكمجميعااا", "ภาษาไทยภาษาไทย"):
        assert escape(word) == word


def test_what_letters_need_is_said() -> None:
    assert list(preamble("booktabs", ["Größe — 100 %", "A"])) == [r"\usepackage{booktabs}"]
    cjk = list(preamble("booktabs", ["η", "图"]))
    assert cjk[1:3] == [
        "Needs LuaLaTeX, and fonts that have U+03B7, U+56FE:",
        r"\usepackage{fontspec}",
    ]
    assert '"DejaVu Sans:mode=harf;", "Noto Sans CJK JP:mode=harf;"' in cjk[3]
    assert r"\usepackage[bidi=basic]{babel}" in preamble("booktabs", ["שלום"])
    assert list(preamble("booktabs", ["ภ"]))[1:] == [
        "Needs LuaLaTeX, and fonts that have U+0E20:",
        r"\usepackage{fontspec}",
        "Add a font that has U+0E20.",
    ]


@pytest.mark.django_db
def test_a_ranking_is_a_table_with_rules() -> None:
    study = build_filled_study(scale="elo")
    judge_all(study, raters=6, judgments=6, simulated=True)
    Submission.objects.filter(entries__label="method-0").update(method="100 %")
    refit(study, NOW)
    board = human_board(study)
    lines = ranking_tex(board).splitlines()
    first, last = lines.index(r"\toprule"), lines.index(r"\bottomrule")
    assert lines[first + 2] == r"\midrule"
    assert lines[last + 1 :] == [r"\end{tabular}", r"\endgroup"]
    rows = [line.removesuffix(r" \\").split(" & ") for line in lines[first + 3 : last]]
    assert {len(row) for row in rows} == {7} and len(rows) == 3
    assert [row[3] for row in rows] == [
        f"${math.floor(row.score + 0.5)}$" for row in board.rows if row.score is not None
    ]
    assert r"100 \%" in [row[1] for row in rows]
    assert any("SIMULATED" in line for line in lines) and any("10 to 1" in line for line in lines)


@pytest.mark.django_db
def test_a_method_without_a_place_has_dashes() -> None:
    study = build_filled_study()
    assert ranking_tex(human_board(study)).count("---") == 3 * 4


@pytest.mark.django_db
def test_judgments_are_a_long_table_without_the_excluded_ones() -> None:
    study = build_filled_study()
    judge_all(study, raters=2)
    excluded = Judgment.objects.order_by("pk")[0]
    Judgment.objects.filter(pk=excluded.pk).update(excluded=True)
    lines = "".join(judgments_tex(study)).splitlines()
    assert lines[0] == r"% \usepackage{array,booktabs,longtable}"
    assert lines[-2:] == [r"\end{longtable}", r"\endgroup"]
    head = [r"\midrule", r"\endhead", r"\bottomrule", r"\endfoot"]
    first = lines.index(r"\toprule")
    assert lines[first + 2 : first + 6] == head
    assert len(lines) - first - 6 - 2 == Judgment.objects.count() - 1


@pytest.mark.django_db
def test_who_is_ahead_by_an_unknown_distance_has_ranks_and_no_score() -> None:
    study = build_filled_study()
    judge_one_sided(study)
    refit(study, NOW)
    rows = [line.split(" & ") for line in ranking_tex(human_board(study)).splitlines()]
    ranks = [(row[0], row[3:6]) for row in rows if len(row) == 7][1:]
    # Two pictures are too few to tell anybody apart, whoever won what.
    assert ranks == [("1--3", ["---"] * 3)] * 3
