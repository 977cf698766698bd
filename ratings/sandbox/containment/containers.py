# SPDX-License-Identifier: Apache-2.0
"""The container backend: podman, with a system of an image's own in place of this machine's.

Only how a program is started differs from bubblewrap. The same launcher waits as process 1 for its
files, under the same system call filter and the same meters, and its folders are looked into from
outside in the same way; so it needs containers that are processes of this machine's kernel.
"""

import math
import os
import platform
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from ratings.sandbox.containment.bubblewrap import (
    PASSING_USER,
    READY,
    WORK,
    Bubble,
    filter_program,
    look_inside,
    prlimit,
)
from ratings.sandbox.environments.trees import INSIDE, DecoderEnvironment, devices_fact
from ratings.sandbox.environments.variables import variables
from ratings.sandbox.metering.meters import Meters
from ratings.sandbox.results.diagnosis import LOOK_BEHIND
from ratings.sandbox.run_limits import Limits
from ratings.sandbox.sandbox_errors import EnvironmentAbsent, SandboxUnavailable
from ratings.sandbox.staging import Staged
from ratings.sandbox.worlds import World

PREFIX = "decoder"
MOST_ASKING = 64  # processes, of one that is asked for a program
SPARE_SECONDS = 60  # after which the engine ends a run whose worker is gone
# podman's own filter allows more than decoders need, and files of filters know no numbers. So
# process 1 puts ours upon itself before it does anything: prctl(PR_SET_SECCOMP), see seccomp(2).
FILTERED = """
import ctypes, os, sys
class Program(ctypes.Structure):
    _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_char_p)]
given = bytes.fromhex(sys.argv[1])
program = Program(len(given) // 8, given)
if ctypes.CDLL(None, use_errno=True).prctl(22, 2, ctypes.byref(program), 0, 0):
    sys.exit(f"The filter was refused: {os.strerror(ctypes.get_errno())}")
os.execv("/bin/sh", ["sh", "-c", sys.argv[2]])
"""
# As bubblewrap's launcher, but that it ends by SIGTERM too, and the rest with it: that is what
# podman passes on when its worker has died.
LAUNCHER = (
    "trap 'exit 143' TERM; echo; read -r go; tar -xf - 2>/dev/null || exit; echo; "
    "./decode </dev/null & wait $!; " + LOOK_BEHIND
)
HINT = "docs/sandbox.md says what containers need"
_numbers = count()


@dataclass(frozen=True)
class Engine:
    """A container engine and the image of what decoders find, pinned by digest.

    A packaged environment stands in it as it does in bubblewrap, at the same place.
    """

    program: str
    image: str
    environment: DecoderEnvironment | None = None
    devices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if "sha256:" not in self.image:
            raise SandboxUnavailable(
                f"The image {self.image!r} may change; name it by its digest (NAME@sha256:...)."
            )

    def description(self) -> dict[str, str]:
        """Return what a result may depend on: without an environment the image says the rest."""
        kernel = f"{platform.system()} {platform.release()} {platform.machine()}"
        packaged = self.environment.versions() if self.environment else {}
        return {"image": self.image, "kernel": kernel} | packaged | devices_fact(self.devices)

    def words(self, cores: float, world: World) -> list[str]:
        """Return podman's words for variables, and for what stands beside the image's own."""
        given = self.environment.variables if self.environment else variables
        words = [f"--env={name}={value}" for name, value in given(cores, world).items()]
        words += [f"--device={device}" for device in self.devices]
        if self.environment:
            words.append(f"--volume={self.environment.tree}:{INSIDE}:ro")
        return words


def find_engine(
    image: str, environment: DecoderEnvironment | None = None, devices: tuple[str, ...] = ()
) -> Engine:
    """Return this machine's engine; remove what killed workers left.

    Raises SandboxUnavailable where there is none, EnvironmentAbsent where it has no such image.
    """
    program = _podman()
    _sweep(program)
    engine = Engine(program, image, environment, devices)
    asked = subprocess.run([program, "image", "exists", image], capture_output=True, check=False)
    if asked.returncode == 1:  # else it is podman itself that fails, and says so when it is used
        raise EnvironmentAbsent(
            f"This machine has no image {image}; fetch it by podman pull, or load it."
        )
    return engine


def has_image(image: str) -> bool:
    """Tell whether containers of an image can be started on this machine."""
    try:
        asked = [_podman(), "image", "exists", image]
    except SandboxUnavailable:
        return False
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


