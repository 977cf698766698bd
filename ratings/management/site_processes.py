"""The processes of a site that `serve` runs: started, awaited, started again, and stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException

from django.conf import settings
from django.core.management.base import CommandError

from ratings.jobs.queues import SHORT_QUEUES
from ratings.jobs.tasks import LONG_QUEUES

START_SECONDS = 60
PROBE_SECONDS = 2.0
# Between two looks at the parts, hence also the least time between two starts of one.
LOOK_SECONDS = 0.5
# How long parts may take to end by themselves; what they had not finished is done again.
STOP_SECONDS = 3.0
Process = subprocess.Popen[bytes]


def start_web(host: str, port: int, processes: int) -> Process:
    """Start the web server, which gunicorn.conf.py says more of."""
    options = [f"--bind={bracketed(host)}:{port}", f"--workers={processes}", "--graceful-timeout=2"]
    return _start([sys.executable, "-m", "gunicorn", "ratings.wsgi", *options])


def bracketed(host: str) -> str:
    """Return a host as it is written before a port."""
    return f"[{host}]" if ":" in host else host


def start_workers(cores: int, decoders: int) -> list[Process]:
    """Start one worker a core, and some for decoders and baselines beside them."""
    short, long = ",".join(SHORT_QUEUES), ",".join(LONG_QUEUES)
    return [start_command("work", "-q", queues) for queues in [short] * cores + [long] * decoders]


def start_command(*arguments: str) -> Process:
    """Start one of the site's commands."""
    return _start([sys.executable, "manage.py", *arguments])


def await_end(process: Process, pause: Callable[[float], None]) -> None:
    """Wait for a part that ends by itself.

    Raises what `pause` does, and CommandError where the part failed.
    """
    while process.poll() is None:
        pause(LOOK_SECONDS)
    if process.returncode != 0:
        raise CommandError(_stopped(process))


def wait_until_it_answers(
    host: str, port: int, processes: list[Process], pause: Callable[[float], None]
) -> None:
    """Wait for any answer: with HTTPS, or for another host name, it is not the page itself.

    Raises what `pause` does, and CommandError where a part stopped, or no answer came.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        _raise_if_stopped(processes)
        try:
            probe = HTTPConnection(host, port, timeout=PROBE_SECONDS)
            probe.request("GET", "/")
            probe.getresponse()
            return
        except (OSError, HTTPException):
            pause(0.1)
        finally:
            probe.close()
    raise CommandError(
        f"The web server did not answer at {bracketed(host)}:{port} in {START_SECONDS} s."
    )


def restart_stopped(processes: list[Process]) -> list[str]:
    """Replace the processes that have stopped by new ones; return a line about each."""
    lines = []
    for place, process in enumerate(processes):
        if process.poll() is not None:
            lines.append(f"{_stopped(process)} Starting it again.")
            processes[place] = _start(process.args)  # type: ignore[arg-type]
    return lines


def stop(processes: list[Process]) -> None:
    """End the parts; kill what does not end, with all that it has started."""
    for process in processes:
        process.terminate()
    until = time.monotonic() + STOP_SECONDS
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(0.0, until - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _start(command: list[str]) -> Process:
    # BLAS threads would fight over the cores that the workers themselves already use.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    if not environment.get("WEB_CONCURRENCY"):
        environment.pop("WEB_CONCURRENCY", None)  # gunicorn takes an empty one for a number
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, start_new_session=True)


def _raise_if_stopped(processes: list[Process]) -> None:
    for process in processes:
        if process.poll() is not None:
            raise CommandError(_stopped(process))


def _stopped(process: Process) -> str:
    command = " ".join(str(part) for part in process.args[1:4])  # type: ignore[index]
    return f"`{command}` stopped with exit code {process.returncode}."
