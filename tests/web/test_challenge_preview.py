"""A preview shows what others see at an instant, for the desk alone; nothing is done there."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from ratings.challenge.models import Challenge, Membership, Phase, Team
from ratings.comparisons.models import Rater
from ratings.submissions.models import Submission
from ratings.web.desk.parts.typed_instants import filled_instant, typed_instant
from tests.builders import (
    PASSWORD,
    build_challenge,
    build_dataset,
    build_organizer,
    build_original,
    build_team,
)
from tests.web.builders import build_ranked_study, build_running_phase
from tests.web.pages import markup, page, sign_in
from tests.web.routes import status

pytestmark = pytest.mark.django_db
Role = Membership.Role
HOUR = timedelta(hours=1)
WEB = Path(__file__).resolve().parents[2] / "ratings" / "web"
# What the head of a public page says to networks and feed readers; in a preview, nothing.
HEAD = re.compile(r'<meta name="description".*?(?=<link rel="icon")', re.DOTALL)
BAR = re.compile(r'<aside class="preview-bar".*?</aside>', re.DOTALL)
ONCE = re.compile(r'(csrfmiddlewaretoken" value=|"token": )"[^"]*"')
# Goes on by itself: how long something lasts, the server's clock.
CLOCK = re.compile(r"(closes|opens) in [^<]*|The server.s clock: <time.*?</time>")


def begin(phase: Phase, who: str = "visitor", at: datetime | None = None) -> str:
    """Return what stands before a page's address in a preview."""
    instant = (at or timezone.now()).astimezone(UTC)
    slug = phase.challenge.slug
    return f"/desk/challenges/{slug}/preview/{who}/{instant:%Y-%m-%dT%H:%M:%SZ}"


def a_reader(role: str = Role.VIEWER, challenge: Challenge | None = None) -> Client:
    user: User = build_organizer(is_staff=False)
    Membership.objects.create(user=user, role=role, challenge=challenge)
    client = Client()
    client.force_login(user)
    return client


def built(**fields: object) -> tuple[Phase, Submission]:
    """Save a phase with a ranked study and a data set; return it and an entry."""
    phase = build_running_phase(**fields)
    study = build_ranked_study(phase)
    build_original(build_dataset(phase.challenge, slug="more"), name="elsewhere.png")
    return phase, study.entries.order_by("pk")[0].submission


def addresses(phase: Phase, entry: Submission) -> list[str]:
    slug = phase.challenge.slug
    below = ("", "method/", "submit/", "submit/sign-in/", "submit/register/", "submit/account/")
    return [
        *(f"/{slug}/{rest}" for rest in below),
        f"/{slug}/{phase.slug}/board/",
        f"/{slug}/{phase.slug}/{entry.pk}/",
        f"/{slug}/submit/{phase.slug}/new/",
        f"/{slug}/submit/submissions/{entry.pk}/",
    ]


def read(client: Client, path: str, before: str = "") -> tuple[int, str]:
    """Return how a page answers and what it says, without what a preview adds to it."""
    response = client.get(f"{before}{path}")
    text = markup(response) + response.headers.get("Location", "")
    assert "testserver/desk/" not in text  # what is told to be typed leads where it always does
    assert ("preview-bar" in text) == bool(before and response.status_code != 302)
    assert bool(HEAD.search(text)) == (not before) or response.status_code != 200
    text = BAR.sub("", HEAD.sub("", text)).replace(before, "") if before else HEAD.sub("", text)
    return response.status_code, CLOCK.sub("", ONCE.sub(r"\1", text))


def test_it_is_what_a_stranger_sees() -> None:
    phase, entry = built()
    viewer, stranger = a_reader(), Client()
    before = begin(phase)
    found = [(read(viewer, path, before), read(stranger, path)) for path in addresses(phase, entry)]
    assert [shown for shown, _ in found] == [seen for _, seen in found]
    assert [code for (code, _), _ in found].count(200) > 6


