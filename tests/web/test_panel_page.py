"""The panel at the desk and announcements: organizers alone act, the public sees the outcome."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from ratings.challenge.models import Announcement, Phase
from ratings.ranking.models import Award, PanelVote
from tests.builders import build_organizer, build_submission, build_team
from tests.fidelity.builders import build_scored_submission
from tests.web.builders import DAY, build_running_phase
from tests.web.pages import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def phase() -> Phase:
    phase = build_running_phase(boards_open_at=timezone.now() + DAY)
    for error, method in enumerate(("xvc", "tiramisu"), start=1):
        team = build_team(phase.challenge, name=f"team {method}")
        build_scored_submission(phase, team, method=method, error=error)
    return phase


@pytest.fixture
def organizer() -> Client:
    client = Client()
    client.force_login(build_organizer(username="ann"))
    return client


def panel(phase: Phase, rest: str = "") -> str:
    return f"/desk/challenges/{phase.challenge.slug}/{phase.slug}/panel/{rest}"


def export(phase: Phase, query: str = "") -> str:
    return f"/api/v1/boards/{phase.challenge.slug}/{phase.slug}/panel/{query}"


def act(client: Client, phase: Phase, **fields: str) -> int:
    return client.post(panel(phase, "act/"), fields).status_code


def test_the_panel_votes_decides_and_is_exported(organizer: Client, phase: Phase) -> None:
    chosen = str(phase.submissions.get(method="tiramisu").pk)
    assert "Nobody but organizers and the panel sees any of this" in page(organizer, panel(phase))
    assert act(organizer, phase, act="vote", submission=chosen, remarks="Runs anywhere.") == 302
    reasons = {"title": "Overall winner", "statement": "It runs anywhere."}
    assert act(organizer, phase, act="award", submission=chosen, **reasons) == 302
    html = page(organizer, panel(phase))
    assert "Runs anywhere." in html and "It runs anywhere." in html
    assert "Vote anew" in html
    document = organizer.get(export(phase)).json()
    assert document["votes"][0]["member"] == document["awards"][0]["by"] == "ann"
    assert "method,team,kind" in organizer.get(export(phase, "?format=csv")).content.decode()


def test_winners_are_published_with_the_boards(
    client: Client, organizer: Client, phase: Phase
) -> None:
    chosen = str(phase.submissions.get(method="xvc").pk)
    fields = {"title": "Overall winner", "statement": "Best by both.", "submission": chosen}
    assert act(organizer, phase, act="award", **fields) == 302
    public = f"/{phase.challenge.slug}/"
    for viewer in (client, organizer):
        assert "Best by both." not in page(viewer, public)
    Phase.objects.update(boards_open_at=timezone.now())
    assert "Best by both." in page(client, public)
    assert act(organizer, phase, act="withdraw", award=str(Award.objects.get().pk)) == 302
    assert "Best by both." not in page(client, public)
    assert "withdrawn by ann" in page(organizer, panel(phase))


def test_strangers_see_and_do_nothing(client: Client, phase: Phase) -> None:
    chosen = str(phase.submissions.get(method="xvc").pk)
    assert client.get(panel(phase)).status_code == 302
    assert client.get(export(phase)).status_code == 401
    assert act(client, phase, act="vote", submission=chosen) == 302
    assert not PanelVote.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"act": "vote"},
        {"act": "vote", "submission": "x"},
        {"act": "award", "submission": "x"},
        {"act": "withdraw", "award": "x"},
        {"act": "withdraw", "award": "9" * 40},
        {"act": "fire"},
    ],
)
def test_what_makes_no_sense_is_refused(
    organizer: Client, phase: Phase, fields: dict[str, str]
) -> None:
    assert act(organizer, phase, **fields) == 422


def test_what_is_on_no_board_can_not_be_chosen(organizer: Client, phase: Phase) -> None:
    open_one = build_submission(phase, method="begun")
    assert act(organizer, phase, act="vote", submission=str(open_one.pk)) == 422


def test_an_empty_phase_has_an_empty_sheet(organizer: Client) -> None:
    assert "No scored entry yet" in page(organizer, panel(build_running_phase()))


def test_announcements_are_made_and_deleted(
    client: Client, organizer: Client, phase: Phase
) -> None:
    news = f"/desk/challenges/{phase.challenge.slug}/news/"
    assert client.post(news, {"title": "T", "text": "x"}).status_code == 302
    assert organizer.post(news, {"title": " ", "text": "x"}).status_code == 200
    assert not Announcement.objects.exists()
    body = {"title": "Test set is out", "text": "First.\n\n<b>Second."}
    assert organizer.post(news, body).status_code == 302
    html = page(client, f"/{phase.challenge.slug}/")
    assert "Test set is out" in html and "<p>First.</p><p>&lt;b&gt;Second.</p>" in html
    challenge = client.get(f"/api/v1/challenges/{phase.challenge.slug}/").json()
    assert challenge["announcements"][0]["title"] == "Test set is out"
    made = Announcement.objects.get()
    assert made.by == "ann" and made.title in page(organizer, news)
    assert organizer.post(f"{news}{made.pk}/delete/").status_code == 302
    assert "Test set is out" not in page(client, f"/{phase.challenge.slug}/")


def test_news_of_tomorrow_are_kept_until_then(client: Client, phase: Phase) -> None:
    at = timezone.now() + timedelta(minutes=1)
    Announcement.objects.create(challenge=phase.challenge, title="Soon", text="x", at=at)
    assert "Soon" not in page(client, f"/{phase.challenge.slug}/")
    challenge = client.get(f"/api/v1/challenges/{phase.challenge.slug}/").json()
    assert challenge["announcements"] == []


def test_announcements_come_in_pages(organizer: Client, phase: Phase) -> None:
    Announcement.objects.bulk_create(
        Announcement(
            challenge=phase.challenge, title=f"news {n:02d}", text="x", at=timezone.now() - n * DAY
        )
        for n in range(51)
    )
    path = f"/desk/challenges/{phase.challenge.slug}/news/"
    assert "50 of 51" in page(organizer, path) and "news 50" not in page(organizer, path)
    assert "news 50" in page(organizer, f"{path}?page=2")
