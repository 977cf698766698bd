# SPDX-License-Identifier: Apache-2.0
"""Taking a dead program's files out of its working folder, believing nothing about them."""

import hashlib
import os
import stat
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ratings.sandbox.results.absence import OtherFiles
from ratings.sandbox.results.run_result import Output
from ratings.sandbox.run_limits import DEEPEST, LONGEST_PATH_BYTES, Limit, Limits, size_words

SHOWN = 80  # characters of a longer one
MOST_ENTRIES = 100_000  # looked at, whatever they are
CHUNK_BYTES = 1 << 20
NEVER_FOLLOW = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass
class Collected(OtherFiles):
    """Outputs by path relative to the folder, and what else was found there."""

    outputs: dict[str, Output] = field(default_factory=dict)


def collect(
    folder: int,
    into: Path,
    limits: Limits,
    *,
    before: Collection[str] = (),
    suffixes: tuple[str, ...] = (".png",),
    keep_going: Callable[[], bool] = lambda: True,
) -> Collected:
    """Copy the new regular files of an open directory, whose names end in one of `suffixes`.

    Paths of `before` were there before the run and don't count, changed or not. Copies get numbers
    for names. Nobody may be able to write into the folder any more. No link is followed and nothing
    special is opened for reading. All together have at most the bytes that the folder was given:
    holes take no room there, but in a copy they do. `keep_going` is asked before each copy.
    """
    collected, room = Collected(), limits.work_bytes
    for path, parent, name in _walk(folder, collected):
        if not name.lower().endswith(suffixes):
            if path not in before:
                collected.pass_over(path)
            continue
        if path in before:
            collected.before.add(path)
            continue
        if len(collected.outputs) == limits.output_files:
            collected.leave_out(path, f"there are more than {limits.output_files} outputs")
            break
        if not keep_going():
            break
        output = into / f"{len(collected.outputs):06d}"
        try:
            made = collected.outputs[path] = _copy(parent, name, output, limits, room)
            room -= made.size_bytes
        except _NotTaken as reason:
            collected.leave_out(path, str(reason))
        except OSError as error:
            collected.leave_out(path, f"it can't be read ({error.strerror})")
    return collected


class _NotTaken(Exception):
    """Why a file is no output."""


def _walk(folder: int, collected: Collected) -> Iterator[tuple[str, int, str]]:
    """Yield (path, parent's descriptor, name) of all that is no folder, depth first, sorted."""
    device = os.fstat(folder).st_dev
    entries = 0

    def visit(parent: int, prefix: str, depth: int) -> Iterator[tuple[str, int, str]]:
        nonlocal entries
        with os.scandir(parent) as scanned:
            listed = sorted((e.name, e.is_dir(follow_symlinks=False)) for e in scanned)
        entries += len(listed)
        for name, is_folder in listed:
            path = prefix + name
            told = _as_text(path)
            if len(os.fsencode(path)) > LONGEST_PATH_BYTES:
                reason = f"its path has more than {LONGEST_PATH_BYTES} bytes"
                collected.leave_out(told[:SHOWN], reason)
            elif told != path:
                collected.leave_out(told, "its name is not UTF-8")
            elif not is_folder:
                yield path, parent, name
            elif depth == DEEPEST or entries > MOST_ENTRIES:
                collected.leave_out(path, "folders lie too deep, or hold too many files")
            else:
                yield from enter(parent, name, path, depth)

    def enter(parent: int, name: str, path: str, depth: int) -> Iterator[tuple[str, int, str]]:
        try:
            child = os.open(name, NEVER_FOLLOW | os.O_DIRECTORY, dir_fd=parent)
        except OSError as error:
            collected.leave_out(path, f"the folder can't be opened ({error.strerror})")
            return
        try:
            if os.fstat(child).st_dev == device:
                yield from visit(child, f"{path}/", depth + 1)
        finally:
            os.close(child)

    return visit(folder, "", 0)


def _as_text(path: str) -> str:
    r"""Return a path that can be told to anybody: what is not UTF-8 in it as \xNN."""
    return os.fsencode(path).decode(errors="backslashreplace")


def _copy(parent: int, name: str, target: Path, limits: Limits, room: int) -> Output:
    """Copy one regular file with a single name. Raises _NotTaken or OSError."""
    if not stat.S_ISREG(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
        raise _NotTaken("it is a link, a pipe or a device, not a file")
    with os.fdopen(os.open(name, NEVER_FOLLOW, dir_fd=parent), "rb") as source:
        known = os.fstat(source.fileno())
        if not stat.S_ISREG(known.st_mode) or known.st_dev != os.fstat(parent).st_dev:
            raise _NotTaken("it is no file of the working folder")
        if known.st_nlink != 1:
            raise _NotTaken("it is one of several hard links to a file; write a file of its own")
        if known.st_size > limits.output_bytes:
            raise _NotTaken(f"it has more than {size_words(limits.output_bytes)}")
        if known.st_size > room:
            raise _NotTaken(f"with it the outputs exceed {limits.words(Limit.WORK)}")
        digest = hashlib.sha256()
        with target.open("xb") as copy:
            while chunk := source.read(CHUNK_BYTES):
                digest.update(chunk)
                copy.write(chunk)
    return Output(target, known.st_size, digest.hexdigest())
