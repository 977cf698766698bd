"""The board page in each of its states, and that nothing leaks while it is hidden."""

import re
from datetime import timedelta

import pytest
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from ratings.api.parts.table_views import FILES
from ratings.challenge.models import Phase
from ratings.comparisons.models import Judgment, PairCount, Study
from ratings.jobs.submission_actions import disqualify, readmit
from ratings.psychometrics.report.figures import FIGURES
from ratings.psychometrics.rounding import fixed
from ratings.ranking.boards.human_board import human_board
from ratings.ranking.fits.refitting import refit
from ratings.ranking.fits.variants import refit_variants
from ratings.ranking.models import Ranking
from ratings.submissions.models import Submission
from ratings.web.parts.words.formatting import decimal, limit, rank_range
from tests.builders import NOW, build_dataset, build_organizer, build_original, build_team
from tests.comparisons.builders import build_study
from tests.http.answers import without_id
from tests.ranking.builders import build_two_datasets, judge_all, judge_one_sided
from tests.web.builders import (
    DAY,
    build_ranked_study,
    build_running_phase,
    build_scored,
    build_scored_study,
)
from tests.web.pages import markup

pytestmark = pytest.mark.django_db


def board(phase: Phase, query: str = "") -> str:
    return f"/{phase.challenge.slug}/{phase.slug}/board/{query}"


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return markup(response)


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
    # The methods by PSNR and score, the metrics, and one of each kind in the legend.
    assert rest.count('class="point') == 3 + 3 + 3
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


def test_a_line_says_what_an_adjusted_ranking_changes_and_leads_there(client: Client) -> None:
    phase = build_running_phase()
    study = build_ranked_study(phase)
    Study.objects.filter(pk=study.pk).update(adjust=["rate", "position", "strata"])
    refit_variants(study, NOW)
    html = page(client, board(phase))
    assert "Adjusted for position " in html
    assert "With the pictures&#x27; mix of strata" in html
    shown = page(client, board(phase, f"?variant=adjust&study={study.slug}"))
    assert "This is the ranking <strong>adjusted for position</strong>" in shown
    assert "Adjusted for rate, position, as far as the judgments tell it" in shown
    assert "Not adjusted for rate: " in shown
    assert "Taken out: position: " in shown and "log odds for the left" in shown


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
    scores = [int(text) for text in re.findall(r">(\d+) ?<span class=.visually-hidden", html)]
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


def test_a_hidden_board_says_when_it_opens_and_nothing_of_what_is_on_it(client: Client) -> None:
    for phase in hidden_phases():
        empty = client.get(board(phase))
        build_ranked_study(phase)
        answer = client.get(board(phase))
        assert (answer.status_code, answer.content) == (404, empty.content)
        assert without_id(answer) == without_id(empty)
        assert client.get(board(phase, "?dataset=nothing")).content == empty.content
        html = markup(answer)
        assert f"The boards of {phase.name} are not open yet" in html
        assert f'href="/{phase.challenge.slug}/"' in html
        if at := phase.boards_open_at:
            assert f'They open on <time class="number" datetime="{at.isoformat()}"' in html
        else:
            assert "The organizers have set no date" in html
    assert "There is no page here" in markup(client.get("/no-such/phase/board/"))


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
    with django_assert_max_num_queries(29):  # type: ignore[operator]
        client.get(board(phase))


def test_a_board_names_what_is_disqualified_below_with_the_reason(client: Client) -> None:
    phase = build_running_phase()
    study = build_ranked_study(phase)
    gone = study.entries.get(label="method-1").submission
    disqualify(gone.pk, NOW, note="Trained on <the> test pictures.", by="ann")
    html = page(client, board(phase))
    assert html.count('aria-label="Not ranked"') == 2  # below each of the two boards
    assert html.count("Trained on &lt;the&gt; test pictures.") == 2
    assert html.index("method-2") < html.index("method-1")
    assert len(links(html)) == 2
    refit_variants(study, NOW)
    html = page(client, board(phase))
    assert "With methods that have left" in html
    shown = page(client, board(phase, "?variant=entered"))
    assert shown.count('<span class="tag" title="Trained on &lt;the&gt; test pictures.">') == 1
    assert shown.count('aria-label="Not ranked"') == 1  # it is among the ranked of this one
    readmit(gone.pk, NOW, note="They proved otherwise.", by="ann")
    assert "Not ranked" not in page(client, board(phase))


def test_before_boards_open_nobody_learns_who_left(client: Client) -> None:
    phase = build_running_phase(boards_open_at=None, originals_open_at=None)
    study = build_scored_study(phase)
    disqualify(study.entries.get(label="method-1").submission_id, NOW, note="WHY", by="ann")
    slug = phase.challenge.slug
    gone = study.entries.get(label="method-1").submission_id
    for path in (
        board(phase),
        f"/{slug}/",
        f"/{slug}/{phase.slug}/{gone}/",
        f"/api/v1/boards/{slug}/{phase.slug}/psnr/",
        f"/api/v1/boards/{slug}/{phase.slug}/human/",
        f"/api/v1/boards/{slug}/{phase.slug}/panel/",
        f"/api/v1/studies/{study.slug}/ranking/?variant=entered",
    ):
        assert "WHY" not in client.get(path).content.decode()
        assert "disqualified" not in client.get(path).content.decode()


