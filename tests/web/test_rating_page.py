"""The rating page and the crops: what stands in them, and what does not."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ratings.comparisons.ending_rules import RaterQuota
from ratings.comparisons.models import CropVersion, Study
from ratings.comparisons.protocol import (
    Layout,
    Platform,
    Protocol,
    Recruiting,
    SmallWindow,
    Translation,
)
from ratings.comparisons.raters import own_teams, places, rater_keys, recruiting
from ratings.web.desk.home.desk_home import RECENT
from tests.builders import NOW, build_organizer
from tests.comparisons.builders import build_filled_study, build_rater, log_in
from tests.web.pages import markup

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def plain_static_files(settings: Any) -> None:  # noqa: ANN401
    """Name static files without digests: nothing is collected in tests."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


def state(client: Client, study: Study, **query: str) -> str:
    response = client.get(f"/rate/{study.slug}/", query)
    assert response.status_code == 200
    match = re.search(r'data-state="([\w-]+)"', markup(response))
    assert match
    return match[1]


def test_an_unknown_study_is_not_found(client: Client) -> None:
    assert client.get("/rate/nowhere/").status_code == 404


def test_consent_comes_first_and_once(client: Client) -> None:
    study = build_filled_study()
    assert state(client, study) == "consent"
    log_in(client, build_rater(study))
    assert state(client, study) == "waiting"


def test_newcomers_hear_at_once_that_nothing_is_to_be_done(client: Client) -> None:
    study = build_filled_study()
    Study.objects.update(paused_at=NOW)
    assert state(client, study) == "study-paused"
    Study.objects.update(is_open=False)
    assert state(client, study) == "study-closed"
    log_in(client, build_rater(study))
    assert state(client, study) == "waiting"  # who began may have a code to fetch


def test_newcomers_hear_before_they_consent_that_they_cannot_judge(client: Client) -> None:
    study = build_filled_study(protocol_json=Protocol(recruiting=Recruiting(open=False)).as_json())
    own, other = study.invitations.create(), study.invitations.create()
    assert state(client, study) == "not-invited"
    assert state(client, study, invitation=own.token) == "consent"
    log_in(client, rater_keys.begin_session(study, NOW, invitation=own))
    assert state(client, study, invitation=own.token) == "waiting"
    assert state(Client(), study, invitation=own.token) == "invitation-used"
    # Somebody else at the same browser is asked for consent.
    assert state(client, study, invitation=other.token) == "consent"
    full = build_filled_study(
        protocol_json=Protocol(recruiting=Recruiting(most_raters=0)).as_json()
    )
    assert state(Client(), full) == "quota-reached"


def test_a_wrong_invitation_keeps_nobody_out_of_an_open_study(client: Client) -> None:
    study = build_filled_study()
    used = study.invitations.create()
    rater_keys.begin_session(study, NOW, invitation=used)
    way_in = f'href="/rate/{study.slug}/?lang=en"'
    for token, code, said in (
        ("wrong", "not-invited", "This invitation is not valid"),
        (used.token, "invitation-used", "This invitation is used up"),
    ):
        page = markup(client.get(f"/rate/{study.slug}/", {"invitation": token, "lang": "en"}))
        assert f'data-state="{code}"' in page and said in page and way_in in page
        assert "for invited raters" not in page
    assert state(client, study, lang="en") == "consent"
    Study.objects.update(protocol_json=Protocol(recruiting=Recruiting(open=False)).as_json())
    page = markup(client.get(f"/rate/{study.slug}/", {"invitation": "wrong", "lang": "en"}))
    assert "for invited raters" in page and way_in not in page


def test_every_refusal_of_a_rater_has_a_state_of_its_own(client: Client) -> None:
    study = build_filled_study()
    page = markup(client.get(f"/rate/{study.slug}/"))
    shown = set(re.findall(r'data-for="([a-z-]+)"', page))
    rooms = (recruiting, places, own_teams)
    source = "".join(Path(str(room.__file__)).read_text() for room in rooms)
    refused = set(re.findall(r'Refused\(\s*"([a-z-]+)"', source)) - {"invalid"}
    assert {"quota-reached", "not-invited"} <= refused
    assert refused | {"no-rater", "lost", "refused", "fault"} <= shown


def test_a_personal_link_is_followed_and_leaves_the_address(client: Client) -> None:
    study = build_filled_study()
    rater = build_rater(study)
    response = client.get(f"/rate/{study.slug}/", {"rater": rater_keys.cookie_value(rater)})
    assert (response.status_code, response["Location"]) == (302, f"/rate/{study.slug}/")
    assert state(client, study) == "waiting"
    other = build_filled_study()
    response = client.get(
        f"/rate/{other.slug}/", {"rater": rater_keys.cookie_value(rater)}, follow=True
    )
    assert 'data-state="lost"' in markup(response)


