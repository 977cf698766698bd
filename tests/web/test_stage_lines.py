"""The desk's part on a study's stages, and the acts that go from one to the other."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from ratings.comparisons.models import Judgment, Stage, Study
from ratings.comparisons.study.stages import go_over
from ratings.web.desk.study.stage_lines import stage_lines
from tests.builders import NOW, build_organizer
from tests.comparisons.builders import build_filled_study
from tests.ranking.builders import judge_all
from tests.web.pages import page

pytestmark = pytest.mark.django_db
OVER, BACK = "Go over to the main stage</button>", "Go back to the pilot</button>"


@pytest.fixture
def organizer(client: Client) -> User:
    user = build_organizer()
    client.force_login(user)
    return user


@pytest.fixture
def study() -> Study:
    return build_filled_study(pilot={"raters": 3}, stage=Stage.PILOT)


def address(study: Study, end: str = "") -> str:
    return f"/desk/studies/{study.slug}/{end}"


def test_a_study_without_a_pilot_says_nothing_of_stages(client: Client, organizer: User) -> None:
    html = page(client, address(build_filled_study()))
    assert "Stage:" not in html and OVER not in html and BACK not in html


def test_the_desk_goes_over_and_back_until_somebody_has_answered(
    client: Client, organizer: User, study: Study
) -> None:
    judge_all(study, raters=2, judgments=4)
    study.raters.update(finished_at=timezone.now())
    html = page(client, address(study))
    assert "counts nowhere" in html and OVER in html and BACK not in html
    assert '<span class="tag">pilot</span>' in page(client, "/desk/")
    assert "2 of 3 done or at work" in " ".join(html.split())
    assert "the raters that it wants" not in html
    assert client.post(address(study, "go-over/")).status_code == 302
    html = page(client, address(study))
    assert "Stage: main" in " ".join(html.split()) and BACK in html and OVER not in html
    assert client.post(address(study, "go-back/")).status_code == 302
    assert OVER in page(client, address(study))
    client.post(address(study, "go-over/"))
    study.refresh_from_db()
    judge_all(study, judgments=2)
    html = page(client, address(study))
    assert BACK not in html and "no way back to the pilot" in html
    late = client.post(address(study, "go-back/"))
    assert late.status_code == 409
    assert "Somebody has answered in the main stage" in late.content.decode()
    lines = stage_lines(study, timezone.now())
    assert lines is not None
    assert (lines.pilot.judgments, lines.main.judgments) == (8, 2)
    assert (lines.pilot.raters, lines.main.raters) == (2, 1)
    assert "went over from a pilot to the main stage" in page(client, "/desk/audit/")


def test_a_full_pilot_says_that_newcomers_wait(
    client: Client, organizer: User, study: Study
) -> None:
    judge_all(study, raters=3, judgments=1)
    study.raters.update(finished_at=timezone.now())
    assert "the raters that it wants" in page(client, address(study))
    # Who failed the practice leaves a place, as whoever comes then finds.
    left = study.raters.first()
    assert left
    study.raters.filter(pk=left.pk).update(screened_out_at=timezone.now())
    html = page(client, address(study))
    assert "the raters that it wants" not in html
    assert "2 of 3 done or at work" in " ".join(html.split())


@pytest.mark.parametrize("end", ["go-over/", "go-back/"])
def test_going_is_for_organizers_and_by_forms_of_this_site(study: Study, end: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(build_organizer())
    assert strict.post(address(study, end)).status_code == 403
    assert strict.get(address(study, end)).status_code == 405
    other = Client()
    other.force_login(build_organizer(is_staff=False))
    assert other.post(address(study, end)).status_code == 403
    study.refresh_from_db()
    assert study.stage == Stage.PILOT


def test_numbers_of_the_study_are_the_main_stages(
    client: Client, organizer: User, study: Study
) -> None:
    judge_all(study, raters=2, judgments=4)
    Judgment.objects.update(judged_at=timezone.now())
    assert "8 in the" in " ".join(page(client, address(study)).split())  # of the last hours
    go_over(study, "ann", NOW)
    html = " ".join(page(client, address(study)).split())
    assert "0 in the" in html and "count</dt><dd>0</dd>" in html.replace("> <", "><")
    exports = page(client, f"/desk/challenges/{study.phase.challenge.slug}/exports/")
    assert "Judgments of the pilot" in exports and "stage=pilot" in exports
