"""Tables of docs/validation.md are written by benchmarks, never by hand."""

import importlib
import re

import numpy as np
import pytest

from benchmarks import page
from benchmarks.coverage import covered
from ratings.psychometrics.counts.tally import tally_judgments

TEXT = page.PAGE.read_text()
BLOCKS = page.BLOCK.findall(TEXT)


def test_no_table_stands_outside_of_the_markers() -> None:
    outside = page.BLOCK.sub("", TEXT)
    assert len(BLOCKS) >= 7
    assert [line for line in outside.splitlines() if line.startswith("|")] == []
    assert "<!--" not in outside  # a marker without its other half, or with a slip


@pytest.mark.parametrize(("name", "number", "block"), BLOCKS)
def test_a_table_is_what_its_benchmark_prints(
    name: str, number: str, block: str, capsys: pytest.CaptureFixture[str]
) -> None:
    benchmark = importlib.import_module(f"benchmarks.{name}")
    page.print_header(benchmark.HEADERS[int(number) - 1])
    assert block.startswith(capsys.readouterr().out)


@pytest.mark.parametrize(("name", "number", "block"), BLOCKS)
def test_a_table_says_when_and_how_it_was_measured(name: str, number: str, block: str) -> None:
    caption = rf"\*\d{{4}}-\d\d-\d\d, commit [0-9a-f]{{7,}}: `python -m benchmarks {name}\b.*`.*\*"
    assert re.fullmatch(caption, block.splitlines()[-1])


def test_a_table_of_an_older_method_is_the_one_that_is_said_to_be() -> None:
    # A table that is made anew is of the present version: the line above it has to go.
    marked = re.findall(r"\*Of method version \d+, commit (\w+)\.\*\n\n(<!-- .*)", TEXT)
    assert marked and len(marked) == TEXT.count("*Of method version")
    for commit, marker in marked:
        block = TEXT.split(marker)[1].split("<!-- end -->")[0]
        assert f"commit {commit}: `python -m benchmarks" in block


def test_a_benchmark_replaces_its_tables_and_nothing_else() -> None:
    printed = [
        "== one\n",
        "| a |\n",
        "| --- |\n",
        "| 1 |\n",
        "\n",
        "| b |\n",
        "| --- |\n",
        "done\n",
    ]
    before = "".join(
        f"Words.\n<!-- table: {name} -->\n| old |\n\n*then*\n<!-- end -->\n"
        for name in ("one 1", "other 1", "one 2")
    )
    after = page.filled(before, "one", page.tables(printed), "now")
    assert after == (
        "Words.\n<!-- table: one 1 -->\n| a |\n| --- |\n| 1 |\n\n*now*\n<!-- end -->\n"
        "Words.\n<!-- table: other 1 -->\n| old |\n\n*then*\n<!-- end -->\n"
        "Words.\n<!-- table: one 2 -->\n| b |\n| --- |\n\n*now*\n<!-- end -->\n"
    )
    with pytest.raises(ValueError, match=r"other printed 2 tables; the page has places \[1\]"):
        page.filled(before, "other", page.tables(printed), "now")


def test_coverage_is_told_where_a_method_is_ahead_by_an_unknown_distance() -> None:
    trials = [
        (f"r{rater}", f"p{picture}", left, right, choice)
        for rater in range(6)
        for picture in range(6)
        for left, right, choice in (
            ("a", "b", "left"),
            ("a", "c", "left"),
            ("b", "c", "left" if (rater + picture) % 3 else "right"),
        )
    ]
    held = covered(tally_judgments(*zip(*trials, strict=True)), np.array([5.0, 0.35, -0.35]))
    assert (held.pairs, held.scores, held.rank_sets) == (1, 1, 1)