def test_the_winner_of_all_stands_first_with_an_open_end_and_in_words(client: Client) -> None:
    phase = build_running_phase(names=[f"p{number}.png" for number in range(8)])
    study = build_scored_study(phase, ("competing",) * 5)
    judge_one_sided(study, raters=12, judgments=60)
    refit(study, NOW)
    html = page(client, board(phase))
    human = html[html.index('id="human"') :]
    keys = re.findall(r'<tr data-key="([^"]+)"><td class="ranks">([^<]*)', human)
    entries = list(study.entries.order_by("pk"))
    rows = human_board(study).rows
    assert keys[0] == (str(entries[0].submission_id), rank_range(1, 1, rows[0].rank_high))
    assert keys[-1] == (str(entries[-1].submission_id), rank_range(5, rows[-1].rank_low, 5))
    end = rows[0].open_end
    assert end and end.direction == "above" and end.next_to == rows[1].label and end.at_least
    least = f"ahead by at least {decimal(end.at_least, 2)}"
    assert rows[0].score_at_least is not None
    assert limit(rows[0].score_at_least, None, 2) in human
    said = f"method-0 is ahead of {rows[1].method} by at least {decimal(end.at_least, 2)}."
    assert said in human and f"method-4 is behind {rows[3].method} by at least" in human
    # Words stand before an arrow that leaves room for them.
    assert human.count('class="arrow"') == 2
    assert f'<span class="visually-hidden">, {least}</span>' in human
    link = re.search(r'<a class="method" href="([^"]+)"', human)
    assert link
    shown = page(client, link[1])
    assert said.removeprefix("method-0 is ").removesuffix(".") in shown and "100 %" in shown


def test_the_winner_of_all_is_first_in_the_exports(client: Client) -> None:
    phase = build_running_phase()
    study = build_scored_study(phase, ("competing",) * 5)
    judge_one_sided(study)
    refit(study, NOW)
    address = f"/api/v1/boards/{phase.challenge.slug}/{phase.slug}/human/"
    elo = client.get(f"{address}?scale=elo").json()
    first = elo["results"][0]
    # Two pictures tell nobody apart.
    assert (first["rank"], first["rank_low"], first["rank_high"]) == (1, 1, 5)
    assert [first[name] for name in ("se", "ci_low", "ci_high", "win_rate")] == [None] * 4
    assert first["score"] > elo["results"][1]["score"]
    pair = elo["pairs"][0]
    assert (pair["probability"], pair["high"], pair["told_apart"]) == (1.0, 1.0, False)
    judged = PairCount.objects.filter(
        Q(wins_first__gt=0) | Q(wins_second__gt=0),
        pair__first__submission__method__in=(pair["first"], pair["second"]),
        pair__second__submission__method__in=(pair["first"], pair["second"]),
    )
    # Chance says which of the two pictures a pair is shown on.
    pictures = len(set(judged.values_list("crop__original", flat=True)))
    assert pictures in (1, 2) and pair["low"] == round(0.025 ** (1 / pictures), 4)
    lines = client.get(f"{address}?format=csv").content.decode().splitlines()
    line = r"1,1,5,method-0,[^,]*,false,[\d.]+,,,,,\d+,,,,natural,competing,,(-?[\d.]+),,above"
    bound = re.fullmatch(line, lines[1])
    assert bound and lines[-1].endswith(",below")
    numbers = client.get(f"{address}?scale=natural").json()["results"]
    assert (numbers[0]["score_at_least"], numbers[0]["score_at_most"]) == (float(bound[1]), None)
    assert [row["open_end"] for row in numbers] == ["above", None, None, None, "below"]
    tex = client.get(f"{address}?format=tex").content.decode()
    assert f"$\\ge {fixed(float(bound[1]), 2)}$" in tex and r"$\le " in tex


def test_who_leaves_beside_open_ends_leaves_every_page_and_export_readable(client: Client) -> None:
    phase = build_running_phase()
    study = build_scored_study(phase, ("competing",) * 6)
    judge_one_sided(study, judgments=24)
    refit(study, NOW)
    refit_variants(study, NOW)
    before = human_board(study)
    on_scale = [row for row in before.rows if row.placed]
    left, out, *stay = on_scale
    assert before.rows[0].open_end and before.rows[-1].open_end and len(stay) == 2
    # Before any worker has looked.
    named = [row.method for row in before.rows if row != left]
    Study.objects.filter(pk=study.pk).update(methods=named)
    Submission.objects.filter(pk=out.submission_id).update(
        exclusion=Submission.Exclusion.DISQUALIFIED
    )
    client.force_login(build_organizer())
    slug = phase.challenge.slug
    api, ranking = f"/api/v1/boards/{slug}/{phase.slug}", f"/api/v1/studies/{study.slug}/ranking/"
    readable = [f"/desk/challenges/{slug}/{phase.slug}/panel/", f"{api}/panel/"]
    readable += [f"{api}/agreement/", *(f"{api}/human/figures/{name}.svg" for name in FIGURES)]
    for variant in Ranking.Variant.values:
        readable += [board(phase, f"?variant={variant}"), f"{api}/human/?variant={variant}"]
        readable += [f"{ranking}?variant={variant}&format={form}" for form in FILES]
    assert {path: client.get(path).status_code for path in readable} == dict.fromkeys(readable, 200)
    human = human_board(Study.objects.get())
    assert [row.label for row in human.rows if row.placed] == [row.label for row in stay]
    kept = [on_scale.index(row) for row in stay]
    assert before.covariance
    assert human.covariance == [[before.covariance[i][j] for j in kept] for i in kept]


def test_two_methods_of_which_one_wins_all_have_a_board(client: Client) -> None:
    phase = build_running_phase(names=[f"p{number}.png" for number in range(6)])
    study = build_scored_study(phase, ("competing",) * 2)
    judge_one_sided(study, raters=10, judgments=6)
    refit(study, NOW)
    human = page(client, board(phase))
    assert re.findall(r'<td class="ranks">([^<]*)', human) == ["1", "2"]
    assert human.count('class="arrow"') == 2 and "provisional" not in human
