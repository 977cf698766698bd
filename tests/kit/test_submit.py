"""The client against a real server, over connections that are cut, and in a process of its own."""

import contextlib
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection, connections
from django.utils import timezone
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from ratings.challenge import files
from ratings.challenge.models import Phase, Team
from ratings.kit import submit
from ratings.submissions.closing import mark_failed
from ratings.submissions.models import Submission
from tests.builders import PASSWORD, build_challenge, build_submission
from tests.jobs.test_tasks import run_worker
from tests.web.builders import DAY, build_running_phase

CLIENT = Path(submit.__file__)
SCRIPT = b"#!/bin/sh\n"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def a_small_world(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords fast, poll often, and begin with an empty queue."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    monkeypatch.setattr(submit, "POLL_SECONDS", (0.05,))
    monkeypatch.setattr(submit, "LONGEST_WAIT_SECONDS", 0.05)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


@pytest.fixture
def phase() -> Phase:
    return build_running_phase(byte_budget=20)


@pytest.fixture
def work(tmp_path: Path, phase: Phase) -> Path:
    """Make a folder with a decoder, bitstreams of 20 bytes in all, and decoded images."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "decode").write_bytes(SCRIPT)
    for original in phase.originals():
        (tmp_path / "work" / f"{original.stem}.bin").write_bytes(b"x" * 10)
        (tmp_path / "work" / original.name).write_bytes(files.load(original.sha256))
    return tmp_path / "work"


def call(url: str, work: Path, *options: str, password: str = PASSWORD) -> list[str]:
    """Return the command line that sends all that lies in `work`."""
    images = sorted(str(path) for path in work.iterdir() if path.name != "decode")
    login = ["-n", "xvc", "-p", password, "-e", "xvc@example.org", "--url", url]
    return [*login, *options, str(work / "decode"), *images]


@contextlib.contextmanager
def working() -> Iterator[None]:
    """Let a worker score whatever the block submits."""
    stop = threading.Event()

    def work() -> None:
        try:
            while not stop.wait(0.02):
                if Submission.objects.filter(state=Submission.State.QUEUED).exists():
                    run_worker(["scoring"])
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_submission_from_its_files_to_its_score(
    live_server: LiveServer, phase: Phase, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with working():
        assert submit.main(call(live_server.url, work)) == 0
    printed = capsys.readouterr()
    assert re.fullmatch(r"Scored: PSNR inf dB at 1\.6667 bits per pixel, 20 bytes\.\n", printed.out)
    assert "Sending: 100 %" in printed.err
    submission = Submission.objects.get()
    assert (submission.state, submission.method, submission.team.email) == (
        "scored",
        "xvc",
        "xvc@example.org",
    )
    assert submission.decoder.size_bytes == len(SCRIPT)


def test_the_file_runs_alone_in_a_process_of_its_own(
    live_server: LiveServer, phase: Phase, work: Path, tmp_path: Path
) -> None:
    alone = tmp_path / "elsewhere" / "submit.py"
    alone.parent.mkdir()
    alone.write_bytes(CLIENT.read_bytes())
    command = [sys.executable, "-I", str(alone), *call(live_server.url, work)]
    with working():
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout[:17]) == (0, "Scored: PSNR inf "), done.stderr


def test_every_problem_is_printed(
    live_server: LiveServer, phase: Phase, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (work / "a.png").write_bytes(b"no picture")
    (work / "c.bin").write_bytes(b"")
    (work / "decode").write_bytes(b"print()")
    assert submit.main(call(live_server.url, work)) == 1
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("ERROR")]
    assert [Path(line.split(":")[1].strip()).name for line in errors] == [
        "decode",
        "a.png",
        "c.bin",
    ]


def test_what_stands_against_the_whole_is_printed_line_by_line(
    live_server: LiveServer, phase: Phase, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (work / "b.bin").write_bytes(b"x" * 21)
    (work / "a.bin").unlink()
    assert submit.main(call(live_server.url, work)) == 1
    errors = capsys.readouterr().err
    assert "ERROR: Missing bitstream for a.png" in errors
    assert "ERROR: The bitstreams have 21 bytes in all, 1 more than" in errors
    # Mended and started again, it goes on with the same submission.
    (work / "b.bin").write_bytes(b"x" * 10)
    (work / "a.bin").write_bytes(b"x" * 10)
    with working():
        assert submit.main(call(live_server.url, work)) == 0


def test_a_wrong_password_ends_it_at_once(
    live_server: LiveServer, phase: Phase, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with working():
        assert submit.main(call(live_server.url, work)) == 0
    assert submit.main(call(live_server.url, work, password="another one")) == 1
    assert "ask the organizers" in capsys.readouterr().err
    assert Submission.objects.count() == 1


def test_an_upload_that_was_cut_goes_on_where_it_was(
    live_server: LiveServer,
    phase: Phase,
    work: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sent: list[str] = []
    put = submit.Server.put

    def put_three(self: submit.Server, path: str, upload: submit.Upload, bar: submit.Bar) -> None:
        if len(sent) == 3:
            raise KeyboardInterrupt
        sent.append(upload.address)
        put(self, path, upload, bar)

    monkeypatch.setattr(submit.Server, "put", put_three)
    assert submit.main(call(live_server.url, work)) == 130
    monkeypatch.setattr(submit.Server, "put", put)
    with working():
        assert submit.main(call(live_server.url, work)) == 0
    assert "holds 3 of 5 files" in capsys.readouterr().err
    assert Submission.objects.count() == 1


def test_one_that_holds_something_else_is_left_alone(
    live_server: LiveServer, phase: Phase, work: Path
) -> None:
    (work / "b.bin").write_bytes(b"x" * 99)
    assert submit.main(call(live_server.url, work)) == 1
    (work / "b.bin").write_bytes(b"y" * 10)
    with working():
        assert submit.main(call(live_server.url, work)) == 0
    assert sorted(one.state for one in Submission.objects.all()) == ["open", "scored"]


@contextlib.contextmanager
def cutting(url: str, limits: list[int]) -> Iterator[str]:
    """Pass connections on to `url`; cut the n-th after so many bytes of the client's."""
    host, port = url.removeprefix("http://").split(":")
    left = iter(limits)
    sockets: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def end(one: socket.socket) -> None:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)

    def start(target: Callable[..., None], *args: object) -> None:
        threads.append(threading.Thread(target=target, args=args))
        threads[-1].start()

    def relay(source: socket.socket, target: socket.socket, limit: int) -> None:
        with contextlib.suppress(OSError):
            while limit > 0 and (chunk := source.recv(min(limit, 1 << 16))):
                limit -= len(chunk)
                target.sendall(chunk)
        end(source)
        end(target)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, server = listener.accept()[0], socket.create_connection((host, int(port)))
                sockets.extend((client, server))
                start(relay, client, server, next(left, 1 << 40))
                start(relay, server, client, 1 << 40)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        start(accept)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            end(listener)
            threads[0].join()
            for one in sockets:
                end(one)
            for thread in threads:
                thread.join()
            for one in sockets:
                one.close()