def test_the_page_knows_how_a_rater_came(client: Client) -> None:
    platform = Platform("prolific")
    protocol = Protocol(recruiting=Recruiting(platforms=(platform,))).as_json()
    study = build_filled_study(protocol_json=protocol)
    page = told(client, study, PROLIFIC_PID="p1", STUDY_ID="s1")
    expected = {"slug": "prolific", "participant": "p1", "study": "s1", "session": ""}
    assert page["from"] == {"platform": expected}
    assert told(client, study, invitation="abc")["from"] == {"invitation": "abc"}
    assert told(client, study)["from"] == {}
    # Somebody else at the same browser is asked for consent.
    log_in(client, build_rater(study))
    assert state(client, study) == "waiting"
    response = client.get(f"/rate/{study.slug}/", {"PROLIFIC_PID": "p2"})
    assert 'data-state="consent"' in markup(response)


def test_the_page_is_told_how_to_show_the_pictures(client: Client) -> None:
    protocol = Protocol(layout=Layout.AGAINST, enlarge=2, small_window=SmallWindow.REFUSE)
    study = build_filled_study(protocol_json=protocol.as_json())
    shown = {"layout": "against", "enlarge": 2, "width": 4, "height": 4, "isRefusing": True}
    assert told(client, study)["shown"] == shown


@pytest.mark.parametrize(
    ("languages", "wanted", "header", "language"),
    [
        (("en", "de"), "", "", "en"),
        (("en", "de"), "", "de-CH,en;q=0.5", "de"),
        (("en", "de"), "", "fr, de;q=0.8, en;q=0.5", "de"),
        (("en", "de"), "en", "de", "en"),
        (("de", "en"), "", "fr", "de"),
        (("en",), "de", "de", "en"),
        (("en", "de"), "xx", "*", "en"),
        (("en", "de"), "\0", "de;q=nonsense", "en"),
    ],
)
def test_the_language_is_the_study_s_and_the_rater_s(
    client: Client, languages: tuple[str, ...], wanted: str, header: str, language: str
) -> None:
    study = build_filled_study(protocol_json=Protocol(languages=languages).as_json())
    query = {"lang": wanted} if wanted else {}
    response = client.get(f"/rate/{study.slug}/", query, headers={"Accept-Language": header})
    assert response["Content-Language"] == language
    page = markup(response)
    assert f'<html lang="{language}">' in page
    assert ("Einwilligung" in page) == (language == "de")
    assert page.count("hreflang=") == (len(languages) if len(languages) > 1 else 0)


@pytest.mark.parametrize(("language", "texts"), [("en", 0), ("de", 1)])
def test_a_study_speaks_to_raters_in_their_language(
    client: Client, language: str, texts: int
) -> None:
    translation = Translation("de", "Titel", "Welche ist näher?", "Ich willige ein.")
    protocol = Protocol(languages=("en", "de"), translations=(translation,))
    study = build_filled_study(protocol_json=protocol.as_json())
    page = markup(client.get(f"/rate/{study.slug}/", {"lang": language}))
    own = (study.name, study.question, study.consent)
    translated = (translation.name, translation.question, translation.consent)
    for shown, hidden in zip(*((own, translated), (translated, own))[texts], strict=True):
        assert f">{shown}<" in page
        assert hidden not in page
    assert f'<h1 id="question" lang="{language}">' in page


def test_a_rater_keeps_the_language_of_their_consent(client: Client) -> None:
    study = build_filled_study(protocol_json=Protocol(languages=("en", "de")).as_json())
    log_in(client, rater_keys.begin_session(study, NOW, language="de"))
    assert client.get(f"/rate/{study.slug}/")["Content-Language"] == "de"


def told(client: Client, study: Study, **query: str) -> dict[str, Any]:
    """Return what the page tells its scripts."""
    page = markup(client.get(f"/rate/{study.slug}/", query))
    match = re.search(r'<script id="study" type="application/json">(.*?)</script>', page)
    assert match
    value: dict[str, Any] = json.loads(match[1])
    return value


def test_the_page_holds_no_script_or_style_and_escapes_the_study_s_text(client: Client) -> None:
    study = build_filled_study(consent="<script>alert(1)</script>", ties_allowed=True)
    response = client.get(f"/rate/{study.slug}/")
    page = markup(response)
    assert "&lt;script&gt;alert(1)" in page
    assert re.findall(r"<script[^>]*>", page) == [
        '<script type="module" src="/static/modules/rating/faults.js">',
        '<script type="module" src="/static/modules/rating/rate.js">',
        '<script id="study" type="application/json">',
    ]
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    assert 'data-choice="tie"' in page
    assert "no-store" in response["Cache-Control"]


