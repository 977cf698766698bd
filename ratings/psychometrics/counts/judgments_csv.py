"""Judgments from a CSV file: every bad row is named, nothing is guessed."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from ratings.psychometrics.counts import csv_fields
from ratings.psychometrics.counts.csv_fields import bare_field, parse_instant, truth, unquoted
from ratings.psychometrics.counts.csv_rows import BadJudgments, Problems, read_columns, read_rows
from ratings.psychometrics.counts.judgment_arrays import JudgmentArrays, judgment_arrays
from ratings.psychometrics.counts.tally import CHOICES, Tally, tally_judgments

COLUMNS = ("rater", "image", "left", "right", "choice")
# Which answers are used: those that count, of them the careful ones, with them those about methods
# that have left, or all but those undone.
VARIANTS = ("used", "careful", "entered", "all")
# What a variant needs to know beside what all do.
_NEEDED = {"careful": ("fast",), "entered": ("method_out",)}
# What a report on raters also uses, where it is there.
_FURTHER = ("crop_x", "crop_y", "response_ms", "judged_at")

_MOST_NAMED = 20
# What `kind` may say. In golden rows one side is the original, which is the right answer.
KINDS = ("comparison", "training", "golden", "repeat", "identical")
_COMPARISON, _GOLDEN, _ORIGINAL = "comparison", "golden", "original"
_NAMES = ("rater", "image", "left", "right", "dataset")


def _kind(text: str) -> str:
    """Return a kind that is known. Raises ValueError for another one."""
    if text not in KINDS:
        raise ValueError(f"is {text[:40]!r}, but must be one of: {', '.join(KINDS)}")
    return text


# Columns that decide whether a row is in use, and how each is read.
_DECIDING: Mapping[str, Callable[[str], object]] = {
    "kind": _kind,
    "undone_at": parse_instant,
    "excluded": truth,
    "fast": truth,
    "method_out": truth,
}


@dataclass(frozen=True)
class Judgments:
    """The judgments of a file, one entry per row in use.

    `excluded` counts comparisons left out, `checks` the rows that are no comparisons; `goldens`
    counts each rater's right and wrong answers to golden trials; `further` holds the columns of
    `_FURTHER` that the file has, as written, empty where a value is missing; `line` says where each
    row stands, and `notes` what was read otherwise than it was written.
    """

    rater: list[str] = field(default_factory=list)
    image: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    right: list[str] = field(default_factory=list)
    choice: list[str] = field(default_factory=list)
    further: dict[str, list[str]] = field(default_factory=dict)
    line: list[int] = field(default_factory=list)
    excluded: int = 0
    checks: int = 0
    goldens: dict[str, tuple[float, float]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def tally(self) -> Tally:
        """Return the judgments as counts."""
        return tally_judgments(self.rater, self.image, self.left, self.right, self.choice)

    def arrays(self) -> JudgmentArrays:
        """Return the judgments one by one, as numbers, with what is known of crops and times.

        Raises BadJudgments where a time can't be read.
        """
        return judgment_arrays(
            self.rater,
            self.image,
            self.left,
            self.right,
            self.choice,
            shown=self._crops(),
            response_ms=self._numbers("response_ms", csv_fields.milliseconds),
            judged_at=self._numbers("judged_at", parse_instant),
        )

    def _crops(self) -> list[str] | None:
        """Return names of what was shown, or None where the file has no crops."""
        if not {"crop_x", "crop_y"} <= self.further.keys():
            return None
        corners = zip(self.image, self.further["crop_x"], self.further["crop_y"], strict=True)
        return ["\0".join(corner) for corner in corners]

    def _numbers(self, name: str, convert: Callable[[str], int]) -> list[int] | None:
        """Return a further column as numbers, or None where the file has nothing in it."""
        texts = self.further.get(name, [])
        if not any(texts):
            return None
        numbers, problems = [], Problems()
        for line, text in zip(self.line, texts, strict=True):
            try:
                numbers.append(convert(text))
            except ValueError as error:
                empty = "is empty in this row; fill it, or leave the column out"
                problems.note(line, f"{name} {error if text else empty}.")
        problems.refuse()
        return numbers


def read_judgments(path: Path, dataset: str | None = None, variant: str = "used") -> Judgments:
    """Read a CSV file (UTF-8, comma, header) with at least the columns of `COLUMNS`.

    Rows whose column `kind`, if there is one, names anything but a comparison are left out, and so
    are those with a time in `undone_at` and, unless the `variant` is "all", those whose `excluded`
    is true. "careful" leaves out those whose `fast` is true, too; "entered" takes in those that are
    excluded because a method has left, whose `method_out` is true. With a `dataset`, so are those
    whose column `dataset` names another one. Further columns that tell of raters are kept as they
    are, the others aren't used. Names are read in Unicode's composed form (NFC), as the site writes
    them, and every usual spelling of "missing" as empty. Raises ValueError for an unknown variant,
    BadJudgments naming the lines with problems (the first twenty), or what is wrong with
    the file; OSError where it can't be opened.
    """
    if variant not in VARIANTS:
        raise ValueError(f"Unknown variant {variant!r}: it must be {', '.join(VARIANTS)}.")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        try:
            return _parse(stream, dataset, variant)
        except UnicodeDecodeError as error:
            raise BadJudgments(
                [f"{path.name} is not UTF-8 text ({error.reason}). Save it as CSV in UTF-8."]
            ) from None


@dataclass
class _Rows:
    """The rows read so far: columns of those in use, counts of the others."""

    columns: dict[str, list[str]]
    lines: list[int] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    golden: Counter[str] = field(default_factory=Counter)
    others: set[str] = field(default_factory=set)

    def take(self, line: int, fields: Mapping[str, str]) -> None:
        """Keep a row that is in use."""
        self.lines.append(line)
        for name, values in self.columns.items():
            values.append(fields[name])

    def leave_out(self, reason: str, fields: Mapping[str, str]) -> None:
        """Count a row that is not in use, and how right it is if it answers a golden trial."""
        self.left_out[reason] += 1
        stands = not fields.get("undone_at")
        known = _ORIGINAL in (fields["left"], fields["right"])
        if fields.get("kind") == _GOLDEN and stands and known:
            chosen = fields.get(fields["choice"])
            self.golden[fields["rater"]] += 2
            self.right[fields["rater"]] += 1 if chosen is None else 2 * (chosen == _ORIGINAL)

    def goldens(self) -> dict[str, tuple[float, float]]:
        """Return each rater's right and wrong answers to golden trials, a tie half of each."""
        return {
            rater: (self.right[rater] / 2, (halves - self.right[rater]) / 2)
            for rater, halves in self.golden.items()
        }


