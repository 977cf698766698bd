# SPDX-License-Identifier: Apache-2.0
"""Which programs decoders find on this machine."""

import os
from pathlib import Path

from ratings.sandbox.environments.trees import (
    ETC,
    INSIDE,
    PROGRAMS,
    PYTHONS,
    SYSTEM_FOLDERS,
)

MOST_LINKS = 40  # one after the other, as Linux has it


def finds(program: str) -> bool:
    """Tell whether decoders find a program, by its path or its name, on this machine."""
    if "/" not in program:
        return any(finds(f"{folder}/{program}") for folder in (f"{INSIDE}/bin", *PROGRAMS))
    path = Path(os.path.normpath(f"/{program.lstrip('/')}"))
    if path.is_relative_to(INSIDE):
        return path in {INSIDE / way / name for way in ("bin", "python/bin") for name in PYTHONS}
    try:
        return _leads_to_program(path)
    except (OSError, RuntimeError):  # a name that is too long, links that lead in a circle
        return False


def _leads_to_program(path: Path) -> bool:
    """Follow links as far as they lead over what is mounted."""
    for _ in range(MOST_LINKS):
        if not _is_mounted(path):
            return False
        path = path.parent.resolve() / path.name
        if not path.is_symlink():
            # For any user: programs run as one who owns nothing.
            return _is_mounted(path) and path.is_file() and bool(path.stat().st_mode & 0o001)
        path = Path(os.path.normpath(path.parent / path.readlink()))
    return False


def _is_mounted(path: Path) -> bool:
    """Tell whether `DecoderEnvironment.mounts` shows this path of the machine."""
    _, top, *below = path.parts if path.name else ("/", "")
    if top in ("usr", "etc"):
        return bool(below) and below[0] in (SYSTEM_FOLDERS if top == "usr" else ETC)
    return top in SYSTEM_FOLDERS and Path("/", top).is_symlink()
