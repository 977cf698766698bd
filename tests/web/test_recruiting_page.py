"""The page on recruiting: a link for each platform, its ends, and a test that counts nothing."""

import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from ratings.challenge.models import Challenge
from ratings.comparisons.ending_rules import RaterQuota
from ratings.comparisons.models import Rater, Study, UnfilledLink
from ratings.comparisons.protocol import Platform, Recruiting, Training
from tests.builders import build_organizer
from tests.comparisons.builders import PLAIN, build_filled_study, build_rater, build_study
from tests.web.pages import page

pytestmark = pytest.mark.django_db
PROLIFIC = Platform(
    "prolific",
    completion_code="C1A2",
    screenout_code="S3B4",
    completion_url="https://app.prolific.com/submissions/complete?cc={code}",
)
PROTOCOL = replace(
    PLAIN,
    training=Training(trials=3, right=2),
    recruiting=Recruiting(open=False, platforms=(PROLIFIC, Platform("panel", "who", "", ""))),
)


@pytest.fixture(autouse=True)
def organizer(client: Client) -> User:
    user = build_organizer()
    client.force_login(user)
    return user


@pytest.fixture
def study() -> Study:
    return build_study(protocol=PROTOCOL)


def path(study: Study, pasted: str = "") -> str:
    query = f"?{urlencode({'address': pasted})}" if pasted else ""
    return f"/desk/studies/{study.slug}/recruiting/{query}"


def test_it_has_a_link_for_each_platform_and_what_its_raters_get(
    client: Client, study: Study
) -> None:
    html = page(client, path(study))
    link = f"http://testserver/rate/{study.slug}/?PROLIFIC_PID={{{{%PROLIFIC_PID%}}}}&amp;STUDY_ID"
    assert link in html and "?who={{%who%}}" in html
    back = "https://app.prolific.com/submissions/complete?cc="
    assert f"{back}C1A2" in html and f"{back}S3B4" in html
    assert "After a failed practice" in html and "a personal one" in html
    assert f'href="{path(study)}"' in page(client, f"/desk/studies/{study.slug}/")


def test_a_study_without_platforms_says_how_to_get_one(client: Client) -> None:
    html = page(client, path(build_study()))
    assert "No platform yet" in html and "[[study.recruiting.platforms]]" in html


def test_a_pasted_link_is_read_and_nothing_is_counted(client: Client, study: Study) -> None:
    address = f"https://testserver/rate/{study.slug}/?PROLIFIC_PID="
    html = page(client, path(study, f"{address}5f1a&STUDY_ID=7&utm=x"))
    assert "Whoever comes by it could begin now." in html and "takes <strong>prolific" in html
    assert "nothing: it is not looked at" in html and "who comes" in html
    html = page(client, path(study, f"{address}%7B%7B%25PROLIFIC_PID%25%7D%7D"))
    assert "Placeholders are not filled:" in html and "could not begin now" in html
    assert not UnfilledLink.objects.exists() and not Rater.objects.exists()


@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ("http://testserver/rate/another/?who=1", "It leads elsewhere"),
        (
            "https://evil.example/rate/STUDY/?who=1",
            "This address leads to another site: evil.example. This one is testserver.",
        ),
        ("http://[", "This is no address."),
        ("/rate/STUDY/?who=%00", "no address may have"),
        ("/rate/STUDY/?who=" + "a" * 9000, "could begin now"),
    ],
)
def test_what_is_no_link_of_the_study_is_told_so(
    client: Client, study: Study, pasted: str, told: str
) -> None:
    assert told in page(client, path(study, pasted.replace("STUDY", study.slug)))


def test_nobody_gets_in_while_the_challenge_is_a_draft(client: Client) -> None:
    study = build_study()
    assert "is a draft" not in page(client, path(study, f"/rate/{study.slug}/"))
    Challenge.objects.update(draft=True)
    told = "The challenge is a draft: nobody gets in before it is public."
    html = page(client, path(study, f"/rate/{study.slug}/"))
    assert told in html and "Nobody could begin now:" in html and "/releases/" in html
    assert "could begin now.</strong>" not in html and "anybody may judge at" not in html
    html = page(client, f"/desk/studies/{study.slug}/")
    assert told in html and "Whoever begins there counts" not in html
    assert 'class="tag live"' not in html and 'class="tag live"' not in page(client, "/desk/")


def test_the_preview_ends_as_the_platform_s_raters_do(client: Client) -> None:
    study = build_filled_study(
        protocol=replace(PROTOCOL, training=Training(trials=0)), trials_per_rater=2
    )
    html = page(client, f"/desk/studies/{study.slug}/preview/?platform=prolific&at=last")
    assert "preview/raters/?at=last&platform=prolific" in html.replace("\\u0026", "&")
    assert "<span>prolific</span>" in html
    calls = f"/api/v1/studies/{study.slug}/preview/"

    def end(query: str) -> dict[str, str]:
        client.post(f"{calls}raters/?at=last{query}")
        trial = client.get(f"{calls}trials/next/").json()["results"][0]
        client.put(trial["judgment"], {"choice": "left"}, "application/json")
        told: dict[str, str] = client.get(f"{calls}session/").json()["completion"]
        return told

    assert end("&platform=prolific") == {
        "code": "C1A2",
        "url": "https://app.prolific.com/submissions/complete?cc=C1A2",
    }
    assert len(end("&platform=panel")["code"]) == len(end("&platform=x")["code"]) == 10


def test_it_has_places_of_each_kind_and_a_link_for_each_team(client: Client) -> None:
    rules = Recruiting(quotas=(RaterQuota("language", "en", 7),), own_team=True)
    study = build_filled_study(methods=2, protocol=replace(PLAIN, recruiting=rules))
    build_rater(study)
    Rater.objects.update(consented_at=timezone.now())
    html = page(client, path(study))
    assert "Places of each kind" in html
    assert re.search(r"language</th>.*?1</td>.*?7</td>", html, re.DOTALL)
    names = study.entries.values_list("submission__team__name", flat=True)
    for name in names:
        assert f"?own-team={name.replace(' ', '+')}" in html
    assert "Links for members" not in page(client, path(build_study(protocol=PROTOCOL)))
