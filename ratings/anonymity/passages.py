"""A file's text as passages to search: as it stands, and what escapes in it mean.

A name that is escaped, or stands after an escaped line break, is not there letter for letter.
"""

import csv
import io
import json
import re
import tomllib
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

_SPACES = re.compile(r"\s+")
_PIECES = re.compile(r"\s+|\S+")
_TABLES = (".csv", ".jsonl", ".parquet")
_QUOTED = re.compile(r'"(?:[^"\\\n]|\\.)*"')


@dataclass(frozen=True)
class Passage:
    """A text in a file, from a line and column on, which count from 1.

    Of one that was decoded all of it stands at that place.
    """

    text: str
    line: int = 1
    column: int = 1
    decoded: bool = False


class PlainPassage:
    """A passage as `plain` has it, and where its characters stood."""

    def __init__(self, passage: Passage) -> None:
        self._passage = passage
        pieces = [(piece.start(), plain(piece[0])) for piece in _PIECES.finditer(passage.text)]
        self.text = "".join(made for _, made in pieces)
        # Where each piece begins, here and in the passage.
        self._here = array("L", accumulate((len(made) for _, made in pieces), initial=0))
        self._there = array("L", [*(start for start, _ in pieces), len(passage.text)])

    def place(self, start: int) -> tuple[int, int]:
        """Return line and column in the file of a character of `text`."""
        at = self._passage
        if at.decoded:
            return at.line, at.column
        piece = bisect_right(self._here, start) - 1
        here, there = self._here[piece], self._there[piece]
        is_same = self._here[piece + 1] - here == self._there[piece + 1] - there
        stood = there + (start - here if is_same else 0)
        line_begin = at.text.rfind("\n", 0, stood) + 1
        column = stood - line_begin + (1 if line_begin else at.column)
        return at.line + at.text.count("\n", 0, stood), column


def plain(text: str) -> str:
    """Return a text in small letters, compatible ones as one (NFKC), any white space one space.

    Characters that can't be seen (Unicode's Cf) are left out.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    if not folded.isascii():
        folded = "".join(letter for letter in folded if unicodedata.category(letter) != "Cf")
    return _SPACES.sub(" ", folded)


def passages(name: str, text: str) -> Iterator[Passage]:
    """Yield a file's text as it stands, and each value that is written otherwise than it reads.

    Of tables, which are long, a line is a passage, of all else the whole. Values are the fields of
    a .csv file, the strings of a .toml file, and elsewhere what JSON reads in double quotes.
    """
    if name.endswith(_TABLES):
        yield from (Passage(line, number) for number, line in enumerate(text.split("\n"), 1))
    else:
        yield Passage(text)
    if name.endswith(".csv"):
        yield from _fields(text)
    else:
        yield from _toml_values(text) if name.endswith(".toml") else _json_values(text)


def _fields(text: str) -> Iterator[Passage]:
    rows = csv.reader(io.StringIO(text, newline=""))
    for row in rows:
        for field in row:
            if '"' in field or "\n" in field or "\r" in field:
                yield Passage(field, rows.line_num, decoded=True)


def _json_values(text: str) -> Iterator[Passage]:
    for number, line in enumerate(text.split("\n"), 1):
        for quoted in _QUOTED.finditer(line):
            if "\\" in quoted[0]:
                try:
                    value = json.loads(quoted[0], strict=False)
                except ValueError:
                    continue
                yield Passage(value, number, quoted.start() + 1, decoded=True)


def _toml_values(text: str) -> Iterator[Passage]:
    """Yield its keys and strings, at the first line that begins with the key that leads there.

    Raises ValueError for what is no TOML.
    """
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        lines.setdefault(line.partition("=")[0].strip(), number)
    yield from _strings(tomllib.loads(text), 1, lines)


def _strings(value: Any, line: int, lines: Mapping[str, int]) -> Iterator[Passage]:  # noqa: ANN401
    if isinstance(value, str):
        yield Passage(value, line, decoded=True)
    elif isinstance(value, dict):
        for name, below in value.items():
            at = lines.get(name, line)
            yield Passage(name, at, decoded=True)
            yield from _strings(below, at, lines)
    elif isinstance(value, list):
        for below in value:
            yield from _strings(below, line, lines)
