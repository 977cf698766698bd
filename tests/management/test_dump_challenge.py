"""dump_challenge: what is printed loads to the same."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ratings.imaging.pixels import encode_png
from ratings.models import Original, Phase, Study
from tests.builders import build_rgb

pytestmark = pytest.mark.django_db
TEXT = """
slug = "small"
name = "A small challenge"
summary = "One line."

[[dataset]]
slug = "P"
name = "Professional"
originals = "P"

[[phase]]
slug = "test"
name = "Test"
datasets = ["P"]
opens = 2018-04-15T00:00:00-08:00
closes = 2018-04-22T23:59:59-08:00
max_bpp = 0.15

[[study]]
phase = "test"
slug = "people"
name = "People"
consent = "You may stop at any time."
"""


def dumped(slug: str) -> str:
    out = StringIO()
    call_command("dump_challenge", slug, stdout=out)
    return out.getvalue()


def test_an_unknown_challenge_is_answered_with_those_there_are() -> None:
    with pytest.raises(CommandError, match=r"There is no challenge 'small'\. There are: none\."):
        dumped("small")


def test_what_is_printed_loads_to_the_same(tmp_path: Path) -> None:
    (tmp_path / "P").mkdir()
    (tmp_path / "P" / "a.png").write_bytes(encode_png(build_rgb(width=40, height=30)))
    (tmp_path / "first.toml").write_text(TEXT)
    call_command("load_challenge", tmp_path / "first.toml")
    text = dumped("small")
    before = [list(model.objects.values()) for model in (Phase, Study, Original)]
    (tmp_path / "second.toml").write_text(text)
    call_command("load_challenge", tmp_path / "second.toml")
    assert [list(model.objects.values()) for model in (Phase, Study, Original)] == before
    assert dumped("small") == text
    assert "closes = 2018-04-22T23:59:59-08:00" in text
