"""The public pages in each state of a challenge."""

import re
from datetime import timedelta

import choix
import pytest
from django.test import Client
from django.utils import timezone

from ratings.challenge.models import Announcement, CalendarEntry, Challenge
from ratings.web.parts.base_context import board_url
from ratings.web.public.scoring_page import (
    EXAMPLE_LOSSES,
    EXAMPLE_WINS,
    pair_example,
    psnr_example,
)
from tests.builders import (
    build_challenge,
    build_dataset,
    build_organizer,
    build_original,
    build_phase,
)
from tests.comparisons.builders import build_study
from tests.comparisons.recruits import recruiting
from tests.web.builders import DAY, build_ranked_study, build_running_phase, build_scored_study
from tests.web.pages import page, queries

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"


def address(challenge: Challenge, rest: str = "") -> str:
    return f"/{challenge.slug}/{rest}"


def test_home_without_a_challenge_says_how_to_load_one(client: Client) -> None:
    assert "load_challenge" in page(client, "/")


def test_home_lists_running_challenges_first(client: Client) -> None:
    running = build_running_phase(closes_at=timezone.now() + timedelta(days=3, hours=4, minutes=9))
    coming = build_phase(
        build_challenge(name="Coming"),
        opens_at=timezone.now() + DAY,
        closes_at=timezone.now() + 2 * DAY,
    )
    html = page(client, "/")
    assert html.index(f"/{running.challenge.slug}/") < html.index(f"/{coming.challenge.slug}/")
    assert "closes in 3 d 4 h" in html
    assert "opens in 23 h" in html or "opens in 1 d" in html
    assert html.count("/previews/") == 2


def test_home_shows_no_picture_and_no_board_that_is_hidden(client: Client) -> None:
    build_running_phase(originals_open_at=None, boards_open_at=timezone.now() + DAY)
    html = page(client, "/")
    assert "/previews/" not in html
    assert "/board/" not in html


def test_an_unknown_challenge_is_not_found(client: Client) -> None:
    assert client.get("/nothing/").status_code == 404
    assert client.get("/nothing/method/").status_code == 404
    assert client.get("/nothing/submit/").status_code == 404


def test_a_challenge_without_phases(client: Client) -> None:
    challenge = build_challenge(summary="Half the bytes.")
    html = page(client, address(challenge))
    assert "Half the bytes." in html and "No phase is planned yet" in html
    assert "No phase yet" in page(client, address(challenge, "submit/"))


def test_texts_of_the_definition_are_escaped(client: Client) -> None:
    phase = build_running_phase(challenge=build_challenge(name=HOSTILE, description=HOSTILE))
    for rest in ("", "method/", "submit/", f"{phase.slug}/board/"):
        assert HOSTILE not in page(client, address(phase.challenge, rest))


def test_the_calendar_is_in_order_and_each_date_in_its_own_offset(client: Client) -> None:
    phase = build_running_phase(utc_offset=timedelta(hours=-8))
    CalendarEntry.objects.create(
        challenge=phase.challenge, title="Announced", at=timezone.now() - 9 * DAY
    )
    html = page(client, address(phase.challenge))
    html = html[html.index('class="calendar"') :]
    assert html.index("Announced") < html.index("opens") < html.index("last second")
    assert html.count('class="past"') == 2 and html.count('class="next"') == 1
    last_second = (phase.closes_at - timedelta(seconds=1)).astimezone(phase.zone)
    assert f'datetime="{last_second.isoformat()}"' in html


def test_originals_are_shown_to_everyone_once_released(client: Client) -> None:
    phase = build_running_phase()
    html = page(client, address(phase.challenge))
    assert "2 pictures" in html and "a.png" in html and "/originals/" in html


def test_originals_that_are_not_released_are_counted_but_not_named(client: Client) -> None:
    phase = build_running_phase(originals_open_at=timezone.now() + DAY)
    for rest in ("", "submit/"):
        html = page(client, address(phase.challenge, rest))
        assert "not released yet" in html and "a.png" not in html
    client.force_login(build_organizer())
    html = page(client, address(phase.challenge))
    assert "a.png" in html and "Only organizers" in html


def test_data_sets_come_as_in_the_definition_and_say_that_they_are_empty(client: Client) -> None:
    challenge = build_challenge()
    for slug, name in (("z", "First"), ("a", "Second")):
        build_dataset(challenge, slug=slug, name=name)
    html = page(client, address(challenge))
    assert html.index("First") < html.index("Second")
    assert html.count("No pictures yet.") == 2 and "not released yet" not in html
    client.force_login(build_organizer())
    assert page(client, address(challenge)).count("No pictures yet.") == 2


def test_the_heads_of_the_boards(client: Client) -> None:
    phase = build_running_phase()
    study = build_scored_study(phase)
    html = page(client, address(phase.challenge))
    assert "method-0" in html and "No judgments yet" in html
    assert f"/rate/{study.slug}/" in html


def test_the_heads_of_a_simulated_ranking_say_so(client: Client) -> None:
    phase = build_running_phase()
    build_ranked_study(phase, simulated=True)
    assert "Simulated." in page(client, address(phase.challenge))


def test_hidden_boards_have_no_heads_and_no_link(client: Client) -> None:
    phase = build_running_phase(boards_open_at=None)
    build_ranked_study(phase)
    for rest in ("", "method/", "submit/"):
        html = page(client, address(phase.challenge, rest))
        assert "method-0" not in html and "/board/" not in html


