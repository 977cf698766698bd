"""The search through a release's texts for what must not be there. What is found stops it.

Some things are known by their form: addresses of people and computers, instants, identifiers.
Others are known by heart: what the site has stored of people. Neither is asked what was meant.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from ipaddress import ip_address

from ahocorasick_rs import AhoCorasick, MatchKind

# Shorter texts, and whole numbers that counts and sizes have, are found in every file.
_LEAST_LETTERS, _LEAST_DIGITS = 4, 8
_WORD = re.compile(r"[^\W_]+")


class LeakKind(Enum):
    """What must not be there, as organizers are told."""

    ADDRESS = "an e-mail address"
    COMPUTER = "a computer's address"
    INSTANT = "an instant, to the minute or finer"
    IDENTIFIER = "an identifier that the site has stored"
    PERSON = "a recruiting platform's name of a rater"
    LINK = "an invitation's link, code or label"
    NAME = "a name or address of a team's member or an account"
    DEVICE = "the name of a browser that few raters have"
    CELL = "a device class and language that too few raters share"


@dataclass(frozen=True)
class Finding:
    """Where something was found; line and column count from 1. What it is stays unsaid."""

    file: str
    line: int
    column: int
    kind: str

    def as_json(self) -> dict[str, str | int]:
        """Return it as plain values."""
        return asdict(self)


_FORMS: Mapping[LeakKind, re.Pattern[str]] = {
    LeakKind.ADDRESS: re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"),
    LeakKind.INSTANT: re.compile(
        r"(?<!\d)\d{4}-\d\d-\d\d[T ]\d\d:?\d\d|(?<![\d:])\d\d:\d\d:\d\d(?!\d)"
        r"|(?<!\d)1[5-9]\d{11}(?!\d)"  # in ms since 1970
    ),
    LeakKind.IDENTIFIER: re.compile(
        r"(?<![0-9a-fA-F])[0-9a-fA-F]{32}(?![0-9a-fA-F])"
        r"|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    ),
}
_COMPUTER = re.compile(
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)|(?<![\w:])[0-9A-Fa-f]*(?::[0-9A-Fa-f]*){2,7}(?![\w:])"
)


class LeakScan:
    """A search for all forms, and for texts that are known, in any case of letters.

    `known` are texts by kind. Those of `public`, which everybody may read, are not searched for,
    nor are those too short to mean anything; `searched` and `passed_over` count both.
    """

    def __init__(
        self, known: Mapping[LeakKind, Collection[str]], public: Collection[str] = ()
    ) -> None:
        shown = {text.casefold() for text in public}
        texts = {
            text.strip().casefold(): kind for kind, found in known.items() for text in found if text
        }
        self._kinds = {
            text: kind
            for text, kind in texts.items()
            if _is_searchable(text) and text not in shown and not _words(text) <= shown
        }
        self.searched = len(self._kinds)
        self.passed_over = len(texts) - self.searched
        self._texts = list(self._kinds)
        self._automaton = AhoCorasick(self._texts, matchkind=MatchKind.Standard)

    def findings(self, file: str, lines: Iterable[str]) -> Iterator[Finding]:
        """Yield what is found in a file's lines, in the order of its lines."""
        for number, line in enumerate(lines, 1):
            for column, kind in sorted(
                (*_by_form(line), *self._by_heart(line)), key=lambda found: found[0]
            ):
                yield Finding(file, number, column + 1, kind.value)

    def _by_heart(self, line: str) -> Iterator[tuple[int, LeakKind]]:
        folded = line.casefold()
        for which, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True):
            if _stands_alone(folded, start, end):
                yield start, self._kinds[self._texts[which]]


def without_addresses(text: str) -> str:
    """Return a text with its e-mail addresses left out, which is said where they stood."""
    return _FORMS[LeakKind.ADDRESS].sub("[address left out]", text)


def _is_searchable(text: str) -> bool:
    return len(text) >= (_LEAST_DIGITS if text.isdigit() else _LEAST_LETTERS)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text)) or {text}


def _stands_alone(line: str, start: int, end: int) -> bool:
    """Tell whether a match is no part of a longer word; what is long is found anywhere."""
    if end - start >= 2 * _LEAST_DIGITS:
        return True
    before, after = line[max(start - 1, 0) : start], line[end : end + 1]
    return not (before.isalnum() or after.isalnum())


def _by_form(line: str) -> Iterator[tuple[int, LeakKind]]:
    for kind, form in _FORMS.items():
        yield from ((match.start(), kind) for match in form.finditer(line))
    for match in _COMPUTER.finditer(line):
        if _is_computer(match[0]):
            yield match.start(), LeakKind.COMPUTER


def _is_computer(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return any(letter.isalnum() for letter in text)
