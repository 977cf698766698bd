"""Others' files of judgments: each form says what its columns and answers mean."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from ratings.psychometrics.counts.tally import CHOICES
from ratings.psychometrics.files.csv_rows import BadJudgments
from ratings.psychometrics.files.file_forms import FORMS, SITE
from ratings.psychometrics.files.judgment_columns import Judgments
from ratings.psychometrics.files.judgments_csv import read_judgments

# A few rows of each form, and what they say: who was preferred to whom, by which rater, on what.
EXAMPLES = {
    "site": (
        ["rater,image,left,right,choice", "r,p,a,b,left", "s,q,a,b,right", "r,q,b,a,tie"],
        [("r", "p", "a>b"), ("s", "q", "b>a"), ("r", "q", "b=a")],
    ),
    "pwcmp": (
        [
            "observer,session_id,scene,condition_B,condition_A,is_A_selected,criterion",
            "o1,1,window,b,a,1,perceptual",
            "o2,1,rivoli,b,a,0,perceptual",
        ],
        [("o1", "window", "a>b"), ("o2", "rivoli", "b>a")],
    ),
    "clic2021": (
        ["o1.png,a.png,b.png,0", "o2.png,a.png,b.png,1", "o3.png,a.png,a.png,1"],
        [("", "o1.png", "a.png>b.png"), ("", "o2.png", "b.png>a.png")],
    ),
    "aic": (
        [
            "assignment,worker,img_num,img_left,img_pivot,img_right,response,response_time",
            "x,7,1,a_05.png,s.png,b_05.png,left,2.5",
            "x,7,2,a_05.png,s.png,b_05.png,not sure,2.5",
            "x,8,2,a_05.png,s.png,b_05.png,skip,2.5",
            "x,8,2,a_05.png,s.png,a_05.png,left,2.5",
        ],
        [("7", "1", "b_05.png>a_05.png"), ("7", "2", "a_05.png=b_05.png")],
    ),
    "evalica": (
        ["left,right,winner", "a,b,left", "a,b,tie", "b,a,ignore"],
        [("", "", "a>b"), ("", "", "a=b")],
    ),
    "arena": (
        [
            "model_a,model_b,winner,judge,turn",
            "a,b,model_b,j1,1",
            "b,a,tie (bothbad),j2,1",
        ],
        [("j1", "", "b>a"), ("j2", "", "b=a")],
    ),
}
COUNTED = "rater,image,left,right,choice,{}\nr,p,a,b,left,64\ns,p,a,b,right,1\n"


def written(folder: Path, text: str) -> Path:
    """Write a file."""
    path = folder / "judgments.csv"
    path.write_text(text, encoding="utf-8")
    return path


def said(read: Judgments) -> list[tuple[str, str, str]]:
    """Return each judgment in words: its rater, its picture, and what was preferred to what."""
    rows = []
    for rater, image, left, right, choice in zip(
        read.rater, read.image, read.left, read.right, read.choice, strict=True
    ):
        first, second = read.methods[left], read.methods[right]
        first, second = (second, first) if CHOICES[choice] == "right" else (first, second)
        sign = "=" if CHOICES[choice] == "tie" else ">"
        who = read.raters[rater] if read.raters else ""
        what = read.images[image] if read.images else ""
        rows.append((who, what, f"{first}{sign}{second}"))
    return rows


@pytest.mark.parametrize("name", FORMS)
def test_a_form_says_who_preferred_what(tmp_path: Path, name: str) -> None:
    lines, meant = EXAMPLES[name]
    read = read_judgments(written(tmp_path, "\n".join(lines) + "\n"), form=FORMS[name])
    assert said(read) == meant
    assert read.tally().judgments == len(read.arrays()) == len(meant)


def test_what_a_form_leaves_out_or_does_not_know_is_told(tmp_path: Path) -> None:
    def notes(name: str) -> Sequence[str]:
        return read_judgments(
            written(tmp_path, "\n".join(EXAMPLES[name][0]) + "\n"), form=FORMS[name]
        ).notes

    assert notes("aic") == [
        "Without an answer, and left out: 1 judgments.",
        "The same thing on both sides, and left out: 1 judgments.",
    ]
    assert [note[:26] for note in notes("evalica")[1:]] == [
        "The file doesn't say who j",
        "The file doesn't say which",
    ]
    assert notes("site") == []


def test_each_value_of_a_column_is_a_part(tmp_path: Path) -> None:
    read = read_judgments(written(tmp_path, "\n".join(EXAMPLES["pwcmp"][0])), form=FORMS["pwcmp"])
    parts = {name: said(part) for name, part in read.split()}
    assert parts == {
        "rivoli": [("o2", "rivoli", "b>a")],
        "window": [("o1", "window", "a>b")],
    }
    with pytest.raises(BadJudgments, match="Missing column scene"):
        read_judgments(written(tmp_path, "observer,condition_A\n"), form=FORMS["pwcmp"])


def test_a_column_of_counts_counts(tmp_path: Path) -> None:
    read = read_judgments(written(tmp_path, COUNTED.format("count")))
    assert read.tally().wins().tolist() == [[0, 64], [1, 0]]
    assert read.notes == ["Counted as often as 'count' says: 2 rows."]
    with pytest.raises(BadJudgments, match="column n may say how often a row counts"):
        read_judgments(written(tmp_path, COUNTED.format("n")))
    for columns, judgments in (("count=n", 65), ("count=", 2)):
        form = SITE.with_columns(columns)
        read = read_judgments(written(tmp_path, COUNTED.format("n")), form=form)
        assert read.tally().judgments == judgments
    wrong = COUNTED.format("count").replace("64", "6.4")
    with pytest.raises(BadJudgments, match=r"Line 2: count is '6\.4', but must be a whole number"):
        read_judgments(written(tmp_path, wrong))


def test_counts_without_raters_are_judgments_of_their_own(tmp_path: Path) -> None:
    form = FORMS["evalica"]
    read = read_judgments(written(tmp_path, "left,right,winner,count\na,b,left,3\n"), form=form)
    plain = read_judgments(written(tmp_path, "left,right,winner\n" + 3 * "a,b,left\n"), form=form)
    assert read.tally() == plain.tally()
    assert len(read.tally().by_rater) == len(read.tally().by_picture) == 3


def test_counts_that_memory_does_not_hold_are_refused(tmp_path: Path) -> None:
    rows = 6 * COUNTED.format("n").splitlines(keepends=True)[1:2]
    text = COUNTED.format("n") + "".join(rows).replace("64", "1000000")
    with pytest.raises(BadJudgments, match="n comes to more than 5,000,000 judgments"):
        read_judgments(written(tmp_path, text), form=SITE.with_columns("count=n"))
    wrong = COUNTED.format("count").replace("64", "9" * 5000)
    with pytest.raises(BadJudgments, match="9', but must be a whole number up to 1000000"):
        read_judgments(written(tmp_path, wrong))


@pytest.mark.parametrize("count", ["64.0", "6.4e+01", " 64"])
def test_counts_are_whole_however_programs_write_them(tmp_path: Path, count: str) -> None:
    text = COUNTED.format("count")
    read, plain = (
        read_judgments(written(tmp_path, some)) for some in (text.replace("64", count), text)
    )
    assert read.tally() == plain.tally()


def test_a_column_that_is_asked_for_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadJudgments, match="Missing column m"):
        read_judgments(
            written(tmp_path, COUNTED.format("n")), form=SITE.with_columns("count=m,rater=")
        )
    with pytest.raises(BadJudgments, match="column Count may say"):
        read_judgments(written(tmp_path, COUNTED.format("Count")))


def test_golden_trials_tell_of_nobody_where_raters_are_left_out(tmp_path: Path) -> None:
    golden = "golden,r,p,original,degraded 1,left"
    lines = ["kind,rater,image,left,right,choice", golden, ",r,p,a,b,left", ",r,p,a,b,right"]
    read = read_judgments(written(tmp_path, "\n".join(lines)), form=SITE.with_columns("rater="))
    assert (read.goldens, read.checks, read.rater.tolist()) == ({}, 1, [0, 1])


def test_a_header_with_further_columns_is_no_judgment(tmp_path: Path) -> None:
    read = read_judgments(written(tmp_path, "id,O,A,B,T\n7,o,a,b,1\n"), form=FORMS["clic2021"])
    assert said(read) == [("", "o", "b>a")]


def test_columns_and_answers_may_have_any_name(tmp_path: Path) -> None:
    form = SITE.with_columns("left=methodA,right=methodB,choice=answer,rater=,image=")
    form = form.with_answers("left=A, right=B,tie=same,none=skip,none=")
    path = written(tmp_path, "methodA,methodB,answer\na,b,A\na,b,B\nb,a,same\na,b,skip\na,b,\n")
    assert [words for _, _, words in said(read_judgments(path, form=form))] == ["a>b", "b>a", "b=a"]
    with pytest.raises(BadJudgments, match="Line 2: answer is 'A', but must be left, right or tie"):
        read_judgments(
            path, form=SITE.with_columns("left=methodA,right=methodB,choice=answer,rater=,image=")
        )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("links=a", "knows no links; it knows rater"),
        ("left", "Can't read 'left'; write such as"),
        ("left=", "must say which column is left"),
        ("left=a,left=b", "Can't read 'left=a,left=b'; write such as"),
        ("scene=left", "the column left for left and for scene"),
        ("image=scene,scene=scene", "the column scene for scene and for image"),
        ("group=rater", "Where the file has no group, leave it out, or write group=."),
        ("left=a,right=a", "the column a for right and for left"),
    ],
)
def test_columns_that_can_not_be_meant_are_refused(words: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SITE.with_columns(words)


@pytest.mark.parametrize("name", ["nat", "nan", "NA", "null", "None"])
def test_a_name_that_reads_as_missing_is_told_or_comes_back(tmp_path: Path, name: str) -> None:
    head = "rater,image,left,right,choice,scene,stratum,stratum_pictures,dataset_pictures"
    rows = [f"r,p,a,b,left,{word},{word},1,2\ns,q,a,b,right,x,x,1,2" for word in (name, f"'{name}")]
    bare, quoted = (
        read_judgments(written(tmp_path, f"{head}\n{row}\n"), adjust=("strata",)) for row in rows
    )
    assert quoted.words["stratum"] == (name, "x") and quoted.notes == []
    assert bare.words["stratum"] == ("", "x")
    assert [note for note in bare.notes if note.startswith("Read as no")] == [
        f"Read as no {level}: {name}. If that is a name, write it with an apostrophe before it: "
        f"'{name}."
        for level in ("stratum", "scene")
    ]


def test_answers_that_can_not_be_meant_are_refused() -> None:
    with pytest.raises(ValueError, match="--answers has 'best=A'; write such as"):
        SITE.with_answers("best=A")
    with pytest.raises(ValueError, match="--answers gives 'A' two meanings"):
        SITE.with_answers("left=A,right=A")


@pytest.mark.parametrize(
    ("header", "hint"),
    [
        ("rater;image;left;right;choice", "It is parted by semicolons."),
        ("rater\timage\tleft\tright\tchoice", "It is parted by tabs."),
        ("Rater,image,Left,right,choice", "It has Rater for rater, Left for left: capitals count."),
        ("a,b,winner", "It names 'a, b, winner'."),
    ],
)
def test_a_first_line_that_is_not_understood_is_told(
    tmp_path: Path, header: str, hint: str
) -> None:
    with pytest.raises(BadJudgments) as caught:
        read_judgments(written(tmp_path, header + "\n"))
    assert hint in str(caught.value)
