"""A web server of several processes, as gunicorn.conf.py makes it, seen from outside."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ratings.database.cluster import Cluster
from tests.management.sites import ROOT, free_port
from tests.own_cluster import own_cluster
from tests.waiting import PATIENCE_SECONDS, eventually

TOKEN = "t0ken-" * 6
Answer = tuple[int, str, str]


@dataclass(frozen=True)
class WebServer:
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    cluster: Cluster

    def get(self, path: str, **headers: str) -> Answer:
        """Return status, text and request id; status 0 where nobody answers."""
        probe = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            probe.request("GET", path, headers=headers)
            answer = probe.getresponse()
            return answer.status, answer.read().decode(), answer.headers["X-Request-ID"]
        except (OSError, HTTPException):
            return 0, "", ""
        finally:
            probe.close()

    def requests(self, route: str) -> float:
        """Return how many requests were counted of a route."""
        _, text, _ = self.get("/metrics", Authorization=f"Bearer {TOKEN}")
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == "ratings_request_seconds_count" and sample.labels["route"] == route
        )

    def workers(self) -> set[str]:
        """Return the process ids of its children."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return set(children.read_text().split())


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[WebServer]:
    folder = tmp_path_factory.mktemp("web")
    with own_cluster(folder / "site") as cluster, served(folder, cluster) as web:
        yield web


@contextmanager
def served(folder: Path, cluster: Cluster) -> Iterator[WebServer]:
    """Let a web server of two processes answer, and end well."""
    port = free_port()
    environment = os.environ | {
        "RATINGS_DATA_DIR": str(cluster.data_dir),
        "RATINGS_METRICS_TOKEN": TOKEN,
        "RATINGS_LOG_JSON": "1",
        "RATINGS_HTTPS": "1",
        "WEB_CONCURRENCY": "2",
    }
    for name in ("DATABASE_URL", "PROMETHEUS_MULTIPROC_DIR"):
        environment.pop(name, None)
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(collect, cwd=ROOT, env=environment, check=True)
    command = [sys.executable, "-m", "gunicorn", "ratings.wsgi", f"--bind=127.0.0.1:{port}"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=log)
    web = WebServer(port, process, folder / "log", cluster)
    eventually(lambda: web.get("/readyz")[0] == 200)
    yield web
    process.terminate()
    assert process.wait(PATIENCE_SECONDS) == 0


@pytest.mark.slow
def test_all_processes_are_counted_also_those_that_were_replaced(web: WebServer) -> None:
    eventually(lambda: len(web.workers()) == 2)
    before = web.workers()
    for _ in range(40):
        assert web.get("/no-such-challenge/", **{"X-Forwarded-Proto": "https"})[0] == 404
    counted = web.requests("/<slug:slug>/")
    assert counted >= 40
    web.process.send_signal(signal.SIGHUP)
    eventually(lambda: len(web.workers() - before) == 2 and not web.workers() & before)
    eventually(lambda: web.get("/readyz")[0] == 200)
    assert web.requests("/<slug:slug>/") == counted


@pytest.mark.slow
def test_all_pages_are_loaded_before_the_port_is_opened(web: WebServer) -> None:
    """By the first of all processes, so that a proxy is refused meanwhile, and nobody waits."""
    maps = Path(f"/proc/{web.process.pid}/maps").read_text()
    assert "kornia_rs" in maps  # which pages alone need


@pytest.mark.slow
def test_each_request_is_a_line_that_its_answer_names(web: WebServer) -> None:
    status, _, known_by = web.get("/", Host="127.0.0.1", **{"X-Forwarded-Proto": "https"})
    assert status == 200
    lines = [json.loads(line) for line in web.log.read_text().splitlines() if known_by in line]
    (told,) = [line for line in lines if line["logger"].endswith("request_figures")]
    assert (told["status"], told["route"], told["level"]) == (200, "/", "INFO")


@pytest.mark.slow
def test_without_its_database_it_lives_and_is_not_ready(web: WebServer) -> None:
    """The embedded database is started by whoever asks: so it is one that can't start."""
    configuration = web.cluster.home / "cluster" / "postgresql.conf"
    whole = configuration.read_text()
    configuration.write_text(f"{whole}\nno_such_setting = 1\n")
    pid_file = web.cluster.home / "cluster" / "postmaster.pid"
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGINT)
    eventually(lambda: web.get("/readyz")[:2] == (503, "not ready: database\n"))
    assert web.get("/healthz")[:2] == (200, "alive\n")
    assert "ratings_database_up 0.0" in web.get("/metrics", Authorization=f"Bearer {TOKEN}")[1]
    configuration.write_text(whole)
    eventually(lambda: web.get("/readyz")[0] == 200)
