"""What becomes of picture files that are to be originals: in the same words for all who send any.

A name is made of ASCII letters, digits, ".", "-" and "_", and ends in ".png".
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SUFFIX = ".png"
LONGEST_STEM = 100
# Letters that Unicode does not take apart into a plain one and a mark.
PLAIN = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
)


@dataclass(frozen=True)
class PicturePlan:
    """What becomes of a file: its name as an original and each change, or why it is refused."""

    name: str = ""
    changes: tuple[str, ...] = ()
    problem: str = ""

    def __str__(self) -> str:
        if self.problem:
            return f"refused. {self.problem}"
        return "; ".join(self.changes) or "taken as it is"


class FitNames:
    """Gives files the names that they may have, each another one.

    Case alone makes no two names: some file systems hold only one of them. A name that may stay
    as it is goes to its own file, whichever of `given` comes first. Folders are left out.
    """

    def __init__(self, given: Iterable[str]) -> None:
        # By names in lower case: the files that have them.
        self._owners: dict[str, str] = {}
        self._number = 0
        for file in given:
            if file_name(file) == fit_stem(file) + SUFFIX:
                self._owners.setdefault(file_name(file).lower(), file)

    def plan(self, file: str, changes: Sequence[str]) -> PicturePlan:
        """Name a sound file, the next one, and say that before its other changes."""
        self._number += 1
        stem = fit_stem(file) or f"picture-{self._number:04d}"
        name, copies = stem + SUFFIX, 1
        while self._owners.setdefault(name.lower(), file) != file:
            copies += 1
            name = f"{stem}-{copies}{SUFFIX}"
        if name == file_name(file):
            return PicturePlan(name, tuple(changes))
        first = self._owners[stem.lower() + SUFFIX]
        why = f", because {stem}{SUFFIX} is taken by {first}" if copies > 1 else ""
        return PicturePlan(name, (f"renamed to {name}{why}", *changes))


def file_name(file: str) -> str:
    """Return a file's name without its folders."""
    return file.rpartition("/")[2]


def fit_stem(file: str) -> str:
    """Return the part of a name that may stay, without suffix; "" where nothing remains."""
    name = file_name(file)
    stem = name.rpartition(".")[0] or name
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", in_ascii(stem)).strip("-.")[:LONGEST_STEM]


def in_ascii(text: str) -> str:
    """Return a text without the marks of its letters, and without what has no ASCII letter."""
    plain = unicodedata.normalize("NFKD", text.translate(PLAIN))
    return plain.encode("ascii", "ignore").decode()
