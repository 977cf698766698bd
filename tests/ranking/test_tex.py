"""LaTeX tables: what stands in them, and that no name is a command."""

import pytest

from ratings.comparisons.models import Judgment
from ratings.ranking.board import human_board
from ratings.ranking.fitting import refit
from ratings.ranking.tex import escape, judgments_tex, ranking_tex
from ratings.submissions.models import Submission
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study
from tests.ranking.builders import judge_all


def test_nothing_in_a_name_is_a_command() -> None:
    assert escape(r"50 % & $x_1^2$ \input{a} ~#<b>") == (
        r"50 \% \& \$x\_1\textasciicircum{}2\$ \textbackslash{}input\{a\} "
        r"\textasciitilde{}\#\textless{}b\textgreater{}"
    )
    assert escape("two\nlines") == "two lines"


@pytest.mark.django_db
def test_a_ranking_is_a_table_with_rules() -> None:
    study = build_filled_study(scale="elo")
    judge_all(study, raters=6, judgments=6, simulated=True)
    Submission.objects.filter(entries__label="method-0").update(method="100 %")
    refit(study, NOW)
    board = human_board(study)
    lines = ranking_tex(board).splitlines()
    body = [line for line in lines if not line.startswith("%")]
    assert body[0] == r"\begin{tabular}{rllrrrr}" and body[-1] == r"\end{tabular}"
    assert body[1:4:2] == [r"\toprule", r"\midrule"] and body[-2] == r"\bottomrule"
    rows = [line.removesuffix(r" \\").split(" & ") for line in body[4:-2]]
    assert {len(row) for row in rows} == {7} and len(rows) == 3
    assert [row[3] for row in rows] == [f"${row.score:.0f}$" for row in board.rows]
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
    first = Judgment.objects.order_by("pk")[0]
    Judgment.objects.filter(pk=first.pk).update(excluded=True)
    lines = "".join(judgments_tex(study)).splitlines()
    assert lines[0] == r"\begin{longtable}{rllllrr}" and lines[-1] == r"\end{longtable}"
    assert len(lines) - 6 == Judgment.objects.count() - 1