def test_it_is_what_a_team_sees() -> None:
    phase, entry = built()
    team, viewer = Client(), a_reader()
    owner: Team = build_team(phase.challenge, name="XVC", password=PASSWORD)
    Submission.objects.filter(pk=entry.pk).update(team=owner)
    assert sign_in(team, phase) == 302
    before = begin(phase, f"team-{owner.pk}")
    for path in addresses(phase, entry):
        shown = read(viewer, path, before)
        assert shown == read(team, path), path
        assert shown[0] == 200, path


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ORGANIZER])
def test_pages_before_and_after_each_opening(role: str) -> None:
    opens = timezone.now().replace(microsecond=0) + 24 * HOUR
    phase, entry = built(originals_open_at=opens, boards_open_at=opens + HOUR)
    reader = a_reader(role, phase.challenge)
    slug = phase.challenge.slug
    picture = phase.originals()[0]
    asked = {
        "preview": f"/{slug}/previews/{picture.dataset.slug}/{picture.name}",
        "board": f"/{slug}/{phase.slug}/board/",
        "entry": f"/{slug}/{phase.slug}/{entry.pk}/",
    }
    second = timedelta(seconds=1)
    seen = {
        at: [status(reader, begin(phase, at=at) + path) for path in asked.values()]
        for at in (opens - second, opens, opens + HOUR - second, opens + HOUR)
    }
    assert list(seen.values()) == [[404] * 3, [200, 404, 404], [200, 404, 404], [200] * 3]
    assert [status(Client(), path) for path in asked.values()] == [404] * 3
    overview = page(reader, f"{begin(phase, at=opens)}/{slug}/")
    assert picture.name in overview and picture.name not in page(Client(), f"/{slug}/")
    assert "elsewhere.png" not in overview
    assert f"{begin(phase, at=opens)}{asked['board']}" not in overview
    hidden = reader.get(begin(phase, at=opens) + asked["board"])
    assert "not open yet" in markup(hidden) and "preview-bar" in markup(hidden)
    file: Any = reader.get(begin(phase, at=opens) + asked["preview"])
    for answer in (hidden, file):
        assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
        assert "public" not in answer["Cache-Control"]
    for close in file._resource_closers:
        close()


def test_it_is_for_who_reads_at_that_challenge_s_desk() -> None:
    phase, _ = built()
    other = build_running_phase(challenge=build_challenge(slug="other"))
    path = f"{begin(phase)}/{phase.challenge.slug}/"
    for asked in (path, f"{begin(phase)}/{phase.challenge.slug}/{phase.slug}/board/"):
        answer = Client().get(asked)
        assert answer.status_code == 302 and answer["Location"].startswith("/desk/login/")
    for client in (a_reader(Role.PANEL), a_reader(Role.ORGANIZER, other.challenge)):
        assert status(client, path) == 403
        assert status(client, path.replace("/visitor/", "/nobody/")) == 403
    reader = a_reader(Role.VIEWER, other.challenge)
    elsewhere = reader.get(f"{begin(other)}/{phase.challenge.slug}/")
    assert (elsewhere.status_code, elsewhere["Location"]) == (302, f"/{phase.challenge.slug}/")


def test_nothing_can_be_done_in_it() -> None:
    phase, entry = built()
    slug = phase.challenge.slug
    for client in (a_reader(), a_reader(Role.ORGANIZER, phase.challenge)):
        before = begin(phase, f"team-{entry.team.pk}")
        for below in (f"submit/submissions/{entry.pk}/withdraw/", "submit/register/"):
            answer = client.post(f"{before}/{slug}/{below}", {"note": "x"})
            assert answer.status_code == 403
            assert "A preview changes nothing" in markup(answer)
        body = {"challenge": slug, "phase": phase.slug, "method": "m"}
        answer = client.post(f"{before}/api/v1/submissions/", body, "application/json")
        assert answer.status_code == 403
        assert answer.json()["title"] == "A preview changes nothing"
        assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
    entry.refresh_from_db()
    assert not entry.exclusion and not Submission.objects.filter(method="m").exists()


