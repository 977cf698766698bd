"""Starting the site as its commands do, and looking at what it leaves behind."""

import os
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(
    command: Sequence[str], folder: Path, data_dir: Path | None = None, **variables: str
) -> subprocess.Popen[str]:
    """Start a command in a process group of its own, as a terminal does."""
    environment = os.environ | {"RATINGS_DECODING_WORKERS": "1"} | variables
    for name in ("DATABASE_URL", "RATINGS_DATA_DIR"):
        environment.pop(name, None)
    if data_dir:
        environment["RATINGS_DATA_DIR"] = str(data_dir)
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def answers(port: int) -> bool:
    """Tell whether a site answers with its first page."""
    probe = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        probe.request("GET", "/")
        return probe.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        probe.close()


def processes_that_name(words: str) -> list[str]:
    """Return the command lines of all processes in whose environment the words stand."""
    lines = []
    for pid in pids_that_name(words):
        with suppress(OSError):  # it has ended
            line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
            lines.append(line.decode(errors="replace"))
    return lines


def pids_that_name(words: str) -> list[int]:
    """Return the ids of all processes in whose environment the words stand."""
    named = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            if words.encode() in (folder / "environ").read_bytes():
                named.append(int(folder.name))
    return named