def test_cut_connections_lose_nothing_and_double_nothing(
    live_server: LiveServer, phase: Phase, work: Path
) -> None:
    (work / "decode").write_bytes(SCRIPT + b"#" * 300_000)
    limits = [0, 40, 900, 200_000, 1500, 2600, 100_000, 700]
    with cutting(live_server.url, limits) as url, working():
        assert submit.main(call(url, work)) == 0
    assert Submission.objects.filter(state="scored").count() == 1
    assert Submission.objects.count() == 1
    assert Submission.objects.get().decoder.size_bytes == len(SCRIPT) + 300_000


def test_a_server_that_stays_away_ends_the_patience(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(submit, "PATIENCE_SECONDS", 0.2)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))  # bound, and nobody listens
        assert submit.main(call(f"http://127.0.0.1:{probe.getsockname()[1]}", work)) == 1
    assert "does not answer" in capsys.readouterr().err


def fail_when_queued(problems: list[str]) -> None:
    """Wait for the submission that the client closes, and let it fail as a worker would."""
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up:
        queued = Submission.objects.filter(state=Submission.State.QUEUED).first()
        if queued:
            mark_failed(queued, problems, timezone.now())
            break
        time.sleep(0.02)
    connection.close()


def test_a_failure_prints_every_problem(
    live_server: LiveServer, phase: Phase, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problems = ["Missing image a.png: stopped at 8 GiB.", "Missing image b.png"]
    worker = threading.Thread(target=fail_when_queued, args=[problems])
    worker.start()
    assert submit.main(call(live_server.url, work)) == 1
    worker.join()
    errors = capsys.readouterr().err
    assert "ERROR: The submission is failed." in errors
    assert all(f"ERROR: {problem}" in errors for problem in problems)


def test_hidden_scores_are_said_to_be_hidden(
    live_server: LiveServer, phase: Phase, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Phase.objects.update(boards_open_at=None)
    with working():
        assert submit.main(call(live_server.url, work)) == 0
    assert "hides its scores until an instant that" in capsys.readouterr().out


def test_the_open_phase_is_meant_unless_one_is_named(live_server: LiveServer, phase: Phase) -> None:
    server = submit.Server(live_server.url, "xvc", PASSWORD)
    now = timezone.now()
    challenge = phase.challenge
    over = build_running_phase(challenge=challenge, opens_at=now - 2 * DAY, closes_at=now - DAY)
    assert submit.find_phase(server, "", "")[1]["slug"] == phase.slug
    assert submit.find_phase(server, "", over.slug)[1]["slug"] == over.slug
    assert submit.find_phase(server, challenge.slug, phase.slug)[0]["slug"] == challenge.slug
    with pytest.raises(submit.Refused, match="no phase called 'x'"):
        submit.find_phase(server, "", "x")
    with pytest.raises(submit.Refused, match="no phase open"):
        submit.find_phase(server, "elsewhere", "")
    other = build_running_phase(challenge=build_challenge())
    with pytest.raises(submit.Refused, match=f"--challenge {other.challenge.slug} --phase"):
        submit.find_phase(server, "", "")


def test_an_open_phase_on_a_later_page_is_found(
    live_server: LiveServer, phase: Phase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ratings.api.base.Pages.page_size", 1)
    for _ in range(3):
        build_challenge()
    last = build_running_phase(slug="last")
    server = submit.Server(live_server.url, "xvc", PASSWORD)
    assert submit.find_phase(server, "", "last")[0]["slug"] == last.challenge.slug


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda work: (work / "decode").unlink(), "decode: there is no such file"),
        (lambda work: (work / "sub").mkdir(), "this is a folder; name its files"),
    ],
)
def test_files_that_can_not_be_sent_are_named_before_anything_is_sent(
    work: Path,
    capsys: pytest.CaptureFixture[str],
    make: Callable[[Path], None],
    said: str,
) -> None:
    make(work)
    assert submit.main(call("http://127.0.0.1:1", work)) == 1
    assert said in capsys.readouterr().err


