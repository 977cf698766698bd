"""The Atom feeds, read by a feed reader: what is public by now, under names that stay."""

from datetime import timedelta

import feedparser
import pytest
from django.test import Client
from django.utils import timezone

from ratings.challenge.models import Announcement, Challenge, Phase
from ratings.ranking.models import Award
from tests.builders import build_submission
from tests.web.builders import DAY, build_running_phase

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def build_news() -> Phase:
    """Save a phase with an announcement, a coming one, a moved deadline, and an award."""
    now = timezone.now()
    phase = build_running_phase(boards_open_at=now - 2 * MINUTE)
    news = {"challenge": phase.challenge, "text": "Out **now** & <b>free</b>\x0b"}
    Announcement.objects.create(title="Test set <is> out", at=now - DAY, **news)
    Announcement.objects.create(title="To come", at=now + DAY, **news)
    phase.deadline_moves.create(closed_at=now, closes_at=now + DAY, at=now - MINUTE)
    award = {"submission": build_submission(phase, method="Best"), "by": "ann", "at": now - DAY}
    Award.objects.create(phase=phase, title="Winner", statement="Close.", **award)
    return phase


def read(client: Client, path: str) -> feedparser.FeedParserDict:
    response = client.get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    parsed = feedparser.parse(response.content)
    assert not parsed.bozo and parsed.version == "atom10"
    assert {entry.id.startswith("urn:uuid:") for entry in parsed.entries} <= {True}
    return parsed


def feed(phase: Phase) -> str:
    return f"/{phase.challenge.slug}/feed.atom"


def test_it_tells_news_moves_and_results_the_newest_first(client: Client) -> None:
    phase = build_news()
    found = read(client, feed(phase))
    titles = [entry.title for entry in found.entries]
    assert titles[0] == f"{phase.name}: deadline moved"
    assert sorted(titles[1:]) == sorted(
        [f"{phase.name}: boards are open", f"{phase.name}: Winner: Best", "Test set <is> out"]
    )
    news = found.entries[titles.index("Test set <is> out")]
    assert "<strong>now</strong>" in news.summary and "&lt;b&gt;" in news.summary
    assert found.feed.updated == found.entries[0].updated
    links = {link["rel"]: link["href"] for link in found.feed.links}
    assert links["self"] == f"http://testserver{feed(phase)}"
    for entry in found.entries:
        assert client.get(entry.link).status_code == 200


def test_an_entry_keeps_its_name_when_the_definition_is_loaded_again(client: Client) -> None:
    phase = build_news()
    before = {entry.id for entry in read(client, feed(phase)).entries}
    rows = list(Announcement.objects.values("challenge_id", "title", "text", "at"))
    Announcement.objects.all().delete()
    Announcement.objects.bulk_create(Announcement(**row) for row in rows)
    assert {entry.id for entry in read(client, feed(phase)).entries} == before
    assert {entry.id for entry in read(client, "/feed.atom").entries} == before


def test_while_boards_are_frozen_neither_page_nor_feed_tells_an_award(client: Client) -> None:
    phase = build_news()
    home = f"/{phase.challenge.slug}/"
    assert "Winner" in client.get(home).content.decode()
    Phase.objects.update(boards_frozen_from=timezone.now())
    titles = [entry.title for entry in read(client, feed(phase)).entries]
    assert "Winner" not in client.get(home).content.decode() + " ".join(titles)


def test_what_is_not_public_is_not_told(client: Client) -> None:
    phase = build_news()
    Phase.objects.update(boards_open_at=None)
    titles = [entry.title for entry in read(client, feed(phase)).entries]
    assert len(titles) == 2 and not any("Winner" in title for title in titles)
    Challenge.objects.update(draft=True)
    assert client.get(feed(phase)).status_code == 404
    assert read(client, "/feed.atom").entries == []


def test_the_site_s_feed_says_of_which_challenge_each_is_and_is_named_in_heads(
    client: Client,
) -> None:
    phase = build_news()
    titles = [entry.title for entry in read(client, "/feed.atom").entries]
    assert all(title.startswith(f"{phase.challenge.name}: ") for title in titles)
    assert 'type="application/atom+xml"' in client.get("/").content.decode()
