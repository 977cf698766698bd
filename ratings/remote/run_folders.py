"""The folder of a run on a worker's machine: it goes with the run, or at the next start."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

PREFIX = "ratings-run-"
# Between the making of a folder and its lock there is a moment.
YOUNG_SECONDS = 1.0


@contextmanager
def run_folder() -> Iterator[Path]:
    """Make a folder that is locked as long as this process lives; delete it in the end."""
    with TemporaryDirectory(prefix=PREFIX) as made:
        descriptor = os.open(made, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield Path(made)
        finally:
            os.close(descriptor)


def sweep() -> None:
    """Delete the folders of this user's workers that were killed; those of others stay."""
    for folder in Path(gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):  # a living worker's, or gone in this moment
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                found = os.fstat(descriptor)
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if found.st_uid == os.getuid() and found.st_mtime < time.time() - YOUNG_SECONDS:
                    shutil.rmtree(folder)
            finally:
                os.close(descriptor)
