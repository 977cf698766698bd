"""Members of a team: who owns it, what a link is good for, and what stays of them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from ratings.challenge.access.links import LASTS
from ratings.challenge.models import AccountLink, AuditEntry, Member, Team
from ratings.challenge.refusals import Refused
from ratings.challenge.teams.lost_passwords import actor_of_token, renew_password
from ratings.challenge.teams.team_accounts import claim_or_authenticate, erase_team, register
from ratings.challenge.teams.team_logins import Actor, authenticate, change_account
from ratings.challenge.teams.team_members import (
    invite_member,
    join_team,
    owner_of,
    owns,
    remove_member,
    reset_member,
    uninvite_member,
)
from tests.builders import NOW, PASSWORD, build_challenge, build_member, build_team

pytestmark = pytest.mark.django_db
OWN, NEW = "battery staple", "another password"
EMAIL = "ann@example.org"


@pytest.fixture
def team() -> Team:
    return build_team(name="xvc", password=PASSWORD, email="x@example.org")


def invited(team: Team) -> str:
    return invite_member(team, "Ann", "", "the team", NOW)[1]


def joined(team: Team, name: str = "Ann", email: str = "") -> Actor:
    fields = {"name": name, "password": OWN, "email": email}
    return join_team(team.challenge, invited(team), NOW, **fields)


def refused(team: Team, token: str, **fields: str) -> str:
    with pytest.raises(Refused) as refusal:
        join_team(team.challenge, token, NOW, **({"name": "Ann", "password": OWN} | fields))
    return refusal.value.code


def wrong(team: Team, name: str, password: str) -> bool:
    try:
        authenticate(team.challenge, name, password)
    except Refused as refusal:
        return refusal.code == "wrong-password"
    return False


def test_a_member_comes_in_by_name_or_address_and_the_team_as_before(team: Team) -> None:
    ann = joined(team, email=EMAIL)
    for name in ("Ann", " ANN ", "ann@EXAMPLE.org"):
        assert authenticate(team.challenge, name, OWN) == ann
    assert ann.team == team and ann.signature == "member Ann"
    assert authenticate(team.challenge, "xvc", PASSWORD) == Actor(team)
    assert wrong(team, "Ann", PASSWORD) and wrong(team, "xvc", OWN)
    with pytest.raises(Refused):
        authenticate(build_challenge(), "Ann", OWN)


def test_a_link_works_once_in_its_challenge_until_it_expires_or_is_taken_back(team: Team) -> None:
    link, token = invite_member(team, "Ann", "", "the team", NOW)
    with pytest.raises(Refused):
        join_team(build_challenge(), token, NOW, name="Ann", password=OWN)
    with pytest.raises(Refused):
        join_team(team.challenge, token, NOW + LASTS, name="Ann", password=OWN)
    assert refused(team, token, password="short") == "password-length"
    join_team(team.challenge, token, NOW, name="Ann", password=OWN)
    assert refused(team, token, name="Bea") == "unknown-link"
    link, token = invite_member(team, "Bea", "", "the team", NOW)
    uninvite_member(link, "the team", NOW)
    assert refused(team, token, name="Bea") == "unknown-link"
    kinds = team.audit_entries.order_by("pk").values_list("by", "kind", "subject")
    assert list(kinds) == [
        ("the team", "invite", "Ann"),
        ("member Ann", "join", "Ann"),
        ("the team", "invite", "Bea"),
        ("the team", "uninvite", "Bea"),
    ]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": "XVC"}, "account-name"),
        ({"name": "АNN"}, "account-name"),  # noqa: RUF001
        ({"name": "ann@example.org"}, "account-name"),
        ({"name": "a:b"}, "team-name"),
        ({"name": ""}, "team-name"),
        ({"name": "JPEG"}, "team-name"),
        ({"name": "Bea", "email": "ANN@example.org"}, "account-name"),
        ({"name": "Bea", "password": "short"}, "password-length"),
    ],
)
def test_what_can_not_be_chosen_leaves_the_link(
    team: Team, fields: dict[str, str], code: str
) -> None:
    joined(team, email=EMAIL)
    token = invited(team)
    assert refused(team, token, **fields) == code
    assert join_team(team.challenge, token, NOW, name="Bea", password=OWN).signature == "member Bea"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_one_name_at_once_one_has_it(team: Team) -> None:
    tokens = [invited(team), invited(team)]

    def join(token: str) -> str:
        try:
            join_team(team.challenge, token, NOW, name="Ann", password=OWN)
        except Refused as refusal:
            return refusal.code
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor() as pool:
        outcomes = sorted(pool.map(join, tokens))
    assert outcomes == ["", "account-name"]
    assert Member.objects.count() == 1 and AccountLink.objects.count() == 1


def test_who_joined_first_owns_the_team_and_who_comes_next_after_them(team: Team) -> None:
    assert owns(Actor(team)) and owner_of(team) is None
    ann, bea = joined(team), joined(team, "Bea")
    assert owns(ann) and not owns(bea) and not owns(Actor(team))
    assert ann.member
    remove_member(ann.member, "ann-the-organizer", NOW)
    assert owns(bea) and wrong(team, "Ann", OWN)
    assert bea.member
    remove_member(bea.member, bea.signature, NOW)
    assert owns(Actor(team))


def test_with_a_member_their_invitations_end(team: Team) -> None:
    ann = joined(team)
    _, hers = invite_member(team, "Bea", "", ann.signature, NOW)
    _, other = invite_member(team, "Cleo", "", "organizer", NOW)
    assert ann.member
    remove_member(ann.member, "organizer", NOW)
    assert refused(team, hers, name="Bea") == "unknown-link"
    assert join_team(team.challenge, other, NOW, name="Cleo", password=OWN)


def test_a_reset_password_is_worth_nothing_and_the_link_sets_one_once(team: Team) -> None:
    ann = joined(team)
    assert ann.member
    first, second = (reset_member(ann.member, "organizer", NOW) for _ in range(2))
    assert wrong(team, "Ann", OWN)
    with pytest.raises(Refused):
        renew_password(team.challenge, first, NEW)
    assert actor_of_token(team.challenge, second) == ann
    assert renew_password(team.challenge, second, NEW) == ann
    assert authenticate(team.challenge, "Ann", NEW) == ann
    with pytest.raises(Refused):
        renew_password(team.challenge, second, OWN)
    assert authenticate(team.challenge, "xvc", PASSWORD)


def test_a_token_of_a_team_is_none_of_a_member_of_the_same_key(team: Team) -> None:
    ann = build_member(team, pk=team.pk, password=OWN)
    token = reset_member(ann, "organizer", NOW)
    with pytest.raises(Refused):
        actor_of_token(team.challenge, token.removeprefix("m"))


def test_two_members_have_two_addresses(team: Team) -> None:
    joined(team, email=EMAIL)
    bea = joined(team, "Bea")
    with pytest.raises(Refused) as refusal:
        change_account(bea.holder, email="ANN@example.org")
    assert refusal.value.code == "account-name"
    change_account(bea.holder, email="bea@example.org")
    assert authenticate(team.challenge, "bea@example.org", OWN) == bea
    change_account(bea.holder, password=OWN)
    assert Member.objects.get(name="Bea").email == "bea@example.org"
    change_account(bea.holder, email="")
    assert Member.objects.get(name="Bea").email == ""
    change_account(team, email="")
    assert Team.objects.get().email != ""


def test_a_member_s_name_claims_no_team(team: Team) -> None:
    ann = joined(team, email=EMAIL)
    for name in ("Ann", EMAIL):
        with pytest.raises(Refused) as refusal:
            claim_or_authenticate(team.challenge, name, "mistyped password")
        assert refusal.value.code == "wrong-password"
    with pytest.raises(Refused) as refusal:
        register(team.challenge, "ANN", PASSWORD, "y@example.org")
    assert refusal.value.code == "team-taken"
    assert Team.objects.count() == 1
    assert claim_or_authenticate(team.challenge, "ann", OWN, email="new@example.org") == ann
    team.refresh_from_db()
    assert (team.email, Member.objects.get().email) == ("x@example.org", EMAIL)


def test_whether_an_address_is_some_member_s_is_not_told(team: Team) -> None:
    joined(team, email=EMAIL)

    def told(act: Callable[..., object], name: str, *rest: str) -> list[str]:
        with pytest.raises(Refused) as refusal:
            act(team.challenge, name, *rest)
        return [line.replace(name, "") for line in (refusal.value.code, *refusal.value.problems)]

    for act, *rest in (
        (register, PASSWORD, "y@example.org"),
        (claim_or_authenticate, PASSWORD),
        (authenticate, PASSWORD),
    ):
        assert told(act, EMAIL, *rest) == told(act, "nobody@example.org", *rest)
    assert Team.objects.count() == 1


def test_with_a_team_s_personal_data_its_members_are_erased(team: Team) -> None:
    ann = joined(team, email=EMAIL)
    invite_member(team, "Bea", "bea@example.org", ann.signature, NOW)
    erase_team(team, "organizer", NOW)
    assert not Member.objects.exists() and not AccountLink.objects.exists()
    kept = str(list(AuditEntry.objects.values()))
    assert "Ann" not in kept and "Bea" not in kept
