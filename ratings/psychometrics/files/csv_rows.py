"""Rows of a CSV file of judgments: read line by line, each problem named with its line."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TextIO

_MAX_PROBLEMS = 20
_MAX_LINE_CHARACTERS = 100_000
_MOST_NAMED = 30
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}

Rows = Iterator[tuple[int, list[str]]]


class BadJudgments(ValueError):
    """A file of judgments that can't be used; `problems` says what to mend, line by line."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the problems; the message is all of them."""
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass
class Problems:
    """Rows with problems; the first ones are named."""

    problems: list[str] = field(default_factory=list)
    unnamed: int = 0

    def note(self, line: int, *problems: str) -> None:
        """Note a row with all its problems; without any it is none."""
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems += [f"Line {line}: {problem}" for problem in problems]
        elif problems:
            self.unnamed += 1

    def refuse(self, *others: str) -> None:
        """Raise BadJudgments if there are any, or others, of the whole file."""
        more = [f"{self.unnamed} more lines have problems."] if self.unnamed else []
        if found := [*self.problems, *more, *others]:
            raise BadJudgments(found)


def read_rows(stream: TextIO) -> Rows:
    """Yield the rows of a CSV file that aren't blank, each with the number of its first line.

    Raises BadJudgments for a line that is no CSV, or too long.
    """
    rows = csv.reader(_lines(stream), strict=True)
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


def read_columns(
    rows: Rows, needed: Sequence[str], optional: Iterable[str], example: Sequence[str]
) -> dict[str, int]:
    """Return the place of each column of the header, which is taken off the rows.

    Raises BadJudgments where a needed column is missing, where one of these or of the optional ones
    is there twice, or where there is no header, with an `example` of one.
    """
    _, header = next(rows, (0, []))
    names = [name.strip() for name in header]
    if not names:
        raise BadJudgments([f"The file is empty. Its first line must be {','.join(example)}."])
    missing = [name for name in needed if name not in names]
    if missing:
        raise BadJudgments([_missing(missing, needed, names)])
    twice = [name for name in dict.fromkeys((*needed, *optional)) if names.count(name) > 1]
    if twice:
        raise BadJudgments([f"The column {', '.join(twice)} is there more than once."])
    return {name: index for index, name in enumerate(names)}


def _missing(missing: Sequence[str], needed: Sequence[str], names: Sequence[str]) -> str:
    """Say which columns are missing, what is there instead, and what that hints at."""
    found = ", ".join(names[:_MOST_NAMED]) + (", ..." if names[_MOST_NAMED:] else "")
    alike = {name.lower(): name for name in names}
    capitals = [f"{alike[name.lower()]} for {name}" for name in missing if name.lower() in alike]
    separators = [word for mark, word in _SEPARATORS.items() if len(names) == 1 and mark in found]
    hints = [f"It is parted by {word}. " for word in separators]
    hints += [f"It has {', '.join(capitals)}: capitals count. "] if capitals else []
    return (
        f"Missing column {', '.join(missing)}. {''.join(hints)}The first line must name the "
        f"columns {','.join(needed)}, parted by commas; further columns are welcome. It names "
        f"{found!r}."
    )


def _lines(stream: TextIO) -> Iterator[str]:
    """Yield lines; raise BadJudgments for one so long that it can't be a judgment."""
    number = 0
    while line := stream.readline(_MAX_LINE_CHARACTERS + 1):
        number += 1
        if len(line) > _MAX_LINE_CHARACTERS:
            raise BadJudgments([f"Line {number} is longer than {_MAX_LINE_CHARACTERS} characters."])
        yield line
