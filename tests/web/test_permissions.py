"""Who may do what, over every route of the desk and every call of the API that accounts may make.

What is new is tried too: a route that nobody thought of is refused, or fails here.
"""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, get_resolver
from rest_framework.permissions import SAFE_METHODS

from ratings.api.parts.authentication import (
    DeskAuthentication,
    DeskPageAuthentication,
    OrganizerAuthentication,
)
from ratings.api.rating.preview import PreviewView
from ratings.challenge.access.permissions import Permission, permits
from ratings.challenge.models import Challenge, Membership, Phase
from tests.builders import (
    build_organizer,
    build_token,
)
from tests.web.filled_routes import built, values
from tests.web.routes import address, routes, status

pytestmark = pytest.mark.django_db
Role = Membership.Role
# What is for whoever has the link, or wants to sign in or out.
DOORS = {"web:login", "web:logout", "web:account-link"}
OWN = {"web:desk", "web:own-account"}  # for every role
OF_THE_SITE = {
    *("web:accounts", "web:accounts-act"),
    *("web:workers", "web:add-worker", "web:revoke-worker"),
    *("web:desk-mail", "web:desk-mail-again"),
}
PANEL = {"web:desk-panel", "web:desk-panel-act"}
# Of pages: those that only those may open who may change what they are about.
FOR_CHANGES = {
    *("web:new-challenge", "web:create-token", "web:revoke-token", "web:acknowledge-alarm"),
}
# An organizer's own, of whatever challenge, and alarms, of those that they may change.
TOKENS = {"web:create-token", "web:revoke-token", "web:acknowledge-alarm"}
PREVIEWS = {"web:challenge-preview", "web:preview-start"}  # nothing is done there
MANY = {"web:audit", "api:audit"}  # shows of each challenge what one may read
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
OWN_CALLS = {"api:own-password"}
IN_BODY = {"api:submissions"}  # which challenge it is about is in the body


def a_user(*held: tuple[str, Challenge | None]) -> User:
    """Save a user with roles."""
    user = build_organizer(is_staff=False)
    for role, challenge in held:
        Membership.objects.create(user=user, role=role, challenge=challenge)
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def desk_routes() -> dict[str, URLPattern]:
    return {
        name: route
        for name, route in routes(get_resolver().url_patterns)
        if str(route.pattern).startswith("desk/") and name not in DOORS
    }


def calls() -> dict[str, URLPattern]:
    """Return the routes of the API that know accounts."""
    found = {}
    for name, route in routes(get_resolver().url_patterns):
        view: Any = getattr(route.callback, "cls", None)
        known = set(getattr(view, "authentication_classes", ()))
        if known & {OrganizerAuthentication, DeskAuthentication} or (
            view and issubclass(view, PreviewView)
        ):
            found[name] = route
    return found


def walks() -> set[str]:
    """Return the calls of a study's preview: they store nothing but in the asker's session."""
    views = {name: getattr(route.callback, "cls", None) for name, route in calls().items()}
    return {name for name, view in views.items() if view and issubclass(view, PreviewView)}


def answers(
    client: Client, phase: Phase, found: dict[str, URLPattern], *methods: str
) -> dict[tuple[str, str], int]:
    """Return how each route answers, by its name and the method."""
    addresses = {name: address(name, values(phase, route)) for name, route in found.items()}
    return {
        (name, method): status(client, where, method)
        for name, where in addresses.items()
        for method in methods
    }


def unlike(answered: dict[tuple[str, str], int], expected: int, but: set[str]) -> dict[Any, int]:
    """Return the answers that are not as expected, of routes but these."""
    return {
        call: code for call, code in answered.items() if code != expected and call[0] not in but
    }


def token_of(user: User) -> Client:
    return Client(headers={"Authorization": f"Bearer {build_token(user)}"})


def on_a_page(user: User) -> Client:
    """Return a browser that says that a page of the desk asks."""
    client = Client(headers={"X-Desk": "1"})
    client.force_login(user)
    return client


def knows(route: URLPattern, login: Any) -> bool:  # noqa: ANN401
    """Tell whether a call knows accounts that come so."""
    kinds = route.callback.cls.authentication_classes  # type: ignore[attr-defined]
    by_page = login is on_a_page and DeskPageAuthentication in kinds
    return login is token_of or by_page or DeskAuthentication in kinds


