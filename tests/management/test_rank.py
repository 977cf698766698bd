"""The rank command: a file in, a ranking out, no database."""

import json
import math
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROWS = [
    f"r{r},p{p},{left},{right},{choice}"
    for r in range(7)
    for p in range(6)
    for left, right, choice in (("jpeg", "avif", "right"), ("avif", "jpeg", "left"))
] + ["r1,p1,jpeg,avif,left", "r2,p2,jpeg,avif,left", "r3,p3,bpg,avif,left"]


def ranked(folder: Path, rows: list[str], *options: str) -> str:
    """Write rows to a file and rank it."""
    path = folder / "judgments.csv"
    path.write_text("\n".join(["rater,image,left,right,choice", *rows]) + "\n", encoding="utf-8")
    out = StringIO()
    call_command("rank", str(path), *options, stdout=out)
    return out.getvalue()


def test_bad_files_end_with_what_to_mend(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"judgments.csv can't be ranked.\nLine 2: choice"):
        ranked(tmp_path, ["r,p,a,b,best"])
    with pytest.raises(CommandError, match=r"Can't read .*none.csv: No such file"):
        call_command("rank", str(tmp_path / "none.csv"))
    with pytest.raises(CommandError, match="Is a directory"):
        call_command("rank", str(tmp_path))


def test_table(tmp_path: Path) -> None:
    lines = ranked(tmp_path, ROWS).splitlines()
    assert lines[0].split() == (
        [
            "rank",
            "rank_low",
            "rank_high",
            "method",
            "score",
            "se",
            "ci_low",
            "ci_high",
            "win_rate",
            "judgments",
            "band_low",
            "band_high",
            "degrees_of_freedom",
            "score_at_least",
            "score_at_most",
            "open_end",
        ]
    )
    # One judgment puts it first in the order, and shows nothing.
    first = lines[1].split()
    assert first[:13] == ["1", "1", "3", "bpg", "2.2537", *"----", "1", *"---"]
    assert float(first[13]) < -1.8688 and first[14:] == ["-", "above"]
    assert lines[2].split()[:5] == ["2", "1", "2", "avif", "1.8688"]
    assert lines[5] == (
        "87 judgments, 7 raters, 6 pictures. Provisional: some neighbours are not told apart."
    )
    assert lines[6] == (
        "Scores in log odds. The methods on the scale have a mean of 0; "
        "one more means odds of e (2.72) to 1 of being preferred."
    )
    assert lines[8] == "- bpg won every judgment: it is ahead, and how far can't be told."


def test_scores_stand_on_the_scale_that_is_asked_for(tmp_path: Path) -> None:
    lines = ranked(tmp_path, ROWS, "--scale", "elo", "--mean", "1500").splitlines()
    natural = ranked(tmp_path, ROWS).splitlines()
    assert lines[2].split()[4] == f"{1500 + 1.8688 * 400 / math.log(10):.1f}"
    assert lines[2].split()[:4] == natural[2].split()[:4]
    assert lines[1].split()[8:10] == natural[1].split()[8:10]
    assert (
        "Elo points. The methods on the scale have a mean of 1500; 400 more mean odds" in lines[6]
    )
    answer = json.loads(ranked(tmp_path, ROWS, "--scale=jnd", "--json"))
    assert (answer["scale"]["name"], answer["scale"]["mean"]) == ("jnd", 0)
    assert answer["results"][1]["score"] == round(1.8688 / math.log(3), 3)


def test_the_level_is_that_of_the_intervals(tmp_path: Path) -> None:
    documents = [
        json.loads(ranked(tmp_path, ROWS, "--json", f"--level={level}"))
        for level in ("0.95", "0.99")
    ]
    widths = [
        document["results"][1]["ci_high"] - document["results"][1]["ci_low"]
        for document in documents
    ]
    assert widths[0] < widths[1]
    assert documents[1]["settings"] == {"level": 0.99, "ties": "half"}


def test_firth_s_score_stands_beside_the_others_where_it_is_asked_for(tmp_path: Path) -> None:
    plain, more = (ranked(tmp_path, ROWS, "--json", *some) for some in ((), ("--firth",)))
    rows = json.loads(more)["results"]
    assert [{**row, "firth_score": None} for row in rows] == [
        {**row, "firth_score": None} for row in json.loads(plain)["results"]
    ]
    scores = {row["method"]: row["firth_score"] for row in rows}
    assert scores["bpg"] > scores["avif"] > scores["jpeg"]
    assert scores["avif"] + scores["jpeg"] == pytest.approx(0, abs=1e-4)
    assert "bias-reduced" in json.loads(more)["notes"][-1] and "firth" not in plain
    elo = ranked(tmp_path, ROWS, "--firth", "--scale=elo").splitlines()
    assert elo[0].split()[-1] == "firth_score"
    assert float(elo[1].split()[-1]) == pytest.approx(
        2000 + scores["bpg"] * 400 / math.log(10), abs=0.1
    )
    each = ranked(tmp_path, ROWS, "--firth", "--by=image")
    assert each.count("firth_score  ") + each.count("firth_score\n") == 6


