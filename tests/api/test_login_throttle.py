"""Guessing a team's password is slowed down, whatever call is used for it."""

import pytest
from django.test import Client

from ratings.challenge.models import Phase, SpentLimit
from ratings.limit_table import read_limits
from ratings.submissions.models import Submission
from tests.api.conftest import PNG, basic, begin, details, logged_in, put
from tests.builders import PASSWORD, build_token

pytestmark = pytest.mark.django_db
TRIES = read_limits("")["team-login"].most


def guess(phase: Phase, times: int, name: str = "xvc") -> list[int]:
    """Begin a submission with wrong passwords; return the statuses."""
    guesses = (logged_in(name, f"wrong password {number}") for number in range(times))
    return [begin(client, phase).status_code for client in guesses]


def test_after_some_failures_even_the_right_password_has_to_wait(
    phase: Phase, mine: str, xvc: Client
) -> None:
    assert guess(phase, TRIES) == [401] * TRIES
    for response in (begin(xvc, phase), xvc.get(mine), put(xvc, f"{mine}decoded/a.png", PNG)):
        assert response.status_code == 429
        assert response["Retry-After"] == "90"
        assert "Try again in 90 s" in details(response)[0]
    assert Submission.objects.count() == 1
    elsewhere = Client(headers={"Authorization": basic("xvc", PASSWORD)}, REMOTE_ADDR="192.0.2.9")
    assert elsewhere.get(mine).status_code == 200


def test_another_spelling_of_the_name_is_no_way_round(phase: Phase, mine: str) -> None:
    guess(phase, TRIES - 1)
    assert guess(phase, 2, name=" XVC ") == [401, 429]


def test_reading_a_submission_is_no_way_round(phase: Phase, mine: str) -> None:
    for _ in range(TRIES):
        assert logged_in("xvc", "wrong password").get(mine).status_code == 401
    assert guess(phase, 1) == [429]


def test_other_teams_and_organizers_do_not_wait(phase: Phase, mine: str) -> None:
    guess(phase, TRIES + 1)
    assert begin(logged_in("other", PASSWORD), phase).status_code == 201
    organizer = Client(headers={"Authorization": f"Bearer {build_token()}"})
    assert organizer.get(mine).status_code == 200


def test_refusals_that_are_no_wrong_password_do_not_count(phase: Phase, xvc: Client) -> None:
    for _ in range(TRIES + 1):
        assert begin(xvc, phase, method="").status_code == 400
        assert begin(logged_in("new", "short"), phase).status_code == 422
    assert not SpentLimit.objects.exists()
