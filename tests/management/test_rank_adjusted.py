"""`rank --adjust`: what moved judgments beside the methods, from columns of the file."""

import csv
import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from ratings.psychometrics.counts.circumstances import Circumstances
from ratings.psychometrics.inference.adjusting import fit_adjusted
from ratings.psychometrics.inference.fitting import ranking_table
from tests.psychometrics.crowds import judged

NAMES = ("left", "right", "tie")
SPENT = ("left_bytes", "right_bytes")
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def rows() -> Rows:
    """Return judgments with all that a ranking may be adjusted for."""
    judgments, rng = judged(1, raters=8, each=30, methods=3, pictures=6), np.random.default_rng(1)
    spent = rng.integers(1_000, 9_000, (6, 3))
    return [
        {
            "rater": judgments.raters[judgments.rater[i]],
            "image": judgments.images[judgments.image[i]],
            "left": judgments.methods[judgments.left[i]],
            "right": judgments.methods[judgments.right[i]],
            "choice": NAMES[judgments.choice[i]],
            "left_bytes": str(spent[judgments.image[i], judgments.left[i]]),
            "right_bytes": f"{spent[judgments.image[i], judgments.right[i]]}.0",
            "number": str(i % 30 + 1),
            "layout": "flip",
            "arrangement": rng.choice(["beside", "single"]),
            "screen_width": "390" if judgments.rater[i] < 3 else "1920",
            "screen_height": "844" if judgments.rater[i] < 3 else "1080",
            "dataset": "d",
            "stratum": "drawing" if judgments.image[i] < 2 else "photo",
            "stratum_pictures": "3",
            "dataset_pictures": "6",
        }
        for i in range(len(judgments))
    ]


def ranked(folder: Path, rows: Rows, *options: str) -> str:
    path = folder / "judgments.csv"
    with path.open("w", newline="") as lines:
        written = csv.DictWriter(lines, list(rows[0]))
        written.writeheader()
        written.writerows(rows)
    out = StringIO()
    call_command("rank", str(path), *options, stdout=out)
    return out.getvalue()


def test_a_file_gives_what_its_judgments_give(tmp_path: Path, rows: Rows) -> None:
    answer = json.loads(ranked(tmp_path, rows, "--adjust", "position,rate", "--json"))
    judgments = judged(1, raters=8, each=30, methods=3, pictures=6)
    sides = [np.array([int(float(row[name])) for row in rows]) for name in SPENT]
    known = Circumstances(left_bytes=sides[0], right_bytes=sides[1])
    made = fit_adjusted(judgments, known, ("rate", "position"))
    assert answer["adjusted"] == ["rate", "position"]
    assert answer["input_sha256"] == made.fit.input_sha256
    assert [row["score"] for row in answer["results"]] == [
        row["score"] for row in ranking_table(made.fit)
    ]
    assert answer["effects"][0]["estimate"] == round(made.effects[0].estimate, 4)


def test_everything_at_once_is_said_in_lines(tmp_path: Path, rows: Rows) -> None:
    printed = ranked(tmp_path, rows, "--adjust", "strata,device,layout,fatigue,position,rate")
    said = [line.split(":")[0] for line in printed.splitlines() if line.startswith("- ")]
    assert "Adjusted for rate, position, fatigue, layout, device, strata:" in printed
    assert {line[2:] for line in said} >= {"rate", "position", "fatigue", "device phone"}
    assert "log sensitivity against larger" in printed
    plain = json.loads(ranked(tmp_path, rows, "--json"))
    assert (plain["adjusted"], plain["effects"]) == ([], [])


def test_each_part_is_adjusted_by_itself(tmp_path: Path, rows: Rows) -> None:
    answer = json.loads(
        ranked(tmp_path, rows, *("--adjust", "position"), *("--by", "stratum", "--json"))
    )
    assert [part["stratum"] for part in answer["rankings"]] == ["drawing", "photo"]
    assert all(part["adjusted"] == ["position"] for part in answer["rankings"])


def test_strata_need_no_column_of_data_sets(tmp_path: Path, rows: Rows) -> None:
    bare = [{name: value for name, value in row.items() if name != "dataset"} for row in rows]
    one, other = (
        json.loads(ranked(tmp_path, some, "--adjust", "strata", "--json")) for some in (rows, bare)
    )
    assert one["results"] == other["results"]


def test_a_device_that_is_not_named_is_another_one(tmp_path: Path, rows: Rows) -> None:
    device = {f"r{i}": ("phone", "larger", "")[i % 3] for i in range(8)}
    raters = sorted({row["rater"] for row in rows})
    of = dict(zip(raters, device.values(), strict=True))
    some = [row | {"device": of[row["rater"]]} for row in rows]
    effects = json.loads(ranked(tmp_path, some, "--adjust", "device", "--json"))["effects"]
    assert {effect["name"] for effect in effects} <= {
        "device phone",
        "device larger",
        "device other",
    }


def test_strata_that_do_not_add_up_are_refused(tmp_path: Path, rows: Rows) -> None:
    strange = [row | {"stratum_pictures": str(2 + i % 2)} for i, row in enumerate(rows)]
    many = [row | {"stratum_pictures": "5"} for row in rows]
    sets = [row | {"dataset_pictures": str(6 + i % 2)} for i, row in enumerate(rows)]
    cases = (
        (strange, "stratum_pictures of 'd/photo' differs from judgment to judgment"),
        (sets, "dataset_pictures of 'd' differs from judgment to judgment"),
        (many, "hold 10 pictures by stratum_pictures, and data set 'd' 6 by dataset_pictures"),
    )
    for some, words in cases:
        with pytest.raises(CommandError, match=words):
            ranked(tmp_path, some, "--adjust", "strata")


def test_a_part_that_can_not_be_adjusted_is_named(tmp_path: Path, rows: Rows) -> None:
    spent = [row | dict.fromkeys(SPENT, "7") if row["stratum"] == "photo" else row for row in rows]
    with pytest.raises(
        CommandError, match=r"^stratum photo: rate: both sides .* Leave rate out of --adjust\.$"
    ):
        ranked(tmp_path, spent, "--adjust", "position,rate", "--by", "stratum")


def test_what_can_not_be_told_is_refused(tmp_path: Path, rows: Rows) -> None:
    equal = [row | {"left_bytes": "7", "right_bytes": "7"} for row in rows]
    gap = [rows[0] | {"left_bytes": ""}, *rows[1:]]
    bare_layout = [
        {name: value for name, value in row.items() if name != "arrangement"} | {"layout": ""}
        for row in rows
    ]
    bad = [rows[0] | {"left_bytes": "7.5"}, *rows[1:]]
    bare = [
        {name: row[name] for name in ("rater", "image", "left", "right", "choice")} for row in rows
    ]
    cases = [
        (rows, "bytes", "can't be adjusted for 'bytes'; it can for rate"),
        (equal, "rate", "rate: both sides always have equally many bytes"),
        (gap, "rate", "rate: the length of a side's bitstream is missing in 1 of 240 judgments"),
        (bad, "rate", "Line 2: left_bytes is '7.5', but must be a whole number"),
        (bare, "rate", "Missing column left_bytes, right_bytes"),
        (bare, "device", r"device: it is not known of the judgments \(column device\)"),
        (bare_layout, "layout", "layout: it is missing in 240 of 240 judgments"),
    ]
    for some, name, words in cases:
        with pytest.raises(CommandError, match=words):
            ranked(tmp_path, some, "--adjust", name)
    with pytest.raises(CommandError, match="ties as half wins; leave --ties out"):
        ranked(tmp_path, rows, "--adjust", "rate", "--ties", "davidson")
