"""What came of a run, as a value."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ratings.sandbox.limits import Limit, Limits

COULD_NOT_START = {
    126: "decode could not be executed",
    127: "decode, or the interpreter that its first line names, was not found",
}


@dataclass(frozen=True)
class Output:
    """A file that the program made, collected: `file` is our copy, under a name of our own."""

    file: Path
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Ending:
    """How the program ended. A shell's status above 128 is read as the signal it stands for."""

    status: int
    limit: Limit | None = None  # the one it was stopped at, or came up against
    stopped: bool = False  # by us: at a limit, or because nobody wants it any more
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory_bytes: int = 0

    @property
    def signal(self) -> signal.Signals | None:
        try:
            return signal.Signals(self.status - 128) if self.status > 128 else None
        except ValueError:
            return None

    @property
    def exit_code(self) -> int | None:
        return None if self.signal else self.status


@dataclass(frozen=True)
class Outcome:
    """All that is known of a run. `outputs` are by path relative to the working folder."""

    ending: Ending
    limits: Limits
    log: bytes
    outputs: Mapping[str, Output] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()  # outputs that were not taken, each with the reason
    environment: Mapping[str, str] = field(default_factory=dict)
    processor: str = ""

    @property
    def succeeded(self) -> bool:
        return self.ending.status == 0 and not self.ending.stopped

    @property
    def verdict(self) -> str:
        """Say in one sentence how the run ended, and the likely cause."""
        ending, words = self.ending, self.ending.limit and self.limits.words(self.ending.limit)
        if ending.stopped:
            cause = f"at {words}" if words else "by request"
            return f"The decoder was stopped {cause}."
        after = f" after it came up against {words}" if words else ""
        if ending.status == 0:
            return f"The decoder ended by itself{after}."
        if cause := COULD_NOT_START.get(ending.status, ""):
            return f"The decoder did not start: {cause} (exit code {ending.status}){self._last()}"
        if ending.signal:
            return f"The decoder was ended by {ending.signal.name}{after}{self._last()}"
        return f"The decoder failed with exit code {ending.exit_code}{after}{self._last()}"

    def _last(self) -> str:
        """Quote the last words of the log, where an error usually stands; nothing unprintable."""
        text = self.log.decode(errors="replace")
        lines = "".join(c if c.isprintable() or c == "\n" else " " for c in text).split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f'; its last words: "{last[:200]}".' if last else "."
