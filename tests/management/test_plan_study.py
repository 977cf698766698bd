"""The plan_study command: options in, a forecast out, no database."""

import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from ratings.psychometrics.counts.tally import CHOICES
from ratings.psychometrics.design.simulation import SyntheticCrowd

SMALL = ("--methods=3", "--gap=1.5", "--raters=20", "--pictures=20", "--trials=30", "--runs=4")


def planned(*options: str) -> tuple[str, str]:
    """Return what is printed, and the progress."""
    out, progress = StringIO(), StringIO()
    call_command("plan_study", *options, stdout=out, stderr=progress)
    return out.getvalue(), progress.getvalue()


def test_table_and_sentences() -> None:
    printed, progress = planned(*SMALL, "--top=all")
    lines = printed.splitlines()
    assert lines[0] == "judgments  a rater  told apart    95 % interval  wrongly  standard error"
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
    first = answer["points"][0]
    assert first["judgments"] == 60 and first["reached_low"] <= first["reached"]
    assert len(answer["judgments_80_between"]) == 2


def test_strengths_may_be_listed() -> None:
    printed, _ = planned(*SMALL[2:], "--scores", "2", "0", "--json")
    assert json.loads(printed)["plan"]["strengths"] == [2, 0]


def test_strengths_are_drawn_unless_they_are_spaced() -> None:
    options = ("--methods=3", *SMALL[2:], "--json")
    drawn, _ = planned(*options, "--spread=0.5")
    assert json.loads(drawn)["plan"]["strengths"] == [0, 0, 0]
    assert json.loads(drawn)["plan"]["covariance"][0] == [0.25, 0, 0]
    spaced, _ = planned(*options, "--spread=0.5", "--spaced")
    assert json.loads(spaced)["plan"]["strengths"][1] == 0
    assert json.loads(spaced)["plan"]["covariance"] is None


def test_a_pilot_says_what_is_assumed(tmp_path: Path) -> None:
    people = SyntheticCrowd(
        ["avif", "jpeg", "webp"],
        ["p1", "p2", "p3", "p4", "p5", "p6"],
        12,
        np.random.default_rng(1),
        strengths=[1.0, -1.0, 0.0],
    )
    made = people.simulate(600)
    rows = zip(made.rater, made.picture, made.left, made.right, made.choice, strict=True)
    lines = [
        f"r{rater},p{picture},{people.methods[left]},{people.methods[right]},{CHOICES[choice]}"
        for rater, picture, left, right, choice in rows
    ]
    file = tmp_path / "pilot.csv"
    file.write_text("\n".join(["rater,image,left,right,choice", *lines]))
    plan = json.loads(planned(*SMALL[2:], f"--pilot={file}", "--json")[0])["plan"]
    avif, jpeg, webp = plan["strengths"]
    assert avif > webp > jpeg and plan["covariance"][0][0] > 0
    assert plan["habits"]["careless"] == 0 and 0 < plan["activity_sd"] < 1.5
    told = json.loads(planned(*SMALL[2:], f"--pilot={file}", "--json", "--taste=0.3")[0])["plan"]
    assert told["habits"]["taste_sd"] == 0.3

    file.write_text("rater,image,left,right,choice\nr,p,a,b,left\n")
    with pytest.raises(CommandError, match="no distance from the others for: a, b"):
        planned(*SMALL[2:], f"--pilot={file}")
    file.write_text("rater\nr\n")
    with pytest.raises(CommandError, match="can't be a pilot"):
        planned(*SMALL[2:], f"--pilot={file}")
    with pytest.raises(CommandError, match="Can't read"):
        planned(*SMALL[2:], f"--pilot={file}.none")


@pytest.mark.parametrize(
    ("option", "problem"),
    [
        ("--raters=1", "With a single rater no honest interval exists"),
        ("--methods=1", "at least two methods"),
        ("--methods=-3", "at least two methods"),
        ("--methods=100000", "too much to simulate"),
        ("--gap=nan", "a number of log odds from 0 to 1000"),
        ("--spaced", "leave it out beside --gap"),
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


@pytest.mark.parametrize(
    "option", ["--spread=-1", "--spread=1e200", "--spread=nan", "--scores=inf"]
)
def test_strengths_beyond_all_guesses_are_refused(option: str) -> None:
    with pytest.raises(CommandError, match=r"of log odds, at most 1000|of log odds from 0 to 1000"):
        call_command("plan_study", option)


def test_methods_are_not_told_twice() -> None:
    with pytest.raises(CommandError, match="--scores tells the methods: leave --methods out"):
        call_command("plan_study", "--methods=3", "--scores", "1", "2")
