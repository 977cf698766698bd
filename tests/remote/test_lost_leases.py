"""A worker elsewhere that can't carry a run out: that is no fault of the decoder's."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from urllib3 import HTTPResponse

from ratings.remote.remote_work import NOT_RENEWED, RemoteWorker
from ratings.remote.site_client import LONGEST_TOLD_SECONDS, PATIENT, SiteClient
from ratings.sandbox.machine_sandboxes import MachineSandboxes
from ratings.sandbox.run_limits import Limits
from tests.jobs.torch_stand_in import make_torch_stand_in

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


@contextmanager
def served(site: type[Guarded]) -> Iterator[str]:
    Guarded.came = []
    with ThreadingHTTPServer(("127.0.0.1", 0), site) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_what_was_stopped_half_way_is_released_and_not_delivered(sandbox_folder: Path) -> None:
    with served(Guarded) as url:
        sandboxes = MachineSandboxes(sandbox_folder)
        Guarded.worker = worker = RemoteWorker(SiteClient(url, "token"), sandboxes)
        worker.work()
    assert Guarded.came == [("/api/v1/leases/1/1/release/", json.dumps({"fault": NOT_RENEWED}))]


class Asked(Guarded):
    """A site that has no run, and notes what a worker tells before it asks again."""

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.came.append((self.path, sent))
        if self.path == "/api/v1/leases/":
            self.worker.told.set()
        self.answer(204)


def test_an_environment_that_is_there_and_of_no_use_is_told_as_a_fault_and_not_as_a_source(
    sandbox_folder: Path,
) -> None:
    """Its runs would be leased and released until their attempts are used up."""
    tree = make_torch_stand_in(sandbox_folder / "broken")
    (numpy,) = tree.glob("lib/*/site-packages/numpy")
    shutil.rmtree(numpy)
    with served(Asked) as url:
        sandboxes = MachineSandboxes(tree.parent)
        Guarded.worker = worker = RemoteWorker(SiteClient(url, "token"), sandboxes)
        worker.work()
    (told_at, fault), (asked_at, about) = Guarded.came
    assert told_at.endswith("/fault/") and "Decoders don't find numpy" in fault
    assert asked_at == "/api/v1/leases/" and json.loads(about)["sources"] == ["python"]


def test_a_site_that_says_days_is_asked_again_within_minutes() -> None:
    told = HTTPResponse(status=503, headers={"Retry-After": str(7 * 24 * 3600)})
    assert PATIENT.get_retry_after(told) == LONGEST_TOLD_SECONDS
