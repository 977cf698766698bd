"""The client against a real server, over connections that are cut, and in a process of its own."""

import contextlib
import http.client
import http.server
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from ratings.challenge.models import Phase
from ratings.kit import submit
from ratings.storage import content_store
from ratings.submissions.intake.closing import mark_failed
from ratings.submissions.models import Submission
from tests.builders import PASSWORD, build_challenge
from tests.kit.client import SCRIPT, call, working
from tests.waiting import PATIENCE_SECONDS, eventually
from tests.web.builders import DAY, build_running_phase

CLIENT = Path(submit.__file__)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("small_world")]


def test_a_submission_from_its_files_to_its_score(
    live_server: LiveServer, phase: Phase, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with working():
        assert submit.main(call(live_server.url, work)) == 0
    printed = capsys.readouterr()
    assert re.fullmatch(r"Scored: PSNR inf dB at 1\.6667 bits per pixel, 20 bytes\.\n", printed.out)
    assert "Sending: 100 %" in printed.err
    submission = Submission.objects.get()
    slug = phase.challenge.slug
    page = f"Its page: {live_server.url}/{slug}/submit/submissions/{submission.pk}/\n"
    assert page in printed.err
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
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
    assert (done.returncode, done.stdout[:17]) == (0, "Scored: PSNR inf "), done.stderr


def test_a_team_name_with_a_colon_is_a_wrong_call(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """HTTP Basic would end it there: nothing is sent, whoever would answer."""
    line = ["-n", "Vision: Lab A", "-p", PASSWORD, "-e", "me@example.org", "decode", "a.bin"]
    with pytest.raises(SystemExit) as ended:
        submit.main(line)
    assert ended.value.code == 2
    assert "the team's name 'Vision: Lab A' has a colon" in capsys.readouterr().err


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
    (work / "a.bin").unlink()
    assert submit.main(call(live_server.url, work)) == 1
    assert "ERROR: Missing bitstream for a.png" in capsys.readouterr().err
    (work / "a.bin").write_bytes(b"x" * 11)
    assert submit.main(call(live_server.url, work)) == 1
    errors = capsys.readouterr().err
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
    assert "where teams sign in" in capsys.readouterr().err
    assert Submission.objects.count() == 1


@contextlib.contextmanager
def cutting(url: str, limits: list[int]) -> Iterator[str]:
    """Pass connections on to `url`; cut the n-th after so many bytes of the client's."""
    host, port = url.removeprefix("http://").split(":")
    left = iter(limits)
    sockets: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def end(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

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
            for connection in sockets:
                end(connection)
            for thread in threads:
                thread.join()
            for connection in sockets:
                connection.close()


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
    queued = Submission.objects.filter(state=Submission.State.QUEUED)
    mark_failed(eventually(queued.first), problems, timezone.now())
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
    monkeypatch.setattr("ratings.api.parts.json_views.Pages.page_size", 1)
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


def test_many_files_that_are_refused_are_not_all_told(
    live_server: LiveServer, phase: Phase, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(40):
        (work / f"no-picture-{number}.bin").write_bytes(b"x")
    assert submit.main(call(live_server.url, work)) == 1
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("ERROR")]
    assert len(errors) == 21 and errors[-1] == "ERROR: And 20 more like these."


def test_what_is_mended_is_told(
    live_server: LiveServer, phase: Phase, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (work / "decode").write_bytes(b"#!/bin/sh\r\n")
    with working():
        assert submit.main(call(live_server.url, work)) == 0
    assert "[decode had the line ends of Windows; they were changed.]" in capsys.readouterr().err


def test_two_files_of_one_name_are_refused(work: Path, tmp_path: Path) -> None:
    twin = tmp_path / "a.bin"
    twin.write_bytes(b"2")
    with pytest.raises(submit.Refused, match="the same name"):
        submit.gather(work / "decode", [work / "a.bin", twin])


@pytest.mark.parametrize(
    "url", ["ftp://example.org", "http://", "https:///x", "http://a:b", "http://[x", "a:99999"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(submit.Refused, match="no address of a site"):
        submit.Server(url, "xvc", PASSWORD)


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("example.org/x/", "https://example.org/x"),
        ("example.org:8443", "https://example.org:8443"),
        ("localhost:8000", "http://localhost:8000"),
        ("127.0.0.1", "http://127.0.0.1"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("http://example.org", "http://example.org"),
    ],
)
def test_a_password_goes_in_clear_only_where_that_is_said(url: str, meant: str) -> None:
    server = submit.Server(url, "xvc", PASSWORD)
    assert server.url == meant
    secure = isinstance(server._connection, http.client.HTTPSConnection)
    assert secure == meant.startswith("https:")


class Moved(http.server.BaseHTTPRequestHandler):
    """Sends to the same page elsewhere, as a proxy or Django does."""

    def do_GET(self) -> None:
        self.send_response(301)
        self.send_header("Location", f"https://example.org{self.path}")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("folder", ["", "/folder"])
def test_a_redirect_names_the_site_as_the_option_takes_it(folder: str) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), Moved) as moved:
        thread = threading.Thread(target=moved.handle_request)
        thread.start()
        server = submit.Server(f"http://127.0.0.1:{moved.server_port}{folder}/", "xvc", PASSWORD)
        with pytest.raises(submit.Refused) as refused:
            server.get("submissions/", challenge="x y", phase="open")
        thread.join()
    assert refused.value.problems == [f"The site has moved: use --url https://example.org{folder}."]


class Busy(http.server.BaseHTTPRequestHandler):
    """Asks to wait for a second, then tells of a quota that is used up until tomorrow."""

    waits: ClassVar[list[int]] = []

    def do_GET(self) -> None:
        self.send_response(429)
        self.send_header("Retry-After", str(self.waits.pop(0)))
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


def test_a_busy_server_is_asked_again_and_a_used_up_quota_is_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Busy.waits = [1, 86400]
    with http.server.HTTPServer(("127.0.0.1", 0), Busy) as busy:
        thread = threading.Thread(target=busy.serve_forever)
        thread.start()
        server = submit.Server(f"http://127.0.0.1:{busy.server_port}", "xvc", PASSWORD)
        with pytest.raises(submit.Refused):
            server.get("submissions/", challenge="x", phase="open")
        busy.shutdown()
        thread.join()
    assert Busy.waits == []
    assert "The server is busy; trying again in 1 s." in capsys.readouterr().err


class Starting(http.server.BaseHTTPRequestHandler):
    """Can't answer yet, and says why."""

    def do_GET(self) -> None:
        body = json.dumps({"type": "x" * 90, "title": "Away", "detail": "The database starts."})
        self.send_response(503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        pass


def test_a_server_that_is_away_is_quoted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submit, "STRANGERS_SECONDS", 0.1)
    with http.server.HTTPServer(("127.0.0.1", 0), Starting) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        client = submit.Server(f"http://127.0.0.1:{server.server_port}", "xvc", PASSWORD)
        with pytest.raises(submit.Refused, match=r"answer \(The database starts\.\): http"):
            client.get("submissions/")
        server.shutdown()
        thread.join()
    assert "Not now (The database starts.); trying again in" in capsys.readouterr().err


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


def test_elsewhere_than_on_a_terminal_few_lines_tell_how_far_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hundreds of pictures, or submissions before it, are not hundreds of lines."""
    monkeypatch.setattr(submit, "POLL_SECONDS", (0,))  # it asks 801 times

    class Replay(submit.Server):
        def get(self, path: str, **query: str) -> submit.Json:
            return next(answers)

    def answer(scored: int, place: int, finished: str | None = None) -> submit.Json:
        progress = {"scored": {"received": scored, "expected": 500}}
        return {"queue_position": place, "finished_at": finished, "progress": progress}

    steps = [answer(0, place) for place in range(300, 0, -1)]
    steps += [answer(scored, 1) for scored in range(500)]
    answers = iter([*steps, answer(500, 1, "now")])
    submit.wait(Replay("http://x", "xvc", PASSWORD), "submissions/1/")
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["Queued: 299 before it.", "Queued: 255 before it."]
    assert lines[-1] == "Scoring: 450 of 500 pictures."
    assert len(lines) == 20


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
    sent = content_store.path(Submission.objects.get().decoder.sha256)
    with zipfile.ZipFile(sent) as archive:
        marks = {m.filename: m.external_attr >> 16 for m in archive.infolist()}
        assert archive.read("tables/shared.py") == b"pass"
    assert marks == {"decode": 0o100755, "tables/shared.py": 0o100755}


def test_a_folder_is_the_same_zip_whenever_and_wherever_it_is_packed(
    folder: Path, tmp_path: Path
) -> None:
    """A phase may take only a decoder that is, byte for byte, one of an earlier phase."""
    first = submit.packed(folder, tmp_path).read_bytes()
    shutil.copytree(folder, tmp_path / "copy")  # its link has become a file
    for path in (tmp_path / "copy").rglob("*"):
        os.utime(path, (10**9, 10**9))
        path.chmod(0o755)  # as on a system that has no such marks
    assert submit.packed(tmp_path / "copy", tmp_path).read_bytes() == first
    (folder / "decode").write_bytes(SCRIPT + b"exit")
    assert submit.packed(folder, tmp_path).read_bytes() != first


def test_a_folder_is_packed_in_the_order_of_names_alone(folder: Path, tmp_path: Path) -> None:
    """Systems differ in whether capitals come first, and where folders stand among files."""
    for name in ("B", "a", "tables.py"):
        (folder / name).write_bytes(b"x")
    with zipfile.ZipFile(submit.packed(folder, tmp_path)) as archive:
        assert archive.namelist() == ["B", "a", "decode", "tables.py", "tables/shared.py"]


def test_linked_folders_are_packed_and_what_is_left_out_is_said(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "weights" / "deep").mkdir(parents=True)
    (tmp_path / "weights" / "deep" / "w.bin").write_bytes(b"1")
    (folder / "weights").symlink_to(tmp_path / "weights")
    (folder / "tables" / "again").symlink_to(tmp_path / "weights")
    with zipfile.ZipFile(submit.packed(folder, tmp_path)) as archive:
        assert archive.namelist() == [
            "decode",
            "tables/again/deep/w.bin",
            "tables/shared.py",
            "weights/deep/w.bin",
        ]
    assert capsys.readouterr().err.splitlines() == [
        f"Left out of the decoder: {folder / '__pycache__'}.",
        f"Left out of the decoder: {folder / 'tables' / '.DS_Store'}.",
    ]


def test_much_that_is_left_out_is_said_in_short(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(100):
        (folder / f".{number:03d}").touch()
    submit.packed(folder, tmp_path)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"Left out of the decoder: {folder / '.000'}." and len(lines) == 6
    assert lines[-1] == "And 97 more, each called __pycache__ or with a dot first."


@pytest.mark.parametrize(
    ("target", "said"),
    [("..", "it lies in"), (".", "it lies in"), ("no/where", "leads nowhere")],
)
def test_links_that_can_not_be_followed_are_named(
    folder: Path, tmp_path: Path, target: str, said: str
) -> None:
    (folder / "tables" / "link").symlink_to(target)
    with pytest.raises(submit.Refused, match=rf"tables/link: .*{said}"):
        submit.packed(folder, tmp_path)


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
    assert (
        "codec: The archive has no decode at its top; it must be a program, or"
        in capsys.readouterr().err
    )


def test_a_zip_is_a_decoder_too(live_server: LiveServer, phase: Phase, work: Path) -> None:
    with zipfile.ZipFile(work / "decode", "w") as archive:
        archive.writestr("decode", SCRIPT)
    with working():
        assert submit.main(call(live_server.url, work)) == 0