@dataclass
class _Cleaning:
    """Names as they were written and as they are read, each looked at once."""

    known: dict[str, str] = field(default_factory=dict)

    def fields(self, row: Mapping[str, str]) -> dict[str, str]:
        """Return a row's fields as they are meant."""
        return {name: self._field(name, text) for name, text in row.items()}

    def notes(self) -> list[str]:
        """Say which names were written in another form of Unicode."""
        changed = sorted({name for raw, name in self.known.items() if unquoted(raw) != name})
        if not changed:
            return []
        named = ", ".join(changed[:_MOST_NAMED]) + (", ..." if changed[_MOST_NAMED:] else "")
        return [
            "Written otherwise than in Unicode's composed form (NFC), and read in it, so that a "
            f"name in two spellings is one: {named}."
        ]

    def _field(self, column: str, text: str) -> str:
        if column == "choice":
            return text
        if column not in _NAMES:
            return bare_field(text)
        if text not in self.known:
            self.known[text] = unicodedata.normalize("NFC", unquoted(text))
        return self.known[text]


def _parse(stream: TextIO, dataset: str | None, variant: str) -> Judgments:
    rows = read_rows(stream)
    needed = [*COLUMNS, *(["dataset"] if dataset else []), *_NEEDED.get(variant, ())]
    place = read_columns(rows, needed, _DECIDING, COLUMNS)
    further = [name for name in _FURTHER if name in place]
    read = {name: place[name] for name in (*needed, *further, *_DECIDING) if name in place}
    kept, problems = _Rows({name: [] for name in (*COLUMNS, *further)}), Problems()
    cleaning = _Cleaning()
    for line, row in rows:
        if len(row) != len(place):
            problems.note(line, f"{len(row)} fields, but the header has {len(place)}.")
            continue
        written = {name: row[index] for name, index in read.items()}
        fields = cleaning.fields(written)
        if problem := _row_problems(fields, written):
            problems.note(line, problem)
        elif dataset is not None and fields["dataset"] != dataset:
            kept.others.add(fields["dataset"])
        elif reason := _left_out(fields, variant):
            kept.leave_out(reason, fields)
        elif not problems.problems:
            kept.take(line, fields)
    problems.refuse()
    if not kept.lines:
        raise BadJudgments([_nothing(dataset, kept.others, kept.left_out)])
    columns = {name: kept.columns.pop(name) for name in further}
    return Judgments(
        **kept.columns,
        further=columns,
        line=kept.lines,
        excluded=kept.left_out["excluded"],
        checks=kept.left_out["checks"],
        goldens=kept.goldens(),
        notes=cleaning.notes(),
    )


