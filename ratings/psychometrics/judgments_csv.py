"""Judgments from a CSV file: every bad row is named, nothing is guessed."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ratings.psychometrics.judgments import JudgmentArrays, judgment_arrays
from ratings.psychometrics.tally import CHOICES, Tally, tally_judgments

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

COLUMNS = ("rater", "image", "left", "right", "choice")
# What a report on raters also uses, where it is there.
FURTHER = ("crop_x", "crop_y", "response_ms", "judged_at")
MAX_PROBLEMS = 20
MAX_FIELD_CHARACTERS = 1_000
MAX_LINE_CHARACTERS = 100_000

_TRUE, _FALSE = ("true", "t", "1", "yes"), ("", "false", "f", "0", "no")


class BadJudgments(ValueError):
    """A file of judgments that can't be used; `problems` says what to mend, line by line."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the problems; the message is all of them."""
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Judgments:
    """The judgments of a file, one entry per row in use; `excluded` counts the rows left out.

    `further` holds the columns of `FURTHER` that the file has, as written.
    """

    rater: list[str] = field(default_factory=list)
    image: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    right: list[str] = field(default_factory=list)
    choice: list[str] = field(default_factory=list)
    further: dict[str, list[str]] = field(default_factory=dict)
    excluded: int = 0

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


def read_judgments(path: Path, dataset: str | None = None) -> Judgments:
    """Read a CSV file (UTF-8, comma, header) with at least the columns of `COLUMNS`.

    Rows whose column `excluded`, if there is one, is true are left out; with a `dataset`, so are
    those whose column `dataset` names another one. Of further columns those of `FURTHER` are kept
    as they are, the others aren't used. Raises
    BadJudgments naming the lines with problems (the first `MAX_PROBLEMS`), or what is wrong with
    the file; OSError where it can't be opened.
    """
    with path.open(encoding="utf-8-sig", newline="") as stream:
        try:
            return _parse(stream, dataset)
        except UnicodeDecodeError as error:
            raise BadJudgments(
                [f"{path.name} is not UTF-8 text ({error.reason}). Save it as CSV in UTF-8."]
            ) from None


def _parse(stream: TextIO, dataset: str | None) -> Judgments:
    rows = csv.reader(_lines(stream), strict=True)
    place = _header(rows, COLUMNS if dataset is None else (*COLUMNS, "dataset"))
    further = [name for name in FURTHER if name in place]
    columns: dict[str, list[str]] = {name: [] for name in (*COLUMNS, *further)}
    problems: list[str] = []
    bad = excluded = 0
    others: set[str] = set()
    for line, row in _numbered(rows):
        found = _row_problems(row, place)
        if found:
            bad += 1
            problems += [f"Line {line}: {found}"] if bad <= MAX_PROBLEMS else []
        elif dataset is not None and row[place["dataset"]] != dataset:
            others.add(row[place["dataset"]])
        elif "excluded" in place and row[place["excluded"]].strip().lower() in _TRUE:
            excluded += 1
        elif not bad:
            for name, values in columns.items():
                values.append(row[place[name]])
    if bad > MAX_PROBLEMS:
        problems.append(f"{bad - MAX_PROBLEMS} more lines have problems.")
    if not problems and not columns["rater"]:
        problems.append(_nothing(dataset, others, excluded))
    if problems:
        raise BadJudgments(problems)
    kept = {name: columns.pop(name) for name in further}
    return Judgments(**columns, further=kept, excluded=excluded)


def _nothing(dataset: str | None, others: set[str], excluded: int) -> str:
    """Say that no judgment is in use, and why."""
    if dataset is None or not others:
        return f"There are no judgments in use in this file ({excluded} excluded)."
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


def _header(rows: "CsvReader", needed: tuple[str, ...]) -> dict[str, int]:
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
    twice = [name for name in (*needed, "excluded") if names.count(name) > 1]
    if twice:
        raise BadJudgments([f"The column {', '.join(twice)} is there more than once."])
    return {name: index for index, name in enumerate(names)}


def _row_problems(row: list[str], place: dict[str, int]) -> str:
    """Say what is wrong with a row; empty if nothing is."""
    if len(row) != len(place):
        return f"{len(row)} fields, but the header has {len(place)}."
    problems = [
        f"{name} {problem}." for name in COLUMNS if (problem := _label_problem(row[place[name]]))
    ]
    choice = row[place["choice"]]
    if not problems and choice not in CHOICES:
        problems.append(f"choice is {choice[:40]!r}, but must be left, right or tie.")
    if not problems and row[place["left"]] == row[place["right"]]:
        problems.append(f"left and right are the same method {row[place['left']][:40]!r}.")
    if "excluded" in place and row[place["excluded"]].strip().lower() not in (*_TRUE, *_FALSE):
        problems.append("excluded must be true or false.")
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
