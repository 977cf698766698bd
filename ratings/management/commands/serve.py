"""`manage.py serve`: the whole site on one machine, from an empty directory to the first trial."""

import os
import secrets
import shlex
import signal
import socket
import time
from argparse import ArgumentParser
from contextlib import suppress
from types import FrameType
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from ratings.database.base import is_pooled
from ratings.environment import read_environment
from ratings.health.connections import most_needed, web_processes_that_fit
from ratings.health.site_facts import connections_of_the_database
from ratings.management.commands.load_demo import is_demo_wanted
from ratings.management.site_processes import (
    LOOK_SECONDS,
    Process,
    await_end,
    bracketed,
    restart_stopped,
    start_command,
    start_web,
    start_workers,
    stop,
    wait_until_it_answers,
)
from ratings.models import Study
from ratings.sandbox.containment.bubblewrap import find_bubblewrap
from ratings.sandbox.containment.containers import find_engine
from ratings.sandbox.sandbox_errors import SandboxUnavailable

ORGANIZER = "organizer"
SHUTDOWN_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ShutdownRequested(Exception):
    """Somebody wants the site to end."""


class Command(BaseCommand):
    """Migrates, makes an organizer, serves with gunicorn beside workers, loads the demo once."""

    help = "Set up what is missing, then serve the site with its workers until Ctrl-C."
    # They load all pages, while which Ctrl-C is not heeded; gunicorn does the same.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what the command line does not say from the environment, if it is there."""
        site = read_environment(os.environ)
        parser.add_argument("--host", default=site.host)
        parser.add_argument("--port", type=int, default=site.port)
        parser.add_argument(
            "--decoding-workers",
            type=int,
            default=site.decoding_workers or _half_of_the_cores(),
            help="how many decoders may run at once; by default half as many as there are cores",
        )

    def handle(
        self,
        *args: Any,
        host: str,
        port: int,
        decoding_workers: int,
        **options: Any,
    ) -> None:
        """Serve until interrupted; start again what stops by itself, with a word about it.

        Raises CommandError when a part stops before the site has answered once.
        """
        if decoding_workers < 1:
            raise CommandError(f"{decoding_workers} workers for decoders are too few; start one.")
        _check_port_is_free(host, port)
        shutdown = Shutdown()
        processes: list[Process] = []
        try:
            self._set_up(shutdown, processes)
            self._serve(shutdown, processes, host, port, decoding_workers)
        except ShutdownRequested:
            with suppress(OSError):  # the terminal may be gone
                self.stdout.write("Stopping.")
                self.stdout.flush()
        finally:
            shutdown.ignore_signals()
            stop(processes)

    def _set_up(self, shutdown: "Shutdown", processes: list[Process]) -> None:
        """Bring database and static files up to date, each in a process that may be stopped."""
        _wake_database()
        processes += [
            start_command("migrate", "-v0"),
            start_command("collectstatic", "--noinput", "-v0"),
        ]
        for process in [*processes]:
            await_end(process, shutdown.pause)
            processes.remove(process)
        _make_organizer()

    def _serve(
        self,
        shutdown: "Shutdown",
        processes: list[Process],
        host: str,
        port: int,
        decoding_workers: int,
    ) -> None:
        cores = os.cpu_count() or 1
        web_processes, words = how_many_web_processes(cores, cores + decoding_workers)
        if words:
            self.stderr.write(words)
        processes.append(start_web(host, port, web_processes))
        processes += start_workers(cores, decoding_workers)
        wait_until_it_answers(host, port, processes, shutdown.pause)
        url = f"http://{bracketed(host)}:{port}"
        if is_demo_wanted():
            demo = start_command("load_demo", f"--url={url}")
            processes.append(demo)
            await_end(demo, shutdown.pause)
            processes.remove(demo)
        self._print_addresses(url)
        while True:
            for line in restart_stopped(processes):
                self.stderr.write(line)
            shutdown.pause(LOOK_SECONDS)

    def _print_addresses(self, url: str) -> None:
        study = Study.objects.filter(is_open=True).first()
        lines = [f"Public page:      {url}/"]
        if study:
            lines.append(f"Rating page:      {url}/rate/{study.slug}/")
        lines.append(f"Organizer's page: {url}/desk/")
        lines.append(f"  {how_to_sign_in()}")
        lines += why_decoders_will_wait()
        self.stdout.write("\n" + "\n".join(lines) + "\nCtrl-C stops everything.")
        self.stdout.flush()


class Shutdown:
    """Notes the first signal to end, wherever it arrives; what is being done then is finished.

    The parts have process groups of their own, so that Ctrl-C at the terminal is for `serve`
    alone, which ends them one by one.
    """

    def __init__(self) -> None:
        self.is_wanted = False
        # What is ignored from the start, as after nohup, stays so.
        self._heeded = [
            number for number in SHUTDOWN_SIGNALS if signal.getsignal(number) != signal.SIG_IGN
        ]
        for number in self._heeded:
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.is_wanted = True

    def ignore_signals(self) -> None:
        """Let nothing disturb the ending itself, which takes seconds."""
        for number in self._heeded:
            signal.signal(number, signal.SIG_IGN)

    def pause(self, seconds: float) -> None:
        """Wait. Raises Ended where that is wanted."""
        until = time.monotonic() + seconds
        while not self.is_wanted and time.monotonic() < until:
            time.sleep(min(0.1, seconds))
        if self.is_wanted:
            raise ShutdownRequested


def how_many_web_processes(cores: int, workers: int) -> tuple[int, str]:
    """Return how many to start beside so many workers, and why they are fewer than is usual."""
    wanted = read_environment(os.environ).web_processes or max(2, cores)
    if is_pooled():
        return wanted, ""
    _, most = connections_of_the_database()
    fitting = web_processes_that_fit(wanted, workers, most)
    if fitting == wanted:
        return wanted, ""
    return fitting, (
        f"Starting {fitting} web processes, not {wanted}: the database takes {most} connections, "
        f"and {most_needed(wanted, workers)} might be needed. Raise max_connections for more."
    )


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
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise CommandError(
                f"Can't listen on {bracketed(host)}:{port}: {error}. Choose another one, e.g. "
                "PORT=8001."
            ) from error


def _make_organizer() -> None:
    """Make sure that there is an organizer; the first one can't sign in until the site serves."""
    if not User.objects.filter(is_staff=True).exists():
        User.objects.create_user(ORGANIZER, is_staff=True)


def how_to_sign_in() -> str:
    """Say the first organizer's password, once; from then on how a lost one is set anew."""
    if password := _first_password():
        return f"user {ORGANIZER}, password {password} (shown this once)"
    organizers = User.objects.filter(is_staff=True, is_active=True).order_by("pk")
    names = list(organizers.values_list("username", flat=True))
    name = ORGANIZER if ORGANIZER in names or not names else names[0]
    return f"password lost? python manage.py changepassword {shlex.quote(name)}"


def _first_password() -> str | None:
    """Give the organizer whom this command made a password, once; return it, or None."""
    made = User.objects.filter(username=ORGANIZER, is_staff=True).first()
    if made is None or made.has_usable_password():
        return None
    password = secrets.token_urlsafe(15)
    made.set_password(password)
    made.save()
    return password


def _half_of_the_cores() -> int:
    """Return how many decoders run at once, each of which may keep a core for hours."""
    return max(1, (os.cpu_count() or 1) // 2)


def _wake_database() -> None:
    """Start the embedded cluster, if it is that. Raises CommandError with the reason."""
    try:
        connection.ensure_connection()
    except (DatabaseError, ImproperlyConfigured) as error:
        raise CommandError(str(error)) from error
