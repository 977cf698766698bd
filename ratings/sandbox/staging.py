# SPDX-License-Identifier: Apache-2.0
"""Handing a program its files: a tar stream, unpacked inside before the program starts."""

import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ratings.sandbox import git_lfs
from ratings.sandbox.sandbox_errors import FileRefused

PAGE_BYTES = 4096
EXECUTABLE, PLAIN = 0o755, 0o644


@dataclass(frozen=True)
class Staged:
    """The files that a run begins with, by path in its working folder."""

    files: Mapping[str, Path]

    @property
    def pages_bytes(self) -> int:
        """Return the room they take in memory; each folder and file takes a page at least."""
        sizes = (file.stat().st_size for file in self.files.values())
        return sum(PAGE_BYTES * (2 + size // PAGE_BYTES) for size in sizes)

    @property
    def pointers(self) -> tuple[str, ...]:
        """Return the paths of what stands for files that Git LFS has elsewhere."""
        return tuple(path for path, file in self.files.items() if _is_pointer(file))

    def send(self, stream: IO[bytes]) -> None:
        """Write them as a tar; all are the runner's, new, and executable where they were."""
        with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            for path, file in self.files.items():
                with file.open("rb") as content:
                    tar.addfile(_member(path, file), content)


def stage(decoder: Path, inputs: Mapping[str, Path], *, backwards: bool = False) -> Staged:
    """Put a decoder's folder and the inputs, by name, into one working folder.

    They arrive in the order of their names, or `backwards`: what a folder lists first tells nothing
    else. Raises FileRefused where both would have the same place.
    """
    files = dict(_files(decoder))
    folders = {str(folder) for path in files for folder in Path(path).parents}
    taken = [name for name in inputs if name in files or name in folders]
    if taken:
        raise FileRefused(
            *(f"{name!r} has the name of a file to decode; name it otherwise." for name in taken)
        )
    return Staged(files | dict(sorted(inputs.items(), reverse=backwards)))


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(folder).as_posix(), path


def _is_pointer(file: Path) -> bool:
    small = file.stat().st_size <= git_lfs.LARGEST_BYTES
    return small and git_lfs.is_pointer(file.read_bytes())


def _member(path: str, file: Path) -> tarfile.TarInfo:
    member, known = tarfile.TarInfo(path), file.stat()
    member.size = known.st_size
    member.mode = EXECUTABLE if known.st_mode & 0o100 else PLAIN
    return member
