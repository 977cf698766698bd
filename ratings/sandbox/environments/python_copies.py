# SPDX-License-Identifier: Apache-2.0
"""Copying this Python, and packages installed beside it, to where decoders can read them."""

import os
import shutil
import stat
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from ratings.sandbox.environments.trees import MINOR, PYTHONS
from ratings.sandbox.sandbox_errors import SandboxUnavailable

READABLE, EXECUTABLE = 0o444, 0o111
BESIDE = b"$ORIGIN/../lib"
NOT_NEEDED = shutil.ignore_patterns(
    "site-packages", "dist-packages", "test", "tests", "idlelib", "tkinter", "turtledemo",
    "ensurepip", "lib2to3", "pydoc_data", "config-*", "*.a",
)  # fmt: skip


def copy_python(target: Path) -> None:
    """Copy this Python's program and library into a new folder, from which it runs by itself.

    Raises SandboxUnavailable where its program finds a library of its own at one place alone.
    """
    prefix = Path(sys.base_prefix)
    (target / "bin").mkdir(parents=True)
    shutil.copy2(prefix / "bin" / MINOR, target / "bin" / MINOR)
    (target / "bin" / MINOR).chmod(0o755)
    for name in PYTHONS[1:]:
        (target / "bin" / name).symlink_to(MINOR)
    for folder in {Path(os.__file__).parent, *_extensions()}:
        copy = target / folder.relative_to(prefix)
        shutil.copytree(
            folder, copy, ignore=NOT_NEEDED, copy_function=_place, symlinks=True, dirs_exist_ok=True
        )
    libraries = list((prefix / "lib").glob("libpython3*.so*"))
    for library in libraries:
        _place(str(library), str(target / "lib" / library.name))
    if libraries:
        _look_beside(target / "bin" / MINOR, f"{prefix}/lib")


def installed_version(package: str) -> str:
    """Return the version of a package beside this Python. Raises SandboxUnavailable."""
    try:
        return distribution(package).version
    except PackageNotFoundError as error:
        raise SandboxUnavailable(
            f"{package} is not installed here, and decoders need it; install "
            "requirements/runtime.txt."
        ) from error


def copy_package(name: str, target: Path) -> None:
    """Copy what a wheel installed, its tests left out."""
    for path in distribution(name).files or ():
        if ".." not in path.parts and "tests" not in path.parts:
            copy = target / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            _place(os.fspath(path.locate()), os.fspath(copy))


def _extensions() -> list[Path]:
    """Return where the library's compiled modules lie, if apart from the others."""
    folders = (Path(path) for path in sys.path if Path(path).name == "lib-dynload")
    return [folder for folder in folders if folder.parent != Path(os.__file__).parent]


def _look_beside(program: Path, lib: str) -> None:
    """Let a program look for its own library beside it, not where it was installed.

    No variable of ours tells it: that would reach programs for which it is not meant.
    """
    content, place = program.read_bytes(), f"\0{lib}\0".encode()
    if content.count(place) == 1 and len(place) >= len(BESIDE) + 2:
        there = b"\0" + BESIDE.ljust(len(place) - 1, b"\0")
        program.write_bytes(content.replace(place, there))
    elif BESIDE not in content:
        raise SandboxUnavailable(
            f"{sys.executable} finds libpython by nothing that it could take along; use the "
            "system's Python, or one that was linked with -Wl,-rpath,'$ORIGIN/../lib'."
        )


def _place(source: str, target: str) -> None:
    """Put a file there, for all to read; without using room twice where that can be."""
    mode = os.lstat(source).st_mode
    open_mode = mode | READABLE | (EXECUTABLE if mode & 0o100 else 0)
    if mode == open_mode:
        with suppress(OSError):
            os.link(source, target, follow_symlinks=False)
            return
    shutil.copy2(source, target, follow_symlinks=False)
    if mode != open_mode:  # it was installed under a strict umask
        Path(target).chmod(stat.S_IMODE(open_mode))
