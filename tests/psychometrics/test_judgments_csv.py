"""Reading judgments: bad files are refused with the lines to mend."""

from pathlib import Path

import numpy as np
import pytest

from ratings.comparisons.models import Trial
from ratings.psychometrics.counts.tally import CHOICES
from ratings.psychometrics.files.csv_rows import BadJudgments
from ratings.psychometrics.files.file_forms import NO_ANSWER, FileForm
from ratings.psychometrics.files.judgment_columns import Judgments
from ratings.psychometrics.files.judgment_fields import KINDS as KNOWN_KINDS
from ratings.psychometrics.files.judgment_fields import NO_TIME
from ratings.psychometrics.files.judgments_csv import read_judgments
from ratings.psychometrics.raters.answer_patterns import median_times

HEADER = "rater,image,left,right,choice\n"


def written(folder: Path, content: str | bytes) -> Path:
    """Write a file of judgments."""
    path = folder / "judgments.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def texts(read: Judgments, column: str) -> list[str]:
    """Return a column as the labels that its numbers stand for."""
    sides = {"left": read.methods, "right": read.methods, "choice": CHOICES}
    labels = sides.get(column) or {"rater": read.raters, "image": read.images}[column]
    return [labels[number] for number in getattr(read, column)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "The file is empty"),
        ("\n\n", "The file is empty"),
        (HEADER, "no judgments in use"),
        ("rater,image,left,choice\nr,p,a,left\n", "Missing column right"),
        (HEADER.replace(",", ";") + "r;p;a;b;left\n", "parted by commas"),
        ("rater," + HEADER + "r,r,p,a,b,left\n", "rater is there more than once"),
        (HEADER + "r,p,a,b,both\n", "Line 2: choice is 'both'"),
        (HEADER + "r,p,a,b,Left\n", "must be left, right or tie"),
        (HEADER + "r,p,a,a,left\n", "Line 2: left and right are the same method 'a'"),
        (HEADER + "r,p,a,b\n", "Line 2: 4 fields, but the header has 5"),
        (HEADER + "r,p,a,b,left,x\n", "Line 2: 6 fields"),
        (HEADER + "r,,a,b,left\n", "Line 2: image is empty"),
        (HEADER + "r,p, a,b,left\n", "Line 2: left has spaces around it"),
        (HEADER + "r,p,a\0,b,left\n", "can't be printed"),
        (HEADER + f"r,p,{'a' * 1001},b,left\n", "left is longer than 1000"),
        (HEADER + "r" * 200_000 + ",p,a,b,left\n", "Line 2 is longer than 100000"),
        (HEADER + 'r,"p,a,b,left\n', "Line 2: not valid CSV"),
        (HEADER + 'r,"p"x,a,b,left\n', "Line 2: not valid CSV"),
        ((HEADER + "r,p,a,b,left\n").encode("utf-16"), "not UTF-8 text"),
        ((HEADER + "é,p,a,b,left\n").encode("latin-1"), "not UTF-8 text"),
        (
            "excluded," + HEADER + "maybe,r,p,a,b,left\n",
            "excluded is 'maybe', but must be true or false",
        ),
        ("fast," + HEADER + "maybe,r,p,a,b,left\n", "fast is 'maybe', but must be true or false"),
        ("kind,kind," + HEADER + ",,r,p,a,b,left\n", "kind is there more than once"),
        ("kind," + HEADER + "comparison,r,p,a,a,left\n", "the same method 'a'"),
        ("kind," + HEADER + "golden,r,p,a,,left\n", "Line 2: right is empty"),
        ("excluded," + HEADER + "true,r,p,a,b,left\n", r"no judgments in use.*\(1 excluded, 0"),
        ("kind," + HEADER + "identical,r,p,a,a,left\n", r"in use.*\(0 excluded, 1 checks\)"),
    ],
)
def test_bad_files_are_refused(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(BadJudgments, match=message):
        read_judgments(written(tmp_path, content))


def test_all_bad_lines_are_named_up_to_a_limit(tmp_path: Path) -> None:
    content = HEADER + 'r,"p\nq",a,b,left\nr,p,a,b,left\n' + "r,p,a,b,x\n" * 25
    with pytest.raises(BadJudgments) as caught:
        read_judgments(written(tmp_path, content))
    problems = caught.value.problems
    assert problems[0].startswith("Line 2: image has")
    assert problems[1].startswith("Line 5: choice")
    assert len(problems) == 21
    assert problems[-1] == "6 more lines have problems."


def test_a_missing_file_is_the_system_s_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_judgments(tmp_path / "none.csv")


def test_further_columns_blank_lines_and_excluded_rows_are_left_out(tmp_path: Path) -> None:
    content = (
        "\ufeffjudgment_id,choice,right,left,image,rater,excluded\r\n"
        "1,left,b,a,p1,r1,False\r\n"
        "\r\n"
        "2,right,b,a,p1,r1,true\r\n"
        "3,tie,a,b,p2,é,\r\n"
    )
    judgments = read_judgments(written(tmp_path, content))
    assert texts(judgments, "rater") == ["r1", "é"]
    assert texts(judgments, "image") == ["p1", "p2"]
    assert texts(judgments, "choice") == ["left", "tie"]
    assert judgments.excluded == 1
    assert judgments.tally().wins().tolist() == [[0, 1.5], [0.5, 0]]


def test_one_data_set_alone_is_read(tmp_path: Path) -> None:
    lines = "r,p,a,b,left,P\nr,q,a,b,right,M\nr,q,b,a,right,M\n"
    path = written(tmp_path, HEADER.strip() + ",dataset\n" + lines)
    assert texts(read_judgments(path, "M"), "image") == ["q", "q"]
    assert len(texts(read_judgments(path), "image")) == 3
    with pytest.raises(BadJudgments, match="no judgments on data set 'X'; there are on M, P"):
        read_judgments(path, "X")
    with pytest.raises(BadJudgments, match="Missing column dataset"):
        read_judgments(written(tmp_path, HEADER + "r,p,a,b,left\n"), "P")


def test_further_columns_tell_of_crops_and_times(tmp_path: Path) -> None:
    path = tmp_path / "judgments.csv"
    path.write_text(
        "judged_at,rater,image,left,right,choice,crop_x,crop_y,response_ms,other\n"
        "2018-04-20T12:00:01+00:00,s,p,b,a,left,0,0,1500,x\n"
        "2018-04-20T12:00:00,r,p,a,b,tie,0,64,1200.4,y\n"
    )
    judgments = read_judgments(path).arrays()
    assert judgments.methods == ("a", "b") and judgments.raters == ("r", "s")
    assert judgments.rater.tolist() == [1, 0] and judgments.choice.tolist() == [0, 2]
    assert judgments.left.tolist() == [1, 0] and len(set(judgments.shown.tolist())) == 2
    assert judgments.response_ms is not None and judgments.response_ms.tolist() == [1500, 1200]
    assert judgments.judged_at is not None and np.diff(judgments.judged_at).tolist() == [-1000]


def test_standing_answers_to_golden_trials_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "judgments.csv"
    path.write_text(
        "kind,undone_at,excluded,dataset," + HEADER + ",,,P,r,p,a,b,left\n"
        "golden,,,P,r,p,original,original degraded 1,left\n"
        "golden,,,P,r,p,original degraded 1,original,left\n"
        "golden,,true,P,r,p,original degraded 1,original,tie\n"  # dropped: it counts all the same
        "golden,2026-01-01T00:00:00Z,,P,r,p,original,original degraded 1,right\n"
        "golden,,,M,r,p,original,original degraded 1,left\n"
        "golden,,,P,s,p,a,b,left\n"  # nobody knows which is right
        "repeat,,,P,s,p,a,b,left\n"
    )
    assert read_judgments(path).goldens == {"r": (2.5, 1.5)}
    assert read_judgments(path, dataset="P").goldens == {"r": (1.5, 1.5)}


def test_what_answers_nothing_or_is_nobodys_is_no_answer_to_a_golden_trial(tmp_path: Path) -> None:
    path = tmp_path / "judgments.csv"
    path.write_text(
        f"kind,{HEADER}"
        "golden,r,p,original,a,skip\n"
        "golden,r,p,original,a,left\n"
        "comparison,r,p,b,a,left\n"
    )
    form = FileForm(answers={"left": "left", "right": "right", "skip": NO_ANSWER})
    assert read_judgments(path, form=form).goldens == {"r": (1.0, 0.0)}
    assert read_judgments(path, form=form.with_columns("rater=")).goldens == {}


KINDS = (
    "kind,undone_at,excluded,fast,"
    + HEADER
    + "".join(
        f"{deciding},r{number},p,a,b,left\n"
        for number, deciding in enumerate(
            [
                *(",,,", "comparison,,false,false", "comparison,,false,true", "comparison,,true,"),
                *("comparison,,true,true", "comparison,2026-01-01T00:00:00Z,true,", "golden,,,"),
                *("repeat,,,", "training,,,", "identical,2026-01-01T00:00:00Z,true,true"),
            ]
        )
    )
)


@pytest.mark.parametrize(
    ("variant", "raters", "excluded"),
    [
        ("used", ["r0", "r1", "r2"], 3),
        ("careful", ["r0", "r1"], 4),
        ("all", ["r0", "r1", "r2", "r3", "r4"], 1),
    ],
)
def test_a_variant_says_which_comparisons_are_in_use(
    tmp_path: Path, variant: str, raters: list[str], excluded: int
) -> None:
    read = read_judgments(written(tmp_path, KINDS), variant=variant)
    assert (texts(read, "rater"), read.excluded, read.checks) == (raters, excluded, 4)


def test_variants_are_known_and_need_their_columns(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + "r,p,a,b,left\n")
    assert texts(read_judgments(path, variant="all"), "rater") == ["r"]
    with pytest.raises(BadJudgments, match="Missing column fast"):
        read_judgments(path, variant="careful")
    with pytest.raises(BadJudgments, match="Missing column method_out"):
        read_judgments(path, variant="entered")
    with pytest.raises(ValueError, match="Unknown variant 'best'"):
        read_judgments(path, variant="best")


def test_methods_that_have_left_are_taken_in_where_nothing_else_stands_against_them(
    tmp_path: Path,
) -> None:
    rows = "true,true,r,p,a,b,left\ntrue,false,s,p,a,b,left\nfalse,,t,p,a,c,left\n"
    path = written(tmp_path, "excluded,method_out," + HEADER + rows)
    assert texts(read_judgments(path), "rater") == ["t"]
    assert texts(read_judgments(path, variant="entered"), "rater") == ["r", "t"]
    assert texts(read_judgments(path, variant="all"), "rater") == ["r", "s", "t"]


MISSING = ["", "NA", "NaN", "nan", "None", "null", "NULL", "NaT", "<NA>", "n/a", "#N/A", "\\N"]


@pytest.mark.parametrize("missing", MISSING)
def test_missing_values_are_read_as_empty_however_they_are_spelled(
    tmp_path: Path, missing: str
) -> None:
    header = "kind,undone_at,excluded,fast,crop_x,crop_y,response_ms,judged_at," + HEADER
    rows = f"comparison,{missing},FALSE,false,0,0,4000,2026-01-01 00:00:00,r,p,a,b,left\n" * 2
    rows += ",".join([missing] * 8) + ",s,p,a,b,left\n"
    read = read_judgments(written(tmp_path, header + rows), variant="careful")
    assert (texts(read, "rater"), read.excluded, read.checks) == (["r", "r", "s"], 0, 0)
    assert read.response_ms is not None
    assert read.response_ms.tolist() == [4000, 4000, NO_TIME] and read.judged_at is None
    alone = ",".join([missing] * 8) + ",s,p,a,b,left\n"
    arrays = read_judgments(written(tmp_path, header + alone)).arrays()
    assert arrays.response_ms is None and arrays.judged_at is None


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("undone_at", "0", "undone_at is '0', but must be an instant such as 2026"),
        ("undone_at", "false", "undone_at is 'false', but must be an instant"),
        ("excluded", "2", "excluded is '2', but must be true or false"),
        ("kind", "Comparison", "kind is 'Comparison', but must be one of: comparison, training"),
    ],
)
def test_what_can_t_be_meant_is_named_by_its_line(
    tmp_path: Path, column: str, value: str, message: str
) -> None:
    content = f"{column},{HEADER},r,p,a,b,left\n{value},r,p,a,b,left\n"
    with pytest.raises(BadJudgments) as caught:
        read_judgments(written(tmp_path, content))
    (problem,) = caught.value.problems
    assert problem.startswith(f"Line 3: {message}")


