"""The desk's login: who comes in, and how guessing is throttled."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from pytest_django.fixtures import Settings

from ratings.challenge.models import SpentLimit
from ratings.limit_table import read_limits
from tests.builders import build_organizer
from tests.web.pages import markup

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse"


def sign_in(
    client: Client, password: str, name: str = "anna", *, address: str = "192.0.2.1", next: str = ""
) -> str:
    """Try to sign in; return where one is sent, or the message on the form."""
    body = {"username": name, "password": password, "next": next}
    response = client.post("/desk/login/", body, REMOTE_ADDR=address)
    if response.status_code == 302:
        return str(response["Location"])
    html = markup(response)
    return html[html.index('role="alert">') + 13 :].split("<")[0]


def test_an_organizer_comes_in_and_goes_out(client: Client) -> None:
    build_organizer(username="anna", password=PASSWORD)
    assert sign_in(client, PASSWORD) == "/desk/"
    assert client.get("/desk/").status_code == 200
    assert client.get("/desk/logout/").status_code == 405
    assert client.post("/desk/logout/")["Location"] == "/"
    assert client.get("/desk/").status_code == 302


def test_one_goes_on_to_the_page_that_asked_and_never_to_another_site(client: Client) -> None:
    build_organizer(username="anna", password=PASSWORD)
    assert sign_in(client, PASSWORD, next="/desk/studies/x/") == "/desk/studies/x/"
    assert sign_in(client, PASSWORD, next="https://example.org/") == "/desk/"


def test_wrong_unknown_and_inactive_sound_the_same(client: Client) -> None:
    build_organizer(username="anna", password=PASSWORD)
    build_organizer(username="old", password=PASSWORD, is_active=False)
    messages = {
        sign_in(client, "wrong"),
        sign_in(client, PASSWORD, "nobody"),
        sign_in(client, PASSWORD, "old"),
    }
    assert messages == {"Name and password do not match. Capital letters matter in both."}


def test_users_who_are_no_organizers_stay_outside(client: Client) -> None:
    build_organizer(username="anna", password=PASSWORD, is_staff=False)
    assert "no role here" in sign_in(client, PASSWORD)
    assert client.get("/desk/").status_code == 302


def test_after_some_failures_even_the_right_password_has_to_wait(client: Client) -> None:
    build_organizer(username="anna", password=PASSWORD)
    for _ in range(5):
        assert "do not match" in sign_in(client, "wrong")
    assert "Too many failures" in sign_in(client, PASSWORD)
    assert sign_in(client, PASSWORD, address="192.0.2.2") == "/desk/"


def test_the_wait_is_for_one_more_try(client: Client) -> None:
    build_organizer(username="anna", password=PASSWORD)
    for _ in range(5):
        sign_in(client, "wrong")
    assert "Too many failures" in sign_in(client, PASSWORD)
    SpentLimit.objects.update(until=F("until") - timedelta(minutes=3))
    assert sign_in(client, PASSWORD) == "/desk/"


def test_guessing_from_many_addresses_is_slowed_down_too(
    client: Client, settings: Settings
) -> None:
    settings.LIMITS = read_limits("desk-login-anywhere=8/900")
    build_organizer(username="anna", password=PASSWORD)
    for number in range(8):
        sign_in(client, "wrong", address=f"2001:db8:0:{number:x}::1")
    assert "Too many failures" in sign_in(client, PASSWORD, address="2001:db8:1::1")
    assert "do not match" in sign_in(client, "wrong", "berta", address="2001:db8:1::1")


def test_behind_a_proxy_it_says_who_asks_and_no_client_does(
    client: Client, settings: Settings
) -> None:
    settings.HTTPS = True
    build_organizer(username="anna", password=PASSWORD)
    headers = {"X-Forwarded-For": "198.51.100.1, 192.0.2.1"}
    for number in range(5):
        client.post(
            "/desk/login/",
            {"username": "anna", "password": "wrong"},
            headers={"X-Forwarded-For": f"198.51.100.{number}, 192.0.2.1"},
        )
    body = {"username": "anna", "password": PASSWORD}
    locked = client.post("/desk/login/", body, headers=headers)
    assert "Too many failures" in markup(locked)
    other = client.post("/desk/login/", body, headers={"X-Forwarded-For": "192.0.2.2"})
    assert other.status_code == 302


def test_neither_names_nor_passwords_are_kept_readable(client: Client) -> None:
    sign_in(client, "wrong", "my password in the wrong field")
    rows = list(SpentLimit.objects.values())
    assert len(rows) == 3
    assert "password" not in str(rows) and "127.0.0.1" not in str(rows)


def test_the_form_is_protected_against_other_sites() -> None:
    client = Client(enforce_csrf_checks=True)
    body = {"username": "anna", "password": PASSWORD}
    assert client.post("/desk/login/", body).status_code == 403
