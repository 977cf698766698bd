"""Clients that other people's tools make of the schema do the whole main line."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy as np
import pytest
from PIL import Image

from tests.journeys import contest
from tests.journeys.conftest import Site
from tests.journeys.studies import QUIET, toml

CLIENTS = Path(__file__).parent / "clients"
TEAMS = {"coarse": 32, "fine": 4}  # by the step of their quantizer


@pytest.fixture(scope="module")
def schema(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Let the site have a challenge for clients; return its schema in a file."""
    folder = tmp_path_factory.mktemp("clients")
    study = {"phase": "open", "slug": "clients", "name": "Clients", "consent": "Yes.", **QUIET}
    phase = contest.phase("open", "C", opens=contest.LONG_AGO, closes=contest.FAR_OFF) | {
        "decoder": '"optional"',
        "originals_open": contest.LONG_AGO,
        "byte_budget": "1000",
    }
    file = contest.write_definition(folder, "clients", {"C": contest.pictures(0, 2)}, phase)
    lines = ["[[study]]", *(f"{key} = {toml(value)}" for key, value in study.items())]
    file.write_text("\n".join([file.read_text(), *lines]))
    site.manage("load_challenge", str(file))
    with urlopen(f"{site.url}/api/v1/schema/?format=json") as answer:
        (folder / "schema.json").write_bytes(answer.read())
    return folder / "schema.json"


def decoded_by(folder: Path, kind: str) -> Path:
    """Write what two teams of this client's decoded; return the folder."""
    for team, step in TEAMS.items():
        (folder / f"{kind}-{team}").mkdir(parents=True)
        for name, rgb in contest.pictures(0, 2).items():
            coarse = (rgb // step * step).astype(np.uint8)
            Image.fromarray(coarse).save(folder / f"{kind}-{team}" / name)
    return folder


def run(command: Sequence[str | Path], folder: Path, **environment: str) -> str:
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def check(printed: str, site: Site, kind: str) -> None:
    told: dict[str, Any] = json.loads(printed)
    assert told["states"] == ["scored", "scored"]
    assert told["judged"] == 2
    ours = [team for team in told["board"] if team.startswith(kind)]
    assert ours == [f"{kind}-fine", f"{kind}-coarse"]
    assert told["ranked"] == "clients"
    with urlopen(f"{site.url}/api/v1/challenges/clients/datasets/C.zip") as archive:
        assert told["archive_bytes"] == len(archive.read())


def test_a_client_made_for_python(site: Site, schema: Path, tmp_path: Path) -> None:
    tools = Path(sys.executable).parent
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"post_hooks": []}))
    package = tmp_path / "challenge_client"
    made: list[str | Path] = [
        tools / "openapi-python-client",
        "generate",
        "--meta=none",
        f"--path={schema}",
    ]
    run([*made, f"--output-path={package}", f"--config={config}"], tmp_path)
    calls = json.loads(schema.read_text())["paths"].values()
    names = {call["operationId"] for methods in calls for call in methods.values()}
    modules = {file.stem for file in package.glob("api/*/*.py")} - {"__init__"}
    assert modules == names  # no call was left out
    line: list[str | Path] = [sys.executable, CLIENTS / "main_line.py", site.url]
    decoded = decoded_by(tmp_path / "decoded", "python")
    check(run([*line, decoded], tmp_path, PYTHONPATH=str(tmp_path)), site, "python")


def test_a_client_made_for_typescript(site: Site, schema: Path, tmp_path: Path) -> None:
    node_modules = CLIENTS / "node_modules"
    for name in ("main-line.ts", "tsconfig.json", "package.json"):
        shutil.copy(CLIENTS / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(node_modules)
    tools = node_modules / ".bin"
    run([tools / "openapi-typescript", schema, "--output", "schema.ts"], tmp_path)
    run([tools / "tsc", "--project", "."], tmp_path)
    decoded = decoded_by(tmp_path / "decoded", "typescript")
    check(run(["node", "main-line.js", site.url, decoded], tmp_path), site, "typescript")
