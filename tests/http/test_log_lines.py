"""Lines for programs: whole JSON whatever is logged, and whose request or job wrote them."""

import io
import json
import logging
import sys

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from ratings.http.log_lines import REQUEST_ID, JsonLines, OfARequest, origin, request_id


def record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("a.room", logging.ERROR, __file__, 1, message, args, None)
    made.__dict__.update(extra)
    return made


@given(st.text())
def test_a_record_is_one_line_that_says_it_all(text: str) -> None:
    line = JsonLines().format(record("%s", text))
    assert len(line.splitlines()) == 1 or "\n" not in line
    told = json.loads(line)
    assert (told["message"], told["level"], told["logger"]) == (text, "ERROR", "a.room")


def test_a_traceback_stays_in_its_line() -> None:
    try:
        raise ValueError("of that\nkind")
    except ValueError:
        failed = record("It failed.")
        failed.exc_info = sys.exc_info()
    line = JsonLines().format(failed)
    assert "\n" not in line and "ValueError: of that" in json.loads(line)["exception"]


def test_lines_say_whose_they_are_while_it_lasts() -> None:
    with origin(request="abc"):
        with origin(job=7, task="score"):
            told = json.loads(JsonLines().format(record("Done.")))
            assert (told["job"], told["task"]) == (7, "score")
        queued = record("Deferred 1 job", jobs=[{"task_name": "score", "id": 7}])
        assert json.loads(JsonLines().format(queued))["jobs"] == ["score[7]"]
        assert json.loads(JsonLines().format(queued))["request"] == "abc"
        assert OfARequest().filter(queued)
    assert not OfARequest().filter(queued)
    assert "request" not in json.loads(JsonLines().format(queued))


@pytest.mark.parametrize(("said", "told"), [({"otelTraceID": "0af7"}, "0af7"), ({}, None)])
def test_a_trace_is_named_where_there_is_one(said: dict[str, str], told: str | None) -> None:
    assert json.loads(JsonLines().format(record("Done.", **said))).get("trace") == told
    without = record("Done.", otelTraceID="0")  # as it is said outside of all spans
    assert "trace" not in json.loads(JsonLines().format(without))


@pytest.mark.parametrize("sent", ["", "short", "a" * 65, "12345678 ", 'x"},{"level', "zeile\nzwei"])
def test_what_is_no_id_is_replaced(sent: str) -> None:
    assert request_id(sent) != sent and REQUEST_ID.fullmatch(request_id(sent))


def test_a_proxy_s_id_is_kept_and_answered() -> None:
    sent = "f3a1-from-the-proxy"
    answer = Client().get("/healthz", headers={"X-Request-ID": sent})
    assert answer.headers["X-Request-ID"] == sent
    first, second = (Client().get("/healthz").headers["X-Request-ID"] for _ in range(2))
    assert first != second


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/desk/links/{}/", "/api/v1/accounts/links/{}/", "/{}"])
@pytest.mark.parametrize("formatter", [JsonLines(), logging.Formatter("%(message)s")])
def test_refusals_are_known_by_route_and_id_not_by_address(
    address: str, formatter: logging.Formatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link that failed may still open an account."""
    handlers = logging.getLogger("django").handlers
    handler = next(one for one in handlers if type(one) is logging.StreamHandler)
    written, secret = io.StringIO(), "a-secret-of-many-letters"
    monkeypatch.setattr(handler, "stream", written)
    monkeypatch.setattr(handler, "formatter", formatter)
    answer = Client(enforce_csrf_checks=True).post(address.format(secret) + "?again=1")
    assert answer.status_code // 100 == 4
    assert written.getvalue().count("\n") == 1 and secret not in written.getvalue()
    if isinstance(formatter, JsonLines):
        assert json.loads(written.getvalue())["request"] == answer.headers["X-Request-ID"]