def test_other_pages_are_what_they_always_are() -> None:
    phase, _ = built()
    study = phase.studies.get()
    reader, before, raters = a_reader(), begin(phase), Rater.objects.count()
    for path, leads in (
        (f"/rate/{study.slug}/", f"/desk/studies/{study.slug}/preview/"),
        ("/", "/"),
        ("/desk/", "/desk/"),
        ("/api/v1/studies/?limit=1", "/api/v1/studies/?limit=1"),
    ):
        answer = reader.get(f"{before}{path}")
        assert (answer.status_code, answer["Location"]) == (302, leads)
    assert page(reader, f"/desk/studies/{study.slug}/preview/")
    assert Rater.objects.count() == raters
    assert 'href="//' not in markup(reader.get(f"{before}//example.com/"))
    for wrong in ("team-0", "team-x", f"team-{'9' * 30}", "rater"):
        assert status(reader, f"{begin(phase, wrong)}/{phase.challenge.slug}/") == 404
    for at in ("now", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-12-01"):
        path = f"/desk/challenges/{phase.challenge.slug}/preview/visitor/{at}/x/"
        assert status(reader, path) == 404


def test_one_chooses_as_whom_and_when() -> None:
    phase, entry = built(utc_offset=-8 * HOUR, boards_open_at=datetime(2026, 12, 1, 20, tzinfo=UTC))
    reader, slug = a_reader(), phase.challenge.slug
    path = f"/desk/challenges/{slug}/preview/"
    html = page(reader, path)
    assert f"the team {entry.team.name}" in html and "UTC\N{MINUS SIGN}8" in html
    assert f"{path}visitor/2026-12-01T19:59:59Z/{slug}/" in html
    chosen = reader.get(path, {"who": f"team-{entry.team.pk}", "at": "2026-12-01T12:00"})
    assert chosen["Location"] == f"{path}team-{entry.team.pk}/2026-12-01T20:00:00Z/{slug}/"
    bar = page(reader, chosen["Location"])
    assert f"as the team {entry.team.name}" in bar and "12:00 UTC\N{MINUS SIGN}8" in bar
    refused = reader.get(path, {"who": "visitor", "at": "soon"})
    assert (
        refused.status_code == 422
        and "Give a day and a time, in the years 2000 to 2199." in markup(refused)
    )
    Challenge.objects.update(draft=True)
    assert "It is a draft" in page(reader, path)
    assert "shown as if it were public" in markup(reader.get(chosen["Location"]))


def test_a_draft_is_previewed_as_if_it_were_public() -> None:
    phase, entry = built()
    reader, paths = a_reader(), addresses(phase, entry)
    before = begin(phase)
    public = [read(reader, path, before) for path in paths]
    Challenge.objects.update(draft=True)
    assert [read(reader, path, before) for path in paths] == public
    assert {Client().get(path).status_code for path in paths[:3]} == {404}
    assert Challenge.objects.get().draft


def test_an_instant_is_read_in_its_zone_as_it_is_written() -> None:
    zone = timezone.get_fixed_timezone(-480)
    at = datetime(2018, 4, 22, 23, 59, 59, tzinfo=zone)
    assert typed_instant(filled_instant(at, zone), zone) == at
    assert filled_instant(at.replace(second=0), UTC) == "2018-04-23T07:59"
    assert typed_instant("2018-04-22T23:59:59Z", zone) == datetime(
        2018, 4, 22, 23, 59, 59, tzinfo=UTC
    )
    for text in ("", "soon", "2018-04-22", "1999-12-31T00:00", "2200-01-01T00:00"):
        assert typed_instant(text, UTC) is None


def test_no_page_for_others_asks_the_clock_itself() -> None:
    asking = [
        path.name
        for room in ("public", "team")
        for path in (WEB / room).glob("*.py")
        if "timezone" in path.read_text() or "datetime.now" in path.read_text()
    ]
    assert asking == []
