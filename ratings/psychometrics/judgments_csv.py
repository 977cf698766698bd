"""Judgments from a CSV file: every bad row is named, nothing is guessed."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ratings.psychometrics.judgments import JudgmentArrays, judgment_arrays
from ratings.psychometrics.tally import CHOICES, Tally, tally_judgments

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

COLUMNS = ("rater", "image", "left", "right", "choice")
# Which answers are used: those that count, of them the careful ones, or all but those undone.
VARIANTS = ("used", "careful", "all")
# What a report on raters also uses, where it is there.
FURTHER = ("crop_x", "crop_y", "response_ms", "judged_at")
MAX_PROBLEMS = 20
MAX_FIELD_CHARACTERS = 1_000
MAX_LINE_CHARACTERS = 100_000

# In rows of this kind one side is the original, which is the right answer.
_GOLDEN, _ORIGINAL = "golden", "original"
# Columns that decide whether a row is in use.
_DECIDING = ("kind", "undone_at", "excluded", "fast")
_TRUE, _FALSE = ("true", "t", "1", "yes"), ("", "false", "f", "0", "no")


class BadJudgments(ValueError):
    """A file of judgments that can't be used; `problems` says what to mend, line by line."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the problems; the message is all of them."""
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Judgments:
    """The judgments of a file, one entry per row in use.

    `excluded` counts comparisons left out, `checks` the rows that are no comparisons; `goldens`
    counts each rater's right and wrong answers to golden trials; `further` holds the columns of
    `FURTHER` that the file has, as written.
    """

    rater: list[str] = field(default_factory=list)
    image: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    right: list[str] = field(default_factory=list)
    choice: list[str] = field(default_factory=list)
    further: dict[str, list[str]] = field(default_factory=dict)
    excluded: int = 0
    checks: int = 0
    goldens: dict[str, tuple[float, float]] = field(default_factory=dict)

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
            response_ms=self._numbers("response_ms", _whole),
            judged_at=self._numbers("judged_at", _instant),
        )

    def _crops(self) -> list[str] | None:
        """Return names of what was shown, or None where the file has no crops."""
        if not {"crop_x", "crop_y"} <= self.further.keys():
            return None
        corners = zip(self.image, self.further["crop_x"], self.further["crop_y"], strict=True)
        return ["\0".join(corner) for corner in corners]

    def _numbers(self, name: str, convert: Callable[[str], int]) -> list[int] | None:
        """Return a further column as numbers, or None where the file lacks it."""
        if name not in self.further:
            return None
        try:
            return [convert(text) for text in self.further[name]]
        except ValueError as error:
            raise BadJudgments([f"A value of {name} can't be read: {error}."]) from None


def _whole(text: str) -> int:
    return round(float(text))


def _instant(text: str) -> int:
    """Return an instant (ISO 8601; UTC where it doesn't say) in milliseconds since 1970."""
    instant = datetime.fromisoformat(text)
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1000)


def read_judgments(path: Path, dataset: str | None = None, variant: str = "used") -> Judgments:
    """Read a CSV file (UTF-8, comma, header) with at least the columns of `COLUMNS`.

    Rows whose column `kind`, if there is one, names anything but a comparison are left out, and so
    are those with a time in `undone_at` and, unless the `variant` is "all", those whose `excluded`
    is true. "careful" leaves out those whose `fast` is true, too. With a `dataset`, so are those
    whose column `dataset` names another one. Of further columns those of `FURTHER` are kept as they
    are, the others aren't used. Raises ValueError for an unknown variant, BadJudgments naming the
    lines with problems (the first `MAX_PROBLEMS`), or what is wrong with the file; OSError where it
    can't be opened.
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
    """The rows read so far: columns of those in use, counts and problems of the others."""

    columns: dict[str, list[str]]
    left_out: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    golden: Counter[str] = field(default_factory=Counter)
    others: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    bad: int = 0

    def leave_out(self, reason: str, fields: Mapping[str, str]) -> None:
        """Count a row that is not in use, and how right it is if it answers a golden trial."""
        self.left_out[reason] += 1
        stands = not fields.get("undone_at", "").strip()
        known = _ORIGINAL in (fields["left"], fields["right"])
        if fields.get("kind", "").strip() == _GOLDEN and stands and known:
            chosen = fields.get(fields["choice"])
            self.golden[fields["rater"]] += 2
            self.right[fields["rater"]] += 1 if chosen is None else 2 * (chosen == _ORIGINAL)

    def goldens(self) -> dict[str, tuple[float, float]]:
        """Return each rater's right and wrong answers to golden trials, a tie half of each."""
        return {
            rater: (self.right[rater] / 2, (halves - self.right[rater]) / 2)
            for rater, halves in self.golden.items()
        }

    def note(self, line: int, problem: str) -> None:
        """Note a row with a problem; the first ones are named."""
        self.bad += 1
        if self.bad <= MAX_PROBLEMS:
            self.problems.append(f"Line {line}: {problem}")


