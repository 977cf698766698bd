"""The instant at which requests arrive, and clients that are logged in."""

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from ratings.challenge.models import Phase
from ratings.imaging.pixels import encode_png
from tests.builders import NOW, PASSWORD, build_phase, build_rgb

SUBMISSIONS = "/api/v1/submissions/"
PNG = encode_png(build_rgb())
SetTime = Callable[[datetime], None]


@pytest.fixture
def set_time(monkeypatch: pytest.MonkeyPatch) -> SetTime:
    """Return a function that sets the instant at which requests arrive."""

    def set_to(instant: datetime) -> None:
        monkeypatch.setattr("ratings.api.parts.json_views.timezone.now", lambda: instant)

    return set_to


@pytest.fixture(autouse=True)
def now(set_time: SetTime) -> datetime:
    """Let requests arrive at NOW, when the phases of the builders are open."""
    set_time(NOW)
    return NOW


def basic(name: str, password: str) -> str:
    """Return an Authorization header of a team."""
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def logged_in(name: str, password: str) -> Client:
    """Return a client that logs in as a team."""
    return Client(headers={"Authorization": basic(name, password)})


def bearer(token: str) -> Client:
    """Return a client that carries a token."""
    return Client(headers={"Authorization": f"Bearer {token}"})


def details(response: Any) -> list[str]:  # noqa: ANN401
    """Check that the answer is a problem document, and return its lines."""
    assert response["Content-Type"] == "application/problem+json", response.content
    body = json.loads(response.content)
    assert set(body) == {"type", "title", "status", "detail", "errors"}
    assert body["status"] == response.status_code
    return [error["detail"] for error in body["errors"]]


def begin(client: Client, to: Phase, **fields: Any) -> Any:  # noqa: ANN401
    body = {"challenge": to.challenge.slug, "phase": to.slug, "method": "m"} | fields
    return client.post(SUBMISSIONS, body, "application/json")


def put(client: Client, path: str, content: bytes = PNG, **headers: str) -> Any:  # noqa: ANN401
    return client.put(path, content, "application/octet-stream", headers=headers)


@pytest.fixture
def phase() -> Phase:
    return build_phase(byte_budget=10)


@pytest.fixture
def xvc() -> Client:
    return logged_in("xvc", PASSWORD)


@pytest.fixture
def mine(phase: Phase, xvc: Client) -> str:
    """Begin a submission as xvc and return its address."""
    return f"{SUBMISSIONS}{begin(xvc, phase).json()['id']}/"
