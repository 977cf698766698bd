# SPDX-License-Identifier: Apache-2.0
"""The bubblewrap backend: namespaces, a root made for the purpose, and a system call filter.

bubblewrap (https://github.com/containers/bubblewrap) builds the namespaces; its arguments are here.
A launcher of ours is process 1 inside: it unpacks the staged files and starts `decode`; when it
ends, the kernel ends all others, and only then does bubblewrap itself return.
"""

import json
import math
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from ratings.sandbox.containment.advice import advice
from ratings.sandbox.containment.seccomp import program as seccomp_program
from ratings.sandbox.environments.trees import DecoderEnvironment
from ratings.sandbox.metering.meters import Inside, Meters
from ratings.sandbox.results.diagnosis import LOOK_BEHIND
from ratings.sandbox.run_limits import GIB, MIB, Limits
from ratings.sandbox.sandbox_errors import SandboxUnavailable
from ratings.sandbox.staging import Staged
from ratings.sandbox.worlds import World

# Started by root, a program runs as a user who owns nothing, from systemd's range for passing ones.
PASSING_USER = 61184
USER_INSIDE = "1000"
WORK, SCRATCH = "/work", ("/tmp", "/dev/shm")
ETC = {
    "passwd": "root:x:0:0::/:/bin/sh\ndecoder:x:1000:1000::/tmp:/bin/sh\n",
    "group": "root:x:0:\ndecoder:x:1000:\n",
    "hosts": "127.0.0.1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
# Says a line when it stands, and one when it has the files. It waits for a line before it starts
# any process, so that all are born into the control group; and it runs the program as a child, so
# that process 1 stays ours: signals from inside can't end it.
LAUNCHER = (
    "echo; read -r go; tar -xf - 2>/dev/null || exit; echo; ./decode </dev/null; " + LOOK_BEHIND
)
READY = b"\n"
NAMESPACES = "--unshare-user --unshare-pid --unshare-net --unshare-ipc --unshare-uts"
HARDENING = "--unshare-cgroup-try --disable-userns --cap-drop ALL --new-session --die-with-parent"
PROCESS_1 = ("--as-pid-1",)  # the launcher, not one of bubblewrap's own
INSTALL = "install the package 'bubblewrap', version 0.8 or newer"


@dataclass(frozen=True)
class Bubble:
    """A program inside, waiting for its files or running."""

    monitor: "subprocess.Popen[bytes]"  # bubblewrap itself, or another engine's client, outside
    first: int  # pidfd of process 1 inside
    first_pid: int
    inside: Inside
    status: IO[str] | None = None  # stays open: bubblewrap writes to it once more at the end

    def hand_over(self, staged: Staged) -> bool:
        """Send the files and let the program start; tell whether it did."""
        try:
            self.files.write(READY)
            staged.send(self.files)
            self.files.close()
        except BrokenPipeError:
            return False
        return self.log.read(1) == READY

    @property
    def files(self) -> IO[bytes]:
        """Where the launcher reads a line, then the files as a tar."""
        assert self.monitor.stdin
        return self.monitor.stdin

    @property
    def log(self) -> IO[bytes]:
        """What all inside print."""
        assert self.monitor.stdout
        return self.monitor.stdout

    def kill(self) -> None:
        """Kill process 1, and thereby, by the kernel, every process inside."""
        with suppress(ProcessLookupError):  # it has just ended
            signal.pidfd_send_signal(self.first, signal.SIGKILL)

    def wait(self) -> tuple[int, float]:
        """Wait until all are dead and reaped; return exit status and CPU seconds of all.

        A signal's status is 128 and its number, as shells have it.
        """
        _, status, used = os.wait4(self.monitor.pid, 0)
        self.monitor.returncode = os.waitstatus_to_exitcode(status)
        code = self.monitor.returncode
        return code if code >= 0 else 128 - code, used.ru_utime + used.ru_stime

    def end(self) -> None:
        """Kill what is left and wait for it, whatever has happened."""
        if self.monitor.returncode is None:
            self.kill()
            self.log.close()  # nobody waits for us to read it
            self.wait()

    def close(self) -> None:
        """Give back all descriptors, after the end."""
        for file in (self.files, self.log, self.status):
            if file:
                file.close()
        os.close(self.first)
        self.inside.close()


def find_bubblewrap() -> str:
    """Return the path of `bwrap`. Raises SandboxUnavailable."""
    program = shutil.which("bwrap")
    if not program:
        raise SandboxUnavailable(f"bubblewrap is not installed: {INSTALL}.")
    return program


def start(
    environment: DecoderEnvironment,
    staged: Staged,
    limits: Limits,
    meters: Meters,
    world: World,
) -> Bubble:
    """Build the sandbox and return when it stands and waits for its files.

    Raises SandboxUnavailable with what bubblewrap said.
    """
    seccomp = _memory_file(filter_program())
    etc = {name: _memory_file(content.encode()) for name, content in ETC.items()}
    status_read, status_write = os.pipe()
    work_bytes = limits.work_bytes + staged.pages_bytes
    list_ = [
        *arguments(environment, work_bytes=work_bytes, limits=limits, world=world),
        *(word for name, file in etc.items() for word in _file(file, f"/etc/{name}")),
        *("--remount-ro", "/", "--remount-ro", "/dev", "--seccomp", str(seccomp.fileno())),
        *("--json-status-fd", str(status_write)),
    ]
    described = _memory_file("".join(f"{word}\0" for word in list_).encode())
    handed = [seccomp, described, *etc.values()]
    try:
        monitor = _popen(
            [
                *(find_bubblewrap(), *PROCESS_1, "--args", str(described.fileno()), "--"),
                *launcher(limits, work_bytes, each_process=meters.limits_each_process),
            ],
            [*(file.fileno() for file in handed), status_write],
        )
    finally:
        os.close(status_write)
        for file in handed:
            file.close()
    return _await(monitor, os.fdopen(status_read))


def filter_program() -> bytes:
    """Return the system call filter of this machine. Raises SandboxUnavailable."""
    try:
        return seccomp_program()
    except ValueError as error:
        raise SandboxUnavailable(f"This machine can't contain decoders: {error}.") from error


def arguments(
    environment: DecoderEnvironment, *, work_bytes: int, limits: Limits, world: World
) -> Iterator[str]:
    """Yield bubblewrap's arguments, but for those that name descriptors."""
    yield from NAMESPACES.split()
    yield from HARDENING.split()
    yield from ("--uid", USER_INSIDE, "--gid", USER_INSIDE, "--hostname", "decoding", "--clearenv")
    for name, value in environment.variables(limits.cores, world).items():
        yield from ("--setenv", name, value)
    yield from environment.mounts()
    yield from ("--proc", "/proc", "--dev", "/dev")
    for device in environment.devices:
        yield from ("--dev-bind", device, device)
    for folder in SCRATCH:
        yield from ("--size", str(limits.scratch_bytes), "--tmpfs", folder)
    yield from ("--size", str(work_bytes), "--tmpfs", WORK, "--chdir", WORK)


def launcher(limits: Limits, work_bytes: int, *, each_process: bool) -> list[str]:
    """Return the command that is process 1 inside: limits for each process, then LAUNCHER."""
    return [*prlimit(limits, work_bytes, each_process=each_process), "/bin/sh", "-c", LAUNCHER]


def prlimit(limits: Limits, work_bytes: int, *, each_process: bool) -> list[str]:
    """Return what a command begins with that limits each process.

    The number of processes counts within the user namespace, so runs don't disturb each other.
    Where control groups count the sums, these limits lie higher, so that the group's are met first.
    """
    processes = limits.processes + 1 if each_process else 2 * limits.processes
    largest = max(work_bytes, limits.scratch_bytes) + MIB  # so that folders are full first
    words = ["prlimit", "--core=0", "--memlock=65536", "--msgqueue=0", "--nofile=1024"]
    words += [f"--nproc={processes}", f"--fsize={largest}"]
    words.append(f"--cpu={math.ceil(limits.cpu_seconds) + 1}")
    if each_process:
        words.append(f"--as={limits.memory_bytes + GIB}")
    return [*words, "--"]


def look_inside(first_pid: int) -> Inside:
    """Open a running program's folders from outside. Raises OSError where that can't be done."""
    root = f"/proc/{first_pid}/root"
    proc, work, *scratch = (_open_folder(root + f) for f in ("/proc", WORK, *SCRATCH))
    return Inside(proc, work, tuple(scratch))


def _file(file: IO[bytes], path: str) -> Sequence[str]:
    return ("--perms", "0444", "--file", str(file.fileno()), path)


def _memory_file(content: bytes) -> IO[bytes]:
    file = TemporaryFile()  # noqa: SIM115, it is handed on
    file.write(content)
    file.seek(0)
    return file


def _popen(command: list[str], descriptors: list[int]) -> "subprocess.Popen[bytes]":
    outside = PASSING_USER if os.geteuid() == 0 else None
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        bufsize=0,
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
        pass_fds=descriptors,
        user=outside,
        group=outside,
        extra_groups=None if outside is None else (),
    )


def _await(monitor: "subprocess.Popen[bytes]", status: IO[str]) -> Bubble:
    """Wait for the launcher's word. What comes instead of it is bubblewrap's complaint."""
    assert monitor.stdin and monitor.stdout
    word = monitor.stdout.read(1)
    if word == READY:
        first_pid = json.loads(status.readline())["child-pid"]
        with suppress(PermissionError):
            inside = look_inside(first_pid)
            return Bubble(monitor, os.pidfd_open(first_pid), first_pid, inside, status)
        monitor.kill()
    said = (word + monitor.stdout.read()).decode(errors="replace").strip()
    for file in (monitor.stdin, monitor.stdout, status):
        file.close()
    monitor.wait()
    said = said or "The sandbox can not be looked into"
    raise SandboxUnavailable(f"{said}: {advice(said)}. docs/sandbox.md says more.")


def _open_folder(path: str) -> int:
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
