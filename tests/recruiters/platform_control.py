"""The tests' platform as a process, and what tests ask of it beside its API."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError

from ratings.recruiters.prolific_calls import Prolific
from tests.management.sites import ROOT, free_port
from tests.recruiters.platform_server import TOKEN


@dataclass(frozen=True)
class Control:
    """Lets people come, sets faults, reads the ledger."""

    url: str

    def ask(self, what: str, **told: Any) -> Any:  # noqa: ANN401
        data = json.dumps(told).encode()
        request = urllib.request.Request(f"{self.url}/control/{what}", data, method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def arrive(self, participant: str) -> dict[str, str] | None:
        """Let a person take a place of the newest study; return submission and link, None: full."""
        studies = list(self.ask("state")["studies"])
        try:
            return dict(self.ask("arrive", study=studies[-1], participant=participant))
        except HTTPError:
            return None

    def come(self, submission: str, status: str = "AWAITING REVIEW") -> None:
        """Let a person hand their code in, return their place, or run out of time."""
        self.ask("come", submission=submission, status=status)

    def fault(self, method: str, path: str, kind: str, after: str = "1") -> None:
        """Let the next call that fits go wrong: 404, 429, 503, 520, page, cut, or hold."""
        self.ask("fault", method=method, path=path, kind=kind, after=after)

    def study(self) -> dict[str, Any]:
        """Return the newest study."""
        return dict(list(self.ask("state")["studies"].values())[-1])

    def ledger(self) -> list[dict[str, Any]]:
        """Return all payments."""
        return list(self.ask("state")["ledger"])

    def api(self) -> Prolific:
        """Return the calls that the site makes."""
        return Prolific(self.url, TOKEN)


@contextmanager
def serving_platform() -> Iterator[Control]:
    """Serve the platform as a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "tests.recruiters.platform_server", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline() == "listening\n"
        yield Control(f"http://127.0.0.1:{port}")
        process.terminate()