def test_figures_are_drawn_into_a_directory(tmp_path: Path) -> None:
    ranked(tmp_path, ROWS, "--figures", str(tmp_path / "drawn"))
    names = {path.name for path in (tmp_path / "drawn").iterdir()}
    kinds = ("scores", "ranks", "win-probabilities")
    assert names == {f"{kind}.{form}" for kind in kinds for form in ("svg", "pdf")}
    with pytest.raises(CommandError, match=r"Can't write to .*judgments\.csv"):
        ranked(tmp_path, ROWS, "--figures", str(tmp_path / "judgments.csv"))


@pytest.mark.parametrize(
    ("option", "problem"),
    [
        ("--mean=1500", "The natural scale has mean 0"),
        ("--level=95", "The level must lie between 0 and 1"),
        ("--ties=none", 'ties must be "half" or "davidson"'),
        ("--dataset=P", "Missing column dataset"),
    ],
)
def test_what_can_not_be_meant_is_named(tmp_path: Path, option: str, problem: str) -> None:
    with pytest.raises(CommandError, match=problem):
        ranked(tmp_path, ROWS, option)


def test_json_is_the_same_in_any_row_order(tmp_path: Path) -> None:
    printed = ranked(tmp_path, ROWS, "--json")
    assert ranked(tmp_path, ROWS[::-1], "--json") == printed
    answer = json.loads(printed, parse_constant=pytest.fail)
    assert [row["method"] for row in answer["results"]] == ["bpg", "avif", "jpeg"]
    assert (answer["results"][0]["rank"], answer["results"][0]["se"]) == (1, None)
    assert (answer["judgments"], answer["raters"], answer["excluded"]) == (87, 7, 0)
    assert len(answer["input_sha256"]) == 64


def test_what_is_told_of_raters_is_added(tmp_path: Path) -> None:
    plain = ranked(tmp_path, ROWS)
    text = ranked(tmp_path, ROWS, "--raters", "--reliability")
    assert text.startswith(plain.rstrip("\n"))
    assert "reliable_score" in text and "Krippendorff's alpha is" in text
    assert "Without response times nobody was looked at for impossible speed." in text
    answer = json.loads(ranked(tmp_path, ROWS, "--raters", "--reliability", "--json"))
    assert {row["rater"] for row in answer["rater_rows"]} == {f"r{r}" for r in range(7)}
    assert answer["reliability"]["results"][0]["method"] == "avif"
    assert answer["left_bias"]["share"] == 0.5116
    assert answer["raters"] == json.loads(ranked(tmp_path, ROWS, "--json"))["raters"] == 7


def test_times_that_cannot_be_read_hinder_only_what_needs_them(tmp_path: Path) -> None:
    path = tmp_path / "timed.csv"
    path.write_text(
        "rater,image,left,right,choice,judged_at\n"
        "r,p,a,b,left,noon\nr,p,a,b,right,2018-04-20T12:00:00+00:00\n"
    )
    call_command("rank", str(path), stdout=StringIO())
    with pytest.raises(CommandError, match="Line 2: judged_at is 'noon', but must be an instant"):
        call_command("rank", str(path), "--raters", stdout=StringIO())


def test_a_file_of_scenes_gives_a_ranking_of_each(tmp_path: Path) -> None:
    path = tmp_path / "scenes.csv"
    rows = [f"o{n},{scene},a,b,{n % 2}" for n in range(6) for scene in ("window", "rivoli")]
    lines = ["observer,scene,condition_A,condition_B,is_A_selected", *rows, "o1,window,a,b,1"]
    path.write_text("\n".join(lines) + "\n")
    out = StringIO()
    call_command("rank", str(path), "--format=pwcmp", stdout=out)
    assert out.getvalue().startswith("scene: rivoli\nrank")
    out = StringIO()
    call_command("rank", str(path), "--format=pwcmp", "--json", stdout=out)
    document = json.loads(out.getvalue())
    assert [(each["scene"], each["judgments"]) for each in document["rankings"]] == [
        ("rivoli", 6),
        ("window", 7),
    ]
    out = StringIO()
    call_command("rank", str(path), "--format=pwcmp", "--by=", "--json", stdout=out)
    assert json.loads(out.getvalue())["judgments"] == 13
    with pytest.raises(CommandError, match="rank all together by --by="):
        call_command("rank", str(path), "--format=pwcmp", "--raters")
