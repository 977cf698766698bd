"""The shipped configuration of nginx, run by a real one before a real web server."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from ratings.comparisons.models import Judgment, Study
from tests.comparisons.builders import build_filled_study
from tests.kit.proxy import CERTIFICATE
from tests.management.sites import ROOT, free_port
from tests.waiting import PATIENCE_SECONDS, eventually

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not NGINX, reason="needs nginx (package 'nginx-light')"),
]
HOST = "ratings.example.org"
AROUND = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/ratings.conf;
}}
"""
# So long may an answer take while others are slow; a thread that is held would be for 30 s.
PROMPT_SECONDS = 20
INSECURE = ssl._create_unverified_context()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Proxy:
    """nginx, and the port and data directory of the site behind it."""

    port: int
    behind: int
    data_dir: Path

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Return the answer; status 0 where there is none."""
        asked = HTTPSConnection("127.0.0.1", self.port, context=INSECURE, timeout=PROMPT_SECONDS)
        sent = None if body is None else json.dumps(body)
        known = {"Host": HOST, "Content-Type": "application/json"} | headers
        try:
            asked.request(method, path, sent, {k.replace("_", "-"): v for k, v in known.items()})
            answer = asked.getresponse()
            return Answer(answer.status, dict(answer.headers), answer.read())
        except (OSError, HTTPException):
            return Answer(0, {}, b"")
        finally:
            asked.close()

    def begin_slowly(self, method: str, path: str) -> ssl.SSLSocket:
        """Send the head of a request, and one byte of a body that never comes."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=PROMPT_SECONDS)
        line = INSECURE.wrap_socket(plain)
        line.sendall(
            f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
            "Content-Length: 60000\r\n\r\n{".encode()
        )
        return line


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    """nginx, with nobody behind it yet."""
    proxy = Proxy(free_port(), free_port(), tmp_path / "site")
    (proxy.data_dir / "static").mkdir(parents=True)
    configure(tmp_path, proxy)
    command = [str(NGINX), "-c", str(tmp_path / "nginx.conf")]
    subprocess.run([*command, "-t", "-q"], check=True)
    with running(command, tmp_path / "nginx.log"):
        eventually(lambda: proxy.ask("GET", "/metrics").status == 404)
        yield proxy


@pytest.fixture
def site(transactional_db: None, proxy: Proxy, tmp_path: Path) -> Iterator[Proxy]:
    """A web server of two processes behind it."""
    known = connection.get_connection_params()
    database = f"postgres://{known['user']}@{quote(known['host'], safe='')}/{known['dbname']}"
    variables = {
        "DATABASE_URL": database,
        "RATINGS_DATA_DIR": str(proxy.data_dir),
        "RATINGS_HTTPS": "1",
        "RATINGS_HOSTS": HOST,
        "RATINGS_LIMITS": "begin=3/600",
        "WEB_CONCURRENCY": "2",
    }
    command = [sys.executable, "-m", "gunicorn", "ratings.wsgi", f"--bind=127.0.0.1:{proxy.behind}"]
    with running(command, tmp_path / "gunicorn.log", **variables):
        eventually(lambda: proxy.ask("GET", "/readyz").status == 200)
        yield proxy


@contextmanager
def running(command: list[str], log: Path, **variables: str) -> Iterator[None]:
    with log.open("w") as file:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | variables, stderr=file)
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def configure(folder: Path, proxy: Proxy) -> None:
    """Write the shipped file with the names of this machine, as its head asks for."""
    pair = folder / "pair.pem"
    pair.write_text(CERTIFICATE)
    shipped = (ROOT / "deploy" / "nginx.conf").read_text()
    for ours, here in {
        "listen 443 ": f"listen 127.0.0.1:{proxy.port} ",
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "/etc/ssl/certs/ratings.example.org.pem": str(pair),
        "/etc/ssl/private/ratings.example.org.key": str(pair),
        "/srv/ratings/var": str(proxy.data_dir),
        "server 127.0.0.1:8000": f"server 127.0.0.1:{proxy.behind}",
    }.items():
        assert ours in shipped
        shipped = shipped.replace(ours, here)
    (folder / "ratings.conf").write_text(shipped)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(user=user, folder=folder))


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
    (proxy.data_dir / "secret_key").write_text("secret")
    for path in ("/static/../secret_key", "/static/%2e%2e/secret_key", "/crops/../../secret_key"):
        assert b"secret" not in proxy.ask("GET", path).body
