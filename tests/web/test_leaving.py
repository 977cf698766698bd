"""Withdrawing on the team's page, disqualifying at the desk, and what visitors see of it."""

import pytest
from django.test import Client

from ratings.challenge.models import AuditEntry, Phase
from ratings.comparisons.models import Study
from ratings.jobs.submission_actions import disqualify, withdraw
from ratings.ranking.tables.panel_sheet import award
from ratings.submissions.models import Submission
from tests.builders import NOW, PASSWORD, build_organizer, build_submission, build_team
from tests.fidelity.builders import build_scored_submission
from tests.web.builders import build_ranked_study, build_running_phase
from tests.web.pages import act, address, desk, markup, page, sign_in

pytestmark = pytest.mark.django_db
WHY = "It was trained on the test pictures."


@pytest.fixture
def phase() -> Phase:
    return build_running_phase()


@pytest.fixture
def study(phase: Phase) -> Study:
    return build_ranked_study(phase)


@pytest.fixture
def organizer(client: Client) -> Client:
    client.force_login(build_organizer(username="ann"))
    return client


def submission(study: Study, method: str = "method-1") -> Submission:
    return study.entries.get(label=method).submission


def test_a_team_withdraws_its_own_and_nobody_else_s(client: Client, phase: Phase) -> None:
    team = build_team(phase.challenge, name="xvc", password=PASSWORD)
    mine, other = build_scored_submission(phase, team), build_scored_submission(phase)
    begun = build_submission(phase, team)
    path = address(phase, f"submissions/{mine.pk}/")
    assert client.post(f"{path}withdraw/").status_code == 302 and not AuditEntry.objects.exists()
    sign_in(client, phase)
    assert "Withdraw this submission" in page(client, path)
    assert "Withdraw" not in page(client, address(phase, f"submissions/{begun.pk}/"))
    assert client.get(f"{path}withdraw/").status_code == 405
    theirs = address(phase, f"submissions/{other.pk}/withdraw/")
    assert client.post(theirs).status_code == 404 and not AuditEntry.objects.exists()
    assert client.post(f"{path}withdraw/", {"note": "A bug"}).status_code == 302
    html = page(client, path)
    assert "This submission is withdrawn." in html and "Withdraw it" not in html
    assert '<span class="tag warn">withdrawn</span>' in page(client, address(phase))
    assert AuditEntry.objects.get().note == "A bug"
    begun_path = address(phase, f"submissions/{begun.pk}/withdraw/")
    refused = client.post(begun_path)
    assert refused.status_code == 422 and AuditEntry.objects.count() == 1
    html = markup(refused)
    assert 'role="alert">This submission is open: it does not compete.</p>' in html


def test_a_team_reads_why_it_is_disqualified(client: Client, phase: Phase) -> None:
    team = build_team(phase.challenge, name="xvc", password=PASSWORD)
    mine = build_scored_submission(phase, team)
    disqualify(mine.pk, NOW, note=WHY, by="ann")
    sign_in(client, phase)
    html = page(client, address(phase, f"submissions/{mine.pk}/"))
    assert "This submission is disqualified." in html and WHY in html and "ann" not in html
    assert "Withdraw it" not in html


def test_the_desk_disqualifies_and_takes_in_again(organizer: Client, study: Study) -> None:
    gone = submission(study)
    assert "Disqualify it" in page(organizer, desk(gone))
    assert act(organizer, gone, "disqualify", "  ") == 422
    assert act(organizer, gone, "readmit") == 422
    assert act(organizer, gone, "disqualify", WHY) == 302
    html = page(organizer, desk(gone))
    assert f"<strong>Disqualified.</strong> {WHY}" in html and "Disqualify it" not in html
    assert "disqualified a submission" in html
    slug = study.phase.challenge.slug
    for path in (
        f"/desk/challenges/{slug}/phases/{study.phase.slug}/",
        f"/desk/challenges/{slug}/teams/{gone.team_id}/",
    ):
        assert '<span class="tag warn">disqualified</span>' in page(organizer, path)
    assert act(organizer, gone, "readmit", "They proved otherwise") == 302
    assert "Disqualify it" in page(organizer, desk(gone))
    assert act(organizer, gone, "withdraw", "Asked by mail") == 302
    assert "<strong>Withdrawn by its team.</strong>" in page(organizer, desk(gone))


def test_strangers_disqualify_nothing(client: Client, study: Study) -> None:
    for what in ("disqualify", "withdraw", "readmit"):
        assert act(client, submission(study), what) == 302
    assert not AuditEntry.objects.exists()


def test_the_panel_sees_who_left_and_what_they_had(organizer: Client, study: Study) -> None:
    gone, phase = submission(study), study.phase
    award(phase, str(gone.pk), "Best", "By all measures.", "ann", NOW)
    assert "By all measures." in page(organizer, f"/{phase.challenge.slug}/")
    disqualify(gone.pk, NOW, note=WHY, by="ann")
    html = page(organizer, f"/desk/challenges/{phase.challenge.slug}/{phase.slug}/panel/")
    assert html.count(WHY) == 1 and "entry disqualified: not published" in html
    assert f'<option value="{gone.pk}"' not in html
    assert "By all measures." not in page(organizer, f"/{phase.challenge.slug}/")


@pytest.mark.parametrize("kind", ["withdrawn", "disqualified"])
def test_its_page_says_so_without_figures_or_pictures(
    client: Client, study: Study, kind: str
) -> None:
    gone, phase = submission(study), study.phase
    Study.objects.update(is_open=False)
    path = f"/{phase.challenge.slug}/{phase.slug}/{gone.pk}/"
    crop = f"{path}crops/{study.crops.order_by('pk')[0].pk}/decoded.webp"
    assert "dB, rank" in page(client, path) and b"".join(client.get(crop))
    if kind == "withdrawn":
        withdraw(gone.pk, NOW)
    else:
        disqualify(gone.pk, NOW, note=WHY, by="ann")
    html = page(client, path)
    assert f'<span class="tag">{kind}</span>' in html and (WHY in html) is (kind != "withdrawn")
    assert "dB" not in html and "crops" not in html and "judgments" not in html
    assert client.get(crop).status_code == 404
    other = page(
        client, f"/{phase.challenge.slug}/{phase.slug}/{submission(study, 'method-0').pk}/"
    )
    assert "method-1" not in other


def test_a_method_that_a_study_names_no_more_keeps_its_page(client: Client, study: Study) -> None:
    Study.objects.filter(pk=study.pk).update(methods=["method-0", "method-2"])
    phase = study.phase
    html = page(client, f"/{phase.challenge.slug}/{phase.slug}/board/")
    assert html.count('<span class="tag">not in the study any more</span>') == 1
    assert "replaced" not in html
    html = page(client, f"/{phase.challenge.slug}/{phase.slug}/{submission(study).pk}/")
    assert "dB, rank" in html and "not in the study any more" in html
