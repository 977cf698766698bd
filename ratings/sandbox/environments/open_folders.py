# SPDX-License-Identifier: Apache-2.0
"""Folders that every user can enter: a worker run by root starts decoders as another one."""

import os
from pathlib import Path

from ratings.sandbox.sandbox_errors import SandboxUnavailable

APART = Path("/var/lib/ratings-sandbox")  # of sites in root's own folders


def usual_folder(wanted: Path) -> Path:
    """Return `wanted`, or a folder apart where decoders of a root process couldn't get there.

    What lies in it is named by its versions, so that any number of sites may share it.
    """
    return APART if _closed(wanted) else wanted


def open_folder(folder: Path) -> None:
    """Make a folder for environments if it is new.

    Raises SandboxUnavailable where other users can't enter it.
    """
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # whatever the umask is
    if closed := _closed(folder):
        raise SandboxUnavailable(
            f"{folder} can't hold what decoders need, because {closed} is closed to other users; "
            "choose another folder."
        )


def _closed(folder: Path) -> Path | None:
    """Return what keeps others, who run what a root process starts, out of a folder; or None."""
    there = [path for path in (folder.resolve(), *folder.resolve().parents) if path.exists()]
    closed = (path for path in there if not path.stat().st_mode & 0o001)
    return next(closed, None) if os.geteuid() == 0 else None
