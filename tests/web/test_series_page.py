"""The page of a series: its curves, what they save, and that nothing hidden is on it."""

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from ratings.challenge.models import Phase, Series
from ratings.psychometrics.report.curve_drawing import Curve, CurveDrawing, DrawnPoint
from ratings.ranking.fits.refitting import refit
from ratings.ranking.frozen.frozen_rankings import freeze
from ratings.submissions.models import Submission
from ratings.web.parts.drawing.rate_chart import rate_chart
from tests.builders import NOW, build_organizer
from tests.ranking.builders import build_rate_study, build_series, build_study_of, judge_all
from tests.web.pages import markup, page, queries

pytestmark = pytest.mark.django_db
NOISE = {"fine": [30, 20, 10], "coarse": [34, 23, 12]}
LATER = NOW + timedelta(days=365 * 40)
REFERENCE = {
    "name": "VTM",
    "source": "Measured by others",
    "bpp": [1.0, 2.0, 4.0],
    "psnr": [21.0, 24.0, 28.0],
    "ms_ssim": [],
}


def address(series: Series, query: str = "") -> str:
    return f"/{series.challenge.slug}/series/{series.slug}/{query}"


def test_curves_their_tables_and_what_they_save(client: Client) -> None:
    series = build_series(NOISE, baselines={"coarse"}, references=[REFERENCE])
    html = page(client, address(series))
    assert html.count('class="chart rates"') == 1  # the pictures are too small for MS-SSIM
    assert html.count('class="rate-curve"') == 3
    assert html.count('class="way"') == 2 and html.count('class="way aside"') == 4
    entry = series.phases.get(slug="rate-1").submissions.get(method="fine")
    assert f"/{series.challenge.slug}/rate-1/{entry.pk}/" in html
    assert "2.0000 bpp" in html
    assert "What each saves beside coarse" in html
    assert "VTM (reference)" in html and ">reference</span>" in html
    assert "3 points, 1.0000 to 4.0000 bpp: 21.00 to 28.00 dB" in html
    assert "no figures" in html and "separate scales" in html
    assert "no judgment compares two rates" in html
    assert "No scored submission yet" not in html


def test_another_anchor_and_interpolation(client: Client) -> None:
    series = build_series(NOISE, baselines={"coarse"})
    html = page(client, address(series, "?anchor=fine&interpolation=cubic"))
    assert "What each saves beside fine" in html
    assert "too few rates" in html  # cubic needs four
    assert "interpolation=cubic&amp;format=csv" in html
    for query in ("?anchor=nobody", "?interpolation=linear", "?dataset=none"):
        assert client.get(address(series, query)).status_code == 404
    assert "?dataset=P&amp;format=csv" in page(client, address(series, "?dataset=P"))


def test_human_scores_are_drawn_unjoined(client: Client) -> None:
    series = build_series(NOISE)
    for phase in series.phases.all():
        judge_all(build_study_of(phase), raters=4, judgments=10, simulated=True)
        refit(phase.studies.get(), NOW)
    html = page(client, address(series))
    human = html[html.index('id="human"') : html.index('id="savings"')]
    assert 'class="way"' not in human and human.count('class="whisker"') == 6
    assert ">simulated</span>" in human
    assert "comparable within a rate, not between rates" in human


def test_a_phase_that_is_not_open_is_on_no_page_of_others(client: Client) -> None:
    series = build_series(NOISE, boards_open_at=(NOW, LATER, None))
    hidden = series.phases.get(slug="rate-1").submissions.get(method="fine")
    Submission.objects.filter(pk=hidden.pk).update(method="secret")
    html = page(client, address(series))
    assert "secret" not in html and "2.0000 bpp" not in html and str(hidden.pk) not in html
    assert "Rate 1 adds nothing yet. Its boards open on" in html
    assert "Rate 2 adds nothing yet. Its boards have no date to open." in html
    client.force_login(build_organizer())
    html = page(client, address(series))
    assert "secret" in html and "Only organizers see Rate 1 here." in html


def test_before_any_board_is_open_the_page_says_when(client: Client) -> None:
    series = build_series(NOISE, boards_open_at=(None, LATER, None))
    response = client.get(address(series))
    assert response.status_code == 404
    html = markup(response)
    assert "No board of All rates is open yet" in html and "The first opens on" in html
    assert "fine" not in html
    series.challenge.draft = True
    series.challenge.save()
    assert "All rates" not in markup(client.get(address(series)))


