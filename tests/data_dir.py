"""Pytest plugin, loaded before Django's settings: tests keep their cluster and files apart.

They lie in memory, where there is enough of it: whatever is stored is brought to disk, file by
file and commit by commit, and thousands of tests would wait for the disk most of their time.
"""

import atexit
import hashlib
import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 4 << 30


def in_memory() -> bool:
    """Tell whether memory serves as a disk here: large enough, and programs may run from it."""
    if not os.access(MEMORY, os.W_OK):
        return False
    disk = os.statvfs(MEMORY)
    return disk.f_blocks * disk.f_frsize >= ENOUGH_BYTES and not disk.f_flag & os.ST_NOEXEC


def folder_of_tests() -> Path:
    """Return where clusters and sites of tests lie; in memory they go when the tests end."""
    if not in_memory():
        return ROOT / "var"
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(MEMORY)  # where `tmp_path` is
    folder = MEMORY / f"ratings-tests-{hashlib.sha256(bytes(ROOT)).hexdigest()[:16]}"
    if "PYTEST_XDIST_WORKER" not in os.environ:  # others may still be at work when a worker ends
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


FOLDER = folder_of_tests()
DATA_DIR = FOLDER / "test"
os.environ["RATINGS_DATA_DIR"] = str(DATA_DIR)
# WhiteNoise warns where static files were never collected, and warnings are errors here.
(DATA_DIR / "static").mkdir(parents=True, exist_ok=True)
