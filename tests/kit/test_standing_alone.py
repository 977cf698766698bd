"""Each file of the kit runs where nothing else is: an empty folder, Python, numpy and Pillow."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from ratings.kit import arithmetic_coder, lane_coder, probability_models
from tests.waiting import PATIENCE_SECONDS

KIT = Path(__file__).resolve().parents[2] / "ratings" / "kit"
MODULES = sorted(path for path in KIT.glob("[a-z]*.py") if path.name != "check.py")
CODERS = [arithmetic_coder, lane_coder, probability_models]
CODECS = sorted(path.parent for path in KIT.glob("codecs/*/decode"))
ALLOWED = sys.stdlib_module_names | {"numpy", "PIL"}
MORE = {"learned-torch": {"torch"}}  # what else an environment must have
TAUGHT = {"arithmetic_coder.py", "probability_models.py"}  # standard library alone


def imported(path: Path) -> Iterator[str]:
    """Yield the first name of each module that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module).partition(".")[0]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_a_module_runs_alone(module: Path, tmp_path: Path) -> None:
    allowed = sys.stdlib_module_names if module.name in TAUGHT else ALLOWED
    assert set(imported(module)) <= allowed
    alone = shutil.copy(module, tmp_path)
    command = [sys.executable, "-I", "-W", "error", str(alone), "--help"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=PATIENCE_SECONDS)


def test_a_command_without_its_parts_says_what_is_missing(tmp_path: Path) -> None:
    alone = shutil.copy(KIT / "check.py", tmp_path)
    run = subprocess.run(
        [sys.executable, alone], capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )
    assert run.returncode == 1
    assert run.stderr.endswith("take the kit's whole zip, not this file alone.\n")


@pytest.mark.parametrize("module", CODERS, ids=lambda module: module.__name__)
def test_the_example_at_its_top_runs(module: ModuleType) -> None:
    lines = re.findall(r"^    (.*)$", str(module.__doc__), re.MULTILINE)
    names = {name: value for coder in CODERS for name, value in vars(coder).items()}
    exec("\n".join(lines), names | {"symbols": [2, 0, 1], "widths": [1, 2, (1 << 16) - 3]})
    assert len(lines) >= 2


def test_the_examples_of_the_page_run(tmp_path: Path) -> None:
    page = (KIT.parents[1] / "docs" / "kit.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(blocks) >= 2
    for module in MODULES:
        shutil.copy(module, tmp_path)
    (tmp_path / "example.py").write_text("\n".join(blocks))
    command = [sys.executable, "-W", "error", "example.py"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=PATIENCE_SECONDS)


@pytest.mark.parametrize("codec", CODECS, ids=lambda path: path.name)
def test_a_codec_needs_only_its_folder(codec: Path) -> None:
    """Its own files are there, as links at most, and it imports nothing else."""
    files = [path for path in codec.iterdir() if path.suffix == ".py" or not path.suffix]
    own = {path.stem for path in files if path.is_file()}
    assert {"encode", "decode"} <= own
    for path in files:
        if path.is_file():
            assert set(imported(path)) <= ALLOWED | own | MORE.get(codec.name, set()), path
    for script in ("encode", "decode"):
        assert os.access(codec / script, os.X_OK)
        assert (codec / script).read_text().startswith("#!/usr/bin/env python3\n")
