"""Requests that no honest client sends: values that the database can't hold are a 400."""

import pytest
from django.test import Client

from tests.builders import build_token
from tests.web.builders import build_running_phase

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    [
        "/{challenge}/{phase}/board/?dataset=%00",
        "/{challenge}/{phase}/board/?study=%00",
        "/{challenge}/previews/E/%00",
        "/api/v1/boards/{challenge}/{phase}/psnr/?dataset=%00",
        "/api/v1/boards/{challenge}/{phase}/human/?study=%00",
    ],
)
def test_a_nul_in_an_address_is_refused(client: Client, path: str) -> None:
    phase = build_running_phase()
    response = client.get(path.format(challenge=phase.challenge.slug, phase=phase.slug))
    assert response.status_code == 400


@pytest.mark.parametrize("path", ["/desk/", "/api/v1/boards/{challenge}/{phase}/psnr/"])
def test_a_nul_in_the_session_cookie_is_refused(client: Client, path: str) -> None:
    phase = build_running_phase()
    address = path.format(challenge=phase.challenge.slug, phase=phase.slug)
    # Quoted cookies may hold any byte as an octal number.
    response = client.get(address, headers={"Cookie": 'sessionid="\\000aaaaaaaaaaa"'})
    assert response.status_code == 400


def test_a_text_that_is_no_unicode_is_refused(client: Client) -> None:
    phase = build_running_phase()
    body = {"challenge": phase.challenge.slug, "phase": phase.slug, "method": "m", "team": "t"}
    headers = {"Authorization": f"Bearer {build_token()}"}
    for field in ("\ud800", "kind", "method", "email"):
        response = client.post(
            "/api/v1/submissions/", body | {field: "\ud800"}, "application/json", headers=headers
        )
        assert response.status_code == 400, field
