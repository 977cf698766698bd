"""The organizers' pages: for them alone, and what they show."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from ratings.challenge.access.tokens import owner
from ratings.challenge.models import AccessToken, Membership
from ratings.comparisons.models import Judgment
from ratings.submissions.models import Submission
from ratings.web.desk.home import study_progress
from tests.builders import build_challenge, build_organizer, build_submission, build_token
from tests.comparisons.builders import build_rater, build_study
from tests.web.builders import (
    build_ranked_study,
    build_running_phase,
    build_scored_study,
    queued,
)
from tests.web.pages import markup, queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def organizer(client: Client) -> User:
    user = build_organizer()
    client.force_login(user)
    return user


def page(client: Client, path: str = "/desk/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    return markup(response)


@pytest.mark.parametrize("path", ["/desk/", "/desk/studies/any/"])
def test_strangers_are_asked_to_sign_in(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"] == f"/desk/login/?next={path}"


@pytest.mark.parametrize("path", ["/desk/", "/desk/studies/any/", "/desk/tokens/"])
def test_other_users_are_refused(client: Client, path: str) -> None:
    client.force_login(build_organizer(is_staff=False))
    refused = client.get(path)
    assert refused.status_code == 403
    html = markup(refused)
    assert "You are signed in as " in html and 'action="/desk/logout/"' in html
    assert 'name="csrfmiddlewaretoken"' in html and "if you are an organizer" not in html
    assert client.post(path).status_code == 403


def start_worker() -> None:
    """Let a worker be heard of."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")


def test_what_is_wrong_with_the_site_is_for_those_who_run_all_of_it(
    client: Client, organizer: User
) -> None:
    assert re.search(r"I see to it.*No worker is heard of", page(client))
    start_worker()
    assert "I see to it" not in page(client)
    assert re.search(r"Over in the last 7 days.*No worker is heard of", page(client))
    of_one = build_organizer(is_staff=False)
    Membership.objects.create(
        user=of_one, challenge=build_challenge(), role=Membership.Role.ORGANIZER
    )
    client.force_login(of_one)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")
    assert "Needs attention" in page(client) and "No worker is heard of" not in page(client)


def test_an_empty_desk(client: Client, organizer: User) -> None:
    start_worker()
    html = page(client)
    assert "No study yet" in html and "No challenge yet" in html and "Nothing: no" in html


def test_a_card_says_where_each_challenge_stands(client: Client, organizer: User) -> None:
    phase = build_running_phase(name="Test phase")
    study = build_ranked_study(phase)
    queued(phase)
    newest = Judgment.objects.order_by("-pk").values_list("pk", flat=True)[:7]
    Judgment.objects.filter(pk__in=list(newest)).update(judged_at=timezone.now())
    build_submission(phase, state=Submission.State.FAILED, problems=["x"])
    html = page(client)
    assert f"/desk/studies/{study.slug}/" in html and "1 submission failed" in html
    assert "2 matters for you" in html  # the deadline is near too
    assert "<dd>7<span" in html  # judgments today
    assert '<dd>0<span class="small quiet">1 waiting' in html
    assert '<dd>5<span class="small quiet">1 to be scored' in html
    assert "Test phase closes in 23 h" in html
    slug = phase.challenge.slug
    for name in ("exports", "submissions", "teams", "definition", "news"):
        assert f"/desk/challenges/{slug}/{name}/" in html


def test_a_study_without_raters(client: Client, organizer: User) -> None:
    study = build_scored_study(build_running_phase())
    html = page(client, f"/desk/studies/{study.slug}/")
    assert "Nobody has begun yet" in html and "No ranking yet" in html


def test_a_study_with_a_ranking(client: Client, organizer: User) -> None:
    study = build_ranked_study(build_running_phase(), simulated=True)
    html = page(client, f"/desk/studies/{study.slug}/")
    assert "6 of 80" in html and "Width" in html and "Simulated" in html
    assert f"/api/v1/studies/{study.slug}/judgments/?format=csv" in html