def _left_out(fields: Mapping[str, str], variant: str) -> str:
    """Return why a row is not in use, "checks" or "excluded"; empty if it is."""
    if _is_check(fields):
        return "checks"
    out = [fields.get("undone_at", "") != ""]
    out += [_is_excluded(fields, variant)] if variant != "all" else []
    out += [truth(fields.get("fast", ""))] if variant == "careful" else []
    return "excluded" if any(out) else ""


def _is_excluded(fields: Mapping[str, str], variant: str) -> bool:
    """Tell whether a variant leaves a row out that is marked; "entered" asks why it is."""
    taken_in = variant == "entered" and truth(fields.get("method_out", ""))
    return truth(fields.get("excluded", "")) and not taken_in


def _is_check(fields: Mapping[str, str]) -> bool:
    return fields.get("kind", "") not in ("", _COMPARISON)


def _nothing(dataset: str | None, others: set[str], left_out: Counter[str]) -> str:
    """Say that no judgment is in use, and why."""
    if dataset is None or not others:
        counts = f"{left_out['excluded']} excluded, {left_out['checks']} checks"
        return f"There are no judgments in use in this file ({counts})."
    return (
        f"There are no judgments on data set {dataset!r}; there are on {', '.join(sorted(others))}."
    )


def _row_problems(fields: Mapping[str, str], written: Mapping[str, str]) -> str:
    """Say what is wrong with a row; empty if nothing is. A check may show one thing twice."""
    problems = [
        f"{name} {problem}."
        for name in COLUMNS
        if (
            problem := csv_fields.label_problem(
                fields[name], written[name] if name in _NAMES else ""
            )
        )
    ]
    choice = fields["choice"]
    if not problems and choice not in CHOICES:
        problems.append(f"choice is {choice[:40]!r}, but must be left, right or tie.")
    if not problems and not _is_check(fields) and fields["left"] == fields["right"]:
        problems.append(f"left and right are the same method {fields['left'][:40]!r}.")
    return " ".join([*problems, *_deciding_problems(fields)])


def _deciding_problems(fields: Mapping[str, str]) -> Iterator[str]:
    """Say which of the columns that decide about a row say nothing that is known."""
    for name, meaning in _DECIDING.items():
        if text := fields.get(name, ""):
            try:
                meaning(text)
            except ValueError as error:
                yield f"{name} {error}."
