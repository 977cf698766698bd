"""The client's command line, and a worker for what it sends."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from ratings.submissions.models import Submission
from tests.builders import PASSWORD
from tests.jobs.workers import run_worker

SCRIPT = b"#!/bin/sh\n"


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
