"""What `serve` does where it can't simply serve; the journeys see it serve."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings

from ratings.management.commands import serve
from ratings.management.commands.serve import how_to_sign_in, why_decoders_will_wait
from ratings.management.site_processes import restart_stopped, wait_until_it_answers


class Moody(BaseHTTPRequestHandler):
    """Hangs up on its first caller, as a killed worker does; sends the second one elsewhere."""

    callers = 0

    def do_GET(self) -> None:
        Moody.callers += 1
        if Moody.callers > 1:
            self.send_response(301)
            self.send_header("Location", "https://localhost:1/")
            self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def moody() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), Moody) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ended() -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    process.wait()
    return process


def test_any_answer_says_that_the_site_is_up(moody: HTTPServer) -> None:
    wait_until_it_answers("127.0.0.1", moody.server_port, [], time.sleep)
    assert Moody.callers == 2


def test_a_part_that_stops_before_the_first_answer_is_named(moody: HTTPServer) -> None:
    with pytest.raises(CommandError, match="stopped with exit code 3"):
        wait_until_it_answers("127.0.0.1", moody.server_port, [ended()], time.sleep)


def test_what_stops_later_is_started_again() -> None:
    first = ended()
    processes = [first]
    (line,) = restart_stopped(processes)
    assert "exit code 3. Starting it again." in line
    assert processes[0].args == first.args
    assert processes[0].pid != first.pid
    processes[0].wait()


def test_a_port_that_is_taken_is_named_with_the_mend() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=rf"127.0.0.1:{port}.*Choose another one"):
            call_command("serve", port=port)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_there_is_not_is_refused(port: int) -> None:
    with pytest.raises(CommandError, match="Choose another one"):
        call_command("serve", port=port)


def test_a_host_that_is_not_this_machine_s_is_refused() -> None:
    with pytest.raises(CommandError, match=r"Can't listen on 203\.0\.113\.1:8000"):
        call_command("serve", host="203.0.113.1", port=8000)


def test_an_address_of_the_newer_kind_is_listened_at(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("HOST", "::1")
        with pytest.raises(CommandError, match=rf"listen on \[::1\]:{port}: .*already in use"):
            call_command("serve", port=port)


def test_a_port_in_words_is_refused() -> None:
    with pytest.raises(CommandError, match="invalid int value: 'http'"):
        call_command("serve", "--port", "http")


@pytest.mark.parametrize("count", ["0", "-1"])
def test_decoders_need_a_worker(count: str) -> None:
    with pytest.raises(CommandError, match=f"{count} workers for decoders are too few"):
        call_command("serve", f"--decoding-workers={count}")


@pytest.mark.parametrize(("cores", "said", "started"), [(1, "", 1), (8, "", 4), (8, "1", 1)])
def test_so_many_decoders_run_at_once(
    monkeypatch: pytest.MonkeyPatch, cores: int, said: str, started: int
) -> None:
    """By default half as many as there are cores."""
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    if said:
        monkeypatch.setenv("RATINGS_DECODING_WORKERS", said)
    options = vars(serve.Command().create_parser("manage.py", "serve").parse_args([]))
    assert options["decoding_workers"] == started


@pytest.mark.django_db
def test_there_are_as_many_web_processes_as_cores_where_the_database_takes_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("WEB_CONCURRENCY", raising=False)
    assert serve.how_many_web_processes(cores=1, workers=1) == (2, "")
    monkeypatch.setattr(serve, "connections_of_the_database", lambda: (1, 97))
    processes, words = serve.how_many_web_processes(cores=8, workers=12)
    assert processes == 1 and "max_connections" in words
    monkeypatch.setattr(serve, "connections_of_the_database", lambda: (1, 500))
    assert serve.how_many_web_processes(cores=8, workers=12) == (8, "")


@pytest.mark.parametrize(
    ("image", "mend"),
    [("", "install the package 'bubblewrap'"), ("sha256:0", "install the packages 'podman'")],
)
def test_a_missing_sandbox_is_said_at_the_start(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, image: str, mend: str
) -> None:
    settings.SANDBOX_IMAGE = image
    monkeypatch.setenv("PATH", "/nowhere")
    (line,) = why_decoders_will_wait()
    assert line.startswith("Decoders will wait: ") and mend in line


def test_nothing_is_said_where_bubblewrap_is() -> None:
    assert why_decoders_will_wait() == []


@pytest.mark.django_db
def test_the_first_password_is_shown_once_and_then_how_it_is_set_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    User.objects.create_user("ann", is_staff=True, password="correct horse")
    User.objects.create_user("organizer", is_staff=True)  # as `serve` makes them
    first = how_to_sign_in()
    password = first.split("password ")[1].split()[0]
    assert "shown this once" in first and Client().login(username="organizer", password=password)
    said = how_to_sign_in()
    assert said == "password lost? python manage.py changepassword organizer"
    monkeypatch.setattr("getpass.getpass", lambda **_: "battery staple")
    call_command(*said.split("manage.py ")[1].split())
    assert Client().login(username="organizer", password="battery staple")
    User.objects.filter(username="organizer").update(is_staff=False)
    assert how_to_sign_in().endswith("changepassword ann")
