"""Faults of the rating page's own scripts, in the log: what is taken, and how little fits in."""

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from ratings.api.rating import page_faults
from ratings.challenge.refusals import Refused
from tests.api.conftest import details
from tests.builders import NOW

FAULTS = "/api/v1/faults/"
FAULT = {
    "what": "TypeError: x is undefined",
    "where": "stage.0a1b2c3d4e5f.js:12:5",
    "state": "trial",
}


@pytest.fixture(autouse=True)
def budget(monkeypatch: pytest.MonkeyPatch) -> page_faults.Budget:
    """Give each test the whole of what an hour takes."""
    whole = page_faults.Budget()
    monkeypatch.setattr(page_faults, "BUDGET", whole)
    return whole


def tell(client: Client, **fields: object) -> Any:  # noqa: ANN401
    return client.post(FAULTS, FAULT | fields, "application/json")


def test_a_fault_is_one_line_of_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    response = tell(client)
    assert (response.status_code, response.content) == (204, b"")
    assert response["Cache-Control"] == "private, no-store"
    [record] = caplog.records
    assert record.levelno == logging.ERROR  # servers log what is worse than a warning
    assert record.getMessage() == (
        "The rating page: TypeError: x is undefined (in stage.0a1b2c3d4e5f.js:12:5, state trial)"
    )


def test_it_needs_no_place_and_no_state(client: Client) -> None:
    assert tell(client, where="", state="").status_code == 204


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("what", ""),
        ("what", "x" * 201),
        ("what", "one\n2026-01-01 ERROR django: forged"),
        ("what", "one\rtwo"),
        ("what", "one\u2028two"),
        ("what", "\x1b[2J"),
        ("what", "\u202eesrever"),
        ("what", "\ud800"),
        ("what", 5),
        ("what", None),
        ("where", "stage.js"),
        ("where", "https://example.org/stage.js:1:1"),
        ("where", "stage.js:1:1\nstage.js:1:1"),
        ("where", f"{'x' * 101}:1:1"),
        ("where", "stage.js:1:1234567"),
        ("state", "a trial"),
        ("state", "a\nb"),
        ("state", "x" * 41),
        ("rater", "somebody"),
    ],
)
def test_nothing_else_gets_into_the_log(
    client: Client, caplog: pytest.LogCaptureFixture, field: str, value: object
) -> None:
    response = tell(client, **{field: value})
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert {error["pointer"] for error in response.json()["errors"]} == {f"#/{field}"}
    assert not [record for record in caplog.records if record.name == page_faults.__name__]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{", "application/json", 400),
        ("[]", "application/json", 400),
        ("{}", "application/json", 400),
        (json.dumps(FAULT), "text/plain", 415),  # what pages of other sites could send
        (json.dumps(FAULT | {"what": "x" * (1 << 16)}), "application/json", 413),
    ],
)
def test_other_bodies_are_refused(client: Client, body: str, kind: str, status: int) -> None:
    response = client.generic("POST", FAULTS, body, kind)
    assert response.status_code == status
    assert details(response)
    assert client.get(FAULTS).status_code == 405


def test_nobody_fills_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    answers = [tell(client) for _ in range(page_faults.MOST + 10)]
    statuses = [response.status_code for response in answers]
    assert statuses == [204] * page_faults.MOST + [429] * 10
    assert answers[-1].json()["type"] == "/api/v1/docs/#too-many-faults"
    assert 0 < int(answers[-1]["Retry-After"]) <= page_faults.WINDOW.seconds
    lines = [record for record in caplog.records if record.name == page_faults.__name__]
    assert len(lines) == page_faults.MOST


def test_there_is_room_again_an_hour_after_the_oldest(budget: page_faults.Budget) -> None:
    minute = timedelta(minutes=1)
    for number in range(page_faults.MOST):
        budget.spend(NOW + number * minute)
    with pytest.raises(Refused) as refused:
        budget.spend(NOW + page_faults.WINDOW - minute)
    assert refused.value.retry_at == NOW + page_faults.WINDOW
    budget.spend(NOW + page_faults.WINDOW)
    with pytest.raises(Refused):
        budget.spend(NOW + page_faults.WINDOW)
    budget.spend(NOW + page_faults.WINDOW + minute)


def test_refused_fields_cost_nothing(client: Client) -> None:
    for _ in range(page_faults.MOST + 1):
        assert tell(client, what="").status_code == 400
    assert tell(client).status_code == 204
