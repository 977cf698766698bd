"""One platform for all tests of a process, empty for each."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tests.recruiters.platform_control import Control, serving_platform
from tests.recruiters.platform_server import TOKEN


@pytest.fixture(scope="session")
def platform_process() -> Iterator[Control]:
    with serving_platform() as control:
        yield control


@pytest.fixture
def platform(platform_process: Control, settings: Settings) -> Control:
    """An empty platform, which the site knows."""
    settings.PROLIFIC_URL, settings.PROLIFIC_TOKEN = platform_process.url, TOKEN
    platform_process.ask("reset")
    return platform_process
