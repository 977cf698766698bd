"""The plan_study command: options in, a forecast out, no database."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

SMALL = ("--methods=3", "--gap=1.5", "--raters=20", "--pictures=20", "--trials=30", "--runs=4")


def planned(*options: str) -> tuple[str, str]:
    """Return what is printed, and the progress."""
    out, progress = StringIO(), StringIO()
    call_command("plan_study", *options, stdout=out, stderr=progress)
    return out.getvalue(), progress.getvalue()


def test_table_and_sentences() -> None:
    printed, progress = planned(*SMALL, "--top=all")
    lines = printed.splitlines()
    assert lines[0] == "judgments  a rater  told apart  wrongly  standard error"
    assert lines[1].split()[:3] == ["60", "3", "0%"]
    assert "With balanced pairing, half of such studies have all methods told apart" in printed
    assert "This is a simulation." in printed
    assert progress.startswith("60 judgments: 0% told apart")


def test_json_repeats_itself_with_the_seed() -> None:
    options = (*SMALL, "--json", "--pairing=active", "--top=1", "--seed=5")
    printed, _ = planned(*options)
    assert planned(*options)[0] == printed
    answer = json.loads(printed, parse_constant=pytest.fail)
    assert answer["plan"]["policy"] == "active" and answer["plan"]["top"] == 1
    assert answer["runs"] == 4 and answer["judgments_half"] <= answer["judgments_80"]
    assert answer["points"][0]["judgments"] == 60


def test_strengths_may_be_listed() -> None:
    printed, _ = planned(*SMALL[2:], "--scores", "2", "0", "--json")
    assert json.loads(printed)["plan"]["strengths"] == [2, 0]


@pytest.mark.parametrize(
    ("option", "problem"),
    [
        ("--raters=1", "With a single rater no honest interval exists"),
        ("--methods=1", "at least two methods"),
        ("--methods=-3", "at least two methods"),
        ("--methods=100000", "too much to simulate"),
        ("--gap=nan", "finite numbers"),
        ("--top=0", "The top must be 1 to 3"),
        ("--top=some", 'a number or "all"'),
        ("--level=95", "between 0 and 1"),
        ("--ties=1", "between 0 and 1"),
        ("--runs=0", "At least one run"),
        ("--seed=-1", "A seed is a whole number from 0 on"),
        ("--pairing=best", "invalid choice"),
        ("--exploration=2", "a share between 0 and 1"),
    ],
)
def test_what_can_not_be_meant_is_named(option: str, problem: str) -> None:
    with pytest.raises(CommandError, match=problem):
        planned(*SMALL, option)
