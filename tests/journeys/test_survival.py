"""Killed web workers and a killed database lose no acknowledged judgment and double none."""

import json
import os
import signal
import threading
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from tests.journeys.conftest import Site
from tests.journeys.processes import postmaster, web_workers
from tests.waiting import PATIENCE_SECONDS

JSON = {"Content-Type": "application/json"}
Answer = tuple[int, str, dict[str, object]]


class Judge:
    """Judges with retries, as the rating page does, and remembers what was acknowledged."""

    def __init__(self, site: Site, progress: threading.Condition) -> None:
        self.progress = progress
        self.address = str(urlsplit(site.url).netloc)
        self.acknowledged: dict[str, str] = {}
        self.odd: list[int] = []
        self.stopped = threading.Event()

    def run(self) -> None:
        cookie = ""
        while not self.stopped.is_set():
            if not cookie:
                _, cookie, _ = self.send("POST", "studies/demo/raters/", {"consent": True}, "")
            _, _, body = self.send("GET", "studies/demo/trials/next/?count=5", None, cookie)
            trials = body["results"]
            assert isinstance(trials, list)
            for trial in trials:
                answer = {"choice": "left", "response_ms": 4000}
                path = trial["judgment"].removeprefix("/api/v1/")
                status, _, _ = self.send("PUT", path, answer, cookie)
                with self.progress:
                    self.acknowledged[trial["id"]] = "left"
                    self.progress.notify_all()
                assert status in (200, 201)
            cookie = cookie if trials else ""

    def send(self, method: str, path: str, body: object, cookie: str) -> Answer:
        """Send until there is an answer other than 503; note statuses of 500 and above."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        data = None if body is None else json.dumps(body)
        while time.monotonic() < deadline:
            connection = HTTPConnection(self.address, timeout=PATIENCE_SECONDS)
            try:
                headers = JSON | {"Cookie": cookie}
                connection.request(method, f"/api/v1/{path}", data, headers)
                response = connection.getresponse()
                content = response.read()
            except (OSError, HTTPException):
                continue
            finally:
                connection.close()
            if response.status < 500:
                begun = response.headers.get("Set-Cookie", "").partition(";")[0]
                return response.status, begun, json.loads(content)
            if response.status != 503:
                self.odd.append(response.status)
        raise AssertionError(f"{method} {path} had no answer for {PATIENCE_SECONDS} s")


def wait_for_more(judges: list[Judge], more: int) -> None:
    """Wait until so many more judgments are acknowledged."""
    progress = judges[0].progress
    with progress:
        wanted = sum(len(judge.acknowledged) for judge in judges) + more
        assert progress.wait_for(
            lambda: sum(len(judge.acknowledged) for judge in judges) >= wanted, PATIENCE_SECONDS
        ), "the site did not come back"


def test_no_acknowledged_judgment_is_lost(site: Site, tmp_path: Path) -> None:
    progress = threading.Condition()
    judges = [Judge(site, progress) for _ in range(4)]
    threads = [threading.Thread(target=judge.run) for judge in judges]
    for thread in threads:
        thread.start()
    try:
        wait_for_more(judges, 20)
        for worker in web_workers(site):
            os.kill(worker, signal.SIGKILL)
        wait_for_more(judges, 20)
        killed = postmaster()
        os.kill(killed, signal.SIGKILL)
        wait_for_more(judges, 40)
    finally:
        for judge in judges:
            judge.stopped.set()
        for thread in threads:
            thread.join()
    assert postmaster() != killed
    assert [status for judge in judges for status in judge.odd] == []
    site.manage("export_study", "demo", str(tmp_path / "bundle"))
    rows = (tmp_path / "bundle" / "judgments.csv").read_text().splitlines()[1:]
    stored = [row.split(",")[1] for row in rows]
    assert len(stored) == len(set(stored))
    assert {trial for judge in judges for trial in judge.acknowledged} <= set(stored)
    assert "All counters agree." in site.manage("rebuild_counts", "demo")
