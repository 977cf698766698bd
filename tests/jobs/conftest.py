"""What tests of decoders need around them."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, connections
from pytest_django.fixtures import Settings


@pytest.fixture(scope="session")
def sandbox_folder() -> Iterator[Path]:
    """Return one folder for what decoders find inside, open to every user."""
    with tempfile.TemporaryDirectory(prefix="ratings-environment-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def decoding(sandbox_folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with an empty queue; let no connection outlive the worker's thread."""
    settings.SANDBOX_DIR = sandbox_folder
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
