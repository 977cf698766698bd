"""Decoders, sent over REST, run by a real worker in the real sandbox, scored on the board."""

import base64
import io
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued
from pytest_django.fixtures import Settings

from ratings.challenge import files
from ratings.challenge.models import Act, Original, Phase
from ratings.fidelity.board import psnr_board
from ratings.imaging.pixels import encode_png
from ratings.jobs import tasks
from ratings.submissions.models import Run, Submission
from ratings.submissions.quota import team_quota
from tests.builders import PASSWORD, build_organizer, build_phase, build_token
from tests.jobs.test_tasks import run_worker

pytestmark = pytest.mark.django_db(transaction=True)
SUBMISSIONS = "/api/v1/submissions/"
MIB = 1 << 20
# A bitstream is the picture as PNG: decoding is renaming.
COPY = """#!/usr/bin/env python3
from pathlib import Path
from PIL import Image
Path("out").mkdir()
for bits in sorted(Path().glob("*.bits")):
    print("decoding", bits, flush=True)
    Image.open(bits).save(f"out/{bits.stem}.png")
"""


@pytest.fixture(scope="module")
def sandbox_folder() -> Iterator[Path]:
    """Return one folder for what decoders find inside, open to every user."""
    with tempfile.TemporaryDirectory(prefix="ratings-environment-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(autouse=True)
def surroundings(sandbox_folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with an empty queue; let no connection outlive the worker's thread."""
    settings.SANDBOX_DIR = sandbox_folder
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def open_phase(**fields: object) -> Phase:
    """Save a phase that is open now and runs decoders, with limits that tests can meet."""
    now = timezone.now()
    limits = {"cpu_seconds": 20, "memory_bytes": 256 * MIB, "processes": 32}
    instants = {"opens_at": now - timedelta(days=1), "closes_at": now + timedelta(days=1)}
    defaults = {"decoder_rule": "required", "decoder_limits": limits, **instants}
    return build_phase(**(defaults | fields))  # type: ignore[arg-type]


def zipped(program: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("decode", program)
    return made.getvalue()


def team() -> Client:
    login = base64.b64encode(f"xvc:{PASSWORD}".encode()).decode()
    return Client(headers={"Authorization": f"Basic {login}"})


def organizer() -> Client:
    token = build_token(build_organizer())
    return Client(headers={"Authorization": f"Bearer {token}"})


def bits_of(original: Original) -> bytes:
    return files.load(original.sha256)


def send(client: Client, phase: Phase, decoder: bytes) -> str:
    """Send a submission without decoded images, close it, and return its address."""
    fields = {"challenge": phase.challenge.slug, "phase": phase.slug, "method": "copy"}
    begun = client.post(SUBMISSIONS, json.dumps(fields), "application/json")
    assert begun.status_code == 201, begun.content
    address = f"{SUBMISSIONS}{begun.json()['id']}/"
    contents = {f"bitstreams/{o.stem}.bits": bits_of(o) for o in phase.originals()}
    for path, content in {"decoder": decoder, **contents}.items():
        put = client.put(address + path, content, "application/octet-stream")
        assert put.status_code == 201, put.content
    submitted = client.post(f"{address}submit/")
    assert submitted.status_code == 200, submitted.content
    assert submitted.json()["state"] == "queued"
    return address


def shown(client: Client, address: str) -> dict[str, Any]:
    return dict(client.get(address).json())


def act(client: Client, address: str, what: str) -> Any:  # noqa: ANN401
    return client.post(f"{address}{what}/", json.dumps({"note": "a test"}), "application/json")


def test_a_decoder_makes_the_pictures_that_are_scored() -> None:
    phase, xvc = open_phase(own_scores=True), team()
    address = send(xvc, phase, zipped(COPY))
    before = shown(xvc, address)
    assert (before["missing"], before["queue_position"]) == ([], 1)
    assert before["run"]["state"] == "waiting"
    run_worker()
    after = shown(xvc, address)
    assert (after["state"], after["problems"]) == ("scored", [])
    assert after["scores"]["psnr_db"] == "inf"
    assert after["log"] == "decoding a.bits\ndecoding b.bits\n"
    run = after["run"]
    assert (run["state"], run["attempt"], run["exit_code"]) == ("succeeded", 1, 0)
    assert run["outputs"].keys() == {"out/a.png", "out/b.png"}
    assert run["environment"]["pillow"] and run["processor"]
    (row,) = psnr_board(phase)
    assert math.isinf(row.psnr_db)
    assert row.decode_seconds == run["cpu_seconds"] > 0
    assert row.peak_memory_bytes == run["peak_memory_bytes"] > MIB


def test_pictures_that_were_sent_give_way_to_those_the_decoder_makes() -> None:
    black = COPY.replace("Image.open(bits).save(", 'Image.new("RGB", (8, 6)).save(')
    phase, xvc = open_phase(), team()
    fields = {"challenge": phase.challenge.slug, "phase": phase.slug, "method": "cheat"}
    begun = xvc.post(SUBMISSIONS, json.dumps(fields), "application/json").json()
    address = f"{SUBMISSIONS}{begun['id']}/"
    assert begun["missing"] == ["bitstreams/a", "bitstreams/b", "decoder"]
    for original in phase.originals():
        xvc.put(f"{address}decoded/{original.name}", bits_of(original), "image/png")
        xvc.put(f"{address}bitstreams/{original.stem}", b"bits", "application/octet-stream")
    xvc.put(f"{address}decoder", zipped(black.replace("*.bits", "?")), "application/octet-stream")
    assert xvc.post(f"{address}submit/").status_code == 200
    run_worker()
    (row,) = psnr_board(phase)
    assert row.psnr_db < 10


HOSTILE = {
    "one missing": (
        COPY.replace("*.bits", "a.bits"),
        ["Missing image b.png: the decoder ended by itself."],
    ),
    "wrong size": (
        COPY.replace("Image.open(bits)", "Image.open(bits).resize((7, 6))"),
        ["a.png: ", "b.png: "],
    ),
    "no picture": (
        "#!/bin/sh\nfor b in *.bits; do echo no > ${b%.bits}.png; done\n",
        ["a.png: ", "b.png: "],
    ),
    "memory": (
        "#!/usr/bin/env python3\nheld = [b'x' * (1 << 20) for _ in range(1 << 12)]\n",
        ["The decoder was stopped at the memory limit of 256 MiB.", "Missing image a.png: the "],
    ),
    "failing": (
        "#!/bin/sh\necho broken table >&2\nexit 3\n",
        ["Missing image a.png: the decoder failed with exit code 3"],
    ),
    "twice": (
        COPY + 'Image.new("RGB", (8, 6)).save("a.png")\n',
        ["a.png: found 'a.png' and 'out/a.png', which differ; write one."],
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_every_problem_of_a_bad_decoder_is_told(name: str) -> None:
    program, problems = HOSTILE[name]
    phase, xvc = open_phase(), team()
    address = send(xvc, phase, zipped(program))
    run_worker()
    after = shown(xvc, address)
    assert (after["state"], after["run"]["state"]) == ("failed", "failed")
    found = after["problems"]
    assert all(line.startswith(start) for line, start in zip(found, problems, strict=False)), found
    assert len(found) >= len(problems)
    assert psnr_board(phase) == []
    submission = Submission.objects.get()
    assert team_quota(phase, submission.team, timezone.now()).used_in_all == 1


def test_what_was_scored_is_run_again_and_compared() -> None:
    phase, xvc, staff = open_phase(), team(), organizer()
    address = send(xvc, phase, zipped(COPY))
    run_worker()
    assert act(staff, address, "run").status_code == 200
    run_worker()
    run = shown(staff, address)["run"]
    assert (run["compares"], run["reproduced"], run["state"]) == (True, True, "succeeded")
    Submission.objects.get().decoded_images.filter(original__name="b.png").update(
        sha256=files.store(encode_png(files.load_samples(_black(), width=8, height=6)))
    )
    assert act(staff, address, "run").status_code == 200
    run_worker()
    run = shown(staff, address)["run"]
    assert (run["reproduced"], run["state"]) == (False, "succeeded")
    assert "1 of 2 pictures differ" in run["verdict"] and "b.png" in run["verdict"]
    assert Act.objects.filter(kind=Act.Kind.RUN).count() == 2


def _black() -> str:
    return files.store(bytes(8 * 6 * 3))


def test_a_stopped_decoder_takes_nothing_from_the_quota_and_runs_again() -> None:
    phase, xvc, staff = open_phase(own_scores=True), team(), organizer()
    address = send(xvc, phase, zipped(COPY))
    assert act(xvc, address, "stop").status_code == 401
    assert act(staff, address, "stop").json()["state"] == "failed"
    again = act(staff, address, "stop")
    assert (again.status_code, again.json()["type"].endswith("run")) == (409, True), again.json()
    run_worker()
    after = shown(xvc, address)
    assert (after["run"]["state"], after["run"]["attempt"]) == ("stopped", 0)
    submission = Submission.objects.get()
    assert team_quota(phase, submission.team, timezone.now()).used_in_all == 0
    assert act(staff, address, "run").json()["state"] == "queued"
    run_worker()
    assert shown(xvc, address)["state"] == "scored"


def test_without_a_sandbox_the_submission_waits_and_says_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    phase, xvc = open_phase(), team()
    address = send(xvc, phase, zipped(COPY))
    tasks._sandbox.cache_clear()
    monkeypatch.setenv("PATH", "/nowhere")
    run_worker(["decoding"])
    after = shown(xvc, address)
    assert (after["state"], after["run"]["state"]) == ("queued", "waiting")
    assert "install the package 'bubblewrap'" in after["run"]["verdict"]
    assert after["run"]["attempt"] == 0


def test_a_run_whose_worker_was_killed_is_begun_again(settings: Settings) -> None:
    phase, xvc = open_phase(), team()
    slow = COPY + "import time\nprint('now waiting', flush=True)\ntime.sleep(30)\n"
    address = send(xvc, phase, zipped(slow))
    worker = _start_worker(settings)
    try:
        _await_log(xvc, address, "now waiting")
        assert shown(xvc, address)["run"]["state"] == "running"
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    Run.objects.update(limits={**Run.objects.get().limits, "wall_seconds": 1})
    with connection.cursor() as cursor:  # as if the dead worker's heartbeat were long ago
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 day'")
    with suppress(AlreadyEnqueued):  # the dead worker may have queued it
        tasks.retry_stalled_jobs.defer(timestamp=0)
    run_worker(["upkeep"])
    run_worker(["decoding"])
    run = Run.objects.get()
    assert (run.attempt, run.state, run.limit_met) == (2, Run.State.FAILED, "wall")
    assert shown(xvc, address)["problems"] == [
        "The decoder was stopped at the wall time limit of 1 s."
    ]


def _start_worker(settings: Settings) -> "subprocess.Popen[bytes]":
    """Start a worker of its own process on the tests' database."""
    name, sandbox = connection.settings_dict["NAME"], str(settings.SANDBOX_DIR)
    location = str(settings.STORAGES["default"]["OPTIONS"]["location"])
    code = (
        "import django; django.setup()\n"
        "from pathlib import Path\n"
        "from django.conf import settings\n"
        "from django.db import connections\n"
        f"settings.STORAGES['default']['OPTIONS']['location'] = {location!r}\n"
        f"settings.SANDBOX_DIR = Path({sandbox!r})\n"
        f"connections.settings['default']['NAME'] = {name!r}\n"
        "from django.core.management import call_command\n"
        "call_command('procrastinate', 'worker', '-q', 'decoding')\n"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "ratings.settings"}
    return subprocess.Popen([sys.executable, "-c", code], env=environment)


def _await_log(client: Client, address: str, words: str) -> None:
    deadline = timezone.now() + timedelta(seconds=60)
    while words not in shown(client, address)["log"]:
        assert timezone.now() < deadline, shown(client, address)
