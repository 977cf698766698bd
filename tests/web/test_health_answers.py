"""/healthz, /readyz and /metrics: by whatever host, without TLS, and no secrets in them."""

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from ratings.health.exposition import MEDIA_TYPE
from ratings.health.readiness import DATABASE, FILES, SharedAnswer
from ratings.web.parts.serving import health_answers

TOKEN = "t0ken-" * 6


@pytest.fixture
def behind_tls(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["ratings.example.org"]
    settings.SECURE_SSL_REDIRECT = True


@pytest.mark.usefixtures("behind_tls")
@pytest.mark.parametrize(("path", "text"), [("/healthz", "alive\n"), ("/readyz", "ready\n")])
@pytest.mark.django_db
def test_probes_are_answered_by_address_and_without_tls(path: str, text: str) -> None:
    answer = Client().get(path, headers={"Host": "10.0.0.7:8000"})
    assert (answer.status_code, answer.content.decode()) == (200, text)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert Client().head(path, headers={"Host": "10.0.0.7"}).content == b""
    assert Client().post(path, headers={"Host": "10.0.0.7"}).status_code == 405


def test_a_process_that_lives_says_so_without_the_database() -> None:
    """The database is not to be asked here, as this test may not."""
    assert Client().get("/healthz").status_code == 200


def test_what_is_in_the_way_is_named_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = SharedAnswer(lambda: [DATABASE, FILES])
    monkeypatch.setattr(health_answers, "READINESS", broken)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"not ready: database, files\n")


@pytest.mark.parametrize(
    "sent", ["", TOKEN, f"Basic {TOKEN}", "Bearer ", "Bearer wrong", "Bearer ü"]
)
def test_metrics_are_for_who_has_the_token(settings: Settings, sent: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    answer = Client().get("/metrics", headers={"Authorization": sent} if sent else {})
    assert answer.status_code == 401 and TOKEN not in answer.content.decode()
    assert b"ratings_" not in answer.content


def test_without_a_token_there_are_none(settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    for sent in ("Bearer ", "Bearer", f"Bearer {TOKEN}"):
        assert Client().get("/metrics", headers={"Authorization": sent}).status_code == 404


@pytest.mark.django_db
def test_requests_are_counted_by_route_not_by_address(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    client = Client()
    for path in ("/no-such-challenge/", "/another/", "/a/b/c/d/e/f/g", "/api/v1/nothing"):
        client.get(path)
    client.generic("BREW", "/")
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200 and answer.headers["Content-Type"] == MEDIA_TYPE
    text = answer.content.decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    counts = {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
        for sample in families["ratings_request_seconds"].samples
        if sample.name.endswith("_count")
    }
    assert counts["GET", "/<slug:slug>/", "404"] >= 2
    assert any(method == "other" for method, _, _ in counts)
    assert "no-such-challenge" not in text and "/a/b/c" not in text
