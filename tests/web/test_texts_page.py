"""A study's texts at the desk: side by side, whole or not at all, saved through the definition."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ratings.challenge.models import DefinitionVersion
from ratings.comparisons.models import Study
from ratings.comparisons.study.whole_definition import load_whole
from tests.builders import build_organizer
from tests.challenge.definitions import STUDY, TEXT, write_originals
from tests.web.forms import sent_by
from tests.web.pages import markup, page

pytestmark = pytest.mark.django_db
PATH = "/desk/studies/people/texts/"
GERMAN = {
    "name-de": "Was Leute sehen",
    "question-de": "Was ist näher am Original?",
    "consent-de": "Sie nehmen *freiwillig* teil.\r\n\r\nDanke.",
}


@pytest.fixture(autouse=True)
def organizer(client: Client, tmp_path: Path) -> User:
    load_whole(TEXT + STUDY, write_originals(tmp_path))
    user = build_organizer(username="ann")
    client.force_login(user)
    return user


def form(html: str) -> dict[str, Any]:
    """Return what the page's form sends as it stands."""
    inner = html.replace('<form class="part"', '<form class="editor part"')
    languages = re.findall(r'name="language" value="(\w+)"', html)
    return sent_by(inner) | {"language": languages}


def post(client: Client, sent: dict[str, Any], do: str) -> tuple[int, str]:
    response = client.post(PATH, sent | {"do": do})
    return response.status_code, response.content.decode()


def test_a_language_is_added_filled_in_and_saved_as_a_version(client: Client) -> None:
    status, html = post(client, form(client.get(PATH).content.decode()), "add:de")
    assert status == 200 and "German lacks" in html and html.count(">missing</span>") == 3
    status, html = post(client, form(html) | GERMAN, "show")
    assert status == 200 and "lacks" not in html and "<em>freiwillig</em>" in html
    status, html = post(client, form(html) | GERMAN, "review")
    assert status == 200 and "This would change. It is" in html
    assert DefinitionVersion.objects.count() == 1
    sent = sent_by(html) | {"do": "save", "note": "In German too"}
    saved = client.post("/desk/challenges/small/definition/", sent)
    assert saved.status_code == 302
    study = Study.objects.get()
    assert study.protocol.languages == ("en", "de")
    assert study.texts("de").consent == "Sie nehmen *freiwillig* teil.\n\nDanke."
    assert DefinitionVersion.objects.order_by("number").last().note == "In German too"  # type: ignore[union-attr]
    html = page(client, PATH)
    assert "Was Leute sehen" in html and "lacks" not in html


def test_what_is_missing_is_refused_and_stays_as_it_was_typed(client: Client) -> None:
    _, html = post(client, form(client.get(PATH).content.decode()), "add:de")
    status, html = post(client, form(html) | {"name-de": "Nur der Name"}, "review")
    assert status == 422 and "2 to mend:" in html and "Nur der Name" in html
    assert "German: question: " in html and "translations 1" not in html
    assert Study.objects.get().protocol.languages == ("en",)
    status, html = post(client, form(html), "drop:de")
    assert status == 200 and "Nur der Name" not in html
    assert markup(client.get(PATH)).count('class="column"') == 1


def test_the_study_s_own_texts_change_and_nothing_else_does(client: Client) -> None:
    sent = form(client.get(PATH).content.decode()) | {"name-en": "What eyes see"}
    status, html = post(client, sent, "review")
    assert status == 200 and "1 change</h2>" in html and "What eyes see" in html
    status, html = post(client, form(client.get(PATH).content.decode()), "review")
    assert "Nothing would change." in html


def test_a_broken_form_changes_nothing_and_is_answered(client: Client) -> None:
    for sent in (
        {"do": "review"},
        {"do": "review", "language": "en", "base": "study = [1, {slug = 'people'}]"},
        {"do": "add:xx"},
        {"do": "drop:en", "language": "en", "base": "=", "seen": "x"},
        {"do": "review", "language": ["en", "tlh"], "name-en": "\x00", "name-tlh": "x"},
    ):
        assert client.post(PATH, sent).status_code in (200, 422)
    assert Study.objects.get().name == "What people see"
