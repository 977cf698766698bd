"""Commands with arguments that make no sense end with a sentence, never with a traceback."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.comparisons.builders import build_study

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("option", ["--raters", "--judgments"])
def test_nobody_simulates_more_than_a_million(option: str) -> None:
    with pytest.raises(CommandError, match="at most 1000000"):
        call_command("simulate_raters", build_study().slug, option, str(10**20))


def test_a_directory_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="file/in can't be made: Not a directory"):
        call_command("export_study", build_study().slug, str(tmp_path / "file" / "in"))


@pytest.mark.parametrize("url", ["nonsense", "file:///etc", ""])
def test_the_demo_goes_to_a_web_server_only(url: str) -> None:
    with pytest.raises(CommandError, match="no address of a server"):
        call_command("load_demo", url=url)
