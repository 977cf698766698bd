"""`manage.py serve`: the whole site on one machine, from an empty directory to the first trial."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from ratings.models import Challenge, Study

ORGANIZER = "organizer"
START_SECONDS = 60


class Command(BaseCommand):
    """Migrates, makes an organizer, serves with gunicorn beside workers, loads the demo once."""

    help = "Set up what is missing, then serve the site with its workers until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the address from HOST and PORT unless the command line says otherwise."""
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=os.environ.get("PORT", "8000"))

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:  # noqa: ANN401
        """Serve until interrupted; raise CommandError when a part stops by itself."""
        _check_port_is_free(host, port)
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        password = _make_organizer()
        url = f"http://{host}:{port}"
        signal.signal(signal.SIGTERM, _interrupt)
        processes = [_web(host, port), *(_worker() for _ in range(os.cpu_count() or 1))]
        try:
            _wait_until_it_answers(url, processes)
            if not Challenge.objects.exists():
                call_command("load_demo", url=url, stdout=self.stdout)
            self._print_addresses(url, password)
            _supervise(processes)
        except KeyboardInterrupt:
            self.stdout.write("Stopping.")
        finally:
            _stop(processes)

    def _print_addresses(self, url: str, password: str | None) -> None:
        study = Study.objects.filter(is_open=True).first()
        lines = [f"Public page:      {url}/"]
        if study:
            lines.append(f"Rating page:      {url}/rate/{study.slug}/")
        lines.append(f"Organizer's page: {url}/desk/")
        if password:
            lines.append(f"  user {ORGANIZER}, password {password} (shown this once)")
        self.stdout.write("\n" + "\n".join(lines) + "\nCtrl-C stops everything.")
        self.stdout.flush()


def _check_port_is_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise CommandError(
                f"Can't listen on {host}:{port}: {error}. Choose another one, e.g. PORT=8001."
            ) from error


def _make_organizer() -> str | None:
    """Create the first organizer; return the password, or None if there is an organizer."""
    if User.objects.filter(is_staff=True).exists():
        return None
    password = secrets.token_urlsafe(15)
    User.objects.create_user(ORGANIZER, password=password, is_staff=True)
    return password


def _web(host: str, port: int) -> subprocess.Popen[bytes]:
    options = ["--worker-class=gthread", "--workers=2", "--threads=4", "--log-level=warning"]
    return _start("-m", "gunicorn", "ratings.wsgi", f"--bind={host}:{port}", *options)


def _worker() -> subprocess.Popen[bytes]:
    return _start("manage.py", "procrastinate", "worker", "--delete-jobs=successful")


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    # BLAS threads would fight over the cores that the workers themselves already use.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen([sys.executable, *arguments], cwd=settings.BASE_DIR, env=environment)


def _wait_until_it_answers(url: str, processes: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        _raise_if_stopped(processes)
        try:
            with urllib.request.urlopen(f"{url}/", timeout=START_SECONDS):
                return
        except urllib.error.URLError:
            time.sleep(0.1)
    raise CommandError(f"The web server did not answer at {url} within {START_SECONDS} s.")


def _supervise(processes: list[subprocess.Popen[bytes]]) -> None:
    while True:
        _raise_if_stopped(processes)
        time.sleep(0.5)


def _raise_if_stopped(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is not None:
            command = " ".join(str(part) for part in process.args[1:4])  # type: ignore[index]
            raise CommandError(f"`{command}` stopped with exit code {process.returncode}.")


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
