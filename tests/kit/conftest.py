"""A phase that takes submissions, and files for the client to send."""

from pathlib import Path

import pytest
from django.db import connection, connections

from ratings.challenge.models import Phase
from ratings.kit import submit
from ratings.storage import content_store
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
