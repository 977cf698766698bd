"""Fixtures that every test may use."""

from pathlib import Path

import hypothesis
import pytest
from pytest_django.fixtures import Settings

# A machine with other work to do is slow now and then; that says nothing about the code.
hypothesis.settings.register_profile("loaded machine", deadline=None)
hypothesis.settings.load_profile("loaded machine")


@pytest.fixture(autouse=True)
def files_of_this_test(settings: Settings, tmp_path: Path) -> None:
    """Give each test a file store of its own, and static files that need no collecting."""
    storage = settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path / "files"}}
    static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {"default": storage, "staticfiles": static}
