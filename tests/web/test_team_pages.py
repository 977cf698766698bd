"""What organizers may do for a team, each act on record."""

import pytest
from django.test import Client
from django.utils import timezone

from ratings.challenge.access.audit_log import record
from ratings.challenge.models import AuditEntry, Phase, Team
from ratings.challenge.teams.team_logins import authenticate
from ratings.ranking.frozen.frozen_rankings import canonical
from ratings.submissions.intake.factsheets import put_factsheet
from ratings.submissions.models import Factsheet, Submission
from tests.builders import PASSWORD, build_organizer, build_submission, build_team
from tests.submissions.builders import PDF
from tests.web.builders import DAY, build_running_phase
from tests.web.pages import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def phase() -> Phase:
    earlier = build_running_phase()
    return build_running_phase(
        challenge=earlier.challenge,
        decoder_rule="registered",
        decoders_from=earlier,
        factsheet_closes_at=timezone.now() + DAY,
    )


@pytest.fixture
def team(phase: Phase) -> Team:
    return build_team(phase.challenge, name="xvc", password=PASSWORD, email="x@example.org")


@pytest.fixture
def organizer(client: Client) -> Client:
    client.force_login(build_organizer(username="ann"))
    return client


def teams(phase: Phase, rest: str = "") -> str:
    return f"/desk/challenges/{phase.challenge.slug}/teams/{rest}"


def act(client: Client, team: Team, what: str, **fields: str) -> int:
    path = f"/desk/challenges/{team.challenge.slug}/teams/{team.pk}/{what}/"
    return client.post(path, fields).status_code


def test_only_organizers_see_addresses_and_act(phase: Phase, team: Team, client: Client) -> None:
    for path in (teams(phase), teams(phase, f"{team.pk}/")):
        assert client.get(path).status_code == 302
    assert act(client, team, "erase", confirm="xvc") == 302
    team.refresh_from_db()
    assert team.email == "x@example.org"


def test_teams_are_listed_with_their_addresses(phase: Phase, team: Team, organizer: Client) -> None:
    build_submission(phase, team, submitted_at=timezone.now())
    assert "x@example.org" in page(organizer, teams(phase))
    assert page(organizer, teams(phase, f"{team.pk}/"))
    assert organizer.get(teams(phase, "999999/")).status_code == 404
    assert act(organizer, team, "nonsense") == 404


def test_a_new_password_is_shown_once(phase: Phase, team: Team, organizer: Client) -> None:
    assert act(organizer, team, "password") == 302
    html = page(organizer, teams(phase, f"{team.pk}/"))
    password = html[html.index('class="secret">') + 15 :].split("<")[0]
    assert authenticate(team.challenge, "xvc", password).team == team
    assert password not in page(organizer, teams(phase, f"{team.pk}/"))
    assert AuditEntry.objects.get().kind == "password"


def test_a_kind_needs_its_reason(phase: Phase, team: Team, organizer: Client) -> None:
    assert act(organizer, team, "kind", kind="ineligible") == 422
    assert act(organizer, team, "kind", kind="winner", reason="x") == 422
    assert act(organizer, team, "kind", kind="ineligible", reason="Works for a sponsor.") == 302
    team.refresh_from_db()
    assert (team.kind, team.kind_reason) == ("ineligible", "Works for a sponsor.")
    assert "Works for a sponsor." in page(organizer, teams(phase))
    assert AuditEntry.objects.get().by == "ann"


def test_an_open_submission_is_taken_in_late(phase: Phase, team: Team, organizer: Client) -> None:
    submission = build_submission(phase, team)
    assert act(organizer, team, "late", submission=str(submission.pk), note="Why") == 422
    Phase.objects.update(closes_at=timezone.now())
    assert "Take in late" in page(organizer, teams(phase, f"{team.pk}/"))
    for wrong in ({"submission": "x", "note": "Why"}, {"submission": str(submission.pk)}):
        assert act(organizer, team, "late", **wrong) == 422
    other = build_submission(phase)
    assert act(organizer, team, "late", submission=str(other.pk), note="Why") == 422
    assert act(organizer, team, "late", submission=str(submission.pk), note="Fire") == 302
    assert Submission.objects.get(pk=submission.pk).late_note == "Fire"
    assert "taken in late: Fire" in page(organizer, teams(phase, f"{team.pk}/"))


def test_a_decoder_is_registered(phase: Phase, team: Team, organizer: Client) -> None:
    fields = {"phase": phase.slug, "sha256": "AB" * 32, "note": "By mail"}
    assert act(organizer, team, "decoder", **fields | {"sha256": "no"}) == 422
    assert act(organizer, team, "decoder", **fields | {"phase": "no"}) == 404
    assert act(organizer, team, "decoder", **fields) == 302
    assert "ab" * 32 in page(organizer, teams(phase, f"{team.pk}/"))


def test_erasing_leaves_scores_and_no_name(phase: Phase, team: Team, organizer: Client) -> None:
    build_submission(phase, team, method="ours")
    put_factsheet(phase, team, [PDF], timezone.now())
    act(organizer, team, "kind", kind="competing")
    row = {"method": "ours", "team": team.name}
    frozen = phase.frozen_rankings.create(
        digest="0" * 64,
        study="finals",
        computed_at=timezone.now(),
        judgments=1,
        document=canonical({"results": [row], "out": [row]}),
    )
    assert act(organizer, team, "erase", confirm="XVC") == 422
    assert act(organizer, team, "erase", confirm="xvc") == 302
    team.refresh_from_db()
    assert (team.name, team.email, team.password) == (f"Erased team {team.pk}", "", "")
    frozen.refresh_from_db()
    assert "xvc" not in frozen.document.lower() and frozen.redacted_sha256
    assert not Factsheet.objects.exists()
    assert team.submissions.count() == 1
    for path in (teams(phase), teams(phase, f"{team.pk}/")):
        html = page(organizer, path)
        assert "xvc" not in html and "x@example.org" not in html


def test_a_team_s_submissions_and_record_come_in_pages(
    phase: Phase, team: Team, organizer: Client
) -> None:
    path = teams(phase, f"{team.pk}/")
    for number in range(51):
        begun = timezone.now() - number * DAY
        build_submission(phase, team, method=f"method {number:02d}", created_at=begun)
        record(phase.challenge, AuditEntry.Kind.PASSWORD, "ann", begun, team=team)
    html = page(organizer, path)
    assert html.count("50 of 51") == 2 and "method 50" not in html
    assert "method 50" in page(organizer, f"{path}?page=2")
    assert "51 of 51" in page(organizer, f"{path}?record=2")