def _parse(stream: TextIO, dataset: str | None, variant: str) -> Judgments:
    rows = csv.reader(_lines(stream), strict=True)
    needed = [*COLUMNS, *(["dataset"] if dataset else []), *(["fast"] * (variant == "careful"))]
    place = _header(rows, needed)
    further = [name for name in FURTHER if name in place]
    read = {name: place[name] for name in (*needed, *further, *_DECIDING) if name in place}
    found = _Rows({name: [] for name in (*COLUMNS, *further)})
    for line, row in _numbered(rows):
        if len(row) != len(place):
            found.note(line, f"{len(row)} fields, but the header has {len(place)}.")
            continue
        fields = {name: row[index] for name, index in read.items()}
        kept_out = _left_out(fields, variant)
        if problem := _row_problems(fields, kept_out == "checks"):
            found.note(line, problem)
        elif dataset is not None and fields["dataset"] != dataset:
            found.others.add(fields["dataset"])
        elif kept_out:
            found.leave_out(kept_out, fields)
        elif not found.bad:
            for name, values in found.columns.items():
                values.append(fields[name])
    if found.bad > MAX_PROBLEMS:
        found.problems.append(f"{found.bad - MAX_PROBLEMS} more lines have problems.")
    if not found.problems and not found.columns["rater"]:
        found.problems.append(_nothing(dataset, found.others, found.left_out))
    if found.problems:
        raise BadJudgments(found.problems)
    kept = {name: found.columns.pop(name) for name in further}
    out = found.left_out
    return Judgments(
        **found.columns,
        further=kept,
        excluded=out["excluded"],
        checks=out["checks"],
        goldens=found.goldens(),
    )


def _left_out(fields: Mapping[str, str], variant: str) -> str:
    """Return why a row is not in use, "checks" or "excluded"; empty if it is."""
    if fields.get("kind", "").strip() not in ("", "comparison"):
        return "checks"
    out = [fields.get("undone_at", "").strip() != ""]
    out += [_is_true(fields, "excluded")] if variant != "all" else []
    out += [_is_true(fields, "fast")] if variant == "careful" else []
    return "excluded" if any(out) else ""


def _is_true(fields: Mapping[str, str], name: str) -> bool:
    return fields.get(name, "").strip().lower() in _TRUE


def _nothing(dataset: str | None, others: set[str], left_out: Counter[str]) -> str:
    """Say that no judgment is in use, and why."""
    if dataset is None or not others:
        counts = f"{left_out['excluded']} excluded, {left_out['checks']} checks"
        return f"There are no judgments in use in this file ({counts})."
    return (
        f"There are no judgments on data set {dataset!r}; there are on {', '.join(sorted(others))}."
    )


def _lines(stream: TextIO) -> Iterator[str]:
    """Yield lines, refusing one so long that it can't be a judgment."""
    number = 0
    while line := stream.readline(MAX_LINE_CHARACTERS + 1):
        number += 1
        if len(line) > MAX_LINE_CHARACTERS:
            raise BadJudgments([f"Line {number} is longer than {MAX_LINE_CHARACTERS} characters."])
        yield line


def _numbered(rows: "CsvReader") -> Iterator[tuple[int, list[str]]]:
    """Yield rows that aren't blank, each with the number of its first line."""
    while True:
        line = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadJudgments(
                [f"Line {line}: not valid CSV ({error}); is a quote open?"]
            ) from None
        if row:
            yield line, row


def _header(rows: "CsvReader", needed: Sequence[str]) -> dict[str, int]:
    """Return the place of each column, refusing a header without the needed ones."""
    _, header = next(_numbered(rows), (0, []))
    names = [name.strip() for name in header]
    if not names:
        raise BadJudgments([f"The file is empty. Its first line must be {','.join(COLUMNS)}."])
    missing = [name for name in needed if name not in names]
    if missing:
        raise BadJudgments(
            [
                f"Missing column {', '.join(missing)}. The first line must name the columns "
                f"{','.join(needed)}, parted by commas; further columns are welcome."
            ]
        )
    twice = [name for name in dict.fromkeys((*needed, *_DECIDING)) if names.count(name) > 1]
    if twice:
        raise BadJudgments([f"The column {', '.join(twice)} is there more than once."])
    return {name: index for index, name in enumerate(names)}


def _row_problems(fields: Mapping[str, str], is_check: bool) -> str:
    """Say what is wrong with a row; empty if nothing is. A check may show one thing twice."""
    problems = [
        f"{name} {problem}." for name in COLUMNS if (problem := _label_problem(fields[name]))
    ]
    choice = fields["choice"]
    if not problems and choice not in CHOICES:
        problems.append(f"choice is {choice[:40]!r}, but must be left, right or tie.")
    if not problems and not is_check and fields["left"] == fields["right"]:
        problems.append(f"left and right are the same method {fields['left'][:40]!r}.")
    problems += [
        f"{name} must be true or false."
        for name in ("excluded", "fast")
        if fields.get(name, "").strip().lower() not in (*_TRUE, *_FALSE)
    ]
    return " ".join(problems)


def _label_problem(label: str) -> str:
    """Say what is wrong with a field that must name something."""
    if not label.strip():
        return "is empty"
    if label != label.strip() or not label.isprintable():
        return "has spaces around it or characters that can't be printed"
    if len(label) > MAX_FIELD_CHARACTERS:
        return f"is longer than {MAX_FIELD_CHARACTERS} characters"
    return ""
