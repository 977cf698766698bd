"""What caches may keep: every route, asked by everybody who may be there."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from tests.api.conftest import basic
from tests.builders import PASSWORD, build_organizer, build_team, build_token
from tests.web.filled_routes import built, filled
from tests.web.routes import address, answer, routes

pytestmark = pytest.mark.django_db
# Addresses that nobody guesses, and what is there does not change: files of crops and tiles.
OF_ALL = ("public", "immutable")


def by_session(**account: Any) -> Client:
    client = Client()
    client.force_login(build_organizer(**account))
    return client


def team_at_its_page() -> Client:
    client = Client()
    client.post("/mine/submit/sign-in/", {"name": "xvc", "password": PASSWORD})
    assert "sessionid" in client.cookies
    return client


def rater() -> Client:
    client = Client()
    raters = "/api/v1/studies/mine-study/raters/"
    assert client.post(raters, {"consent": True}, "application/json").status_code == 201
    return client


ROLES: dict[str, Callable[[], Client]] = {
    "a rater": rater,
    "a team by its password": lambda: Client(headers={"Authorization": basic("xvc", PASSWORD)}),
    "a team at its page": team_at_its_page,
    "an organizer at the desk": by_session,
    "an organizer by a token": lambda: Client(headers={"Authorization": f"Bearer {build_token()}"}),
}


def test_what_not_everybody_is_told_is_kept_by_nobody() -> None:
    phase = built("mine")
    build_team(phase.challenge, name="xvc", password=PASSWORD)
    paths = [
        address(name, filled(phase, route))
        for name, route in routes(get_resolver().url_patterns)
        if name != "web:logout"
    ]
    stranger = {path: answer(Client(), path) for path in paths}
    for path, told in stranger.items():
        assert told.headers.get("Cache-Control"), path
    compared = 0
    for role, come in ROLES.items():
        client = come()
        for path in paths:
            told = answer(client, path)
            kept = told.headers.get("Cache-Control", "")
            assert kept, (role, path)
            if told.status_code == stranger[path].status_code or told.status_code >= 400:
                continue
            compared += 1
            is_private = "private" in kept and "no-store" in kept
            assert is_private or any(word in kept for word in OF_ALL), (role, path, kept)
    assert compared > 60
