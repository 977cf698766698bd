"""A phase that takes submissions, files for the client to send, and a bench for entries."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, connections

from ratings.challenge.models import Phase
from ratings.kit import submit
from ratings.kit.checking.home_sandbox import environments_folder
from ratings.sandbox.environments.making import environment_in
from ratings.sandbox.sandboxes import BubblewrapSandbox
from ratings.storage import content_store
from tests.builders import build_phase
from tests.kit.benches import LIMITS, Bench, MakeBench
from tests.kit.client import SCRIPT
from tests.web.builders import build_running_phase


@pytest.fixture
def small_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """Poll often, and begin with an empty queue."""
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    monkeypatch.setattr(submit, "POLL_SECONDS", (0.05,))
    monkeypatch.setattr(submit, "LONGEST_WAIT_SECONDS", 0.05)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


@pytest.fixture
def phase() -> Phase:
    return build_running_phase(byte_budget=20)


@pytest.fixture
def work(tmp_path: Path, phase: Phase) -> Path:
    """Make a folder with a decoder, bitstreams of 20 bytes in all, and decoded images."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "decode").write_bytes(SCRIPT)
    for original in phase.originals():
        (tmp_path / "work" / f"{original.stem}.bin").write_bytes(b"x" * 10)
        (tmp_path / "work" / original.name).write_bytes(content_store.load(original.sha256))
    return tmp_path / "work"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[BubblewrapSandbox]:
    """Yield the server's, and let the check at home find the same packages in a cache."""
    with (
        tempfile.TemporaryDirectory(prefix="ratings-environment-") as cache,
        patch.dict(os.environ, {"XDG_CACHE_HOME": cache}),
    ):
        Path(cache).chmod(0o755)
        yield BubblewrapSandbox(environment_in(environments_folder()))


@pytest.fixture
def make_bench(
    tmp_path: Path, sandbox: BubblewrapSandbox, capfdbinary: pytest.CaptureFixture[bytes]
) -> MakeBench:
    def make(*names: str) -> Bench:
        fields: dict[str, Any] = {
            "decoder_rule": "required",
            "decoder_limits": LIMITS,
            "byte_budget": 100_000,
        }
        return Bench(tmp_path, build_phase(names=names, **fields), sandbox, capfdbinary)

    return make


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench("a.png", "b.png", "c.png")
