"""Temporary files, on the store's own disk: what is made there is stored without being copied."""

import shutil
from contextlib import suppress
from pathlib import Path

from ratings.storage.root import root

# Longer than any upload or decoder takes: what is older was left by a process that was killed.
ABANDONED_SECONDS = 24 * 3600
INCOMING = "incoming"
DECODING = "decoding"
# Where versions up to 0.1 wrote crops before they were whole; sites that come from there have some.
OLDER_CROPS = "crops/part"
FOLDERS = (INCOMING, DECODING, OLDER_CROPS)


def scratch(folder: str) -> Path:
    """Return one of the folders for temporary files, made if need be."""
    path = root() / folder
    path.mkdir(parents=True, exist_ok=True)
    return path


def sweep(now_seconds: float) -> int:
    """Delete what killed processes left half done, a day later; return how many things."""
    deleted = 0
    for file in (file for folder in FOLDERS for file in (root() / folder).glob("*")):
        with suppress(FileNotFoundError):  # whole in this moment, and gone
            if file.stat().st_mtime < now_seconds - ABANDONED_SECONDS:
                shutil.rmtree(file) if file.is_dir() else file.unlink()
                deleted += 1
    return deleted
