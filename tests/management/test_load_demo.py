"""The demo needs a running server and an organizer; the journeys see it loaded."""

import socket
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from ratings.management.commands.load_demo import ENTRIES, is_demo_wanted
from ratings.models import AccessToken, Submission
from tests.builders import build_challenge, build_organizer, build_phase, build_submission

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_dir(settings: Settings, tmp_path: Path) -> None:
    """Let the photographs be written apart."""
    settings.DATA_DIR = tmp_path


def test_without_an_organizer_it_says_what_to_do() -> None:
    with pytest.raises(CommandError, match="no organizer yet: start the site"):
        call_command("load_demo")


def test_without_a_server_it_says_so_and_leaves_no_token() -> None:
    build_organizer()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))  # bound, and nobody listens
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        with pytest.raises(CommandError, match=f"No server answers at {url}: start it"):
            call_command("load_demo", url=url)
    assert not AccessToken.objects.exists()
    assert not Submission.objects.exists()


def test_the_demo_is_wanted_until_all_of_it_is_scored() -> None:
    assert is_demo_wanted()
    phase = build_phase(build_challenge(slug="demo"))
    scored = [build_submission(phase, state=Submission.State.SCORED) for _ in ENTRIES]
    assert not is_demo_wanted()
    scored[0].delete()
    assert is_demo_wanted()  # cut short: loading begins again


def test_no_demo_is_wanted_beside_a_challenge_of_ones_own() -> None:
    build_challenge(slug="mine")
    assert not is_demo_wanted()
