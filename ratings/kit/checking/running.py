"""Running a decoder as the server does, as far as a machine at home can.

bubblewrap (https://github.com/containers/bubblewrap) contains it where it is installed and works:
no network, a system that is read-only, no file of yours but its own and Python's. Its processes
are watched in /proc, and stopped all together at a limit. docs/kit.md says what the server does
more.
"""

import math
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy
import PIL
from collecting import Collected, collect
from verdicts import GIB, LOG_BYTES, MIB, Limits, Outcome

WORK_BYTES, SCRATCH_BYTES = 4 * GIB, 256 * MIB
SYSTEM_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64")
ETC = ("alternatives", "group", "hosts", "ld.so.cache", "localtime", "nsswitch.conf", "passwd")
# It is a shell's child, so that what can't be started ends as on the server.
LAUNCHER = ("/bin/sh", "-c", "./decode </dev/null; exit $?")
POLL_SECONDS, PIPE_BYTES = 0.02, 1 << 16
PROC = Path("/proc")

Sink = Callable[[bytes], object]


class Uncontained(Exception):
    """Why nothing can be contained here."""


def containment(work: Path) -> list[str]:
    """Return the words that contain the command after them. Raises Uncontained."""
    bubblewrap = shutil.which("bwrap")
    if not bubblewrap:
        raise Uncontained("bubblewrap is not installed")
    words = [bubblewrap, *_namespaces(), *_root(work)]
    tried = subprocess.run([*words, "/bin/true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        said = tried.stderr.strip() or f"exit code {tried.returncode}"
        raise Uncontained(f"bubblewrap does not work here ({said})")
    return words


def _namespaces() -> Iterator[str]:
    yield from ("--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000")
    yield from ("--hostname", "decoding", "--cap-drop", "ALL", "--new-session")
    yield from ("--die-with-parent", "--as-pid-1")


def _root(work: Path) -> Iterator[str]:
    yield from ("--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev")
    for folder in ("/tmp", "/dev/shm"):
        yield from ("--size", str(SCRATCH_BYTES), "--tmpfs", folder)
    for path in (Path("/", name) for name in SYSTEM_FOLDERS):
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif path.is_dir():
            yield from ("--ro-bind", str(path), str(path))
    for name in ETC:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
    for folder in _python_folders():
        yield from ("--ro-bind", folder, folder)
    yield from ("--bind", str(work), str(work), "--chdir", str(work))
    yield from ("--remount-ro", "/", "--remount-ro", "/dev")


def _python_folders() -> list[str]:
    """Return where this Python lives outside of /usr, outer folders first."""
    found = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent.parent}
    found |= {path.resolve() for path in found} | set(_package_folders())
    return sorted(str(path) for path in found if not path.is_relative_to("/usr") and path.name)


def _package_folders() -> list[Path]:
    """Return where numpy and Pillow lie, if not with this Python, such as in your home."""
    found = {Path(str(package.__file__)).parent.parent for package in (numpy, PIL)}
    return sorted(folder for folder in found if not folder.is_relative_to(sys.prefix))


def variables() -> dict[str, str]:
    """Return the variables that the decoder is started with: the server's, with this Python."""
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": "/tmp",
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONPATH": ":".join(map(str, _package_folders())),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def run(
    work: Path,
    limits: Limits,
    bubble: Sequence[str],
    *,
    log: Sink,
    tick: Callable[[float], object],
) -> Outcome:
    """Run `decode` in the folder `work`, behind the words of `containment` or none.

    `log` is called with what the program prints; `tick`, many times a second, with the seconds it
    has run. Returns when all that was started is dead, as far as that can be known uncontained.
    """
    before = {path.relative_to(work).as_posix() for path in work.rglob("*")}
    process = subprocess.Popen(
        [*bubble, *_process_limits(limits, contained=bool(bubble)), *LAUNCHER],
        cwd=work,
        env=variables(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    watched = _Watched(process, limits, contained=bool(bubble))
    bounded = BoundedLog(log)
    try:
        watched.follow(bounded, tick)
    finally:
        watched.end()
        _read_rest(process, bounded)
    return watched.outcome(bounded.finish(), collect(work, before))


def _process_limits(limits: Limits, *, contained: bool) -> list[str]:
    """Return the words that limit each process; outside, your own processes would count too."""
    if not shutil.which("prlimit"):
        return []
    words = ["prlimit", "--core=0", "--nofile=1024", f"--fsize={WORK_BYTES + MIB}"]
    words += [f"--cpu={math.ceil(limits.cpu_seconds) + 1}", f"--as={limits.memory_bytes + GIB}"]
    return [*words, *([f"--nproc={limits.processes + 1}"] if contained else []), "--"]


@dataclass
class _Watched:
    """A running decoder with all its processes: what they use, and what they came up against."""

    process: "subprocess.Popen[bytes]"
    limits: Limits
    contained: bool
    began: float = field(default_factory=time.monotonic)
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory_bytes: int | None = None
    stopped_at: str = ""
    refused_by: str = ""

    def follow(self, log: "BoundedLog", tick: Callable[[float], object]) -> None:
        """Read the log and look at the use, until the program has ended or must be stopped."""
        due = self.began
        while not (self.stopped_at or self._reap()):
            if not _read(self.process, log, POLL_SECONDS):
                time.sleep(POLL_SECONDS)  # it has closed its output
            if time.monotonic() >= due:
                self._look()
                tick(self.wall_seconds)
                due = time.monotonic() + POLL_SECONDS

    def end(self) -> None:
        """Kill what is left, and wait for it."""
        while not self._reap():
            self._kill()
            time.sleep(POLL_SECONDS / 10)
        if not self.contained:
            self._kill()
        if not self.stopped_at and self.cpu_seconds > self.limits.cpu_seconds:
            self.stopped_at = self.limits.cpu

    def outcome(self, log: bytes, collected: Collected) -> Outcome:
        """Return what is known, after the end."""
        code = self.process.returncode
        return Outcome(
            code if code >= 0 else 128 - code,
            log,
            self.stopped_at,
            self.refused_by,
            self.wall_seconds,
            self.cpu_seconds,
            self.peak_memory_bytes,
            collected.outputs,
            tuple(collected.left_out),
        )

    def _reap(self) -> bool:
        """Tell whether the first process has ended; note what all it waited for have used."""
        if self.process.returncode is None:
            pid, status, used = os.wait4(self.process.pid, os.WNOHANG)
            self.wall_seconds = time.monotonic() - self.began
            if pid:
                self.process.returncode = os.waitstatus_to_exitcode(status)
                self.cpu_seconds = max(self.cpu_seconds, used.ru_utime + used.ru_stime)
        return self.process.returncode is not None

    def _kill(self) -> None:
        """Kill the group; inside, process 1, and by the kernel all that are in there with it."""
        with suppress(ProcessLookupError):
            if not self.contained:
                os.killpg(self.process.pid, signal.SIGKILL)
            elif children := _children(self.process.pid):
                os.kill(children[0], signal.SIGKILL)
            else:
                self.process.kill()

    def _look(self) -> None:
        limits, stats = self.limits, [s for pid in _family(self.process.pid) if (s := _stat(pid))]
        if self.wall_seconds > limits.wall_seconds:
            self.stopped_at = limits.wall
        if not stats:
            return
        resident = sum(stat.resident_bytes for stat in stats)
        if resident > limits.memory_bytes:
            resident = sum(_own_bytes(stat) for stat in stats)
        self.peak_memory_bytes = max(self.peak_memory_bytes or 0, resident)
        self.cpu_seconds = max(self.cpu_seconds, sum(stat.cpu_seconds for stat in stats))
        # Not the shell, nor bubblewrap.
        if sum(stat.threads for stat in stats) - 1 - self.contained >= limits.processes:
            self.refused_by = limits.crowd
        if self.peak_memory_bytes > limits.memory_bytes:
            self.stopped_at = limits.memory
        elif self.cpu_seconds > limits.cpu_seconds:
            self.stopped_at = limits.cpu


@dataclass(frozen=True)
class _Stat:
    """A line of /proc/PID/stat (proc(5)): own and inherited CPU time, threads, resident memory."""

    pid: int
    cpu_seconds: float
    threads: int
    resident_bytes: int


def _stat(pid: int) -> _Stat | None:
    text = _proc_text(f"{pid}/stat")
    if not text:
        return None
    fields = text[text.rindex(")") + 2 :].split()  # from the third field on
    ticks, pages = sum(map(int, fields[11:15])), int(fields[21])
    return _Stat(
        pid,
        ticks / os.sysconf("SC_CLK_TCK"),
        int(fields[17]),
        pages * os.sysconf("SC_PAGESIZE"),
    )


def _own_bytes(stat: _Stat) -> int:
    """Return anonymous and shared memory, each page divided by how many processes map it."""
    parts = ("Pss_Anon", "Pss_Shmem", "SwapPss")
    lines = _proc_text(f"{stat.pid}/smaps_rollup").splitlines()
    sizes = [int(line.split()[1]) << 10 for line in lines if line.startswith(parts)]
    return sum(sizes) if sizes else stat.resident_bytes


def _children(pid: int) -> list[int]:
    threads = (PROC / str(pid) / "task").glob("*")
    return [int(c) for t in threads for c in _proc_text(f"{pid}/task/{t.name}/children").split()]


def _family(pid: int) -> Iterator[int]:
    yield pid
    for child in _children(pid):
        yield from _family(child)


def _proc_text(path: str) -> str:
    try:
        return (PROC / path).read_text()
    except OSError:  # it has just ended
        return ""


class BoundedLog:
    """Passes the first half of the limit on at once, and keeps the last half until `finish`."""

    def __init__(self, sink: Sink, limit_bytes: int = LOG_BYTES) -> None:
        self._sink = sink
        self._head_room, self._tail_room = limit_bytes - limit_bytes // 2, limit_bytes // 2
        self._passed, self._tail, self._left_out = bytearray(), bytearray(), 0

    def write(self, data: bytes) -> None:
        """Take what the program printed."""
        head, rest = data[: self._head_room], data[self._head_room :]
        self._head_room -= len(head)
        self._pass(head)
        self._tail += rest
        surplus = max(0, len(self._tail) - self._tail_room)
        del self._tail[:surplus]
        self._left_out += surplus

    def finish(self) -> bytes:
        """Pass on the end, after a line that says how much is missing, and return all of it."""
        if self._left_out:
            self._pass(f"\n[{self._left_out} bytes left out]\n".encode())
        self._pass(bytes(self._tail))
        return bytes(self._passed)

    def _pass(self, data: bytes) -> None:
        self._passed += data
        if data:
            self._sink(data)


def _read(process: "subprocess.Popen[bytes]", log: BoundedLog, seconds: float) -> bool:
    """Read what comes within so many seconds; tell whether more may follow."""
    assert process.stdout
    if not select.select([process.stdout], [], [], seconds)[0]:
        return True
    data = os.read(process.stdout.fileno(), PIPE_BYTES)
    log.write(data)
    return bool(data)


def _read_rest(process: "subprocess.Popen[bytes]", log: BoundedLog) -> None:
    """Read what the dead have left in their pipe; never wait for more."""
    assert process.stdout
    os.set_blocking(process.stdout.fileno(), False)
    with suppress(BlockingIOError):
        while _read(process, log, 0) and select.select([process.stdout], [], [], 0)[0]:
            pass
    process.stdout.close()
