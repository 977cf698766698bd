# SPDX-License-Identifier: Apache-2.0
"""Running a decoder with your own rights, where nothing can be contained.

Limits, meters, the launcher and the way out are the server's; what is missing is all that keeps a
program from your files and network. What moves out of its group of processes escapes the meters.
"""

import math
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from ratings.sandbox.containment.bubblewrap import LAUNCHER, READY, Bubble
from ratings.sandbox.environments.trees import MINOR, PROGRAMS, PYTHONS, DecoderEnvironment
from ratings.sandbox.environments.variables import variables
from ratings.sandbox.metering.meters import Inside, Meters, Watching
from ratings.sandbox.run_limits import GIB, MIB, Limits
from ratings.sandbox.sandbox_errors import SandboxUnavailable
from ratings.sandbox.sandboxes import MeteredSandbox
from ratings.sandbox.staging import Staged
from ratings.sandbox.worlds import World

PROC = Path("/proc")


@dataclass(frozen=True)
class Household(Inside):
    """A program's processes among all others, and a folder on a disk that others use too."""

    first_pid: int = 0

    @property
    def folders(self) -> tuple[int, ...]:
        """None has a size of its own."""
        return ()

    def processes(self) -> list[str]:
        """Return the first process and all that descend from it."""
        return list(_family(str(self.first_pid)))


@dataclass(frozen=True)
class Loose(Bubble):
    """A running program in a folder of its own."""

    folder: "TemporaryDirectory[str] | None" = None

    def kill(self) -> None:
        """Kill its group of processes."""
        with suppress(ProcessLookupError):
            os.killpg(self.first_pid, signal.SIGKILL)

    def close(self) -> None:
        """Give back all descriptors, and the folder."""
        super().close()
        if self.folder:
            self.folder.cleanup()


@dataclass(frozen=True)
class UncontainedSandbox(MeteredSandbox):
    """No sandbox; `why` says what keeps this machine from having one."""

    environment: DecoderEnvironment
    why: str
    meters: Meters = field(default_factory=Watching)

    def start(self, staged: Staged, limits: Limits, world: World) -> Bubble:
        """Start the launcher in a new folder. Raises SandboxUnavailable with what it said."""
        folder = TemporaryDirectory(prefix="check-", ignore_cleanup_errors=True)
        work, python = Path(folder.name, "work"), Path(folder.name, "python")
        work.mkdir()
        _lay_python(self.environment.tree, python)
        process = subprocess.Popen(
            [*_process_limits(limits), "/bin/sh", "-c", LAUNCHER],
            cwd=work,
            env=variables(limits.cores, world) | {"PATH": ":".join((f"{python}/bin", *PROGRAMS))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            start_new_session=True,
        )
        assert process.stdout
        if (word := process.stdout.read(1)) != READY:
            said = (word + process.stdout.read()).decode(errors="replace").strip()
            process.wait()
            folder.cleanup()
            raise SandboxUnavailable(f"No decoder can be started here: {said}")
        inside = Household(_open(PROC), _open(work), (), process.pid)
        return Loose(process, os.pidfd_open(process.pid), process.pid, inside, None, folder)

    def description(self) -> dict[str, str]:
        return self.environment.description()

    def packaged(self) -> DecoderEnvironment:
        return self.environment


def _lay_python(tree: Path, place: Path) -> None:
    """Make a virtual environment of an environment's Python and packages where they lie."""
    (place / "bin").mkdir(parents=True)
    for name in PYTHONS:
        (place / "bin" / name).symlink_to(tree / "python" / "bin" / MINOR)
    (place / "lib").symlink_to(tree / "lib")
    (place / "pyvenv.cfg").write_text(f"home = {tree}/python/bin\n")


def _process_limits(limits: Limits) -> list[str]:
    """Return the words that limit each process; their number would count your own too."""
    if not shutil.which("prlimit"):
        return []
    words = ["prlimit", "--core=0", "--nofile=1024", f"--fsize={limits.work_bytes + MIB}"]
    words += [f"--cpu={math.ceil(limits.cpu_seconds) + 1}", f"--as={limits.memory_bytes + GIB}"]
    return [*words, "--"]


def _family(pid: str) -> Iterator[str]:
    """Yield a process, as long as it is there, and all that descend from it."""
    try:
        threads = [thread.name for thread in (PROC / pid / "task").iterdir()]
    except OSError:  # it has just ended
        return
    yield pid
    for thread in threads:
        with suppress(OSError):
            for child in (PROC / pid / "task" / thread / "children").read_text().split():
                yield from _family(child)


def _open(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
