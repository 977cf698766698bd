"""Whole pictures over the API: the same facts as the pages', and hidden as long as these."""

import pytest
from django.test import Client
from django.utils import timezone

from ratings.challenge.models import Phase
from ratings.fidelity.models import Distortion
from ratings.viewing.tile_manifest import tile_addresses
from tests.api.conftest import SetTime, bearer, details
from tests.builders import build_token
from tests.viewing.builders import build_shown_phase, close_studies, prepare_all
from tests.web.routes import status

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shown_now(set_time: SetTime) -> None:
    set_time(timezone.now())


def address(phase: Phase, below: str = "") -> str:
    return f"/api/v1/challenges/{phase.challenge.slug}/phases/{phase.slug}/pictures/{below}"


def test_the_list_has_each_picture_with_its_judgments(client: Client) -> None:
    phase = build_shown_phase()
    answer = client.get(address(phase)).json()
    assert answer["next"] is None
    assert [one["name"] for one in answer["results"]] == ["a.png", "b.png"]
    one = answer["results"][0]
    assert one["judgments"] > 0 and 0 <= one["against_psnr"] <= one["judgments"]
    assert one["psnr_spread_db"] > 0 and one["url"] == address(phase, "a.png/")
    assert status(client, one["page"]) == status(client, one["url"]) == 200


def test_a_picture_has_its_levels_and_of_each_version_numbers_and_tiles(client: Client) -> None:
    phase = build_shown_phase()
    original = phase.originals()[0]
    before = client.get(address(phase, "a.png/")).json()
    assert [one["tiles"] for one in before["versions"]] == [None] * 4
    prepare_all()
    answer = client.get(address(phase, "a.png/")).json()
    assert answer["levels"] == [{"shrink": 1, "width": 8, "height": 6}]
    assert answer["simulated"] is False
    first, *methods = answer["versions"]
    addresses = tile_addresses(phase, original)
    assert first["key"] == "original" and "psnr_db" not in first
    assert [one["method"] for one in methods] == ["method-0", "method-1", "method-2"]
    for one in answer["versions"]:
        assert one["tiles"] == f"/tiles/{addresses[one['key']]}/{{level}}-{{column}}-{{row}}.webp"
        tile = one["tiles"].format(level=0, column=0, row=0)
        assert status(client, tile) == status(client, one["png"]) == 200
    assert all(one["judgments"] > 0 and 0 <= one["win_rate"] <= 1 for one in methods)


def test_an_infinite_psnr_is_a_text(client: Client) -> None:
    phase = build_shown_phase()
    Distortion.objects.filter(decoded_image__submission__method="method-0").update(squared_error=0)
    answer = client.get(address(phase, "a.png/")).json()
    assert answer["versions"][1]["psnr_db"] == "inf"
    assert client.get(address(phase)).json()["results"][0]["psnr_spread_db"] == "inf"


def test_while_a_study_takes_judgments_only_organizers_are_answered(client: Client) -> None:
    phase = build_shown_phase()
    close_studies(phase, is_open=True)
    for below in ("", "a.png/", "none.png/"):
        assert details(client.get(address(phase, below)))
        assert client.get(address(phase, below)).status_code == 404
    organizer = bearer(build_token())
    assert organizer.get(address(phase)).status_code == 200
    assert organizer.get(address(phase, "a.png/")).status_code == 200


def test_unknown_pictures_and_studies_are_not_found(client: Client) -> None:
    phase = build_shown_phase()
    for below in ("none.png/", "a.png/?study=none", "?study=none"):
        assert client.get(address(phase, below)).status_code == 404
