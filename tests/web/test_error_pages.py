"""Pages for what went wrong: designed, and in need of no database."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from ratings.challenge.models import Challenge
from ratings.http.unavailable import unavailable
from ratings.web.parts import error_pages
from ratings.web.public import challenge_pages
from tests.builders import build_organizer
from tests.web.pages import markup


def test_404_is_a_page(client: Client) -> None:
    response = client.get("/desk/nothing/here/at/all/")
    assert response.status_code == 404
    assert "There is no page here" in markup(response)
    assert "/nothing/" not in markup(response)


def test_500_is_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(challenge_pages, "render", break_down)
    monkeypatch.setattr(Challenge.objects, "order_by", lambda *_: [])
    response = Client(raise_request_exception=False).get("/")
    assert response.status_code == 500
    assert "The server made a mistake" in markup(response)
    assert "secret" not in markup(response)


def test_503_is_a_page_with_a_time_to_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(Challenge.objects, "filter", away)
    response = Client().get("/")
    assert response.status_code == 503
    assert response["Retry-After"] == "2"
    assert "Back in a moment" in markup(response)


@pytest.mark.django_db
def test_a_database_that_goes_away_after_the_view_is_503_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("the connection is lost")

    build_organizer(username="anna", password="correct horse")
    monkeypatch.setattr(SessionStore, "save", away)
    body = {"username": "anna", "password": "correct horse"}
    response = Client(raise_request_exception=False).post("/desk/login/", body)
    assert response.status_code == 503


@pytest.mark.parametrize("path", ["/", "/rate/x/", "/desk/"])
def test_503_never_asks_the_database(path: str) -> None:
    assert unavailable(RequestFactory().get(path)).status_code == 503


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (error_pages.bad_request, 400),
        (error_pages.forbidden, 403),
        (error_pages.csrf_failed, 403),
        (error_pages.not_found, 404),
        (lambda request, _: error_pages.broken(request), 500),
    ],
)
def test_each_says_what_to_do(
    answer: Callable[[HttpRequest, Any], HttpResponse], status: int
) -> None:
    response = answer(HttpRequest(), None)
    assert response.status_code == status
    assert "To the start page" in markup(response)
