"""The page of a study's crops: where they lie, moved through the definition, fixed once shown."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ratings.challenge.models import Membership
from ratings.comparisons.models import Study, Trial
from ratings.comparisons.study.cropping import boxes, place
from ratings.comparisons.study.whole_definition import load_whole
from tests.builders import NOW, build_organizer
from tests.challenge.definitions import STUDY, TEXT, write_originals
from tests.comparisons.builders import build_rater
from tests.web.forms import sent_by
from tests.web.pages import page

pytestmark = pytest.mark.django_db
PATH = "/desk/studies/people/crops/"


@pytest.fixture(autouse=True)
def organizer(client: Client, tmp_path: Path) -> User:
    load_whole(TEXT + STUDY, write_originals(tmp_path))
    user = build_organizer(username="ann")
    client.force_login(user)
    return user


def form(html: str) -> dict[str, str]:
    """Return what the page's form sends as it stands."""
    return sent_by(html.replace('<form class="part"', '<form class="editor part"'))


def post(client: Client, sent: dict[str, str]) -> tuple[int, str]:
    response = client.post(PATH, sent)
    return response.status_code, response.content.decode()


def places(sent: dict[str, str]) -> list[str]:
    return sorted(name for name in sent if name[:2] in ("x-", "y-"))


def test_every_picture_is_shown_with_its_crops(client: Client) -> None:
    html = page(client, PATH)
    study = Study.objects.get()
    original = study.phase.originals()[0]
    for box in boxes(study, original):
        assert f'transform="translate({box.x} {box.y})"' in html
    assert html.count('class="crop"') == 6 and html.count("places by the seed") == 3
    assert f'href="{PATH}"' in page(client, "/desk/studies/people/")


def test_a_moved_crop_is_reviewed_and_stands_in_the_file(client: Client) -> None:
    sent = form(client.get(PATH).content.decode())
    x, y = places(sent)[0], places(sent)[0].replace("x-", "y-")
    status, html = post(client, sent | {x: "3", y: "4"})
    assert status == 200 and "1 change</h2>" in html
    assert Study.objects.get().placed_crops == []
    assert client.post("/desk/challenges/small/definition/", sent_by(html) | {"do": "save"})
    study = Study.objects.get()
    assert len(study.placed_crops) == 2
    assert {"picture": study.placed_crops[0]["picture"], "x": 3, "y": 4} in study.placed_crops
    assert page(client, PATH).count("places of your own") == 1
    assert "Nothing would change." in post(client, form(client.get(PATH).content.decode()))[1]


def test_a_place_that_is_none_is_refused_and_stays_as_it_was_typed(client: Client) -> None:
    sent = form(client.get(PATH).content.decode())
    x = places(sent)[0]
    for typed, told in (
        ("25", "leaves the picture"),
        ("-1", "whole numbers"),
        ("1e9", "whole num"),
    ):
        status, html = post(client, sent | {x: typed})
        assert status == 422 and told in html
    assert post(client, {})[0] == 200
    assert post(client, {"base": "study = 1", x: "9" * 99})[0] == 422


def test_what_trials_show_is_fixed(client: Client) -> None:
    study = Study.objects.get()
    crop = place(study, study.phase.originals()[0])[0]
    assert "Trials are being issued" in page(client, PATH)
    rater = build_rater(study)
    Trial.objects.create(
        rater=rater, crop=crop, kind="golden", number=1, first_left=True, issued_at=NOW
    )
    html = page(client, PATH)
    assert html.count('class="crop fixed"') == 1 and html.count(">fixed</span>") == 1
    Study.objects.update(paused_at=NOW)
    sent = form(client.get(PATH).content.decode())
    assert len(places(sent)) == 10
    x = next(name for name in places(sent) if name.startswith(f"x-{crop.original_id}-"))
    at = {x: str(min(crop.x + 1, 24)), x.replace("x-", "y-"): str(min(crop.y + 1, 14))}
    status, html = post(client, sent | at)
    assert status == 422 and "which trials show; move it away" in html


def test_a_viewer_looks_and_moves_nothing(client: Client) -> None:
    viewer = build_organizer(username="vi", is_staff=False)
    Membership.objects.create(user=viewer, role=Membership.Role.VIEWER)
    client.force_login(viewer)
    html = page(client, PATH)
    assert html.count("data-fixed") == 6 and len(re.findall(r"\breadonly\b", html)) == 12
    assert client.post(PATH, {}).status_code == 403