def test_a_study_is_offered_to_those_who_may_judge_in_it(client: Client) -> None:
    phase = build_running_phase()
    closed = build_study(phase, is_open=False)
    invited = build_study(phase, protocol=recruiting(open=False))
    html = page(client, address(phase.challenge))
    assert f"/rate/{closed.slug}/" not in html
    assert f"/rate/{invited.slug}/" not in html
    assert f"/rate/{invited.slug}/" not in page(client, f"{board_url(phase)}?study={invited.slug}")
    open_to_all = build_study(phase, protocol=recruiting())
    assert f"/rate/{open_to_all.slug}/" in page(client, address(phase.challenge))


def test_submit_names_the_calls_with_this_challenge_and_its_budget(client: Client) -> None:
    phase = build_running_phase(byte_budget=4_722_341)
    html = page(client, address(phase.challenge, "submit/"))
    assert "4,722,341" in html
    assert f"&quot;{phase.challenge.slug}&quot;" in html or f'"{phase.challenge.slug}"' in html
    assert "http://testserver/api/v1/submissions/ID/decoded/a.png" in html


def test_the_method_page_shows_its_worked_examples(client: Client) -> None:
    html = page(client, address(build_challenge(), "method/"))
    assert all(f"<strong>{number}" in html for number in ("32.22", "0.55"))


def test_the_worked_ranking_is_what_a_fit_says() -> None:
    pairs = [(0, 1)] * EXAMPLE_WINS + [(1, 0)] * EXAMPLE_LOSSES
    scores = choix.ilsr_pairwise(2, pairs)
    example = pair_example()
    assert example["score_a"] == f"{scores[0]:.2f}"
    assert example["score_b"].replace("\N{MINUS SIGN}", "-") == f"{scores[1]:.2f}"


def test_the_worked_psnr_is_pooled() -> None:
    assert psnr_example() == {"pooled_mse": "39", "pooled_db": "32.22", "mean_db": "34.33"}


def build_busy_challenge() -> Challenge:
    """Save a challenge with two phases, pictures, a ranked study and a description."""
    phase = build_running_phase()
    build_ranked_study(phase)
    build_running_phase(challenge=phase.challenge, slug="second")
    return phase.challenge


def test_the_queries_of_the_start_page_do_not_grow_with_challenges(client: Client) -> None:
    build_busy_challenge()
    one = queries(client, "/")
    for _ in range(3):
        build_busy_challenge()
    assert queries(client, "/") == one <= 5


def test_the_strip_of_each_challenge_has_its_own_first_pictures(client: Client) -> None:
    few, many = build_running_phase(), build_running_phase()
    dataset = many.datasets.get()
    for number in range(10):
        build_original(dataset, name=f"a{number}.png")
    again = build_running_phase(challenge=many.challenge, slug="again")
    again.datasets.set([dataset])  # released by two phases, shown once
    html = page(client, "/")
    assert html.count(f"/{few.challenge.slug}/previews/") == few.originals().count()
    assert html.count(f"/{many.challenge.slug}/previews/") == 8
    assert [f"a{n}.png" in html for n in range(10)] == [True] * 7 + [False] * 3  # and a.png


def test_the_overview_shows_the_latest_board_with_anything_on_it(client: Client) -> None:
    main = build_running_phase()
    build_ranked_study(main)
    final = build_running_phase(
        challenge=main.challenge,
        slug="final",
        name="Final",
        opens_at=timezone.now() + DAY,
        closes_at=timezone.now() + 2 * DAY,
    )
    organizer = Client()
    organizer.force_login(build_organizer())
    for who in (client, organizer):
        html = page(who, address(main.challenge))
        assert board_url(main) in html and "No scored submission yet" not in html
    hidden = build_running_phase(challenge=main.challenge, slug="hidden", boards_open_at=None)
    build_scored_study(hidden)  # organizers alone see its board: that of all comes first
    assert f'href="{board_url(main)}">Boards' in page(organizer, address(main.challenge))
    final.boards_open_at = None
    final.save()
    assert f'href="{board_url(main)}">Boards' in page(client, address(main.challenge))


def test_be_the_first_leads_to_the_study_of_that_very_board(client: Client) -> None:
    main = build_running_phase()
    build_scored_study(main)
    dry = build_running_phase(challenge=main.challenge, slug="dry")
    build_scored_study(dry)
    other = build_study(main)
    html = page(client, address(main.challenge))
    first = re.search(r'href="([^"]+)">Be the first', html)
    assert first and first[1] == f"/rate/{dry.studies.get().slug}/"
    dry.studies.update(is_open=False)
    assert "Be the first" not in page(client, address(main.challenge))
    assert other.is_open


def test_texts_of_organizers_are_markdown(client: Client) -> None:
    text = "See [the rules](https://example.org/r?a=1&b=2), *all* of them.\n\n- one\n- two"
    phase = build_running_phase(challenge=build_challenge(description=text))
    news = "Moved: https://example.org/news. Run decode.py of IMG_2017_01.png."
    Announcement.objects.create(
        challenge=phase.challenge, title="News", text=news, at=timezone.now() - DAY
    )
    html = page(client, address(phase.challenge))
    assert '<a href="https://example.org/r?a=1&amp;b=2">the rules</a>, <em>all</em>' in html
    assert "<li>one</li>" in html
    assert '<a href="https://example.org/news">https://example.org/news</a>. Run decode.py' in html
    assert "IMG_2017_01.png" in html
