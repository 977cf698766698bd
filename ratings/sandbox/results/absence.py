# SPDX-License-Identifier: Apache-2.0
"""Why pictures are missing: all that was found instead.

Paths are relative to the working folder of the run.
"""

import difflib
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

SHOWN_PATHS = 3
MOST_REASONS, MOST_UNEXPLAINED = 100, 20
MOST_OTHERS = 1000  # remembered of what is no picture
MOST_TRIED = 20  # of names that begin alike
MOST_COMPARED = 5000  # pairs of names, letter by letter
NEAR = 0.75  # of difflib: 1 is the same
LONGEST_COMPARED = 100  # characters
LONGEST_PATH = 80  # of which a longer one's end is shown


@dataclass
class OtherFiles:
    """What a run left behind beside its outputs."""

    reasons: dict[str, str] = field(default_factory=dict)  # why a file is no output, by path
    before: set[str] = field(default_factory=set)  # pictures that came with the decoder
    others: list[str] = field(default_factory=list)  # new files that are no pictures by their name
    others_in_all: int = 0

    def leave_out(self, path: str, reason: str) -> None:
        """Note a file that can't be an output, or a folder that can't be looked into."""
        if len(self.reasons) < MOST_REASONS:
            self.reasons[path] = reason

    def pass_over(self, path: str) -> None:
        """Note a new file that is not called like a picture."""
        self.others_in_all += 1
        if len(self.others) < MOST_OTHERS:
            self.others.append(path)


def absence(
    missing: Collection[str],
    names: Collection[str],
    outputs: Collection[str],
    other_files: OtherFiles,
) -> tuple[str, dict[str, str]]:
    """Return what was written instead of pictures, as "wrote ...", and a line by missing picture.

    `missing` are some of the `names` of pictures; `outputs` are the paths of all files taken.
    """
    known = set(names)
    strays = sorted(path for path in outputs if _name(path) not in known)
    lines = {name: f"Missing image {name}" for name in missing}
    for name, reason in _reasons(missing, strays, other_files):
        lines[name] += f": {reason}."
    return _wrote(missing, known, outputs, strays, other_files), lines


def unexplained(missing: Collection[str], other_files: OtherFiles) -> list[str]:
    """Return what was left out, a line each, but for what the lines of missing pictures say."""
    told = set(missing)
    rest = {path: reason for path, reason in other_files.reasons.items() if _name(path) not in told}
    lines = [f"{_shown(path)}: {reason}." for path, reason in rest.items()][:MOST_UNEXPLAINED]
    more = len(rest) - len(lines)
    return [*lines, f"And {more} more files that are no outputs."] if more else lines


def _wrote(
    missing: Collection[str],
    known: Collection[str],
    outputs: Collection[str],
    strays: Sequence[str],
    other_files: OtherFiles,
) -> str:
    if strays and len(strays) == len(outputs):
        files = "PNG files, but none is" if len(strays) > 1 else "PNG file, but it is not"
        return (
            f"wrote {len(strays)} {files} called like a picture: {_some(strays)}; call each like "
            f"its original, such as {min(missing)!r}"
        )
    if outputs:
        right = len(known) - len(missing)
        beside = f"; it also wrote {_some(strays)}" if strays else ""
        return f"wrote {right} of {len(known)} pictures{beside}"
    if other_files.others:
        return f"wrote no PNG, but {_some(other_files.others, other_files.others_in_all)}"
    return "wrote no PNG that counts" if other_files.reasons else "wrote no PNG, nor any other file"


def _some(paths: Sequence[str], in_all: int | None = None) -> str:
    shown = ", ".join(_shown(path) for path in paths[:SHOWN_PATHS])
    more = (in_all or len(paths)) - SHOWN_PATHS
    return f"{shown} and {more} more" if more > 0 else shown


def _shown(path: str) -> str:
    return repr(path if len(path) <= LONGEST_PATH else f"…{path[1 - LONGEST_PATH :]}")


def _reasons(
    missing: Collection[str], strays: Sequence[str], other_files: OtherFiles
) -> Iterator[tuple[str, str]]:
    """Yield why pictures are missing, where a file says it, by their names."""
    refused = {_name(path): (path, reason) for path, reason in other_files.reasons.items()}
    before = {_name(path): path for path in sorted(other_files.before)}
    pictures, others = _Near(strays), _Near(other_files.others)
    for name in missing:
        if name in refused:
            path, reason = refused[name]
            yield name, f"found {_shown(path)}, but {reason}"
        elif path := pictures.like(name):
            yield name, f"found {_shown(path)}; call it {name!r}"
        elif name in before:
            yield name, f"{_shown(before[name])} came with the decoder; only what it writes counts"
        elif path := others.like(name):
            yield name, f"found {_shown(path)}; write a PNG called {name!r}"
        elif path := pictures.nearest(name):
            yield name, f"the nearest name found is {_shown(path)}"


class _Near:
    """Paths by their names, each near to one picture's at most."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = sorted((_folded(_name(path)), path) for path in paths)
        self._comparisons_left = MOST_COMPARED

    def like(self, name: str) -> str:
        """Take out a path whose name is the picture's, capitals aside, or goes on behind it."""
        stem = _folded(name).removesuffix(".png")
        at = bisect_left(self._paths, (stem, ""))
        for key, path in self._paths[at : at + MOST_TRIED]:
            if key.startswith(stem) and not key[len(stem) : len(stem) + 1].isalnum():
                self._paths.remove((key, path))
                return path
        return ""

    def nearest(self, name: str) -> str:
        """Return the path whose name differs least, "" where all differ much, or are too many."""
        self._comparisons_left -= len(self._paths)
        if self._comparisons_left < 0:
            return ""
        paths = dict(self._paths)
        close = difflib.get_close_matches(_folded(name), paths, 1, NEAR)
        return paths[close[0]] if close else ""


def _folded(name: str) -> str:
    return name.casefold()[:LONGEST_COMPARED]


def _name(path: str) -> str:
    return PurePosixPath(path).name
