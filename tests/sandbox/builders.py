"""Programs for the sandbox, and a witness of what a run leaves behind."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ratings.sandbox.limits import KIB, MIB, Limits
from ratings.sandbox.meters import Inside, Meter, Meters

SMALL = Limits(
    cpu_seconds=0.3,
    wall_seconds=60,
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
TRACES = ("/tmp", "/var/tmp", "/dev/shm", "/run")
MARK = "hostile-"  # begins the name of whatever a hostile program makes


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
    """Meters that remember the namespaces they measured, to look for survivors."""

    meters: Meters
    seen: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.meters.name

    @property
    def limits_each_process(self) -> bool:
        return self.meters.limits_each_process

    def meter(self, limits: Limits, first_process: int, inside: Inside) -> Meter:
        for kind in ("pid", "ipc", "mnt", "net"):
            self.seen.append(str(Path(f"/proc/{first_process}/ns/{kind}").readlink()))
        return self.meters.meter(limits, first_process, inside)

    def survivors(self) -> list[str]:
        """Return every process of this machine that is in one of those namespaces."""
        return [pid for pid, name in _namespaces() if name in self.seen]


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
