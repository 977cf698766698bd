"""What is refused, limits, and endings of a decoder's run, in the server's words."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
LOG_BYTES = MIB
COULD_NOT_START = {
    126: "decode could not be executed",
    127: "decode, or the interpreter that its first line names, was not found",
}


class Refused(ValueError):
    """What is not taken; each of `problems` names the thing and the mend."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


def size_words(size: int) -> str:
    """Return a number of bytes in the largest binary unit that it reaches: "8 GiB", "1.5 MiB"."""
    for unit, name in ((GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")):
        if size >= unit:
            return f"{size / unit:.4g} {name}"
    return f"{size} bytes"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one run may use up, all its processes together; what fits exactly is within them."""

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    processes: int

    @property
    def memory(self) -> str:
        return f"the memory limit of {size_words(self.memory_bytes)}"

    @property
    def cpu(self) -> str:
        return f"the CPU time limit of {self.cpu_seconds:g} s"

    @property
    def wall(self) -> str:
        return f"the wall time limit of {self.wall_seconds:g} s"

    @property
    def crowd(self) -> str:
        return f"the limit of {self.processes} processes and threads"


@dataclass(frozen=True)
class Outcome:
    """All that is known of a run. A shell's status above 128 is the signal that it stands for."""

    status: int
    log: bytes
    stopped_at: str = ""  # a limit, in words
    refused_by: str = ""  # a limit that it came up against and went on
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory_bytes: int | None = None
    outputs: Mapping[str, Path] = field(default_factory=dict)  # by path in the working folder
    left_out: tuple[str, ...] = ()  # outputs that were not taken, each with the reason

    @property
    def verdict(self) -> str:
        """Say in one sentence how the run ended, and the likely cause."""
        if self.stopped_at:
            return f"The decoder was stopped at {self.stopped_at}."
        after = f" after it came up against {self.refused_by}" if self.refused_by else ""
        if self.status == 0:
            return f"The decoder ended by itself{after}."
        if cause := COULD_NOT_START.get(self.status, ""):
            return f"The decoder did not start: {cause} (exit code {self.status}){self._last()}"
        if name := _signal(self.status):
            return f"The decoder was ended by {name}{after}{self._last()}"
        return f"The decoder failed with exit code {self.status}{after}{self._last()}"

    def _last(self) -> str:
        """Quote the last words of the log, where an error usually stands; nothing unprintable."""
        text = self.log.decode(errors="replace")
        lines = "".join(c if c.isprintable() or c == "\n" else " " for c in text).split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f'; its last words: "{last[:200]}".' if last else "."


def _signal(status: int) -> str:
    try:
        return signal.Signals(status - 128).name if status > 128 else ""
    except ValueError:
        return ""