def test_there_is_something_to_try() -> None:
    assert len(desk_routes()) > 30 and len(calls()) > 25
    assert OWN | PANEL | FOR_CHANGES | {"web:audit"} <= desk_routes().keys()
    assert OWN_CALLS | IN_BODY | {"api:audit", "api:panel"} <= calls().keys()


def test_a_role_permits_what_it_names_where_it_holds() -> None:
    assert permits({(Role.ORGANIZER, None)}, Permission.CHANGE, None)
    assert permits({(Role.ORGANIZER, None)}, Permission.CHANGE, 1)
    assert permits({(Role.ORGANIZER, 1)}, Permission.CHANGE, 1)
    assert not permits({(Role.ORGANIZER, 1)}, Permission.CHANGE, 2)
    assert not permits({(Role.ORGANIZER, 1)}, Permission.CHANGE, None)
    assert not permits({(Role.VIEWER, None)}, Permission.CHANGE, 1)
    assert not permits({(Role.VIEWER, None)}, Permission.VOTE, 1)
    assert not permits({(Role.PANEL, 1)}, Permission.READ, 1)
    assert permits({(Role.PANEL, 1), (Role.VIEWER, None)}, Permission.READ, 2)
    assert not permits({("unheard of", None)}, Permission.ENTER, None)
    assert not permits(set(), Permission.ENTER, None)


def test_strangers_and_users_without_a_role_are_kept_out() -> None:
    phase = built("mine")
    found = desk_routes()
    assert not unlike(answers(Client(), phase, found, "GET", "POST"), 302, set())
    assert not unlike(answers(signed_in(a_user()), phase, found, "GET", "POST"), 403, set())
    retired = build_organizer()
    client = signed_in(retired)
    User.objects.filter(pk=retired.pk).update(is_active=False)
    assert not unlike(answers(client, phase, found, "GET", "POST"), 302, set())


@pytest.mark.parametrize("everywhere", [True, False])
def test_a_viewer_reads_the_desk_and_changes_nothing(everywhere: bool) -> None:
    phase = built("mine")
    client = signed_in(a_user((Role.VIEWER, None if everywhere else phase.challenge)))
    changing = answers(client, phase, desk_routes(), *UNSAFE)
    assert not unlike(changing, 403, {"web:own-account"})
    reading = answers(client, phase, desk_routes(), "GET")
    about = {name for name, route in desk_routes().items() if "challenges/<" in str(route.pattern)}
    refused = {name for (name, _), code in reading.items() if code == 403}
    assert refused >= FOR_CHANGES
    assert refused - FOR_CHANGES == (set() if everywhere else OF_THE_SITE)
    assert reading.pop(("web:preview-start", "GET")) == 302  # the start page is not the challenge's
    about -= {"web:preview-start"}
    assert {reading[name, "GET"] for name in about} <= {200, 404, 405}
    assert reading["web:challenge-preview", "GET"] == reading["web:preview", "GET"] == 200
    assert reading["web:desk-teams", "GET"] == reading["web:desk-definition", "GET"] == 200


@pytest.mark.parametrize("login", [signed_in, token_of, on_a_page])
@pytest.mark.parametrize("everywhere", [True, False])
def test_a_viewer_changes_nothing_by_the_api(login: Any, everywhere: bool) -> None:  # noqa: ANN401
    phase = built("mine")
    client = login(a_user((Role.VIEWER, None if everywhere else phase.challenge)))
    by_session = {name: route for name, route in calls().items() if knows(route, login)}
    by_token = {
        name: route
        for name, route in by_session.items()
        if login is not token_of or route.callback.cls.authentication_classes  # type: ignore[attr-defined]
    }
    answered = answers(client, phase, by_token, *UNSAFE)
    assert len(answered) > 40
    assert not unlike(answered, 403, OWN_CALLS | walks())
    assert answers(client, phase, {"api:definition": calls()["api:definition"]}, "GET") == {
        ("api:definition", "GET"): 200
    }
    assert status(client, f"/api/v1/boards/mine/{phase.slug}/psnr/") == 200


def test_an_organizer_of_one_challenge_does_all_there() -> None:
    phase = built("mine")
    client = signed_in(a_user((Role.ORGANIZER, phase.challenge)))
    everything = answers(client, phase, desk_routes(), "GET", "POST")
    refused = {name for (name, _), code in everything.items() if code == 403}
    assert refused - PREVIEWS == OF_THE_SITE | {"web:new-challenge"}
    assert {everything[name, "GET"] for name in PREVIEWS} == {200, 302}


