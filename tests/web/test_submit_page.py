"""The submit page: the kit, signing in as a team, and all that became of its submissions."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from ratings.challenge.models import Phase, SpentLimit, Team
from ratings.challenge.teams.team_accounts import reset_password
from ratings.submissions.models import Factsheet, Submission
from ratings.web.parts.serving.kit_zip import KIT
from tests.builders import (
    PASSWORD,
    build_bitstream,
    build_challenge,
    build_organizer,
    build_submission,
    build_team,
)
from tests.fidelity.builders import build_scored_submission
from tests.submissions.builders import PDF
from tests.web.builders import DAY, build_running_phase
from tests.web.pages import address, markup, page, queries, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def phase() -> Phase:
    return build_running_phase(submissions_per_day=2, submissions_in_all=9)


@pytest.fixture
def team(phase: Phase) -> Team:
    return build_team(phase.challenge, name="xvc", password=PASSWORD)


def test_the_kit_s_client_is_a_download(client: Client) -> None:
    response = client.get("/kit/submit.py")
    assert b"".join(response) == (KIT / "submit.py").read_bytes()
    assert "attachment" in response["Content-Disposition"]
    for name in ("__init__.py", "..", "%2e%2e%2fsettings.py", "nothing.py"):
        assert client.get(f"/kit/{name}").status_code == 404, name


def test_the_page_shows_three_commands_with_its_own_addresses(client: Client, phase: Phase) -> None:
    html = page(client, address(phase))
    assert "curl -O http://testserver/kit/submit.py" in html
    assert f"--challenge {phase.challenge.slug} --phase {phase.slug}" in html
    assert "2 in 24 hours, 9 in all" in html
    assert "sign-in" in html


def test_the_commands_name_the_environments_of_a_phase_that_has_several(client: Client) -> None:
    deep = [{"slug": "plain", "source": "python"}, {"slug": "deep", "source": "torch"}]
    html = markup(client.get(address(build_running_phase(environments=deep))))
    assert "<code>--environment NAME</code> picks" in html and ": plain, deep; it is the" in html
    assert "--environment" not in page(client, address(build_running_phase()))


def test_a_team_signs_in_sees_its_own_and_signs_out(
    client: Client, phase: Phase, team: Team
) -> None:
    build_scored_submission(phase, team, method="our codec")
    failed = {"state": Submission.State.FAILED, "problems": ["Missing image a.png"]}
    build_submission(phase, team, method="broken", submitted_at=timezone.now(), **failed)
    build_submission(phase, team, method="begun")
    build_submission(phase, method="theirs")
    assert "our codec" not in page(client, address(phase))
    assert sign_in(client, phase) == 302
    html = page(client, address(phase))
    assert all(text in html for text in ("our codec", "broken", "begun", "48.13", "1 problem"))
    # Against the one that is open.
    assert "Missing image a.png. The same for 1 more: b.png." in html
    assert "theirs" not in html
    assert "1 of 2 used in the last 24 hours. 2 of 9 used in all." in html
    assert client.post(address(phase, "sign-out/")).status_code == 302
    assert "our codec" not in page(client, address(phase))


def test_the_queries_of_a_teams_page_do_not_grow_with_its_drafts(
    client: Client, phase: Phase, team: Team
) -> None:
    sign_in(client, phase)

    build_submission(phase, team)
    one = queries(client, address(phase))
    for _ in range(4):
        build_submission(phase, team)
    assert queries(client, address(phase)) == one


def test_the_rules_say_whether_decoders_are_tried_elsewhere(
    client: Client, phase: Phase, team: Team
) -> None:
    sign_in(client, phase)
    assert "in another arithmetic" not in page(client, address(phase))
    Phase.objects.update(elsewhere=Phase.Elsewhere.TELL)
    assert "in another arithmetic tried, and the team is told" in page(client, address(phase))


def test_a_used_quota_says_when_the_next_is_possible(
    client: Client, phase: Phase, team: Team
) -> None:
    at = timezone.now().replace(microsecond=0) - timedelta(hours=1)
    for _ in range(2):
        build_submission(phase, team, submitted_at=at, state=Submission.State.FAILED)
    sign_in(client, phase)
    assert f'datetime="{(at + DAY).isoformat()}"' in page(client, address(phase))
    Phase.objects.update(submissions_in_all=2)
    assert "No more are taken." in page(client, address(phase))


def test_own_scores_are_hidden_as_the_phase_says(client: Client, phase: Phase, team: Team) -> None:
    build_scored_submission(phase, team)
    sign_in(client, phase)
    for fields, shown in (
        ({"boards_open_at": None}, False),
        ({"own_scores": True}, True),
        ({"own_scores": False, "boards_open_at": timezone.now() - DAY}, True),
    ):
        Phase.objects.update(**fields)
        assert ("48.13" in page(client, address(phase))) == shown


def test_a_wrong_password_and_a_wrong_challenge_stay_outside(
    client: Client, phase: Phase, team: Team
) -> None:
    elsewhere = build_running_phase(challenge=build_challenge())
    assert sign_in(client, phase, "wrong password") == 200
    assert sign_in(client, elsewhere) == 200
    assert sign_in(client, phase, name="") == 200
    assert SpentLimit.objects.count() == 5  # two names, each here and anywhere, and the address
    assert sign_in(client, phase) == 302
    assert "Signed in as" not in page(client, address(elsewhere))


def test_guessing_is_slowed_down(client: Client, phase: Phase, team: Team) -> None:
    for _ in range(10):
        sign_in(client, phase, "wrong password")
    response = client.post(address(phase, "sign-in/"), {"name": "xvc", "password": PASSWORD})
    assert "Too many failures" in markup(response)
    assert response.status_code == 429 and 0 < int(response["Retry-After"]) <= 90


def test_a_new_password_signs_the_team_out(client: Client, phase: Phase, team: Team) -> None:
    sign_in(client, phase)
    password = reset_password(team, "ann", timezone.now())
    assert "Signed in as" not in page(client, address(phase))
    assert sign_in(client, phase, password) == 302


def test_an_organizer_and_a_team_may_share_a_browser(
    client: Client, phase: Phase, team: Team
) -> None:
    client.force_login(build_organizer())
    sign_in(client, phase)
    assert "Signed in as" in page(client, address(phase))
    assert client.get("/desk/").status_code == 200


def test_a_team_sends_its_factsheet(client: Client, phase: Phase, team: Team) -> None:
    Phase.objects.update(factsheet_closes_at=timezone.now() + DAY)
    path = address(phase, f"{phase.slug}/factsheet/")

    def send(content: bytes) -> int:
        return client.post(path, {"factsheet": SimpleUploadedFile("a.pdf", content)}).status_code

    assert send(PDF) == 302 and not Factsheet.objects.exists()  # to the door
    sign_in(client, phase)
    assert "A factsheet is missing" in page(client, address(phase))
    assert client.post(path).status_code == 422
    assert send(b"GIF89a") == 422
    assert send(PDF) == 302
    assert Factsheet.objects.get().team == team
    assert "Your factsheet is here" in page(client, address(phase))
    Phase.objects.update(factsheet_closes_at=timezone.now())
    assert send(PDF) == 422
    Factsheet.objects.all().delete()
    html = page(client, address(phase))
    assert "No factsheet by" in html and "not eligible" in html


def test_a_team_deletes_an_open_submission_of_its_own_alone(
    client: Client, phase: Phase, team: Team
) -> None:
    mine = build_submission(phase, team)
    build_bitstream(mine, phase.originals()[0], bytes(1500))
    others = build_submission(phase, build_team(phase.challenge))
    closed = build_submission(phase, team, state="queued", submitted_at=timezone.now())
    assert client.post(address(phase, f"submissions/{mine.pk}/delete/")).status_code == 302
    assert Submission.objects.count() == 3
    sign_in(client, phase)
    assert "Your open submissions hold 1.50 kB of the " in plain(page(client, address(phase)))
    assert "Delete it" in page(client, address(phase, f"submissions/{mine.pk}/"))
    assert "Delete it" not in page(client, address(phase, f"submissions/{closed.pk}/"))
    delete = address(phase, f"submissions/{mine.pk}/delete/")
    asking = page(client, delete)
    assert "sent for it (1 file), for good" in plain(asking) and f'action="{delete}"' in asking
    kept = ((others, 404), (closed, 302))
    for one, status in kept:
        assert client.get(address(phase, f"submissions/{one.pk}/delete/")).status_code == status
    assert Submission.objects.count() == 3
    for one, status in ((others, 404), (closed, 422), (mine, 302)):
        response = client.post(address(phase, f"submissions/{one.pk}/delete/"))
        assert response.status_code == status
        is_told = "This submission is queued; only an open one" in markup(response)
        assert is_told is (one == closed)
    assert set(Submission.objects.all()) == {others, closed}
    assert "Your open submissions hold" not in page(client, address(phase))


def test_a_team_reads_when_its_files_were_deleted(client: Client, phase: Phase, team: Team) -> None:
    sign_in(client, phase)
    freed = build_submission(phase, team, state="failed", freed_at=timezone.now())
    assert "Its files were deleted at" in page(client, address(phase, f"submissions/{freed.pk}/"))
    kept = build_submission(phase, team, state="failed")
    assert "were deleted" not in page(client, address(phase, f"submissions/{kept.pk}/"))


def plain(html: str) -> str:
    return html.replace("\N{NO-BREAK SPACE}", " ")


def test_a_team_s_submissions_come_in_pages_of_their_phase(
    client: Client, phase: Phase, team: Team
) -> None:
    other = build_running_phase(challenge=phase.challenge)
    for number in range(51):
        begun = timezone.now() - timedelta(minutes=number)
        build_submission(phase, team, method=f"method {number:02d}", created_at=begun)
    build_submission(other, team, method="elsewhere")
    sign_in(client, phase)
    first = page(client, address(phase))
    assert "method 00" in first and "method 50" not in first and "50 of 51" in first
    second = page(client, f"{address(phase)}?page-{phase.slug}=2")
    assert "method 50" in second and "method 00" not in second and "elsewhere" in second
