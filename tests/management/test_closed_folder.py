"""Both of the README's commands in a folder that root alone can enter, such as root's own home."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.management.sites import ROOT, answers, free_port, processes_that_name, start
from tests.waiting import PATIENCE_SECONDS, eventually

SOURCES = ("ratings", "frontend", "static", "fixtures", "requirements", "tests")
FILES = ("manage.py", "Makefile", "pyproject.toml")


@pytest.fixture
def closed() -> Iterator[Path]:
    """The project with an environment of its own, all of it closed to others.

    It lies where the environment lies, mostly: a gigabyte of links takes no memory and little time.
    """
    (ROOT / "var").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="closed-", dir=ROOT / "var") as outer:
        folder = Path(outer) / "ratings"
        folder.mkdir(mode=0o700)
        for name in SOURCES:  # with what is compiled of them, else each process would do it anew
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("node_modules")
            )
        for name in FILES:
            shutil.copy(ROOT / name, folder / name)
        shutil.copytree(
            Path(sys.prefix).resolve(), folder / ".venv", symlinks=True, copy_function=link_or_copy
        )
        (folder / ".venv" / "run").touch()  # installed
        yield folder
        python = str(folder / ".venv/bin/python")
        subprocess.run([python, "manage.py", "clusters"], cwd=folder, check=True)
        for data_dir in (folder / "var", folder / "var" / "test"):
            shutil.rmtree((data_dir / "postgres").resolve(), ignore_errors=True)


def link_or_copy(source: str, target: str) -> None:
    """Make no second copy of a large file; it is reached through folders that are closed."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root's folders are closed to the server")
def test_both_commands_start(closed: Path) -> None:
    port = free_port()
    with start(["make", "run"], closed, PORT=str(port), MARK=str(closed)) as site:
        eventually(lambda: answers(port) or site.poll() is not None, every=0.2)
        assert site.poll() is None, site.communicate()[0]
        os.killpg(site.pid, signal.SIGINT)
        printed = site.communicate(timeout=PATIENCE_SECONDS)[0]
    assert "Stopping." in printed and "Traceback" not in printed
    assert processes_that_name(f"MARK={closed}\0") == []
    tests: list[str | Path] = [
        closed / ".venv/bin/python",
        "-m",
        "pytest",
        "-q",
        "tests/database/test_base.py",
    ]
    done = subprocess.run(tests, cwd=closed, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
