"""The container backend: podman or docker, with gVisor's runsc where that is installed.

A keeper container holds a size-limited volume. The files go in through it, the decoder's container
mounts the same volume, and when that is gone the keeper hands the outputs out as a tar: nothing of
the decoder lives on by then.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass

from ratings.sandbox.limits import GIB, Limits
from ratings.sandbox.refusals import SandboxUnavailable

ENGINES = ("podman", "docker")
USER = "1000:1000"
WORK = "/work"
PATH = "/opt/decoding/bin:/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True)
class Engine:
    """A container engine, the runtime it is to use, and the image, pinned by digest."""

    program: str
    image: str
    runtime: str | None = None

    def __post_init__(self) -> None:
        if "sha256:" not in self.image:
            raise SandboxUnavailable(
                f"The image {self.image!r} may change; name it by its digest (NAME@sha256:...)."
            )


def find_engine(image: str) -> Engine:
    """Return the engine that is installed here. Raises SandboxUnavailable."""
    program = next((name for name in ENGINES if shutil.which(name)), None)
    if not program:
        raise SandboxUnavailable("No container engine is installed: install podman or docker.")
    return Engine(program, image, "runsc" if shutil.which("runsc") else None)


@dataclass(frozen=True)
class Commands:
    """The command lines of one run, in order; `remove` comes last whatever has happened."""

    create_volume: Sequence[str]
    keep: Sequence[str]
    put_files: Sequence[str]  # takes a tar as its input
    run: Sequence[str]  # its output is the log
    kill: Sequence[str]  # stopping the client would not stop the container
    take_files: Sequence[str]  # gives a tar
    remove: Sequence[Sequence[str]]


def commands(engine: Engine, name: str, work_bytes: int, limits: Limits) -> Commands:
    """Return the command lines of a run; `name` must be new, `work_bytes` counts all files."""
    keeper, volume, program = f"{name}-keeper", f"{name}-work", engine.program
    mount = f"type=volume,source={volume},target={WORK}"
    options = f"o=size={work_bytes},nr_inodes={limits.files},nosuid,nodev,mode=0777"
    inside = (program, "exec", "--interactive", "--user", USER, keeper, "tar", "-C", WORK)
    return Commands(
        create_volume=(
            *(program, "volume", "create", "--driver", "local", "--opt", "type=tmpfs"),
            *("--opt", "device=tmpfs", "--opt", options, volume),
        ),
        keep=(
            *(program, "run", "--detach", "--rm", "--pull", "never", "--name", keeper),
            *(*_isolation(engine), *_least(), "--mount", mount, engine.image, "sleep", "infinity"),
        ),
        put_files=(*inside, "-xf", "-"),
        run=(
            *(program, "run", "--rm", "--pull", "never", "--name", name, "--init"),
            *(*_isolation(engine), *_limits(limits), "--mount", mount, "--workdir", WORK),
            *("--env", f"PATH={PATH}", engine.image, "./decode"),
        ),
        kill=(program, "kill", "--signal", "KILL", name),
        take_files=(*inside, "-cf", "-", "."),
        remove=(
            (program, "rm", "--force", "--volumes", name),
            (program, "rm", "--force", "--volumes", keeper),
            (program, "volume", "rm", "--force", volume),
        ),
    )


def _isolation(engine: Engine) -> tuple[str, ...]:
    """Return what both containers have: no network, no privileges, nothing to write to."""
    runtime = ("--runtime", engine.runtime) if engine.runtime else ()
    return (
        *runtime,
        *("--network", "none", "--read-only", "--cap-drop", "ALL", "--user", USER),
        *("--security-opt", "no-new-privileges", "--ipc", "private"),
        *("--log-driver", "none"),
    )


def _least() -> tuple[str, ...]:
    return ("--memory", str(GIB // 4), "--memory-swap", str(GIB // 4), "--pids-limit", "16")


def _limits(limits: Limits) -> tuple[str, ...]:
    """Return the decoder's limits; equal memory and memory-swap mean no swap."""
    scratch = f"size={limits.scratch_bytes},nosuid,nodev"
    cpu_seconds = round(limits.cpu_seconds) + 1
    return (
        *("--memory", str(limits.memory_bytes), "--memory-swap", str(limits.memory_bytes)),
        *("--pids-limit", str(limits.processes), "--cpus", f"{limits.cores:g}"),
        *("--shm-size", str(limits.scratch_bytes), "--tmpfs", f"/tmp:{scratch}"),
        *("--ulimit", "core=0", "--ulimit", "nofile=1024:1024"),
        *("--ulimit", f"cpu={cpu_seconds}"),
    )
