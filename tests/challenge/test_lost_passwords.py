"""Links to a new password: good once, for a while, for one team of one challenge."""

import pytest
from pytest_django.fixtures import Settings

from ratings.challenge.models import Team
from ratings.challenge.refusals import Refused
from ratings.challenge.teams.lost_passwords import actor_of_token, make_token, renew_password
from ratings.challenge.teams.team_logins import authenticate, change_account
from tests.builders import PASSWORD, build_challenge, build_team

pytestmark = pytest.mark.django_db
NEW = "another password"


@pytest.fixture
def team() -> Team:
    return build_team(name="xvc", password=PASSWORD, email="x@example.org")


def refused(team: Team, token: str, password: str = NEW) -> str:
    with pytest.raises(Refused) as refusal:
        renew_password(team.challenge, token, password)
    return refusal.value.code


def test_a_token_sets_a_password_once(team: Team) -> None:
    token = make_token(team)
    assert actor_of_token(team.challenge, token).team == team
    assert refused(team, token, "short") == "password-length"
    assert renew_password(team.challenge, token, NEW).team == team
    assert authenticate(team.challenge, "xvc", NEW).team == team
    assert refused(team, token) == "link-expired"


@pytest.mark.parametrize("fields", [{"password": NEW}, {"email": "y@example.org"}])
def test_whatever_changes_makes_earlier_tokens_worthless(
    team: Team, fields: dict[str, str]
) -> None:
    token = make_token(team)
    change_account(team, **fields)
    assert refused(team, token) == "link-expired"


def test_a_token_is_of_one_team_in_one_challenge(team: Team) -> None:
    other = build_team(team.challenge, name="other", password=PASSWORD)
    token = make_token(team)
    assert refused(team, token.replace(f"{team.pk}-", f"{other.pk}-", 1)) == "link-expired"
    with pytest.raises(Refused):
        actor_of_token(build_challenge(), token)


def test_a_token_is_good_for_some_hours(team: Team, settings: Settings) -> None:
    token = make_token(team)
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert refused(team, token) == "link-expired"


@pytest.mark.parametrize("token", ["", "1", "-", "x-y-z", "٣-a-b", "9" * 40 + "-a-b", "\0-\0-\0"])
def test_what_is_no_token_is_refused(team: Team, token: str) -> None:
    assert refused(team, token) == "link-expired"
