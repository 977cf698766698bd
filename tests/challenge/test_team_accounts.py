"""Who claims a name first sets its password; look-alikes are the same name."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from ratings import settings as site
from ratings.challenge.models import Challenge, Team
from ratings.challenge.refusals import Refused
from ratings.challenge.teams.team_accounts import claim_or_authenticate, enter_team, set_kind
from ratings.challenge.teams.team_logins import authenticate
from ratings.challenge.teams.team_names import team_key
from tests.builders import NOW, PASSWORD, build_challenge, build_team

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "name",
    ["", "   ", "a" * 129, "a:b", "a\0b", "a\nb", "a\u202eb", "a\u200bb", "\ud800", "\ue000"],
)
def test_names_that_can_not_be_read_are_refused(name: str) -> None:
    with pytest.raises(Refused) as refused:
        team_key(name)
    assert refused.value.code == "team-name"


@pytest.mark.parametrize(
    "other",
    ["iip tiramisu", "IIP  Tiramisu ", "ｉｉｐ tiramisu", "іір Тіramіѕu", "IIP ΤIRAMISU"],  # noqa: RUF001
)
def test_look_alikes_are_one_name(other: str) -> None:
    assert team_key(other) == team_key("iip Tiramisu")


def test_other_names_stay_apart() -> None:
    assert len({team_key(name) for name in ["Müller", "Muller", "Москва", "Team 1", "Team l"]}) == 5


@pytest.mark.parametrize("password", ["", "1234567", "x" * 1025])
def test_a_claim_needs_a_password_of_fair_length(password: str) -> None:
    challenge = build_challenge()
    with pytest.raises(Refused) as refused:
        claim_or_authenticate(challenge, "xvc", password)
    assert refused.value.code == "password-length"
    assert not Team.objects.exists()


def test_the_first_claim_sets_password_and_email(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = site.PASSWORD_HASHERS
    challenge = build_challenge()
    team = claim_or_authenticate(challenge, " xvc ", PASSWORD, email="a@example.org").team
    assert (team.name, team.email) == ("xvc", "a@example.org")
    assert team.password.startswith("argon2")
    assert authenticate(challenge, "XVC", PASSWORD).team == team
    assert claim_or_authenticate(challenge, "XVC", PASSWORD, email="b@example.org").team == team
    assert Team.objects.get().email == "b@example.org"
    with pytest.raises(Refused) as refused:
        claim_or_authenticate(challenge, "xvc", "another password", email="c@example.org")
    assert refused.value.code == "wrong-password"
    assert Team.objects.get().email == "b@example.org"


def test_a_password_once_proven_is_no_key_to_another_team() -> None:
    challenge = build_challenge()
    first, second = (build_team(challenge, name=n, password=PASSWORD + n) for n in "ab")
    assert authenticate(challenge, "a", PASSWORD + "a").team == first
    assert authenticate(challenge, "a", PASSWORD + "a").team == first
    with pytest.raises(Refused):
        authenticate(challenge, "b", PASSWORD + "a")
    assert authenticate(challenge, "b", PASSWORD + "b").team == second


@pytest.mark.parametrize(("name", "password"), [("b", PASSWORD), ("a\0", PASSWORD), ("a", "")])
def test_unknown_names_and_wrong_passwords_are_refused_alike(name: str, password: str) -> None:
    challenge = build_challenge()
    build_team(challenge, name="a", password=PASSWORD)
    with pytest.raises(Refused) as refused:
        authenticate(challenge, name, password)
    assert refused.value.code == "wrong-password"


def test_a_team_that_an_organizer_entered_has_no_password() -> None:
    challenge = build_challenge()
    team = enter_team(challenge, "JPEG", Team.Kind.BASELINE)
    assert enter_team(challenge, "jpeg", Team.Kind.BASELINE) == team
    for password in ["", PASSWORD]:
        with pytest.raises(Refused):
            claim_or_authenticate(challenge, "JPEG", password)
    with pytest.raises(Refused) as refused:
        enter_team(challenge, "JPEG", Team.Kind.COMPETING)
    assert refused.value.code == "team-kind"


@pytest.mark.django_db(transaction=True)
def test_of_many_who_claim_one_name_at_once_one_wins() -> None:
    challenge = build_challenge()

    def claim(number: int) -> str | None:
        try:
            claim_or_authenticate(Challenge.objects.get(), "xvc", f"{PASSWORD} {number}")
        except Refused as refused:
            return refused.code
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(claim, range(4)))
    assert sorted(outcomes, key=str) == [None] + ["wrong-password"] * 3
    assert authenticate(challenge, "xvc", f"{PASSWORD} {outcomes.index(None)}")


@pytest.mark.parametrize("name", ["NA", "n/a", "None", "null", "NaN", "\u3164", "a\ufe0f"])
def test_new_teams_are_not_called_what_no_table_carries_and_old_ones_go_on(name: str) -> None:
    challenge = build_challenge()
    acts: list[Callable[[], Team]] = [
        lambda: claim_or_authenticate(challenge, name, PASSWORD).team,
        lambda: enter_team(challenge, name, Team.Kind.BASELINE),
    ]
    for act in acts:
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "team-name"
    old = build_team(challenge, name=name, password=PASSWORD)
    assert claim_or_authenticate(challenge, name, PASSWORD).team == old
    assert authenticate(challenge, name, PASSWORD).team == old
    assert enter_team(challenge, name, Team.Kind.COMPETING) == old


LOOKING_LIKE_WEBP = ["webp", "web-p", "\uff37\uff45\uff42\uff30", "W\u0415B\u0420"]


@pytest.mark.parametrize(
    "name", ["WebP", *LOOKING_LIKE_WEBP, "JPEG", "jpeg 2000", "JPEG2000", "HEVC Intra x265"]
)
def test_the_baselines_names_are_kept_for_baselines(name: str) -> None:
    challenge = build_challenge()
    acts: list[Callable[[], Team]] = [
        lambda: claim_or_authenticate(challenge, name, PASSWORD).team,
        lambda: enter_team(challenge, name, Team.Kind.COMPETING),
    ]
    for act in acts:
        with pytest.raises(Refused, match="kept for a baseline") as refused:
            act()
        assert refused.value.code == "team-name"
    assert not Team.objects.exists()
    baseline = enter_team(challenge, name, Team.Kind.BASELINE)
    with pytest.raises(Refused, match="kept for a baseline"):
        set_kind(baseline, Team.Kind.COMPETING, "", "ann", NOW)


def test_a_team_that_has_a_baselines_name_already_goes_on() -> None:
    challenge = build_challenge()
    old = build_team(challenge, name="WebP", password=PASSWORD)
    assert claim_or_authenticate(challenge, "webp", PASSWORD).team == old
    set_kind(old, Team.Kind.INELIGIBLE, "The organizers' own.", "ann", NOW)
    with pytest.raises(Refused, match="change its kind to baseline at the desk") as refused:
        enter_team(challenge, "WebP", Team.Kind.BASELINE)
    assert refused.value.code == "team-kind"


def test_a_name_that_is_cut_at_its_colon_is_refused() -> None:
    """'Vision: Lab A' with a password arrives as 'Vision', the rest as the password's beginning."""
    challenge = build_challenge()
    cut = f" Lab A:{PASSWORD}"
    with pytest.raises(Refused, match="first colon") as refused:
        claim_or_authenticate(challenge, "Vision", cut)
    assert refused.value.code == "team-name" and not Team.objects.exists()
    team = claim_or_authenticate(challenge, "Vision", cut, stated=True).team
    assert claim_or_authenticate(challenge, "Vision", cut).team == team  # it is known now
    assert claim_or_authenticate(challenge, "Other", f"x{cut}").team.name == "Other"
