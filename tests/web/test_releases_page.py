"""Releases at the desk: chosen in words, reviewed, and saved as a version of the definition."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from ratings.challenge.models import Phase
from ratings.comparisons.study.definition_history import Author, snapshot
from ratings.comparisons.study.whole_definition import load_whole
from ratings.jobs.definition_actions import save
from tests.builders import build_organizer
from tests.challenge.definitions import GOOD
from tests.web.pages import markup, page
from tests.web.routes import status

pytestmark = pytest.mark.django_db
Answers = dict[str, str]
BOARDS = "phase-0-boards_open"


@pytest.fixture
def organizer(client: Client) -> Client:
    client.force_login(build_organizer(username="ann"))
    return client


@pytest.fixture
def phase() -> Phase:
    return load_whole(GOOD, None).challenge.phases.get()


def desk(phase: Phase, rest: str = "releases/") -> str:
    return f"/desk/challenges/{phase.challenge.slug}/{rest}"


def hidden(html: str) -> Answers:
    """Return what a page's form carries on."""
    areas = re.findall(r'<textarea name="(\w+)" hidden>\n?(.*?)</textarea>', html, re.DOTALL)
    inputs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html)
    return {name: unescape(value) for name, value in [*areas, *inputs]}


def review(client: Client, phase: Phase, answers: Answers) -> str:
    """Return the page that answers lead to."""
    form = hidden(client.get(desk(phase)).content.decode())
    response = client.post(desk(phase), form | answers)
    assert response.status_code == 200
    return response.content.decode()


def test_boards_open_now_once_it_is_reviewed_and_saved(organizer: Client, phase: Phase) -> None:
    board = f"/{phase.challenge.slug}/{phase.slug}/board/"
    html = review(organizer, phase, {BOARDS: "now"})
    assert f"[[phase]] {phase.slug}: boards_open: not set -&gt;" in html and "1 change" in html
    assert status(Client(), board) == 404 and phase.challenge.versions.count() == 1
    note = {"do": "save", "note": "All is judged."}
    saved = organizer.post(desk(phase, "definition/"), hidden(html) | note)
    assert saved["Location"] == desk(phase, "definition/versions/")
    version = phase.challenge.versions.latest("number")
    assert (version.by, version.note) == ("ann", "All is judged.")
    assert status(Client(), board) == 200
    phase.refresh_from_db()
    assert phase.boards_open_at is not None
    assert timezone.now() - phase.boards_open_at < timedelta(minutes=5)


def test_what_is_missing_is_said_where_it_is(organizer: Client, phase: Phase) -> None:
    form = hidden(organizer.get(desk(phase)).content.decode())
    refused = organizer.post(desk(phase), form | {BOARDS: "at", f"{BOARDS}.at": ""})
    html = markup(refused)
    assert (
        refused.status_code == 422
        and "Boards: Give a day and a time, in the years 2000 to 2199." in html
    )
    assert f'id="{BOARDS}.at-told"' in html
    assert re.search(rf'id="{BOARDS}.at"[^>]*\bchecked', html)


def test_what_others_saved_meanwhile_is_merged(organizer: Client, phase: Phase) -> None:
    html = review(organizer, phase, {"phase-0-own_scores": "true"})
    current = snapshot(phase.challenge)
    theirs = current.text.replace('name = "A small challenge"', 'name = "Another"')
    save(phase.challenge.slug, theirs, current.etag, Author("other"))
    met = organizer.post(desk(phase, "definition/"), hidden(html) | {"do": "save"})
    assert met.status_code == 409 and "Somebody else saved meanwhile" in markup(met)
    both = hidden(met.content.decode())["text"]
    assert 'name = "Another"' in both and "own_scores = true" in both
    phase.refresh_from_db()
    assert phase.own_scores is False


def test_the_desk_leads_there(organizer: Client, phase: Phase) -> None:
    html = page(organizer, desk(phase))
    assert "As soon as it is saved: everyone sees both boards" in html
    for path in ("/desk/", desk(phase, f"phases/{phase.slug}/"), desk(phase, "definition/")):
        assert f'href="{desk(phase)}"' in page(organizer, path)
