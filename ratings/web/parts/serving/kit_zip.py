"""The participants' kit as one zip: the same files make the same bytes anywhere."""

import ast
import io
import zipfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

HOUSE = settings.BASE_DIR  # what the zip's names are relative to: commands are those of the docs
KIT = HOUSE / "ratings" / "kit"
# The oldest date a zip can carry: the same files make the same bytes.
DATE = (1980, 1, 1, 0, 0, 0)
PROGRAM, PLAIN = 0o100755, 0o100644


def pack(house: Path) -> bytes:
    """Return `ratings/kit` of a house as a zip, with the files that it imports of other rooms.

    Links are followed, programs marked. Nothing is compressed, since compressors differ: the same
    files give the same bytes anywhere.
    """
    held, own = io.BytesIO(), set(_own(house / "ratings" / "kit"))
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
        shared = _shared(house, own)
        for path in sorted(own | shared | set(_data(shared))):
            info = zipfile.ZipInfo(path.relative_to(house).as_posix(), DATE)
            info.create_system = 3  # Unix, whose marks these are
            info.external_attr = (PROGRAM if path.stat().st_mode & 0o100 else PLAIN) << 16
            archive.writestr(info, path.read_bytes())
    return held.getvalue()


def _own(kit: Path) -> Iterator[Path]:
    """Yield all files but what Python, editors and systems leave behind."""
    for path in kit.rglob("*"):
        parts = path.relative_to(kit).parts
        litter = "__pycache__" in parts or any(part.startswith(".") for part in parts)
        if path.is_file() and not litter:
            yield path


def _shared(house: Path, files: Iterable[Path]) -> set[Path]:
    """Return the files of the house that Python files import, and what these import in turn."""
    modules, waiting = set[Path](), [path for path in files if path.suffix == ".py"]
    while waiting:
        new = {path for path in _imported(house, waiting.pop()) if path not in modules}
        modules |= new
        waiting += new
    return modules


def _data(modules: Iterable[Path]) -> Iterator[Path]:
    """Yield what lies beside modules for them to read."""
    for folder in {path.parent for path in modules}:
        yield from folder.glob("*.txt")


def _imported(house: Path, file: Path) -> Iterator[Path]:
    """Yield the files that a file imports of the house, each with the packages that it lies in."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                path = house.joinpath(*name.split("."))
                for candidate in (
                    path.with_suffix(".py"),
                    *(p / "__init__.py" for p in path.parents),
                ):
                    if candidate.is_relative_to(house / "ratings") and candidate.is_file():
                        yield candidate


@cache
def installed_kit() -> bytes:
    """Return the kit's zip, made once: what is installed stays while a process runs."""
    return pack(HOUSE)