@pytest.mark.parametrize("role", [Role.ORGANIZER, Role.VIEWER, Role.PANEL])
def test_one_challenge_s_people_neither_see_nor_touch_another(role: Role) -> None:
    mine, other = built("mine"), built("other")
    client = signed_in(a_user((role, mine.challenge)))
    outside = answers(client, other, desk_routes(), "GET", *UNSAFE)
    allowed = OWN | ({"web:audit"} if role != Role.PANEL else set())
    allowed |= TOKENS if role == Role.ORGANIZER else set()
    assert not unlike(outside, 403, allowed)
    html = client.get("/desk/").content.decode() + client.get("/desk/audit/").content.decode()
    assert "other" not in html


@pytest.mark.parametrize("role", [Role.ORGANIZER, Role.VIEWER, Role.PANEL])
def test_of_another_challenge_the_api_tells_what_it_tells_strangers(role: Role) -> None:
    mine, other = built("mine"), built("other")
    user = a_user((role, mine.challenge))
    client, found = token_of(user), calls()
    touched = answers(client, other, found, *UNSAFE)
    assert not unlike(touched, 403, OWN_CALLS | IN_BODY | {"api:audit"})
    told = answers(client, other, found, "GET")
    strangers = answers(Client(), other, found, "GET")
    seen = {
        call: (code, strangers[call])
        for call, code in told.items()
        if call[0] not in OWN_CALLS | IN_BODY | MANY
        and code != {401: 403}.get(strangers[call], strangers[call])
    }
    assert seen == {}
    body = {"challenge": "other", "phase": other.slug, "method": "m", "team": "x"}
    begun = client.post("/api/v1/submissions/", body, "application/json")
    assert begun.status_code in (400, 403) and not other.submissions.filter(method="m").exists()


def test_an_organizer_of_one_challenge_enters_submissions_there_alone() -> None:
    mine = built("mine")
    client = token_of(a_user((Role.ORGANIZER, mine.challenge)))
    body = {"challenge": "mine", "phase": mine.slug, "method": "m", "team": "x"}
    assert client.post("/api/v1/submissions/", body, "application/json").status_code == 201


def test_a_panel_member_sees_the_sheet_and_nothing_else() -> None:
    mine = built("mine")
    client = signed_in(a_user((Role.PANEL, mine.challenge)))
    answered = answers(client, mine, desk_routes(), "GET", "POST")
    assert not unlike(answered, 403, OWN | PANEL)
    assert answered["web:desk-panel", "GET"] == 200
    act = f"/desk/challenges/mine/{mine.slug}/panel/act/"
    chosen = str(mine.submissions.get().pk)
    assert client.post(act, {"act": "vote", "submission": chosen}).status_code == 422
    for decision in ("award", "withdraw", "x"):
        assert client.post(act, {"act": decision, "submission": chosen}).status_code == 403
    home = client.get("/desk/").content.decode()
    assert f"/desk/challenges/mine/{mine.slug}/panel/" in home
    assert "/definition/" not in home and "Create a token" not in home
    assert status(client, f"/api/v1/boards/mine/{mine.slug}/panel/") == 200
    assert status(client, f"/api/v1/boards/mine/{mine.slug}/psnr/") == 404
    assert status(client, f"/mine/{mine.slug}/board/") == 404


def test_a_draft_is_seen_by_its_own_people() -> None:
    mine, other = built("mine"), built("other")
    Challenge.objects.update(draft=True)
    client = signed_in(a_user((Role.VIEWER, mine.challenge)))
    assert status(client, "/mine/") == 200
    assert status(client, "/other/") == status(client, "/none/") == 404
    assert status(signed_in(a_user((Role.PANEL, other.challenge))), "/other/") == 404


def test_what_lies_under_another_challenge_is_not_reached_through_one_s_own() -> None:
    mine, other = built("mine"), built("other")
    client = signed_in(a_user((Role.ORGANIZER, mine.challenge)))
    team = other.submissions.get().team
    assert status(client, f"/desk/challenges/mine/teams/{team.pk}/") == 404
    token = build_token(build_organizer())
    assert client.post("/desk/tokens/1/revoke/").status_code == 302
    assert (
        Client(headers={"Authorization": f"Bearer {token}"})
        .get("/api/v1/challenges/mine/definition/")
        .status_code
        == 200
    )


def test_only_what_is_safe_counts_as_reading() -> None:
    assert set(SAFE_METHODS) == {"GET", "HEAD", "OPTIONS"}