def test_a_name_that_reads_as_missing_is_refused_unless_it_is_quoted(tmp_path: Path) -> None:
    for name in ("NA", "None", "nan", "NULL"):
        with pytest.raises(BadJudgments, match=f"Line 2: left is '{name}', which reads as missing"):
            read_judgments(written(tmp_path, f"{HEADER}r,p,{name},b,left\n"))
        read = read_judgments(written(tmp_path, f"{HEADER}r,p,'{name},b,left\n"))
        assert (texts(read, "left"), read.notes) == ([name], [])
    with pytest.raises(BadJudgments, match="choice is 'NA', but must be left, right or tie"):
        read_judgments(written(tmp_path, HEADER + "r,p,a,b,NA\n"))


def test_a_name_in_two_unicode_forms_is_one_and_a_note_says_so(tmp_path: Path) -> None:
    rows = "r,p,Gr\u00f6\u00dfe,b,left\nr,p,b,Gro\u0308\u00dfe,left\n"
    read = read_judgments(written(tmp_path, HEADER + rows))
    assert texts(read, "left") + texts(read, "right") == [
        "Gr\u00f6\u00dfe",
        "b",
        "b",
        "Gr\u00f6\u00dfe",
    ]
    (note,) = read.notes
    assert note.endswith("is one: Gr\u00f6\u00dfe.")
    assert read_judgments(written(tmp_path, HEADER + rows.splitlines()[0])).notes == []
    alike = "r,p,e\u0301,\u00e9,left\n"
    with pytest.raises(BadJudgments, match="left and right are the same method"):
        read_judgments(written(tmp_path, HEADER + alike))


def test_times_that_are_missing_in_some_rows_tell_nothing_of_them(tmp_path: Path) -> None:
    rows = "4000,r,p,a,b,left\n\nNA,r,p,a,b,left\n,r,p,a,b,left\n"
    read = read_judgments(written(tmp_path, "response_ms," + HEADER + rows))
    assert read.notes == ["response_ms is empty in 2 judgments, of which it tells nothing."]
    medians = median_times(read.arrays())
    assert medians is not None and medians.tolist() == [4000]
    wrong = written(tmp_path, "response_ms," + HEADER + rows + "inf,r,p,a,b,left\n")
    with pytest.raises(BadJudgments, match="Line 6: response_ms is 'inf', but must be a number"):
        read_judgments(wrong)
    assert read_judgments(wrong, about_raters=False).response_ms is None


def test_kinds_are_those_of_trials() -> None:
    assert set(KNOWN_KINDS) == set(Trial.Kind.values)
