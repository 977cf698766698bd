"""The kit's client for metrics against a real server: crops fetched, answers sent, the board."""

import csv
import io
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from ratings.challenge.models import AuditEntry, Team
from ratings.comparisons.models import CropVersion
from ratings.kit import send_metric
from ratings.metrics.judged_units import asked_units
from ratings.metrics.metric_files import pair_rows
from ratings.metrics.metric_scoring import score_track
from ratings.metrics.models import MetricEntry, MetricTrack
from ratings.storage.shelves import CROPS
from tests.builders import PASSWORD, build_team
from tests.metrics.builders import as_csv, build_track, values_csv
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def track() -> MetricTrack:
    return build_track(attempts=3)


@pytest.fixture
def team(track: MetricTrack) -> Team:
    return build_team(track.phase.challenge, name="Measurers", password=PASSWORD)


@pytest.fixture
def told(
    live_server: LiveServer, team: Team, capsys: pytest.CaptureFixture[str]
) -> "Iterator[Told]":
    yield Told(live_server.url, capsys)


class Told:
    """Runs the client, and returns its exit code and what it says."""

    def __init__(self, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.url, self._capsys = url, capsys

    def __call__(self, *acts: object, name: str = "Measurers", password: str = PASSWORD) -> str:
        login = ["--url", self.url, "-n", name, "-p", password]
        code = send_metric.main([*login, *map(str, acts)])
        printed = self._capsys.readouterr()
        return f"{code} {printed.out}{printed.err}".strip()


def test_crops_are_fetched_decided_on_and_sent_back(
    told: Told, track: MetricTrack, tmp_path: Path
) -> None:
    archive = tmp_path / "crops.zip"
    assert told("crops", archive).startswith(f"0 {archive}: the crops")
    with zipfile.ZipFile(archive) as packed:
        assert packed.testzip() is None
        names = {name.removeprefix("crops/") for name in packed.namelist() if "crops/" in name}
        rows = list(csv.reader(io.StringIO(packed.read("pairs.csv").decode())))
        for name in names:
            assert packed.read(f"crops/{name}") == CROPS.read(name.removesuffix(".webp"))
        assert {info.date_time for info in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    kinds = [CropVersion.Kind.REFERENCE, CropVersion.Kind.ENTRY]
    known = CropVersion.objects.filter(crop__study=track.study, kind__in=kinds)
    assert names == {f"{one.address}.webp" for one in known}
    assert rows[1:] == list(pair_rows(asked_units(track.study))) and rows[0] == ["O", "A", "B"]
    # Whoever has it all knows no method: neither a name nor an order tells.
    content = archive.read_bytes()
    for label in track.study.entries.values_list("label", flat=True):
        assert label.encode() not in content
    decided = tmp_path / "decisions.csv"
    decided.write_bytes(as_csv([["O", "A", "B", "T"], *([*row, 1] for row in rows[1:])]))
    assert told("send", "Mine", decided) == ("0 Mine: taken in, decisions.\nAttempts left: 2.")
    assert "no attempt was taken" in told("send", "Mine", decided)
    (entry,) = MetricEntry.objects.all()
    assert (entry.form, entry.name, entry.team) == ("decisions", "Mine", track.entries.get().team)


def test_values_their_direction_and_what_is_on_record(
    told: Told, track: MetricTrack, team: Team, tmp_path: Path
) -> None:
    file = tmp_path / "values.csv"
    file.write_bytes(values_csv(track.study, lambda label, name: float(label[-1])))
    assert told("send", "Mine", file).startswith("0 Mine: taken in, values.")
    # The same values the other way round are another metric's answer.
    assert told("send", "Mine", file, "--lower").startswith("0 Mine: taken in, values.")
    assert MetricEntry.objects.order_by("pk").last().higher_is_better is False  # type: ignore[union-attr]
    acts = AuditEntry.objects.order_by("pk").values_list("kind", "team", "subject")
    about = f"{track.phase.name}: Mine"
    assert list(acts) == [("metric", team.pk, about), ("new-metric", team.pk, about)]
    file.write_text("dataset,image,method,value\nP,none.png,x,1\n")
    assert told("send", "Mine", file).startswith("1 ERROR: Line 2: there is no picture")


@pytest.mark.parametrize("name", ["a/b?c", "MSE/RGB", "../100 % #1"])
def test_every_name_stands_in_an_address(
    told: Told, track: MetricTrack, tmp_path: Path, name: str
) -> None:
    file = tmp_path / "values.csv"
    file.write_bytes(values_csv(track.study, lambda label, name: 1))
    assert told("send", name, file).startswith(f"0 {name}: taken in, values.")
    assert MetricEntry.objects.get().name == name


def test_the_board_shows_once_it_is_released(
    told: Told, track: MetricTrack, tmp_path: Path
) -> None:
    file = tmp_path / "values.csv"
    file.write_bytes(values_csv(track.study, lambda label, name: float(label[-1])))
    told("send", "My metric", file)
    score_track(track, timezone.now())
    assert told("board") == f"1 ERROR: The board of metrics of {track.phase.name} is not released."
    MetricTrack.objects.update(is_released=True)
    lines = told("board").splitlines()
    assert lines[0].split() == ["0", "rank", "metric", "team", "accuracy", "95", "%", "interval"]
    (own,) = [line for line in lines if "My metric" in line]
    assert "Measurers" in own and " to " in own


def test_what_stands_against_it_is_said(told: Told, track: MetricTrack, tmp_path: Path) -> None:
    archive = tmp_path / "crops.zip"
    assert told("send", "Mine", tmp_path / "none.csv").endswith("No such file or directory.")
    assert told("crops", archive, password="wrong one").startswith("1 ERROR: ")
    MetricTrack.objects.update(is_open=False)
    assert "takes no metrics from teams" in told("crops", archive)
    (tmp_path / "a.csv").write_text("x")
    assert "takes no metrics from teams" in told("send", "Mine", tmp_path / "a.csv")
    assert not list(tmp_path.glob("crops*"))
    assert "no such phase" in told("--phase", "none", "crops", archive)
    told.url = "ftp://example.org"
    assert "is no address of a site" in told("board")
    told.url = "http://127.0.0.1:9"
    assert "does not answer" in told("board")


def test_a_password_goes_to_nobody_else(told: Told) -> None:
    asked = []

    class Moved(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{port}/elsewhere/api/v1/")
            self.end_headers()

        def log_message(self, *told: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Moved)
    port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        told.url = f"http://127.0.0.1:{port}"
        assert f"use --url http://localhost:{port}/elsewhere" in told("board")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert len(asked) == 1


def test_wrong_calls_end_with_2() -> None:
    for call in ([], ["-n", "a:b", "board"], ["-n", "a"]):
        run = subprocess.run(
            [sys.executable, send_metric.__file__, *call],
            capture_output=True,
            timeout=PATIENCE_SECONDS,
        )
        assert run.returncode == 2, run.stderr
