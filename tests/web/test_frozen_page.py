"""A frozen ranking's page and card, what heads say of results, the board's past, and a freeze."""

import io
import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from ratings.challenge.models import Challenge, Phase
from ratings.comparisons.models import Judgment, Study
from ratings.jobs.submission_actions import disqualify
from ratings.ranking.fits.refitting import refit
from ratings.ranking.frozen.frozen_rankings import freeze, freeze_due
from ratings.ranking.models import FrozenRanking, Ranking
from ratings.submissions.models import Submission
from ratings.submissions.rulings.exclusion import disqualify as exclude
from ratings.web.parts.drawing.curve_chart import CurveLine, CurveStop, score_curves
from tests.builders import NOW, build_organizer
from tests.ranking.builders import judge_all
from tests.web.builders import DAY, build_ranked_study, build_running_phase, build_scored_study
from tests.web.pages import page, queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


class HeadReader(HTMLParser):
    """Reads a page's head as networks do: properties, links, and its data set."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: dict[str, str] = {}
        self.feeds: list[str] = []
        self.dataset: dict[str, object] = {}
        self._is_data = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "meta" and "content" in known:
            self.said[known.get("property") or known.get("name", "")] = known["content"]
        if tag == "link" and known.get("rel") == "canonical":
            self.said["canonical"] = known["href"]
        if tag == "link" and known.get("type") == "application/atom+xml":
            self.feeds.append(known["href"])
        self._is_data = tag == "script" and known.get("type") == "application/ld+json"

    def handle_data(self, data: str) -> None:
        if self._is_data:
            self.dataset = json.loads(data)


def build_frozen(**fields: object) -> FrozenRanking:
    build_ranked_study(build_running_phase(**fields))
    return freeze(Ranking.objects.get(), NOW)


def at(frozen: FrozenRanking, rest: str = "") -> str:
    return f"/{frozen.phase.challenge.slug}/rankings/{frozen.digest}/{rest}"


def board(phase: Phase) -> str:
    return f"/{phase.challenge.slug}/{phase.slug}/board/"


def organizer() -> Client:
    client = Client()
    client.force_login(build_organizer())
    return client


def past(study: Study, *instants: datetime) -> None:
    for number, instant in enumerate(instants):
        judge_all(study, raters=2, judgments=6, seed=number + 2)
        refit(study, instant)
        freeze_due(study, instant + HOUR)


def test_it_says_what_it_is_how_to_cite_it_and_how_to_check_it(client: Client) -> None:
    frozen = build_frozen()
    Challenge.objects.update(license="CC-BY-4.0", doi="10.5281/zenodo.7", organizers=["Jane Doe"])
    html = page(client, at(frozen))
    for words in ("18 judgments", "method version", frozen.digest, "sha256sum", "Jane Doe."):
        assert words in html
    assert "Licence: CC-BY-4.0" in html and "https://doi.org/10.5281/zenodo.7" in html
    assert "Provisional" in html or "provisional" in html
    for form in ("csv", "json", "parquet", "tex"):
        assert f"rankings/{frozen.digest}/?format={form}" in html
    assert html.count("/figures/") == 8 and "?format=bibtex" in html


def test_it_stays_the_same_after_all_that_happens_to_the_study(client: Client) -> None:
    frozen = build_frozen()
    before = page(client, at(frozen))
    gone = Submission.objects.get(method="method-1")
    Submission.objects.update(method="renamed")
    Study.objects.update(name="Renamed", scale="elo")
    judge_all(Study.objects.get(), raters=1, judgments=6, seed=9)
    refit(Study.objects.get(), NOW + 2 * HOUR)
    after = page(client, at(frozen))
    assert re.search(r"<table class=\"plotted\".*?</table>", before)[0] in after  # type: ignore[index]
    assert "renamed" not in after.lower()
    disqualify(gone.pk, NOW, note="Trained on the pictures.", by="ann")
    assert "have left the study" in page(client, at(frozen))


def test_it_says_where_its_judgments_are_gone_and_stays(client: Client) -> None:
    frozen = build_frozen()
    assert "not stored any more" not in page(client, at(frozen))
    Judgment.objects.all().delete()
    assert "not stored any more" in page(client, at(frozen))


@pytest.mark.parametrize("opens", [None, timezone.now() + DAY])
def test_before_the_boards_open_it_is_there_for_organizers_alone(opens: datetime | None) -> None:
    frozen = build_frozen(boards_open_at=opens)
    for path in (at(frozen), at(frozen, "card.png")):
        assert Client().get(path).status_code == 404
        assert organizer().get(path).status_code == 200
    said = Client().get(at(frozen)).content.decode()
    assert "not open yet" in said and ("They open on" in said) == bool(opens)
    shown = page(organizer(), at(frozen))
    assert "Only organizers see this page" in shown and "og:" not in shown
    assert Client().get(at(frozen).replace(frozen.digest, "0" * 64)).status_code == 404


def test_a_page_without_a_picture_of_its_own_has_the_site_s_sign(client: Client) -> None:
    frozen = build_frozen()
    for path in ("/", f"/{frozen.phase.challenge.slug}/"):
        said = HeadReader(page(client, path)).said
        assert said["og:image"].startswith("http://testserver/static/card.")
        assert "one of them chosen" in said["og:image:alt"]


def test_the_head_is_what_networks_and_reference_managers_read(client: Client) -> None:
    frozen = build_frozen()
    Challenge.objects.update(license="CC-BY-4.0", name="</script><b>Cup & co")
    challenge = Challenge.objects.get()
    for path in (at(frozen), board(frozen.phase)):
        head = HeadReader(page(client, path))
        assert head.said["canonical"] == head.said["og:url"] == f"http://testserver{path}"
        assert head.said["og:image"] == f"http://testserver{at(frozen, 'card.png')}"
        assert head.said["twitter:card"] == "summary_large_image"
        assert head.said["description"] == head.said["og:description"] != ""
        assert head.feeds == [f"/{challenge.slug}/feed.atom", "/feed.atom"]
        data = head.dataset
        assert (data["@context"], data["@type"]) == ("https://schema.org", "Dataset")
        assert data["license"] == "https://spdx.org/licenses/CC-BY-4.0"
        assert 50 <= len(str(data["description"])) <= 5000 and data["url"] == head.said["canonical"]
        for download in data["distribution"]:  # type: ignore[attr-defined]
            assert client.get(download["contentUrl"]).status_code == 200
    assert "<b>Cup" not in page(client, board(frozen.phase))


def test_heads_of_drafts_say_nothing() -> None:
    frozen = build_frozen()
    Challenge.objects.update(draft=True)
    for path in (at(frozen), board(frozen.phase), f"/{frozen.phase.challenge.slug}/"):
        head = HeadReader(page(organizer(), path))
        assert not head.said.keys() & {"og:title", "description"} and not head.dataset


def test_the_card_has_the_size_that_networks_take_and_is_kept(client: Client) -> None:
    frozen = build_frozen()
    response = client.get(at(frozen, "card.png"))
    assert Image.open(io.BytesIO(response.content)).size == (1200, 630)
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get(at(frozen, "card.png")).content == response.content
    hidden = build_frozen_hidden()
    assert "private" in organizer().get(at(hidden, "card.png"))["Cache-Control"]


def build_frozen_hidden() -> FrozenRanking:
    study = build_ranked_study(build_running_phase(boards_open_at=None))
    return freeze(study.rankings.get(), NOW)


def test_the_board_leads_to_this_ranking_or_to_the_newest_that_is_kept(client: Client) -> None:
    phase = build_running_phase()
    study = build_ranked_study(phase)
    assert "at the end of its hour" in page(client, board(phase))
    frozen = freeze(Ranking.objects.get(), NOW)
    html = page(client, board(phase))
    assert "This ranking, for citation" in html and at(frozen) in html
    judge_all(study, raters=1, judgments=6, seed=5)
    refit(study, NOW + HOUR)
    html = page(client, board(phase))
    assert "The newest ranking that is kept, for citation" in html and at(frozen) in html


def test_the_board_has_a_past_that_one_can_stand_at(client: Client) -> None:
    phase = build_running_phase()
    study = build_scored_study(phase)
    past(study, NOW, NOW + HOUR)
    two = queries(client, board(phase))
    html = page(client, board(phase))
    kept = list(FrozenRanking.objects.all())
    assert all(at(one) in html for one in kept)
    assert "scores-curve" in html and html.count('class="band"') == 3
    past(study, NOW + 2 * HOUR, NOW + 3 * HOUR)
    assert queries(client, board(phase)) == two
    first, second, third, _ = FrozenRanking.objects.all()
    between = page(client, at(second))
    assert at(first) in between and at(third) in between and "The newest" in between


def test_a_freeze_shows_everyone_how_it_stood_and_organizers_what_is_live() -> None:
    now = timezone.now()
    phase = build_running_phase(boards_frozen_from=now - DAY / 2, boards_frozen_until=now + DAY)
    study = build_scored_study(phase)
    past(study, now - DAY, now - DAY / 4)
    late = Submission.objects.get(method="method-2")
    Submission.objects.filter(pk=late.pk).update(submitted_at=now - DAY / 4)
    before, after = FrozenRanking.objects.all()
    everyone, own = page(Client(), board(phase)), page(organizer(), board(phase))
    assert "The boards are frozen" in everyone and "12 judgments" in everyone
    assert "live again from" in everyone and at(after) not in everyone and at(before) in everyone
    assert everyone.count('class="method"') == own.count('class="method"') - 1  # on the PSNR board
    assert "which are live" in own and "24 judgments" in own
    overview = page(Client(), f"/{phase.challenge.slug}/")
    assert overview.count("method-2") == 1  # of those that people judged then
    for path in (at(after), f"/{phase.challenge.slug}/{phase.slug}/{late.pk}/"):
        said = Client().get(path)
        assert said.status_code == 404 and "are frozen" in said.content.decode()
        assert organizer().get(path).status_code == 200
    Study.objects.update(is_open=False)
    grid = f"/{phase.challenge.slug}/{phase.slug}/pictures/"
    assert [Client().get(path).status_code for path in (grid, pictures_of(phase))] == [404, 404]
    assert organizer().get(grid).status_code == 200
    Phase.objects.update(boards_frozen_until=now)
    assert "24 judgments" in page(Client(), board(phase))
    assert Client().get(pictures_of(phase)).status_code == 200


def pictures_of(phase: Phase) -> str:
    return f"/api/v1/challenges/{phase.challenge.slug}/phases/{phase.slug}/pictures/"


def test_the_curve_goes_on_with_time_whatever_was_taken_out(client: Client) -> None:
    phase = build_running_phase()
    study = build_scored_study(phase)
    past(study, NOW, NOW + HOUR)
    gone = Submission.objects.get(method="method-2")
    exclude(gone.pk, NOW + 2 * HOUR, note="Copied.", by="ann")
    refit(study, NOW + 3 * HOUR)
    freeze_due(study, NOW + 5 * HOUR)
    assert study.rankings.latest("computed_at").judgments < 24
    html = page(client, board(phase))
    ways = re.findall(r'<polyline class="line" points="([^"]+)"', html)
    assert len(ways) == 2
    for way in ways:
        across = [float(stop.split(",")[0]) for stop in way.split()]
        assert len(across) == 3 and across == sorted(set(across))
    assert "over time" in html


def test_the_curve_says_days_and_in_a_short_span_hours() -> None:
    def drawn(length: timedelta) -> str:
        stops = [CurveStop(NOW + share * length, share, None, None) for share in (0, 1)]
        return score_curves([CurveLine("a", "a", "competing", stops)], ZoneInfo("Europe/Zurich"))

    assert ">10 Apr, 14:00<" in drawn(2 * DAY)
    assert ">10 Apr 2018<" in drawn(4 * DAY)


def test_a_curve_needs_two_stops_and_names_do_not_meet() -> None:
    def line(name: str, *scores: float) -> CurveLine:
        stops = [CurveStop(NOW + n * HOUR, s, s - 1, s + 1) for n, s in enumerate(scores)]
        return CurveLine(name, name, "competing", stops)

    assert score_curves([], UTC) == "" and score_curves([line("a", 1.0)], UTC) == ""
    drawn = score_curves([line("<a>", 1.0, 1.0), line("b", 1.0, 1.01), line("c", 0.0, -1.0)], UTC)
    assert "&lt;a&gt;" in drawn and "<a>" not in drawn
    heights = sorted(float(y) for y in re.findall(r'class="spare" x="79.5%" y="([\d.]+)"', drawn))
    assert len(heights) == 3 and all(b - a >= 14.9 for a, b in pairwise(heights))
