"""The board page in each of its states, and that nothing leaks while it is hidden."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from ratings.challenge.models import Phase
from ratings.comparisons.models import Judgment, Study
from ratings.ranking.fitting import refit
from ratings.ranking.variants import refit_variants
from tests.builders import NOW, build_dataset, build_organizer, build_original, build_team
from tests.comparisons.builders import build_study
from tests.ranking.builders import build_two_datasets, judge_all
from tests.web.builders import (
    DAY,
    build_ranked_study,
    build_running_phase,
    build_scored,
    build_scored_study,
)

pytestmark = pytest.mark.django_db


def board(phase: Phase, query: str = "") -> str:
    return f"/{phase.challenge.slug}/{phase.slug}/board/{query}"


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def links(html: str) -> list[str]:
    """Return the methods that a line joins, top to bottom on the left."""
    return re.findall(r'class="link(?: aside)?" data-key="([^"]+)"', html)


def test_an_empty_phase(client: Client) -> None:
    html = page(client, board(build_running_phase()))
    assert "No scored submission yet" in html and "No study yet" in html


def test_a_study_without_judgments_offers_judging(client: Client) -> None:
    phase = build_running_phase()
    study = build_scored_study(phase)
    html = page(client, board(phase))
    assert "No judgments yet" in html and "3 methods wait" in html
    assert f"/rate/{study.slug}/" in html
    assert html.index("method-0") < html.index("method-1") < html.index("method-2")
    assert links(html) == []
    assert "provisional" not in html.lower() and "simulated" not in html.lower()


def test_a_ranking_is_drawn_and_joined_to_the_psnr_board(client: Client) -> None:
    phase = build_running_phase()
    study = build_ranked_study(phase)
    html = page(client, board(phase))
    assert "18 judgments · 3 raters · 2 pictures" in html
    boards, rest = html.split('id="agreement"')
    assert boards.count('class="point') == 3
    assert rest.count('class="point') == 3 + 3  # the metrics, and one of each kind in the legend
    assert len(links(html)) == 3
    assert "95 % interval" in html and "provisional" in html
    assert "simulated" not in html.lower()
    assert f"/api/v1/studies/{study.slug}/ranking/?format=csv" in html
    assert html.count("/human/figures/") == 8


def test_one_quiet_line_says_what_fast_answers_change(client: Client) -> None:
    phase = build_running_phase()
    study = build_ranked_study(phase)
    judge_all(study, raters=3, judgments=6, seed=4)
    refit(study, NOW)
    refit_variants(study, NOW)
    assert "Without fast answers" not in page(client, board(phase))  # there are none
    fast = Judgment.objects.filter(trial__rater__study=study).order_by("-pk")[:6]
    Judgment.objects.filter(pk__in=list(fast.values_list("pk", flat=True))).update(response_ms=2000)
    Study.objects.filter(pk=study.pk).update(changes=1, is_open=False)
    refit(study, NOW)
    refit_variants(study, NOW)
    html = page(client, board(phase))
    said = re.search(
        r"Without fast answers (the order is the same; no score moves|[^<]*places)", html
    )
    assert said and "With all raters" not in html
    link = re.search(r'href="([?]variant=careful[^"]*)"', html)
    assert link and "30 judgments" in (
        shown := page(client, board(phase, link[1].replace("&amp;", "&")))
    )
    assert "This is the ranking <strong>without fast answers</strong>" in shown
    assert "Show the published ranking" in shown and "Without fast answers" not in shown
    assert client.get(board(phase, "?variant=other")).status_code == 404


def test_any_simulated_rater_is_said_prominently(client: Client) -> None:
    phase = build_running_phase()
    build_ranked_study(phase, simulated=True)
    html = page(client, board(phase))
    assert html.index("<strong>Simulated</strong>") < html.index('id="psnr"')
    assert '<span class="tag">simulated</span>' in html


def test_kinds_are_marked_in_words(client: Client) -> None:
    phase = build_running_phase()
    build_scored_study(phase, ("competing", "baseline", "ineligible"))
    html = page(client, board(phase))
    assert html.count('<span class="tag">baseline</span>') == 1
    assert html.count('<span class="tag">not eligible</span>') == 1


def test_hostile_names_stay_text(client: Client) -> None:
    phase = build_running_phase()
    study = build_ranked_study(phase)
    hostile = "<script>alert('x')</script>"
    submission = build_scored(study, build_team(phase.challenge, name=hostile), 9)
    submission.method = hostile
    submission.save()
    first = study.entries.order_by("pk")[0].submission
    first.method = hostile
    first.save()
    html = page(client, board(phase))
    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;alert") > 3


def test_the_switch_shows_one_data_set(client: Client) -> None:
    phase = build_running_phase()
    other = build_dataset(phase.challenge, slug="m", name="Mobile")
    build_original(other, name="m.png")
    phase.datasets.add(other)
    build_scored_study(phase)
    every, one = page(client, board(phase)), page(client, board(phase, "?dataset=m"))
    values = [re.findall(r'strong">([\d.]+)<', html) for html in (every, one)]
    assert len(values[0]) == len(values[1]) == 3
    assert values[0] != values[1]
    assert "?dataset=m" in every
    assert client.get(board(phase, "?dataset=nothing")).status_code == 404


def test_the_switch_shows_both_boards_of_one_data_set(client: Client) -> None:
    now = timezone.now()
    phase = build_two_datasets(boards_open_at=now, opens_at=now - DAY, closes_at=now + DAY)
    build_ranked_study(phase)
    every, one = page(client, board(phase)), page(client, board(phase, "?dataset=P"))
    assert "18 judgments · 3 raters · 5 pictures" in every
    assert "2 pictures" in one and "18 judgments" not in one
    assert "format=csv&amp;dataset=P" in one


def test_the_page_shows_the_study_s_scale_and_says_its_anchor(client: Client) -> None:
    phase = build_running_phase()
    build_ranked_study(phase)
    assert "one more means odds of e (2.72) to 1" in page(client, board(phase))
    Study.objects.update(scale="elo")
    html = page(client, board(phase))
    assert '<abbr title="Elo points">Elo</abbr>' in html
    assert "have a mean of 2000; 400 more mean odds of 10 to 1" in html
    scores = [int(text) for text in re.findall(r">(\d+)<span class=.visually-hidden", html)]
    assert len(scores) == 3 and abs(sum(scores) / 3 - 2000) < 1


def test_metrics_stand_against_people_once_there_is_a_ranking(client: Client) -> None:
    phase = build_running_phase()
    build_ranked_study(phase)
    html = page(client, board(phase))
    part = html[html.index('id="agreement"') :]
    assert "over 3 methods" in part and "PSNR, mean over pictures" in part
    assert re.search(r"\d\.\d\d to \d\.\d\d", part)
    other = build_running_phase()
    build_scored_study(other)
    assert 'id="agreement"' not in page(client, board(other))


def test_methods_not_told_apart_are_bracketed_and_named_for_screen_readers(client: Client) -> None:
    phase = build_running_phase()
    build_ranked_study(phase)
    html = page(client, board(phase))
    assert html.count('class="bracket"') >= 1
    assert re.search(r"Not told apart: method-\d, method-\d and method-\d", html)


def test_an_open_study_comes_first_and_others_can_be_chosen(client: Client) -> None:
    phase = build_running_phase()
    closed = build_study(phase, slug="closed", is_open=False)
    build_study(phase, slug="open")
    html = page(client, board(phase))
    assert "/rate/open/" in html and f"?study={closed.slug}" in html
    assert "/rate/open/" in page(client, board(phase, "?study=open"))
    assert client.get(board(phase, "?study=nothing")).status_code == 404


def hidden_phases() -> list[Phase]:
    return [
        build_running_phase(boards_open_at=None),
        build_running_phase(boards_open_at=timezone.now() + timedelta(seconds=60)),
    ]


def test_a_hidden_board_answers_as_if_it_were_not_there(client: Client) -> None:
    nothing = client.get("/no-such/phase/board/")
    for phase in hidden_phases():
        build_ranked_study(phase)
        answer = client.get(board(phase))
        assert (answer.status_code, answer.content) == (404, nothing.content)
        assert answer.headers == nothing.headers
        assert client.get(board(phase, "?dataset=nothing")).content == nothing.content


def test_a_user_who_is_no_organizer_sees_no_more(client: Client) -> None:
    client.force_login(build_organizer(is_staff=False))
    assert all(client.get(board(phase)).status_code == 404 for phase in hidden_phases())


def test_organizers_see_a_hidden_board_and_that_it_is_hidden(client: Client) -> None:
    client.force_login(build_organizer())
    never, later = hidden_phases()
    assert "No date is set" in page(client, board(never))
    assert "It opens to everyone on" in page(client, board(later))


def test_a_board_opens_at_its_instant(client: Client) -> None:
    phase = build_running_phase(boards_open_at=timezone.now() + DAY)
    assert client.get(board(phase)).status_code == 404
    phase.boards_open_at = timezone.now()
    phase.save()
    assert client.get(board(phase)).status_code == 200


def test_an_unchanged_board_is_not_sent_again(client: Client) -> None:
    phase = build_running_phase()
    study: Study = build_ranked_study(phase)
    etag = client.get(board(phase))["ETag"]
    assert client.get(board(phase), headers={"If-None-Match": etag}).status_code == 304
    study.name = "Another name"
    study.save()
    assert client.get(board(phase), headers={"If-None-Match": etag}).status_code == 200


def test_the_number_of_queries_does_not_grow_with_methods(
    client: Client, django_assert_max_num_queries: object
) -> None:
    phase = build_running_phase()
    build_ranked_study(phase)
    with django_assert_max_num_queries(23):  # type: ignore[operator]
        client.get(board(phase))
