# SPDX-License-Identifier: Apache-2.0
"""What came of a run, as a value."""

import signal
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ratings.sandbox.results.absence import OtherFiles
from ratings.sandbox.results.diagnosis import Diagnosis
from ratings.sandbox.results.mistakes import Given
from ratings.sandbox.run_limits import Limit, Limits


@dataclass(frozen=True)
class Output:
    """A file that the program made, collected: `file` is our copy, under a name of our own."""

    file: Path
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Termination:
    """How the program ended. A shell's status above 128 is read as the signal it stands for."""

    status: int
    limit: Limit | None = None  # the one it was stopped at, or came up against
    stopped: bool = False  # by us: at a limit, or because nobody wants it any more
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory_bytes: int = 0

    @property
    def signal(self) -> signal.Signals | None:
        """The signal that ended it, None where it ended by itself."""
        try:
            return signal.Signals(self.status - 128) if self.status > 128 else None
        except ValueError:
            return None

    @property
    def exit_code(self) -> int | None:
        """Its exit code, None where a signal ended it."""
        return None if self.signal else self.status


@dataclass(frozen=True)
class RunResult:
    """All that is known of a run. `outputs` are by path relative to the working folder."""

    termination: Termination
    limits: Limits
    log: bytes
    outputs: Mapping[str, Output] = field(default_factory=dict)
    other_files: OtherFiles = field(default_factory=OtherFiles)  # what else it wrote
    environment: Mapping[str, str] = field(default_factory=dict)
    processor: str = ""
    pointers: Sequence[str] = ()  # paths in the decoder of what Git LFS has elsewhere

    def by_name(self) -> dict[str, list[str]]:
        """Return the paths of all outputs, in order, by the last part of each."""
        paths: dict[str, list[str]] = {}
        for path in sorted(self.outputs):
            paths.setdefault(PurePosixPath(path).name, []).append(path)
        return paths

    def first_outputs(self, names: Iterable[str]) -> dict[str, Output]:
        """Return the output that stands for each of the names that there is one of."""
        by_name = self.by_name()
        return {name: self.outputs[by_name[name][0]] for name in names if name in by_name}

    @property
    def succeeded(self) -> bool:
        """Whether it ended by itself, with exit code 0."""
        return self.termination.status == 0 and not self.termination.stopped

    @property
    def diagnosis(self) -> Diagnosis:
        """How it ended, in words."""
        termination, given = self.termination, Given(self.limits, self.environment, self.pointers)
        words = self.limits.words(termination.limit) if termination.limit else ""
        if termination.stopped:
            stopped_at = f"at {words}" if words else "by request"
            return Diagnosis(termination.status, self.log, stopped_at, given=given)
        return Diagnosis(termination.status, self.log, refused_by=words, given=given)

    @property
    def verdict(self) -> str:
        """Say in one sentence how the run ended, and the likely cause."""
        return self.diagnosis.verdict
