"""`manage.py serve`: the whole site on one machine, from an empty directory to the first trial."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from http.client import HTTPConnection, HTTPException
from types import FrameType
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from ratings.jobs.tasks import DECODING, QUEUES_WITHOUT_DECODERS
from ratings.management.commands.load_demo import is_demo_wanted
from ratings.models import Study
from ratings.sandbox.bubblewrap import find_bubblewrap
from ratings.sandbox.containers import find_engine
from ratings.sandbox.refusals import SandboxUnavailable

ORGANIZER = "organizer"
START_SECONDS = 60
# Between two looks at the parts, hence also the least time between two starts of one.
LOOK_SECONDS = 1.0


class Command(BaseCommand):
    """Migrates, makes an organizer, serves with gunicorn beside workers, loads the demo once."""

    help = "Set up what is missing, then serve the site with its workers until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what the command line does not say from the environment, if it is there."""
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=os.environ.get("PORT", "8000"))
        parser.add_argument(
            "--decoding-workers",
            type=int,
            default=os.environ.get("RATINGS_DECODING_WORKERS", str(_half_of_the_cores())),
            help="how many decoders may run at once; by default half as many as there are cores",
        )

    def handle(
        self,
        *args: Any,  # noqa: ANN401
        host: str,
        port: int,
        decoding_workers: int,
        **options: Any,  # noqa: ANN401
    ) -> None:
        """Serve until interrupted; start again what stops by itself, with a word about it.

        Raises CommandError when a part stops before the site has answered once.
        """
        if decoding_workers < 1:
            raise CommandError(f"{decoding_workers} workers for decoders are too few; start one.")
        _check_port_is_free(host, port)
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        _make_organizer()
        url = f"http://{host}:{port}"
        signal.signal(signal.SIGTERM, _interrupt)
        processes = [_web(host, port), *_workers(os.cpu_count() or 1, decoding_workers)]
        try:
            wait_until_it_answers(host, port, processes)
            if is_demo_wanted():
                call_command("load_demo", url=url, stdout=self.stdout)
            self._print_addresses(url, _first_password())
            self._supervise(processes)
        except KeyboardInterrupt:
            self.stdout.write("Stopping.")
        finally:
            _stop(processes)

    def _supervise(self, processes: list[subprocess.Popen[bytes]]) -> None:
        """Start again whatever stops: one killed worker must not end the judging."""
        while True:
            for line in restart_stopped(processes):
                self.stderr.write(line)
            time.sleep(LOOK_SECONDS)

    def _print_addresses(self, url: str, password: str | None) -> None:
        study = Study.objects.filter(is_open=True).first()
        lines = [f"Public page:      {url}/"]
        if study:
            lines.append(f"Rating page:      {url}/rate/{study.slug}/")
        lines.append(f"Organizer's page: {url}/desk/")
        if password:
            lines.append(f"  user {ORGANIZER}, password {password} (shown this once)")
        lines += why_decoders_will_wait()
        self.stdout.write("\n" + "\n".join(lines) + "\nCtrl-C stops everything.")
        self.stdout.flush()


def why_decoders_will_wait() -> list[str]:
    """Say at once what a worker would say before its first decoder, where that is quickly seen."""
    try:
        if settings.SANDBOX_IMAGE:
            find_engine(settings.SANDBOX_IMAGE)
        else:
            find_bubblewrap()
    except SandboxUnavailable as error:
        return [f"Decoders will wait: {error} All else works."]
    return []


def _check_port_is_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise CommandError(
                f"Can't listen on {host}:{port}: {error}. Choose another one, e.g. PORT=8001."
            ) from error


def _make_organizer() -> None:
    """Make sure that there is an organizer; the first one can't sign in until the site serves."""
    if not User.objects.filter(is_staff=True).exists():
        User.objects.create_user(ORGANIZER, is_staff=True)


def _first_password() -> str | None:
    """Give the organizer whom this command made a password, once; return it, or None."""
    made = User.objects.filter(username=ORGANIZER, is_staff=True).first()
    if made is None or made.has_usable_password():
        return None
    password = secrets.token_urlsafe(15)
    made.set_password(password)
    made.save()
    return password


def _web(host: str, port: int) -> subprocess.Popen[bytes]:
    options = ["--worker-class=gthread", "--workers=2", "--threads=16", "--log-level=warning"]
    address = [f"--bind={host}:{port}", "--no-control-socket"]
    return _start([sys.executable, "-m", "gunicorn", "ratings.wsgi", *address, *options])


def _half_of_the_cores() -> int:
    """Return how many decoders run at once, each of which may keep a core for hours."""
    return max(1, (os.cpu_count() or 1) // 2)


def _workers(cores: int, decoders: int) -> list[subprocess.Popen[bytes]]:
    """Start one worker a core, and some for decoders beside them."""
    others = ",".join(QUEUES_WITHOUT_DECODERS)
    return [_worker(queues) for queues in [others] * cores + [DECODING] * decoders]


def _worker(queues: str) -> subprocess.Popen[bytes]:
    task = ["manage.py", "procrastinate", "worker", "--delete-jobs=successful", "-q", queues]
    return _start([sys.executable, *task])


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    # BLAS threads would fight over the cores that the workers themselves already use.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)


def wait_until_it_answers(host: str, port: int, processes: list[subprocess.Popen[bytes]]) -> None:
    """Wait for any answer: with HTTPS, or for another host name, it is not the page itself."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        _raise_if_stopped(processes)
        try:
            probe = HTTPConnection(host, port, timeout=START_SECONDS)
            probe.request("GET", "/")
            probe.getresponse()
            return
        except (OSError, HTTPException):
            time.sleep(0.1)
        finally:
            probe.close()
    raise CommandError(f"The web server did not answer at {host}:{port} in {START_SECONDS} s.")


def restart_stopped(processes: list[subprocess.Popen[bytes]]) -> list[str]:
    """Replace the processes that have stopped by new ones; return a line about each."""
    lines = []
    for place, process in enumerate(processes):
        if process.poll() is not None:
            lines.append(f"{_stopped(process)} Starting it again.")
            _wake_database()
            processes[place] = _start(process.args)  # type: ignore[arg-type]
    return lines


def _wake_database() -> None:
    """Start the embedded cluster if it is down; a part that needs it can't do that itself."""
    connection.close()
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        print(f"The database does not answer: {error}", file=sys.stderr)


def _raise_if_stopped(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is not None:
            raise CommandError(_stopped(process))


def _stopped(process: subprocess.Popen[bytes]) -> str:
    command = " ".join(str(part) for part in process.args[1:4])  # type: ignore[index]
    return f"`{command}` stopped with exit code {process.returncode}."


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
