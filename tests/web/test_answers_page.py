"""Questions on pages: the rater's cards, plates, and the desk's page of what was answered."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from ratings.comparisons.models import Study
from ratings.comparisons.protocol import Protocol
from ratings.comparisons.questionnaire.questions import When
from ratings.comparisons.questionnaire.stored_answers import store_answers
from ratings.comparisons.raters.rater_keys import begin_session
from tests.builders import NOW, build_organizer
from tests.comparisons.builders import build_rater, build_study
from tests.comparisons.questionnaires import EACH_KIND
from tests.web.pages import markup, page

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script> '\"&amp;"


@pytest.fixture(autouse=True)
def plain_static_files(settings: Any) -> None:  # noqa: ANN401
    """Name static files without digests: nothing is collected in tests."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


@pytest.fixture
def study() -> Study:
    both = Protocol(languages=("en", "de"))
    return build_study(questionnaire=[*EACH_KIND, {"set": "colour-plates"}], protocol=both)


@pytest.fixture
def desk(client: Client) -> Iterator[Client]:
    client.force_login(build_organizer())
    yield client


def told(html: str) -> dict[str, Any]:
    """Return what the rating page tells its scripts."""
    found = re.search(r'<script id="study" type="application/json">(.*?)</script>', html)
    assert found
    facts: dict[str, Any] = json.loads(found[1])
    return facts


def test_a_rater_is_shown_the_questions_in_their_language(client: Client, study: Study) -> None:
    html = markup(client.get(f"/rate/{study.slug}/?lang=de"))
    assert "Tragen Sie eine Brille?" in html
    assert 'lang="en">What do you know?' in html
    assert told(html)["answers"] == f"/api/v1/studies/{study.slug}/session/answers/"
    assert told(html)["devices"] is None
    assert html.count("data-question=") == 11


def test_a_study_without_questions_or_rules_has_no_cards(client: Client) -> None:
    html = markup(client.get(f"/rate/{build_study().slug}/"))
    assert "data-question" not in html and 'id="device"' not in html


def test_words_of_a_definition_are_shown_as_they_are(client: Client) -> None:
    row = {"slug": "q", "kind": "text", "text": HOSTILE, "help": HOSTILE}
    html = client.get(f"/rate/{build_study(questionnaire=[row]).slug}/").content.decode()
    assert "<script>alert(1)" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2


def test_device_rules_are_said_before_consent(client: Client) -> None:
    rules = {"least_width": 1024, "phones": False, "browsers": ["chrome 150", "firefox"]}
    study = build_study(devices=rules)
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/149.0.0.0 Safari/537.36"
    html = markup(client.get(f"/rate/{study.slug}/", headers={"User-Agent": agent}))
    said = html[: html.index("<h2>Consent</h2>")]
    assert "A window that is at least 1024 pixels wide." in said
    assert "A computer or a tablet, no phone." in said
    assert "One of these browsers: chrome 150, firefox." in said
    assert "pixels high" not in said
    assert told(html)["devices"] == {
        "leastWidth": 1024,
        "leastHeight": 0,
        "leastPixelRatio": 0.0,
        "phones": False,
        "phoneBelow": 600,
        "browserFits": False,
    }


def test_a_plate_is_drawn_for_its_question_alone(client: Client, study: Study) -> None:
    plate = client.get(f"/rate/{study.slug}/plates/colour-plate-2.svg")
    assert plate.status_code == 200
    assert plate["Content-Type"] == "image/svg+xml"
    assert plate.content.startswith(b"<svg ")
    assert client.get(f"/rate/{study.slug}/plates/glasses.svg").status_code == 404
    assert client.get(f"/rate/{study.slug}/plates/nothing.svg").status_code == 404
    assert client.get("/rate/nowhere/plates/colour-plate-2.svg").status_code == 404


def test_the_desk_shows_how_each_question_was_answered(desk: Client, study: Study) -> None:
    for glasses, age in (("yes", 20), ("yes", 30), ("no", 60)):
        rater = build_rater(study)
        store_answers(rater, When.BEFORE, {"glasses": glasses, "age": age, "tired": 2}, NOW)
        store_answers(rater, When.AFTER, {"why": "<b>x</b>" if age == 20 else None}, NOW)
    simulated = begin_session(study, NOW, simulated=True)
    store_answers(simulated, When.BEFORE, {"glasses": "yes"}, NOW)
    html = page(desk, f"/desk/studies/{study.slug}/answers/")
    assert 'scope="row">Yes</th><td class="number">2</td><td class="number">67 %</td>' in html
    assert 'scope="row">1, not at all</th><td class="number">0</td>' in html
    assert "Median 30 years." in html
    assert "<li>&lt;b&gt;x&lt;/b&gt;</li>" in html
    assert "left out by 2" in html
    assert "(what the plate shows)" in html
    assert "1 simulated rater answered too" in html
    assert "known, tired, age, why" in html
    assert 'width="66.7%"' in html


def test_a_study_that_asks_nothing_says_how_to(desk: Client) -> None:
    study = build_study()
    html = page(desk, f"/desk/studies/{study.slug}/answers/")
    assert "This study asks no questions." in html
    assert "/answers/" not in page(desk, f"/desk/studies/{study.slug}/")


def test_the_desk_leads_to_the_answers_and_their_files(desk: Client, study: Study) -> None:
    assert f"/desk/studies/{study.slug}/answers/" in page(desk, f"/desk/studies/{study.slug}/")
    exports = page(desk, f"/desk/challenges/{study.phase.challenge.slug}/exports/")
    assert f"/api/v1/studies/{study.slug}/answers/?format=csv" in exports


def test_strangers_see_no_answers(client: Client, study: Study) -> None:
    assert client.get(f"/desk/studies/{study.slug}/answers/").status_code == 302
