"""The shipped configuration of nginx, run by a real one before a real web server."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ratings.comparisons.models import Judgment, Study
from tests.comparisons.builders import build_filled_study
from tests.http.proxied import HOST, NGINX, Proxy, proxied, site_behind

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not NGINX, reason="needs nginx (package 'nginx-light')"),
]


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    """nginx, with nobody behind it yet."""
    with proxied(tmp_path) as proxy:
        yield proxy


@pytest.fixture
def site(transactional_db: None, proxy: Proxy, tmp_path: Path) -> Iterator[Proxy]:
    """A web server of two processes behind it."""
    with site_behind(proxy, tmp_path, RATINGS_LIMITS="begin=3/600"):
        yield proxy


@pytest.fixture
def study(transactional_db: None) -> Study:
    return build_filled_study(methods=2, pictures=2, is_open=True)


def test_slow_requests_stop_no_rater(site: Proxy, study: Study) -> None:
    raters = f"/api/v1/studies/{study.slug}/raters/"
    begun = site.ask("POST", raters, {"consent": True})
    assert begun.status == 201, begun
    cookie = begun.headers["Set-Cookie"].partition(";")[0]
    issued = site.ask("GET", f"/api/v1/studies/{study.slug}/trials/next/", Cookie=cookie)
    (trial,) = json.loads(issued.body)["results"]
    with ExitStack() as slow:
        for number in range(64):
            path = (raters, trial["judgment"], "/desk/login/", "/demo/submit/sign-in/")[number % 4]
            slow.enter_context(site.begin_slowly("POST", path))
        uploads = [
            slow.enter_context(site.begin_slowly("PUT", f"/api/v1/submissions/{study.pk}/decoder"))
            for _ in range(24)
        ]
        answer = {"choice": "left", "response_ms": 4000, "attempt": trial["attempt"]}
        judged = site.ask("PUT", trial["judgment"], answer, Cookie=cookie, Origin=f"https://{HOST}")
        assert judged.status == 201, judged
        # More than half of the threads are never an upload's; who comes then is told to wait.
        refused = [line.recv(4000) for line in uploads[16:]]
        assert all(b" 429 " in told and b"Retry-After: 5" in told for told in refused)
        assert all(b"application/problem+json" in told for told in refused)
    assert Judgment.objects.count() == 1

    # The address that is counted is the one that nginx saw, whatever the client says.
    statuses = [
        site.ask("POST", raters, {"consent": True}, X_Forwarded_For=f"192.0.2.{n}").status
        for n in range(3)
    ]
    assert statuses == [201, 201, 429]

    told = site.ask("GET", "/api/v1/challenges/")
    assert told.headers["Strict-Transport-Security"] == "max-age=31536000"  # and no more
    assert site.ask("GET", "/metrics").status == 404
    large = "x" * (41 << 20)
    assert site.ask("POST", raters, large).status in (0, 413)
    # A worker's picture may be as large as a team's: it is the site that asks for a token.
    assert site.ask("PUT", "/api/v1/leases/1/1/decoded/a.png", large).status == 401


def test_files_of_both_versions_are_served_and_crops_tell_nothing(proxy: Proxy) -> None:
    """A web server knows the static files that were there when it started; nginx all."""
    for version in ("0" * 12, "1" * 12):
        (proxy.data_dir / "static" / f"rate.{version}.js").write_text(version)
        answer = proxy.ask("GET", f"/static/rate.{version}.js")
        assert (answer.status, answer.body) == (200, version.encode())
        assert answer.headers["Content-Type"].endswith("javascript")
        assert "immutable" in answer.headers["Cache-Control"]
    (proxy.data_dir / "static" / "staticfiles.json").write_text("{}")
    assert "immutable" not in proxy.ask("GET", "/static/staticfiles.json").headers["Cache-Control"]
    address = "ab" + "0" * 30
    crop = proxy.data_dir / "files" / "crops" / "ab" / f"{address}.webp"
    crop.parent.mkdir(parents=True)
    crop.write_bytes(b"crop")
    answer = proxy.ask("GET", f"/crops/{address}.webp")
    assert (answer.status, answer.body) == (200, b"crop")
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert not answer.headers.keys() & {"ETag", "Last-Modified"}
    (proxy.data_dir / "secret_key").write_text("secret")
    for path in ("/static/../secret_key", "/static/%2e%2e/secret_key", "/crops/../../secret_key"):
        assert b"secret" not in proxy.ask("GET", path).body