@lru_cache(maxsize=256)
def finds_in_image(image: str, program: str) -> bool:
    """Tell whether decoders find a program in an image, by its path or its name.

    Raises SandboxUnavailable where no container of it can be asked.
    """
    asked = subprocess.run(
        [
            *(_podman(), "run", "--rm", "--pull", "never", "--network", "none", "--read-only"),
            *_ulimits(MOST_ASKING),
            *(
                "--entrypoint",
                "",
                image,
                "sh",
                "-c",
                'command -v -- "$1" >/dev/null',
                "sh",
                program,
            ),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode not in (0, 1, 127):
        raise SandboxUnavailable(f"{asked.stderr.strip()} {HINT}.")
    return asked.returncode == 0


def _podman() -> str:
    program = shutil.which("podman")
    if not program or not shutil.which("setpriv"):
        raise SandboxUnavailable(
            "Decoders are to run in containers, and podman is not installed: install the packages "
            "'podman' and 'util-linux'."
        )
    return program


def start(engine: Engine, staged: Staged, limits: Limits, meters: Meters, world: World) -> Bubble:
    """Start the container and return when it stands and waits for its files.

    Raises SandboxUnavailable with what podman said.
    """
    name = f"{PREFIX}-{os.getpid()}-{next(_numbers)}"
    work_bytes = limits.work_bytes + staged.pages_bytes
    with TemporaryDirectory() as folder:
        pidfile = Path(folder, "pid")
        inside = launcher(limits, work_bytes, each_process=meters.limits_each_process)
        client = subprocess.Popen(
            [*arguments(engine, name, pidfile, work_bytes, limits, world), *inside],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            cwd="/",
        )
        return _await(client, pidfile)


def arguments(
    engine: Engine, name: str, pidfile: Path, work_bytes: int, limits: Limits, world: World
) -> Sequence[str]:
    """Return podman's command line, up to the command inside."""
    options = "rw,exec,nosuid,nodev,mode=1777"
    return (
        *("setpriv", "--pdeathsig", "TERM"),
        *(engine.program, "run", "--rm", "--interactive", "--pull", "never", "--name", name),
        *(
            "--pidfile",
            str(pidfile),
            "--timeout",
            str(math.ceil(limits.wall_seconds) + SPARE_SECONDS),
        ),
        *("--network", "none", "--ipc", "private", "--hostname", "decoding", "--no-hosts"),
        *("--read-only", "--read-only-tmpfs=false", "--log-driver", "none", "--http-proxy=false"),
        *("--user", f"{PASSING_USER}:{PASSING_USER}", "--cap-drop", "ALL"),
        *("--security-opt", "no-new-privileges"),
        *_ulimits(2 * limits.processes),
        *("--tmpfs", f"{WORK}:{options},size={work_bytes}", "--workdir", WORK),
        *("--tmpfs", f"/tmp:{options},size={limits.scratch_bytes}"),
        *("--shm-size", str(limits.scratch_bytes)),  # of /dev/shm
        *engine.words(limits.cores, world),
        *("--entrypoint", "", engine.image),
    )


def launcher(limits: Limits, work_bytes: int, *, each_process: bool) -> list[str]:
    """Return the command that is process 1 inside: limits, the filter, then LAUNCHER."""
    filtered = ["python3", "-ISc", FILTERED, filter_program().hex(), LAUNCHER]
    return [*prlimit(limits, work_bytes, each_process=each_process), *filtered]


def _ulimits(processes: int) -> list[str]:
    """Return what podman sets otherwise, maybe above what this process may give."""
    return ["--ulimit", "nofile=1024:1024", "--ulimit", f"nproc={processes}:{processes}"]


def _await(client: "subprocess.Popen[bytes]", pidfile: Path) -> Bubble:
    """Wait for the launcher's word. What comes instead of it is podman's complaint."""
    assert client.stdin and client.stdout
    word = client.stdout.read(1)
    if word == READY:
        first_pid = int(pidfile.read_text())
        with suppress(OSError):
            inside = look_inside(first_pid)
            return Bubble(client, os.pidfd_open(first_pid), first_pid, inside)
        client.send_signal(signal.SIGTERM)
    said = (word + client.stdout.read()).decode(errors="replace").strip()
    client.stdin.close()
    client.stdout.close()
    client.wait()
    raise SandboxUnavailable(f"{said or 'The container can not be looked into.'} {HINT}.")


def _sweep(program: str) -> None:
    """Remove the containers of workers that are gone; their pid is in the name."""
    listed = subprocess.run(
        [program, "ps", "--all", "--format", "{{.Names}}", "--filter", f"name=^{PREFIX}-"],
        capture_output=True,
        text=True,
        check=False,
    )
    for name in listed.stdout.split():
        if not Path("/proc", name.split("-")[1]).exists():
            subprocess.run([program, "rm", "--force", name], capture_output=True, check=False)
