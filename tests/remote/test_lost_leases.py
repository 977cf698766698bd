"""A worker elsewhere whose lease is not renewed: a run that it stopped is nobody's fault."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from urllib3 import HTTPResponse

from ratings.remote.remote_work import NOT_RENEWED, RemoteWorker
from ratings.remote.site_client import LONGEST_TOLD_SECONDS, PATIENT, SiteClient
from ratings.sandbox.machine_sandboxes import MachineSandboxes
from ratings.sandbox.run_limits import Limits

DECODER = b"#!/bin/sh\nsleep 3600\n"
LIMITS = Limits(cpu_seconds=60, wall_seconds=3600, memory_bytes=1 << 28)
FILE = {"name": "decoder", "size_bytes": len(DECODER), "sha256": sha256(DECODER).hexdigest()}
LEASE = {
    "run": 1,
    "attempt": 1,
    "source": "python",
    "gpu": False,
    "seconds": 1.0,
    "limits": asdict(LIMITS),
    "decoder": FILE,
    "bitstreams": [],
    "pictures": [{"name": "a.png", "limit_bytes": 99}],
}


class Guarded(BaseHTTPRequestHandler):
    """A site with something before it that lets no renewal through; it notes what comes in."""

    came: list[tuple[str, str]]
    worker: RemoteWorker

    def do_GET(self) -> None:
        listed = self.path.endswith("/images/")
        self.answer(200, b'{"images": []}' if listed else DECODER)

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path.endswith("/leases/"):
            self.answer(200, json.dumps(LEASE).encode())
        elif self.path.endswith("/renew/"):
            self.answer(403, b"Forbidden")
        else:
            self.came.append((self.path, sent))
            self.worker.told.set()
            self.answer(204)

    do_PUT = do_POST

    def answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Print nothing."""


@pytest.fixture
def guarded() -> Iterator[str]:
    Guarded.came = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Guarded) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_what_was_stopped_half_way_is_released_and_not_delivered(
    guarded: str, sandbox_folder: Path
) -> None:
    site = SiteClient(guarded, "token")
    Guarded.worker = worker = RemoteWorker(site, MachineSandboxes(sandbox_folder))
    worker.work()
    assert Guarded.came == [("/api/v1/leases/1/1/release/", json.dumps({"fault": NOT_RENEWED}))]


def test_a_site_that_says_days_is_asked_again_within_minutes() -> None:
    told = HTTPResponse(status=503, headers={"Retry-After": str(7 * 24 * 3600)})
    assert PATIENT.get_retry_after(told) == LONGEST_TOLD_SECONDS
