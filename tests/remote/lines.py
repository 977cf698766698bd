"""A site's web server and workers elsewhere, each a process of its own."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from socket import SHUT_RDWR, create_connection, create_server, socket

from django.db import connection
from pytest_django.fixtures import Settings

from tests.management.sites import ROOT, free_port
from tests.waiting import eventually

CHUNK_BYTES = 4096


def start_gunicorn(settings: Settings) -> tuple["subprocess.Popen[bytes]", str]:
    """Start gunicorn on the tests' database and files; return it with its address."""
    name, port = connection.settings_dict["NAME"], free_port()
    location = str(settings.STORAGES["default"]["OPTIONS"]["location"])
    code = (
        "import sys, django; django.setup()\n"
        "from django.conf import settings\n"
        "from django.db import connections\n"
        f"settings.STORAGES['default']['OPTIONS']['location'] = {location!r}\n"
        f"connections.settings['default']['NAME'] = {name!r}\n"
        "from gunicorn.app.wsgiapp import run\n"
        f"sys.argv = ['gunicorn', 'ratings.wsgi', '--bind=127.0.0.1:{port}', '--workers=1']\n"
        "run()\n"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "ratings.settings"}
    process = subprocess.Popen([sys.executable, "-c", code], env=environment, cwd=ROOT)
    eventually(lambda: lives(port))
    return process, f"http://127.0.0.1:{port}"


def lives(port: int) -> bool:
    """Tell whether a web server answers; there are no static files for its pages."""
    with suppress(OSError), closing(HTTPConnection("127.0.0.1", port, timeout=5)) as probe:
        probe.request("GET", "/healthz")
        return probe.getresponse().status == 200
    return False


def start_remote(url: str, token: str, home: Path, sandbox_folder: Path) -> "subprocess.Popen[str]":
    """Start a worker that has a home of its own, an address and a token, and nothing else."""
    home.mkdir()
    (home / "token").write_text(token)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "RATINGS_SANDBOX_DIR": str(sandbox_folder),
    }
    command = [sys.executable, "-m", "ratings.remote", url, "--token-file", "token"]
    return subprocess.Popen(command, cwd=home, env=environment, stderr=subprocess.PIPE, text=True)


@dataclass
class CutLine:
    """A line to a site that is cut again and again: how often is said by `cuts`."""

    url: str
    cuts: int = 0


@contextmanager
def cut_line(url: str, *most_bytes: int) -> Iterator[CutLine]:
    """Stand before a site; cut one connection after so many bytes for each of `most_bytes`.

    They are counted in both directions; later connections are whole.
    """
    to, left = int(url.rpartition(":")[2]), list(most_bytes)
    listener = create_server(("127.0.0.1", 0))
    line = CutLine(f"http://127.0.0.1:{listener.getsockname()[1]}")

    def pass_on(source: socket, target: socket, room: list[int]) -> None:
        with suppress(OSError):
            while chunk := source.recv(CHUNK_BYTES):
                target.sendall(chunk[: room[0]])
                room[0] -= len(chunk)
                if room[0] <= 0:
                    line.cuts += 1
                    break
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(SHUT_RDWR)
            end.close()

    def serve() -> None:
        with suppress(OSError):  # it is shut down
            while True:
                client, _ = listener.accept()
                server = create_connection(("127.0.0.1", to))
                room = [left.pop(0) if left else 1 << 40]
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=pass_on, args=(*pair, room), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield line
    finally:
        listener.shutdown(SHUT_RDWR)
        listener.close()