def test_the_page_s_style_knows_only_greys(settings: Any) -> None:  # noqa: ANN401
    files = sorted((Path(settings.BASE_DIR) / "static" / "css" / "rate").glob("*.css"))
    style = "\n".join(file.read_text() for file in files)
    colours = re.findall(r"#([0-9a-f]{6})\b", style)
    assert len(colours) > 5
    assert all(colour[:2] == colour[2:4] == colour[4:] for colour in colours)
    assert not re.search(r"(?<!-)\b(transform|animation|transition|filter|zoom)\s*:", style)


def test_a_crop_is_served_for_ever_without_asking_the_database(client: Client) -> None:
    build_filled_study()
    address = CropVersion.objects.filter(entry__isnull=False)[0].address
    with CaptureQueriesContext(connection) as queries:
        response = client.get(f"/crops/{address}.webp")
        content = b"".join(response)
    assert len(queries) == 0
    assert (response["Content-Type"], len(content)) == ("image/webp", 4096)
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "name", ["0" * 32, "0" * 31, "..%2f..%2fsecret_key", "A" * 32, "part", "0" * 32 + ".webp"]
)
def test_other_addresses_are_not_found(client: Client, name: str) -> None:
    assert client.get(f"/crops/{name}.webp").status_code == 404


def test_a_link_with_unfilled_placeholders_is_refused_and_told_at_the_desk(client: Client) -> None:
    study = build_filled_study(protocol=recruiting_from_prolific())
    for one in (client, Client()):
        url = f"/rate/{study.slug}/?PROLIFIC_PID={{{{%25PROLIFIC_PID%25}}}}&lang=de"
        html = markup(one.get(url))
        assert 'data-state="link-unfilled"' in html
        assert "Dieser Link sagt nicht, wer Sie sind" not in html  # the study speaks English alone
        assert "This link does not say who you are" in html
    organizer = Client()
    organizer.force_login(build_organizer())
    for page in ("/desk/", f"/desk/studies/{study.slug}/"):
        told = markup(organizer.get(page))
        assert "2 visits by a link of prolific" in told and "{{%PROLIFIC_PID%}}" in told
    study.unfilled_links.update(last_at=timezone.now() - RECENT)
    for page in ("/desk/", f"/desk/studies/{study.slug}/"):
        assert "by a link of prolific" not in markup(organizer.get(page))


def test_who_has_consented_elsewhere_need_not_again(client: Client) -> None:
    study = build_filled_study(protocol=recruiting_from_prolific())
    sent = {"platform": {"slug": "prolific", "participant": "5f3a"}, "consent": True}
    path = f"/api/v1/studies/{study.slug}/raters/"
    assert Client().post(path, sent, "application/json").status_code == 201
    assert state(client, study, PROLIFIC_PID="5f3a") == "waiting"
    assert state(client, study, PROLIFIC_PID="5f3b") == "consent"


def recruiting_from_prolific() -> Protocol:
    return Protocol(recruiting=Recruiting(platforms=(Platform("prolific"),)))


def test_members_of_a_full_kind_or_of_a_team_in_all_pairs_hear_it_before_they_consent(
    client: Client,
) -> None:
    rules = Recruiting(quotas=(RaterQuota("language", "en", 0),))
    assert state(client, build_filled_study(protocol=Protocol(recruiting=rules))) == "kind-full"
    asking = Protocol(recruiting=Recruiting(own_team=True))
    study = build_filled_study(methods=2, protocol=asking)
    team = study.entries.order_by("pk")[0].submission.team
    assert state(client, study, **{"own-team": team.name}) == "own-team-only"
    assert state(client, study, **{"own-team": "nobody"}) == "consent"


def test_who_is_asked_for_a_team_sees_names_of_teams_and_of_no_method(client: Client) -> None:
    study = build_filled_study(methods=3, protocol=Protocol(recruiting=Recruiting(own_team=True)))
    teams = [entry.submission.team for entry in study.entries.order_by("pk")]
    html = markup(client.get(f"/rate/{study.slug}/", {"own-team": teams[1].name}))
    options = re.findall(r'<option\s+value="([^"]*)"\s*(selected)?', html)
    assert sorted(options) == sorted(
        [("", ""), (teams[0].name, ""), (teams[1].name, "selected"), (teams[2].name, "")]
    )
    assert "method-" not in html
    assert "<select" not in markup(client.get(f"/rate/{build_filled_study().slug}/"))
