"""What commands print: every name, whatever the console can show."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from ratings.management.aligned import aligned

NAMES = ("图像组 / 深度编码", "Größe 🚀")
ROWS = "".join(
    f"r{r},p{p},{left},{right},left\n"
    for r in range(7)
    for p in range(3)
    for left, right in (NAMES, NAMES[::-1])
)
RANK = [sys.executable, str(settings.BASE_DIR / "manage.py"), "rank"]


@pytest.fixture
def judgments(tmp_path: Path) -> Path:
    """Return a file of judgments between two methods whose names are not ASCII."""
    path = tmp_path / "judgments.csv"
    path.write_text("rater,image,left,right,choice\n" + ROWS, encoding="utf-8")
    return path


@pytest.mark.parametrize(("encoding", "option"), [("cp1252", "--raters"), ("ascii", "--json")])
def test_files_and_pipes_get_utf_8(judgments: Path, encoding: str, option: str) -> None:
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run(
        [*RANK, str(judgments), option], env=environment, capture_output=True, check=True
    )
    assert all(name in done.stdout.decode("utf-8") for name in NAMES)
    if option == "--json":
        assert {row["method"] for row in json.loads(done.stdout)["results"]} == set(NAMES)


def test_a_terminal_gets_escapes_for_what_it_can_t_show(judgments: Path) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        done = subprocess.run(
            [*RANK, str(judgments)],
            env=os.environ | {"PYTHONIOENCODING": "cp1252"},
            stdout=theirs,
            stderr=subprocess.PIPE,
            check=False,
        )
        printed = terminal.read(4096).decode("cp1252")
        os.close(theirs)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Größe \\U0001f680" in printed and "\\u56fe\\u50cf" in printed


def test_wide_letters_take_two_columns_and_marks_none() -> None:
    rows = [["name", "x"], ["图像", "1"], ["e\u0301", "22"]]
    assert aligned(rows, 0) == ["name   x", "图像   1", "e\u0301     22"]
