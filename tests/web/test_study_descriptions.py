"""What a study asks, in words: each of its settings says something of its own."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ratings.comparisons.ending_rules import Endings
from ratings.comparisons.models import Study
from ratings.comparisons.protocol import Protocol, Recruiting
from tests.builders import build_organizer
from tests.comparisons.builders import build_study
from tests.comparisons.recruits import recruiting
from tests.web.builders import DAY, build_ranked_study, build_running_phase
from tests.web.pages import page, queries

pytestmark = pytest.mark.django_db


def method_page(client: Client, study: Study) -> str:
    html = page(client, f"/{study.phase.challenge.slug}/method/")
    return html.replace("&#x27;", "'")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"question": "Which looks real?"}, ["Which looks real?"]),
        (
            {"crop_width": 320, "crop_height": 200, "crops_per_picture": 3},
            ["3 crops of 320 {x} 200"],
        ),
        ({"placed_crops": [{"picture": "s/a.png", "x": 0, "y": 0}]}, ["1 crop, placed by"]),
        ({"pictures": ["s/a.png", "s/b.png"]}, ["2 chosen pictures"]),
        ({}, ["A or B; there is no tie", "least comes next", "When the organizers close it"]),
        (
            {
                "protocol_json": Protocol(
                    endings=Endings(hopeless=0.01), recruiting=Recruiting(own_team=True)
                ).as_json()
            },
            ["A session whose checks are hopeless ends early.", "of a team whose member they are"],
        ),
        ({"ties_allowed": True}, ["can't decide&quot;, which is half a win for each"]),
        ({"ties_allowed": True, "tie_model": "davidson"}, ["Davidson 1970"]),
        ({"pairing": "swiss", "exploration": 0.25}, ["25 % of trials look at no answers"]),
        ({"pairing": "active", "exploration": 0}, ["says most about the order comes next.<"]),
        ({"scale": "elo"}, ["Elo points", "400 more mean odds of 10 to 1"]),
        ({"stop_judgments": 5000, "stop_half_width": 0.2}, ["± 0.2 log odds wide or 5,000 judg"]),
        ({"stop_when_separated": True}, ["all neighbours are told apart"]),
        (
            {"protocol_json": {"layout": "sides", "enlarge": 2}},
            ["the original and B side", "2 {x} 2"],
        ),
        ({"protocol_json": {"enlarge": 0}}, ["as many of the screen as"]),
        ({"protocol_json": {"training": {"trials": 0}}}, ["without practice"]),
        (
            {"protocol_json": {"training": {"trials": 8, "right": 6}}},
            ["8 trials of", "6 must be right"],
        ),
        (
            {"protocol_json": {"checks": {"golden": 0, "repeats": 0, "identical": 0.05}}},
            ["5 % show the same version twice"],
        ),
        (
            {"protocol_json": {"screening": {"drop_under_ms": 0, "drop_unflipped": False}}},
            ["Every answer counts."],
        ),
    ],
)
def test_each_setting_is_said(client: Client, fields: dict[str, Any], said: list[str]) -> None:
    html = method_page(client, build_study(build_running_phase(), **fields))
    for words in said:
        assert words.replace("{x}", "\N{MULTIPLICATION SIGN}") in html


def test_thresholds_are_told_when_nobody_can_meet_them_any_more(client: Client) -> None:
    screening = {"quality": 1.3, "least_checks": 7, "drop_under_ms": 1250}
    study = build_study(build_running_phase(), protocol_json={"screening": screening})
    html = method_page(client, study)
    assert "very fast or before both versions were seen" in html and "has closed" in html
    assert "1.3" not in html and "1,250" not in html
    assert "in the checks are not used, and their sessions end." in html
    organizer = Client()
    organizer.force_login(build_organizer())
    study.is_open = False
    study.save()
    for who in (client, organizer):
        html = method_page(who, study)
        assert "within 1,250 ms" in html and "below 1.3, from 7 of each on" in html
        assert "earlier if their chance of so few is below 10" in html


def test_a_study_is_described_where_its_board_is_or_anybody_may_judge(client: Client) -> None:
    hidden = build_running_phase(boards_open_at=timezone.now() + DAY)
    invited = build_study(
        hidden, name="For the invited", protocol_json=recruiting(open=False).as_json()
    )
    anybody = build_study(hidden, name="For anybody")
    html = method_page(client, invited)
    assert anybody.name in html and invited.name not in html
    client.force_login(build_organizer())
    assert invited.name in method_page(client, invited)


def test_the_queries_of_the_method_page_do_not_grow_with_studies(client: Client) -> None:
    phase = build_running_phase()
    study = build_ranked_study(phase)
    path = f"/{phase.challenge.slug}/method/"
    one = queries(client, path)
    for _ in range(3):
        build_study(phase)
    assert queries(client, path) == one
    assert study.name in page(client, path)
