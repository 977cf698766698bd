"""The desk's page of methods: what can be made, how far it is, and what its module has to know."""

import json
import re
from hashlib import sha256

import pytest
from django.test import Client

from ratings.challenge.models import Phase
from tests.builders import (
    NOW,
    build_organizer,
    build_phase,
    build_submission,
    build_team,
)
from tests.fidelity.builders import build_scored_submission
from tests.web.builders import build_running_phase
from tests.web.pages import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def organizer(client: Client) -> Client:
    client.force_login(build_organizer())
    return client


def address(phase: Phase, rest: str = "") -> str:
    return f"/desk/challenges/{phase.challenge.slug}/phases/{phase.slug}/methods/{rest}"


def test_baselines_are_started_and_stopped_by_buttons(organizer: Client) -> None:
    phase = build_running_phase(names=["a.png"], byte_budget=5000)
    html = page(organizer, address(phase))
    assert re.search(r'value="JPEG"\s+checked', html) and "no byte budget" not in html
    assert f'href="{address(phase)}"' in page(organizer, address(phase).removesuffix("methods/"))
    assert organizer.post(address(phase, "start/")).status_code == 422
    organizer.post(address(phase, "start/"), {"codec": ["JPEG", "WebP"]})
    phase.baseline_orders.filter(codec="JPEG").update(state="making", done=1)
    html = page(organizer, address(phase))
    assert not re.search(r'name="codec"[^>]*\schecked', html)
    assert re.search(r"33 %, 1 of 3\s+steps", html) and 'data-live="2"' in html
    assert html.count('form="stop-form"') == 2
    organizer.post(address(phase, "stop/"), {"codec": "WebP"})
    html = page(organizer, address(phase))
    assert html.count('form="stop-form"') == 1 and "Stopped by" in html


def test_the_definitions_own_baselines_are_chosen_at_first(organizer: Client) -> None:
    phase = build_running_phase(names=["a.png"], byte_budget=5000, baselines=["WebP"])
    html = page(organizer, address(phase))
    assert re.findall(r'name="codec"\s+value="([^"]*)"\s+checked', html) == ["WebP"]


def test_what_can_not_be_made_says_why(organizer: Client) -> None:
    build_team(
        (phase := build_running_phase(names=["a.png"], byte_budget=5)).challenge, name="AVIF"
    )
    html = page(organizer, address(phase))
    assert re.search(r'value="AVIF"\s+disabled', html) and "exists already as" in html
    response = organizer.post(address(phase, "start/"), {"codec": ["JPEG", "AVIF"]})
    assert response.status_code == 422 and "AVIF: The team" in response.content.decode()
    assert not phase.baseline_orders.exists()
    unlimited = build_running_phase(byte_budget=None)
    html = page(organizer, address(unlimited))
    assert "has no byte budget" in html and 'value="JPEG"' not in html


def test_one_that_is_entered_is_made_anew_where_it_is_chosen(organizer: Client) -> None:
    phase = build_running_phase(names=["a.png"], byte_budget=5000)
    team = build_team(phase.challenge, name="JPEG", kind="baseline")
    build_submission(phase, team, method="JPEG", state="scored")
    html = page(organizer, address(phase))
    assert re.search(r'value="JPEG"\s*>', html) and "choose it to have it made anew" in html
    organizer.post(address(phase, "start/"), {"codec": "JPEG"})
    assert phase.baseline_orders.get().state == "waiting"


def test_its_module_knows_pictures_budget_and_names(organizer: Client) -> None:
    phase = build_running_phase(names=["a.png"], byte_budget=5000)
    entered = build_scored_submission(phase, build_team(phase.challenge, name="xvc"))
    build_team(phase.challenge, name="new")
    html = page(organizer, address(phase))
    found = re.search(r'id="method-facts"[^>]*>(.*?)</script>', html, re.DOTALL)
    assert found
    facts = json.loads(found[1])
    assert facts["pictures"] == [{"name": "a.png", "width": 8, "height": 6}]
    assert (facts["budget"], facts["state"]) == (5000, "open")
    assert {team["name"]: team["entered"] for team in facts["teams"]} == {"xvc": True, "new": False}
    assert "JPEG" in facts["reserved"]
    files = sorted([entered.decoded_images.get().sha256, entered.bitstreams.get().sha256])
    told = {team["name"]: team["prints"] for team in facts["teams"]}
    assert told == {"xvc": [sha256("\n".join(files).encode()).hexdigest()], "new": []}


@pytest.mark.parametrize(
    ("fields", "may"),
    [
        ({}, True),
        ({"decoder_rule": "required"}, False),
        ({"opens_at": NOW.replace(year=2090), "closes_at": NOW.replace(year=2091)}, False),
    ],
)
def test_they_compete_only_where_decoded_pictures_count(
    organizer: Client, fields: dict[str, object], may: bool
) -> None:
    html = page(organizer, address(build_running_phase(**fields)))
    assert bool(re.search(r'value="competing"\s+checked', html)) is may
    assert bool(re.search(r'value="baseline"\s+checked', html)) is not may


def test_a_late_one_asks_for_its_reason(organizer: Client) -> None:
    over = build_phase(opens_at=NOW, closes_at=NOW.replace(hour=23, minute=59))
    assert 'name="late_note"' in page(organizer, address(over))
    assert 'name="late_note"' not in page(organizer, address(build_running_phase()))
