"""Taking a dead decoder's pictures out of its working folder, as the server does."""

import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from verdicts import GIB, MIB, size_words

DEEPEST = 16  # folders
LONGEST_PATH_BYTES = 1024
SHOWN = 80  # characters of a longer one
MOST_ENTRIES = 100_000  # looked at, whatever they are
MOST_OUTPUTS, MOST_OUTPUT_BYTES = 10_000, 256 * MIB
WORK_BYTES = 4 * GIB  # of all outputs together, where the phase sets nothing else
MOST_REASONS = 100


@dataclass
class Collected:
    """Outputs by path relative to the folder, and what was left out, each with the reason."""

    outputs: dict[str, Path] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    entries: int = 0

    def leave_out(self, path: str, reason: str) -> None:
        if len(self.left_out) < MOST_REASONS:
            self.left_out.append(f"{path!r}: {reason}.")


def collect(work: Path, before: Collection[str]) -> Collected:
    """Find the new regular files whose names end in .png; no link is followed.

    Paths of `before` were there before the run and don't count, changed or not.
    """
    collected, room = Collected(), WORK_BYTES
    device = work.stat().st_dev
    for path in _walk(work, "", 0, device, collected):
        if path in before or not path.lower().endswith(".png"):
            continue
        if len(collected.outputs) == MOST_OUTPUTS:
            collected.leave_out(path, f"there are more than {MOST_OUTPUTS} outputs")
            break
        if reason := _against(work / path, device, room):
            collected.leave_out(path, reason)
        else:
            collected.outputs[path] = work / path
            room -= (work / path).stat().st_size
    return collected


def _walk(
    folder: Path, prefix: str, depth: int, device: int, collected: Collected
) -> Iterator[str]:
    """Yield the path of all that is no folder, depth first, sorted."""
    try:
        with os.scandir(folder) as found:
            listed = sorted((e.name, e.is_dir(follow_symlinks=False)) for e in found)
    except OSError as error:
        collected.leave_out(prefix[:-1], f"the folder can't be opened ({error.strerror})")
        return
    collected.entries += len(listed)
    for name, is_folder in listed:
        path = prefix + name
        if len(os.fsencode(path)) > LONGEST_PATH_BYTES:
            reason = f"its path has more than {LONGEST_PATH_BYTES} bytes"
            collected.leave_out(path[:SHOWN], reason)
        elif any("\udc80" <= character <= "\udcff" for character in path):
            collected.leave_out(path, "its name is not UTF-8")
        elif not is_folder:
            yield path
        elif depth == DEEPEST or collected.entries > MOST_ENTRIES:
            collected.leave_out(path, "folders lie too deep, or hold too many files")
        elif (folder / name).stat().st_dev == device:
            yield from _walk(folder / name, f"{path}/", depth + 1, device, collected)


def _against(file: Path, device: int, room: int) -> str:
    """Return why a file is no output, or ""."""
    try:
        known = file.lstat()
        if not stat.S_ISREG(known.st_mode):
            return "it is a link, a pipe or a device, not a file"
        with file.open("rb"):
            pass
    except OSError as error:
        return f"it can't be read ({error.strerror})"
    if known.st_dev != device:
        return "it is no file of the working folder"
    if known.st_nlink != 1:
        return "it is one of several hard links to a file; write a file of its own"
    if known.st_size > MOST_OUTPUT_BYTES:
        return f"it has more than {size_words(MOST_OUTPUT_BYTES)}"
    if known.st_size > room:
        return f"with it the outputs exceed the working folder's limit of {size_words(WORK_BYTES)}"
    return ""
