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

from ratings.anonymity.passages import PlainPassage, passages, plain

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


_TEXT = (
    "If a text or a name of yours has it, change it at the challenge's definition; if a method's "
    "name has it, which stays, release a study without that method."
)
MENDS: Mapping[LeakKind, str] = {
    **dict.fromkeys(LeakKind, _TEXT),
    LeakKind.PERSON: f"{_TEXT} Or erase that rater's data, on the rater's page.",
    LeakKind.NAME: f"{_TEXT} Or let the team remove the member, or say with the release that the "
    "method's name is public.",
    LeakKind.DEVICE: f"{_TEXT} Or erase that rater's data, on the rater's page.",
    LeakKind.CELL: "The server merges such cells: ask for the release again, and report it.",
}


@dataclass(frozen=True)
class Finding:
    """Where something was found, and what mends it; line and column count from 1.

    What it is stays unsaid.
    """

    file: str
    line: int
    column: int
    kind: str
    mend: str

    def as_json(self) -> dict[str, str | int]:
        """Return it as plain values."""
        return asdict(self)


def found_at(file: str, line: int, column: int, kind: LeakKind) -> Finding:
    """Return a finding of a kind, with its mend."""
    return Finding(file, line, column, kind.value, MENDS[kind])


_FORMS: Mapping[LeakKind, re.Pattern[str]] = {
    LeakKind.ADDRESS: re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"),
    LeakKind.INSTANT: re.compile(
        r"(?<!\d)\d{4}-\d\d-\d\d[Tt ]\d\d:?\d\d|(?<![\d:])\d\d:\d\d:\d\d(?!\d)"
        # In ms since 1970; not digits of a fraction or of a digest.
        r"|(?<![0-9a-f.])1[5-9]\d{11}(?![0-9a-f])"
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
    """A search for all forms, and for texts that are known, however they are spaced and escaped.

    `known` are texts by kind. Those of `public`, which everybody may read, are not searched for,
    nor are those too short to mean anything; `searched` and `passed_over` count both. What `told`,
    the names and texts that the site's pages show, have by form, such as a method's version, is no
    finding, but for e-mail addresses; nor is a known text that is a part of a name of `files`, nor
    a person's name within one of `labels`: somebody has said that these are public.
    """

    def __init__(
        self,
        known: Mapping[LeakKind, Collection[str]],
        public: Collection[str] = (),
        told: Collection[str] = (),
        files: Collection[str] = (),
        labels: Collection[str] = (),
    ) -> None:
        shown = {plain(text) for text in public}
        wanted = {
            plain(text).strip(): kind for kind, found in known.items() for text in found if text
        }
        self._kinds = {
            text: kind
            for text, kind in wanted.items()
            if _is_searchable(text) and text not in shown and not _words(text) <= shown
        }
        self.searched = len(self._kinds)
        self.passed_over = len(wanted) - self.searched
        self._told_forms = {form for text in told for _, _, form in _by_form(plain(text))}
        self._known, self._files = _Words(self._kinds), _Words(map(plain, files))
        self._labels = _Words(plain(label).strip() for label in labels)

    def findings(self, file: str, text: str) -> Iterator[Finding]:
        """Yield what is found in a file's text, and in the values that are escaped in it."""
        seen: set[tuple[int, LeakKind]] = set()
        for passage in passages(file, text):
            made = PlainPassage(passage)
            for start, kind in sorted(self._found(made.text), key=lambda found: found[0]):
                line, column = made.place(start)
                if not (passage.decoded and (line, kind) in seen):
                    yield found_at(file, line, column, kind)
                seen.add((line, kind))

    def _found(self, text: str) -> Iterator[tuple[int, LeakKind]]:
        for kind, start, form in _by_form(text):
            if kind is LeakKind.ADDRESS or form not in self._told_forms:
                yield start, kind
        known = list(self._known.within(text))
        files = list(self._files.within(text)) if known else []
        labels = list(self._labels.within(text)) if known else []
        for start, end in known:
            kind = self._kinds[text[start:end]]
            allowed = files + labels if kind is LeakKind.NAME else files
            if not any(_is_part((start, end), whole) for whole in allowed):
                yield start, kind


class _Words:
    """Texts to be found, each where it stands alone; what is long is found within words too."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._automaton = AhoCorasick(sorted(set(texts)), matchkind=MatchKind.Standard)

    def within(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield start and end of each."""
        for _, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if _stands_alone(text, start, end):
                yield start, end


def without_addresses(text: str) -> str:
    """Return a text with its e-mail addresses left out, which is said where they stood."""
    return _FORMS[LeakKind.ADDRESS].sub("[address left out]", text)


def _is_part(one: tuple[int, int], whole: tuple[int, int]) -> bool:
    return one != whole and whole[0] <= one[0] and one[1] <= whole[1]


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


def _by_form(text: str) -> Iterator[tuple[LeakKind, int, str]]:
    """Yield what is known by its form: kind, start and the text itself."""
    for kind, form in _FORMS.items():
        yield from ((kind, match.start(), match[0]) for match in form.finditer(text))
    for match in _COMPUTER.finditer(text):
        if _is_computer(match[0]):
            yield LeakKind.COMPUTER, match.start(), match[0]


def _is_computer(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return any(letter.isalnum() for letter in text)