def test_an_empty_series(client: Client) -> None:
    assert "No scored submission yet" in page(client, address(build_series({})))


def test_boards_and_the_challenge_lead_to_it(client: Client) -> None:
    series = build_series(NOISE)
    slug = series.challenge.slug
    link = f'href="/{slug}/series/rates/"'
    assert link in page(client, f"/{slug}/rate-0/board/")
    assert link in page(client, f"/{slug}/")
    assert "How scores are made" in page(client, address(series))


def test_its_cost_does_not_grow_with_methods_or_judgments(client: Client) -> None:
    few = build_series(NOISE)
    many = build_series({f"m{number}": [30, 20, 10] for number in range(5)})
    for series, raters in ((few, 2), (many, 8)):
        for phase in series.phases.all():
            judge_all(build_study_of(phase), raters=raters, judgments=10)
            refit(phase.studies.get(), NOW)
    assert queries(client, address(few)) == queries(client, address(many))


def test_the_name_of_a_curve_stands_right_of_all_points() -> None:
    """A curve that ends early has its name where no other curve goes on."""
    points = [
        [DrawnPoint(bpp, value, None, None) for bpp, value in ((0.1, 30.0), (last, 31.0))]
        for last in (0.2, 0.9)
    ]
    curves = [Curve(str(n), "competing", of) for n, of in enumerate(points)]
    drawn = ElementTree.fromstring(rate_chart(CurveDrawing("", "bpp", "dB", curves, joined=True)))
    rightmost = max(float((dot.get("cx") or "").strip("%")) for dot in drawn.iter("circle"))
    names = [one for one in drawn.iter("svg") if one.get("x")]
    assert [float((one.get("x") or "").strip("%")) for one in names] == [rightmost] * 2


def test_a_curves_name_has_a_line_to_it_and_is_whole_where_there_is_room() -> None:
    curve = Curve("VTM (reference)", "reference", [DrawnPoint(0.1, 34.0, None, None)])
    drawn = ElementTree.fromstring(rate_chart(CurveDrawing("", "bpp", "dB", [curve], joined=True)))
    group = next(one for one in drawn.iter("g") if one.get("class") == "rate-curve")
    # Not drawn as the grid is, on whose lines it may lie.
    assert [line.get("class") for line in group.iter("line")] == ["leader"]
    texts = {text.get("class"): text.text for text in group.iter("text")}
    assert texts == {"spare": "VTM (reference)", "brief": "VTM (re…rence)"}


def test_a_board_that_a_study_across_rates_covers_leads_to_its_ranking(client: Client) -> None:
    series = build_series(NOISE)
    board = f"/{series.challenge.slug}/rate-0/board/"
    assert "No study yet" in page(client, board)
    build_rate_study(series)
    html = page(client, board)
    assert "No study yet" not in html and "Ranked across the rates" in html
    assert html.count(f'href="{address(series)}"') == 2  # in its place, and below the boards


def test_while_boards_are_frozen_no_page_leads_to_what_is_not_shown(client: Client) -> None:
    series = build_series(NOISE)
    study = build_rate_study(series)
    at = timezone.now()
    judge_all(study, raters=4, judgments=10)
    refit(study, at - timedelta(days=2))
    frozen = freeze(study.rankings.get(), at - timedelta(days=2))
    slug = series.challenge.slug
    pages = [f"/{slug}/rate-0/board/", f"/{slug}/", f"/{slug}/rankings/{frozen.digest}/"]
    live = [ways(client, one) for one in pages]
    assert all(any("/series/" in way for way in of) for of in live)
    until = at + timedelta(days=1)
    Phase.objects.update(boards_frozen_from=at - timedelta(days=1), boards_frozen_until=until)
    for one in pages:
        for way in ways(client, one):
            assert client.get(way).status_code == 200, (one, way)
    for one in pages[:2]:
        assert f"All rates together: {series.name}, shown from" in page(client, one)
    client.force_login(build_organizer())
    assert any("/series/" in way for way in ways(client, pages[0]))


def ways(client: Client, path: str) -> set[str]:
    """Return where the links of a page lead to within its challenge, files left out."""
    slug = path.split("/")[1]
    return set(re.findall(rf'<a[^>]* href="(/{slug}/[^"#?]*)', page(client, path)))