def test_an_unknown_study_is_not_found(client: Client, organizer: User) -> None:
    assert client.get("/desk/studies/nothing/").status_code == 404


def test_progress_counts_judgments_raters_and_coverage() -> None:
    study = build_ranked_study(build_running_phase())
    build_rater(study)  # who never judged anything
    progress = study_progress.progress_of_study(study)
    assert (progress.judgments, progress.people, progress.simulated) == (18, 3, 0)
    assert (progress.entries, progress.pairs) == (3, 3)
    issued = sorted(pair.issued for pair in study.pairs.all())
    assert (progress.issued_least, progress.issued_most) == (issued[0], issued[-1])
    assert sorted(line.judged for line in study_progress.latest_raters(study)) == [0, 6, 6, 6]
    shares = study_progress.shares_of_raters(study)
    assert shares and (shares.least, shares.median, shares.most) == (0, 6, 6)
    assert "<title>6: 3 raters</title>" in shares.chart
    assert study_progress.shares_of_raters(build_study()) is None


def test_progress_of_many_studies_keeps_them_apart() -> None:
    studies = [build_ranked_study(build_running_phase()), build_study()]
    studies.append(build_ranked_study(build_running_phase(), simulated=True))
    assert study_progress.progress_of_studies(studies) == [
        study_progress.progress_of_study(study) for study in studies
    ]
    assert [progress.simulated for progress in study_progress.progress_of_studies(studies)] == [
        0,
        0,
        3,
    ]


def test_the_queries_of_the_desk_do_not_grow_with_what_is_on_it(
    client: Client, organizer: User
) -> None:
    def add() -> None:
        study = build_ranked_study(build_running_phase())
        build_submission(study.phase, state=Submission.State.FAILED, problems=["x"])
        build_token(organizer)

    add()
    client.get("/desk/")  # which notes that no worker is heard of
    one = queries(client, "/desk/")
    for _ in range(3):
        add()
    assert queries(client, "/desk/") == one <= 31


def test_progress_of_an_empty_study_is_zero() -> None:
    progress = study_progress.progress_of_study(build_study())
    assert (progress.judgments, progress.people, progress.pairs, progress.issued_most) == (
        0,
        0,
        0,
        0,
    )


def test_judgments_per_hour_leave_out_what_is_old_and_what_is_elsewhere() -> None:
    study = build_ranked_study(build_running_phase())
    build_ranked_study(build_running_phase())
    now = timezone.now()
    mine = Judgment.objects.filter(trial__rater__study=study)
    mine.update(judged_at=now - timedelta(hours=study_progress.HOURS + 1))
    newest = mine.order_by("-pk").values_list("pk", flat=True)[:4]
    Judgment.objects.filter(pk__in=list(newest)).update(judged_at=now)
    hours = study_progress.judgments_per_hour(study, now)
    assert len(hours) == study_progress.HOURS
    assert [count for _, count in hours if count] == [4]
    assert hours[-1][1] == 4


def test_a_token_is_shown_once_and_works(client: Client, organizer: User) -> None:
    client.post("/desk/tokens/", {"label": "nightly export"})
    match = re.search(r'class="secret">([^<]+)<', page(client))
    assert match is not None and owner(match[1]) == organizer
    assert match[1] not in page(client)
    assert "nightly export" in page(client)


def test_a_token_needs_a_label(client: Client, organizer: User) -> None:
    client.post("/desk/tokens/", {"label": "  "})
    assert not AccessToken.objects.exists()


def test_a_revoked_token_is_a_strangers(client: Client, organizer: User) -> None:
    token = build_token(organizer)
    client.post(f"/desk/tokens/{AccessToken.objects.get().pk}/revoke/")
    assert owner(token) is None


def test_tokens_are_changed_by_forms_of_this_site_only(organizer: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(organizer)
    response = strict.post("/desk/tokens/", {"label": "x"})
    assert response.status_code == 403
    assert "not open to you" in markup(response)
    assert strict.get("/desk/tokens/").status_code == 405
    assert not AccessToken.objects.exists()
