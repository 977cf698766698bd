"""Folders of runs: those of workers that were killed go, and no other."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ratings.remote.run_folders import PREFIX, run_folder, sweep

KILLED = """
import os, signal
from ratings.remote.run_folders import run_folder
with run_folder() as folder:
    (folder / "decoder").write_text("a stranger's")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_worker_left_goes_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", KILLED], env=environment, check=False)
    (left,) = tmp_path.iterdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / f"{PREFIX}link").symlink_to(elsewhere)
    with run_folder() as held:
        (held / "decoder").touch()
        sweep()
        assert left.exists(), "it may be made just now"
        for folder in (left, held, elsewhere):
            os.utime(folder, (0, 0))
        sweep()
        assert (left.exists(), held.exists(), elsewhere.exists()) == (False, True, True)
    assert not held.exists()
