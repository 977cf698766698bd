"""The rating page and the crops: what stands in them, and what does not."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ratings.comparisons.models import CropVersion, Study
from tests.comparisons.builders import build_filled_study, build_rater, log_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def plain_static_files(settings: Any) -> None:  # noqa: ANN401
    """Name static files without digests: nothing is collected in tests."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


def state(client: Client, study: Study) -> str:
    response = client.get(f"/rate/{study.slug}/")
    assert response.status_code == 200
    found = re.search(r'data-state="(\w+)"', response.content.decode())
    assert found
    return found[1]


def test_an_unknown_study_is_not_found(client: Client) -> None:
    assert client.get("/rate/nowhere/").status_code == 404


def test_consent_comes_first_and_once(client: Client) -> None:
    study = build_filled_study()
    assert state(client, study) == "consent"
    log_in(client, build_rater(study))
    assert state(client, study) == "waiting"
    Study.objects.update(is_open=False)
    assert state(client, study) == "closed"


def test_the_page_holds_no_script_or_style_and_escapes_the_study_s_text(client: Client) -> None:
    study = build_filled_study(consent="<script>alert(1)</script>", ties_allowed=True)
    response = client.get(f"/rate/{study.slug}/")
    page = response.content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert re.findall(r"<script[^>]*>", page) == [
        '<script type="module" src="/static/modules/rate.js">'
    ]
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    assert 'data-choice="tie"' in page
    assert "no-store" in response["Cache-Control"]


def test_the_page_s_style_knows_only_greys(settings: Any) -> None:  # noqa: ANN401
    style = (Path(settings.BASE_DIR) / "static" / "rate.css").read_text()
    colours = re.findall(r"#([0-9a-f]{6})\b", style)
    assert len(colours) > 5
    assert all(colour[:2] == colour[2:4] == colour[4:] for colour in colours)
    assert not re.search(r"(?<!-)\b(transform|animation|transition|filter|zoom)\s*:", style)


def test_a_crop_is_served_for_ever_without_asking_the_database(client: Client) -> None:
    build_filled_study()
    address = CropVersion.objects.filter(entry__isnull=False)[0].address
    with CaptureQueriesContext(connection) as queries:
        response = client.get(f"/crops/{address}.webp")
        content = b"".join(response.streaming_content)  # type: ignore[arg-type]
    assert len(queries) == 0
    assert (response["Content-Type"], len(content)) == ("image/webp", 4096)
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "name", ["0" * 32, "0" * 31, "..%2f..%2fsecret_key", "A" * 32, "part", "0" * 32 + ".webp"]
)
def test_other_addresses_are_not_found(client: Client, name: str) -> None:
    assert client.get(f"/crops/{name}.webp").status_code == 404
