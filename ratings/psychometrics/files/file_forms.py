"""How files of judgments are written elsewhere: names of columns, and what answers mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

# What a row must say, and what it may say besides.
COLUMNS = ("rater", "image", "left", "right", "choice")
DECIDING = ("kind", "undone_at", "excluded", "fast", "method_out")
FURTHER = ("crop_x", "crop_y", "response_ms", "judged_at")
LEVELS = ("scene", "group")  # of images, and of raters
COUNT, DATASET = "count", "dataset"
# What judgments were made under, read where a ranking is adjusted for it: numbers, and words.
CIRCUMSTANCE_NUMBERS = (
    *("left_bytes", "right_bytes", "number", "stratum_pictures", "dataset_pictures"),
    *("screen_width", "screen_height"),
)
CIRCUMSTANCE_WORDS = ("layout", "arrangement", "device", "stratum")
CIRCUMSTANCES = (*CIRCUMSTANCE_NUMBERS, *CIRCUMSTANCE_WORDS)
ALL = (*COLUMNS, *DECIDING, *FURTHER, *LEVELS, *CIRCUMSTANCES, COUNT, DATASET)
NO_ANSWER = "none"
ANSWERS = ("left", "right", "tie", NO_ANSWER)
# Each row has a rater, or a picture, of its own where the file doesn't tell.
_NEEDLESS = ("rater", "image")
# Elsewhere columns of these names may mean anything: they are read where somebody says so.
_NO_LEVELS = dict.fromkeys(LEVELS, "")


@dataclass(frozen=True)
class FileForm:
    """A form of files: `columns` has the file's names of ours, "" where it has none.

    `answers` says what a choice means, as it is written there: one of `ANSWERS`. `by` is the column
    by whose values judgments are never pooled; `header` names the columns of files that begin with
    a judgment; `checks_sides` says that some rows show one thing twice, which tells of sides alone;
    and `about` says the form in words.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(
        default_factory=lambda: {name: name for name in ("left", "right", "tie")}
    )
    by: str = ""
    header: tuple[str, ...] = ()
    checks_sides: bool = False
    about: str = ""

    def column(self, name: str) -> str:
        """Return what the file calls one of our columns; empty where it has none."""
        return self.columns.get(name, name)

    def with_columns(self, words: str) -> Self:
        """Return the form with other columns, such as "left=methodA,right=methodB".

        Raises ValueError for a name that is none of ours, or for a column that must be there.
        """
        columns = _pairs(words, "--columns left=methodA,right=methodB")
        if unknown := sorted(columns.keys() - set(ALL)):
            raise ValueError(f"--columns knows no {', '.join(unknown)}; it knows {', '.join(ALL)}.")
        for name in COLUMNS:
            if columns.get(name) == "" and name not in _NEEDLESS:
                raise ValueError(f"--columns must say which column is {name}.")
        form = replace(self, columns={**self.columns, **columns})
        for name, written in columns.items():
            others = [one for one in (*COLUMNS, *columns) if one != name and written]
            if twin := next((one for one in others if form.column(one) == written), ""):
                raise ValueError(
                    f"--columns takes the column {written} for {twin} and for {name}; a column is "
                    f"one of them. Where the file has no {name}, leave it out, or write {name}=."
                )
        return form

    def with_answers(self, words: str) -> Self:
        """Return the form with other answers, such as "left=A,right=B,tie=same,none=skip".

        Raises ValueError for an unknown meaning, or for a word that is given two.
        """
        answers: dict[str, str] = {}
        for part in words.split(","):
            meaning, parted, written = part.partition("=")
            if not parted or meaning.strip() not in ANSWERS:
                raise ValueError(
                    f"--answers has {part!r}; write such as --answers left=A,right=B,tie=same,"
                    "none=skip."
                )
            word = written.strip()
            if answers.setdefault(word, meaning.strip()) != meaning.strip():
                raise ValueError(f"--answers gives {word!r} two meanings.")
        return replace(self, answers=answers)


SITE = FileForm(about="this site's export")
FORMS: Mapping[str, FileForm] = {
    "site": SITE,
    "pwcmp": FileForm(
        columns={
            **_NO_LEVELS,
            "rater": "observer",
            "image": "scene",
            "left": "condition_A",
            "right": "condition_B",
            "choice": "is_A_selected",
        },
        answers={"1": "left", "0": "right"},
        by="scene",
        about="tables of pwcmp, each scene by itself; is_A_selected is 1 where A is better",
    ),
    "clic2021": FileForm(
        columns={**_NO_LEVELS, "rater": "", "image": "O", "left": "A", "right": "B", "choice": "T"},
        answers={"0": "left", "1": "right"},
        header=("O", "A", "B", "T"),
        checks_sides=True,
        about="the oracle of CLIC 2021; T is 0 where A is closer to O; no raters",
    ),
    "aic": FileForm(
        columns={
            **_NO_LEVELS,
            "rater": "worker",
            "image": "img_num",
            "left": "img_left",
            "right": "img_right",
            "choice": "response",
        },
        answers={
            "left": "right",
            "right": "left",
            "not sure": "tie",  # as its description has it
            "notsure": "tie",  # as its files have it
            "skip": NO_ANSWER,
        },
        by="img_num",
        checks_sides=True,
        about="triplets of JPEG AIC-3, each source by itself; an answer names the worse one",
    ),
    "evalica": FileForm(
        columns={**_NO_LEVELS, "rater": "", "image": "", "choice": "winner"},
        answers={"left": "left", "right": "right", "tie": "tie", "ignore": NO_ANSWER},
        about="evalica's files; winner names the better side; no raters, no pictures",
    ),
    "arena": FileForm(
        columns={
            **_NO_LEVELS,
            "rater": "judge",
            "image": "",
            "left": "model_a",
            "right": "model_b",
            "choice": "winner",
        },
        answers={
            "model_a": "left",
            "model_b": "right",
            "tie": "tie",
            "tie (bothbad)": "tie",
        },
        about="votes of Chatbot Arena; winner names the better one; no pictures",
    ),
}


def _pairs(words: str, example: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in words.split(",")]
    named = {name.strip(): written.strip() for name, _, written in pairs}
    if len(named) < len(pairs) or not all(parted for _, parted, _ in pairs):
        raise ValueError(f"Can't read {words!r}; write such as {example}.")
    return named
