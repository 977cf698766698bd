"""The client goes by the proxies that the environment names, through real ones."""

import contextlib
import http.server
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import pytest
from pytest_django.live_server_helper import LiveServer

from ratings.challenge.models import Phase
from ratings.kit import submit
from ratings.submissions.models import Submission
from tests.builders import PASSWORD
from tests.kit.client import call, working
from tests.kit.proxy import REFUSED, proxying, write_certificate

NAMES = [f"{name}_PROXY" for name in ("HTTP", "HTTPS", "ALL", "NO")]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*NAMES, *map(str.lower, NAMES), "REQUEST_METHOD"]:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("small_world")
@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_submission_goes_through_a_proxy(
    live_server: LiveServer,
    phase: Phase,
    work: Path,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The site's name is known to the proxy alone."""
    with proxying(login="me:p@ss word") as proxy, working():
        proxy.leads["site.test"] = (live_server.thread.host, live_server.thread.port)
        monkeypatch.setenv(name, f"http://me:p%40ss%20word@127.0.0.1:{proxy.port}")
        monkeypatch.setattr("django.conf.settings.ALLOWED_HOSTS", ["site.test"])
        assert submit.main(call("http://site.test", work)) == 0, capsys.readouterr().err
    assert Submission.objects.get().state == "scored"
    assert all(" http://site.test/api/v1/" in target for target in proxy.targets)


class Site(http.server.BaseHTTPRequestHandler):
    """Answers every question with the headers that it came with."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps(dict(self.headers)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def secure_site(certificate: Path) -> Iterator[int]:
    """Serve https on a port of its own."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "all_proxy"])
def test_https_goes_through_a_tunnel(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy learns host and port, and its own login; the team's login is the site's alone."""
    certificate = write_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with secure_site(certificate) as port, proxying(login="me:secret") as proxy:
        proxy.leads["site.test:443"] = ("127.0.0.1", port)
        monkeypatch.setenv(name, f"me:secret@127.0.0.1:{proxy.port}")  # without http:// too
        server = submit.Server("https://site.test", "xvc", PASSWORD)
        headers = server.get("challenges/")
        server._connection.close()
    assert proxy.targets == ["CONNECT site.test:443"]
    assert headers["Authorization"].startswith("Basic ")
    assert headers["Host"] == "site.test"
    assert "Proxy-Authorization" not in headers


@pytest.mark.parametrize("site", ["http://site.test", "https://site.test"])
@pytest.mark.parametrize(
    ("login", "refuses", "words"),
    [
        ("me:secret", b"", "Put name and password into its address: http://NAME:PASSWORD@127."),
        ("", REFUSED % (403, b"Forbidden"), "403"),
    ],
)
def test_a_proxy_that_refuses_ends_it_at_once(
    site: str,
    login: str,
    refuses: bytes,
    words: str,
    work_alone: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with proxying(login, refuses) as proxy:
        for scheme in ("HTTP", "HTTPS"):
            monkeypatch.setenv(f"{scheme}_PROXY", f"http://me:wrong@127.0.0.1:{proxy.port}")
        assert submit.main(call(site, work_alone)) == 1
    printed = capsys.readouterr().err
    assert words in printed
    assert "trying again" not in printed
    assert "wrong" not in printed  # no password is shown
    assert len(proxy.targets) == 1


@pytest.fixture
def work_alone(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    for name in ("decode", "a.bin"):
        (folder / name).write_bytes(b"#!/bin/sh\n")
    return folder


@pytest.mark.parametrize(
    ("exceptions", "site"),
    [
        ("site.test", "http://site.test"),
        ("SITE.test", "http://site.TEST"),
        (".test", "http://site.test"),
        ("test", "http://site.test"),
        ("other.org, site.test", "http://site.test:8000"),
        ("site.test:8000", "http://site.test:8000"),
        ("site.test:443", "https://site.test"),
        ("*", "http://site.test"),
        ("192.0.2.10", "http://192.0.2.10"),
        ("192.0.2.0/24", "http://192.0.2.10:8000"),
        ("::1", "http://[::1]:8000"),
        ("2001:db8::/32", "http://[2001:db8::5]"),
    ],
)
@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_what_no_proxy_names_is_asked_directly(
    name: str, exceptions: str, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:3128")
    assert submit.proxy_for(urlsplit(site)) is not None
    monkeypatch.setenv(name, exceptions)
    assert submit.proxy_for(urlsplit(site)) is None


@pytest.mark.parametrize(
    ("exceptions", "site"),
    [
        ("", "http://site.test"),
        ("ite.test", "http://site.test"),
        ("site.test:8001", "http://site.test:8000"),
        ("192.0.2.0/28", "http://192.0.2.99"),
        ("not/a/network", "http://192.0.2.99"),
    ],
)
def test_what_no_proxy_does_not_name_is_not(
    exceptions: str, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:3128")
    monkeypatch.setenv("NO_PROXY", exceptions)
    assert submit.proxy_for(urlsplit(site)) is not None


@pytest.mark.parametrize(
    "address", ["socks5://127.0.0.1:1080", "https://127.0.0.1:3128", "http://:3128", "http://a:b"]
)
def test_a_proxy_that_can_not_be_asked_is_named_with_the_cure(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", address)
    with pytest.raises(submit.Refused, match=r"go without: NO_PROXY=site\.test"):
        submit.Server("http://site.test", "xvc", PASSWORD)


def test_each_scheme_has_its_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:3128")
    assert submit.proxy_for(urlsplit("https://site.test")) is None
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:3129")
    proxy = submit.proxy_for(urlsplit("https://site.test"))
    assert proxy is not None and proxy.port == 3129


def test_no_other_certificate_is_trusted_and_that_is_said_at_once(
    tmp_path: Path, work_alone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with secure_site(write_certificate(tmp_path)) as port:
        assert submit.main(call(f"https://127.0.0.1:{port}", work_alone)) == 1
        printed = capsys.readouterr().err
        assert "its certificate can't be trusted" in printed
        assert "trying again" not in printed


def test_a_name_that_nobody_has_is_said_at_once(
    work_alone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def look_up(*_: object, **__: object) -> NoReturn:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert submit.main(call("http://site.test", work_alone)) == 1
    assert "There is no machine called 'site.test'" in capsys.readouterr().err


def test_a_stranger_is_not_waited_for_as_a_server_that_has_answered_is(
    work_alone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(submit, "STRANGERS_SECONDS", 0.2)
    monkeypatch.setattr(submit, "LONGEST_WAIT_SECONDS", 0.05)
    began = time.monotonic()
    assert submit.main(call("http://127.0.0.1:1", work_alone)) == 1
    assert time.monotonic() - began < 60
    assert "Is that the address?" in capsys.readouterr().err