def test_two_files_of_one_name_are_refused(work: Path, tmp_path: Path) -> None:
    twin = tmp_path / "a.bin"
    twin.write_bytes(b"2")
    with pytest.raises(submit.Refused, match="the same name"):
        submit.gather(work / "decode", [work / "a.bin", twin])


@pytest.mark.parametrize("url", ["ftp://example.org", "http://", "https:///x"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(submit.Refused, match="no address of a site"):
        submit.Server(url, "xvc", PASSWORD)


def test_a_wrong_call_ends_with_two() -> None:
    with pytest.raises(SystemExit) as ended:
        submit.main(["-n", "xvc"])
    assert ended.value.code == 2


def test_on_a_terminal_there_is_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    bar = submit.Bar(4_000_000)
    for step in (1_000_000, -1_000_000, 3_000_000, 1_000_000):
        bar.add(step)
    lines = terminal.getvalue().split("\r")[1:]
    assert lines[2].startswith(f"Sending [{'#' * 22}{'.' * 8}]  75 %  3.0 of 4.0 MB")
    assert lines[3].endswith("\n") and "100 %" in lines[3]


def test_a_log_is_printed_as_it_grows(capsys: pytest.CaptureFixture[str]) -> None:
    class Replay(submit.Server):
        def get(self, path: str, **query: str) -> submit.Json:
            return answers.pop(0)

    progress = {"scored": {"received": 0, "expected": 2}}
    waiting = {"state": "queued", "queue_position": 3, "finished_at": None, "progress": progress}
    first, second = ({"state": "running", "attempt": number} for number in (1, 2))
    answers = [
        waiting,
        waiting | {"run": {"state": "waiting", "attempt": 0, "verdict": "No sandbox."}},
        waiting | {"run": first, "log": "reading a\n"},
        waiting | {"run": first, "log": "reading a\nreading b\n"},
        waiting | {"run": second, "log": "reading a again\n"},
        waiting | {"state": "scored", "log": "reading a again\nend\n", "finished_at": "now"},
    ]
    submit.wait(Replay("http://x", "xvc", PASSWORD), "submissions/1/")
    assert capsys.readouterr().err.splitlines() == [
        "Queued: 2 before it.",
        "Queued: 2 before it. No sandbox.",
        "Decoding, attempt 1.",
        "reading a",
        "reading b",
        "Decoding, attempt 2.",
        "reading a again",
        "end",
    ]


def test_another_teams_submission_is_not_gone_on_with(
    live_server: LiveServer, phase: Phase, work: Path
) -> None:
    build_submission(phase, Team.objects.create(challenge=phase.challenge, name="o", key="o"))
    with working():
        assert submit.main(call(live_server.url, work)) == 0
    assert Submission.objects.count() == 2


@pytest.fixture
def folder(work: Path, tmp_path: Path) -> Path:
    """A decoder's folder: a program, a link to a file elsewhere, and what Python left behind."""
    made = tmp_path / "codec"
    (made / "tables").mkdir(parents=True)
    (made / "__pycache__").mkdir()
    (made / "decode").write_bytes(SCRIPT)
    (made / "decode").chmod(0o755)
    (tmp_path / "shared.py").write_bytes(b"pass")
    (made / "tables" / "shared.py").symlink_to(tmp_path / "shared.py")
    for name in ("__pycache__/shared.pyc", "tables/.DS_Store"):
        (made / name).write_bytes(b"x")
    return made


def test_a_folder_is_a_decoder_too(
    live_server: LiveServer, phase: Phase, work: Path, folder: Path
) -> None:
    line = call(live_server.url, work)
    line[line.index(str(work / "decode"))] = str(folder)
    with working():
        assert submit.main(line) == 0
    sent = files.path(Submission.objects.get().decoder.sha256)
    with zipfile.ZipFile(sent) as archive:
        marks = {m.filename: m.external_attr >> 16 for m in archive.infolist()}
        assert archive.read("tables/shared.py") == b"pass"
    assert marks == {"decode": 0o100755, "tables/shared.py": 0o100644}


def test_a_folder_is_the_same_zip_whenever_and_wherever_it_is_packed(
    folder: Path, tmp_path: Path
) -> None:
    """A phase may take only a decoder that is, byte for byte, one of an earlier phase."""
    first = submit.packed(folder, tmp_path).read_bytes()
    shutil.copytree(folder, tmp_path / "copy")  # its link has become a file
    for path in (tmp_path / "copy").rglob("*"):
        os.utime(path, (10**9, 10**9))
    assert submit.packed(tmp_path / "copy", tmp_path).read_bytes() == first
    (folder / "decode").write_bytes(SCRIPT + b"exit")
    assert submit.packed(folder, tmp_path).read_bytes() != first


def test_a_folder_without_a_decoder_is_refused_by_the_server(
    live_server: LiveServer,
    phase: Phase,
    work: Path,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder / "decode").unlink()
    line = call(live_server.url, work)
    line[line.index(str(work / "decode"))] = str(folder)
    assert submit.main(line) == 1
    assert "codec.zip: The zip has no file 'decode' at its top" in capsys.readouterr().err


def test_a_zip_is_a_decoder_too(live_server: LiveServer, phase: Phase, work: Path) -> None:
    with zipfile.ZipFile(work / "decode", "w") as archive:
        archive.writestr("decode", SCRIPT)
    with working():
        assert submit.main(call(live_server.url, work)) == 0
