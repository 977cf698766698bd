"""Programs for the sandbox, and a witness of what a run leaves behind."""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ratings.sandbox.metering.meters import Inside, Meter, Meters
from ratings.sandbox.results.run_result import RunResult
from ratings.sandbox.run_limits import KIB, MIB, Limits
from ratings.sandbox.sandboxes import Sandbox
from tests.waiting import PATIENCE_SECONDS

SMALL = Limits(
    cpu_seconds=0.3,
    wall_seconds=PATIENCE_SECONDS,
    memory_bytes=96 * MIB,
    processes=24,
    cores=2,
    work_bytes=8 * MIB,
    scratch_bytes=4 * MIB,
    files=300,
    log_bytes=16 * KIB,
    output_files=50,
    output_bytes=2 * MIB,
)
ROOMY = replace(SMALL, cpu_seconds=30, memory_bytes=512 * MIB, processes=64)  # for Python
TRACES = ("/tmp", "/var/tmp", "/dev/shm", "/run")
MARK = "hostile-"  # begins the name of whatever a hostile program makes


ALLOW_ALL = struct.pack("<HBBI", 0x06, 0, 0, 0x7FFF0000)


def build_decoder(folder: Path, program: str | bytes, **files: str) -> Path:
    """Lay an unpacked decoder into `folder`; names of further files have __ for dots."""
    folder.mkdir()
    content = program if isinstance(program, bytes) else program.encode()
    (folder / "decode").write_bytes(content)
    (folder / "decode").chmod(0o755)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def elf(machine: int = 62, kind: int = 2, *, size: int = 64) -> bytes:
    """Return the head of a Linux program for a machine by ELF's number, x86-64 by default."""
    return (b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HH", kind, machine)).ljust(64, b"\0")[:size]


@dataclass
class Witness:
    """Meters that hold the namespaces they measured, to look for survivors.

    While one is held open, no other sandbox of this machine is given its number.
    """

    meters: Meters
    held: list[int] = field(default_factory=list)
    name: str = field(init=False)
    limits_each_process: bool = field(init=False)

    def __post_init__(self) -> None:
        self.name = self.meters.name
        self.limits_each_process = self.meters.limits_each_process

    @property
    def seen(self) -> list[str]:
        """The namespaces' names, as the links in /proc have them."""
        return [str(Path(f"/proc/self/fd/{descriptor}").readlink()) for descriptor in self.held]

    def meter(self, limits: Limits, first_process: int, inside: Inside) -> Meter:
        for kind in ("pid", "ipc", "mnt", "net"):
            self.held.append(os.open(f"/proc/{first_process}/ns/{kind}", os.O_RDONLY))
        return self.meters.meter(limits, first_process, inside)

    def survivors(self) -> list[str]:
        """Return every process of this machine that is in one of those namespaces."""
        seen = self.seen
        return [pid for pid, name in _namespaces() if name in seen]

    def close(self) -> None:
        """Let go of the namespaces."""
        while self.held:
            os.close(self.held.pop())


def _namespaces() -> Iterator[tuple[str, str]]:
    for process in Path("/proc").glob("[0-9]*"):
        for kind in ("pid", "ipc", "mnt", "net"):
            try:
                yield process.name, str((process / "ns" / kind).readlink())
            except OSError:
                break  # it has just ended


def traces() -> list[Path]:
    """Return what hostile programs have left where everybody may write."""
    return [path for folder in TRACES for path in Path(folder).glob(f"{MARK}*")]


def processes() -> list[str]:
    """Return the ids of all processes of this machine."""
    return [path.name for path in Path("/proc").glob("[0-9]*")]


def run_plain(sandbox: Sandbox, folder: Path, program: str, **options: Any) -> RunResult:
    """Run a program without inputs in a folder of the test's own."""
    decoder, outputs = build_decoder(folder / "decoder", program), folder / "outputs"
    outputs.mkdir()
    limits = options.pop("limits", SMALL)
    return sandbox.run(decoder, {}, outputs, limits, **options)
