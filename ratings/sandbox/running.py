"""A sandbox, as the floors above see it."""

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ratings.sandbox.bubblewrap import Bubble, start
from ratings.sandbox.cgroups import find_groups
from ratings.sandbox.collecting import collect
from ratings.sandbox.environments import Environment
from ratings.sandbox.limits import Limit, Limits
from ratings.sandbox.logs import BoundedLog
from ratings.sandbox.meters import Meter, Meters, Watching
from ratings.sandbox.outcome import Ending, Outcome
from ratings.sandbox.refusals import SandboxUnavailable
from ratings.sandbox.staging import Staged, stage
from ratings.sandbox.supervising import supervise

Sink = Callable[[bytes], object]


class Sandbox(Protocol):
    """Runs decoders, each contained."""

    def run(
        self,
        decoder: Path,
        inputs: Mapping[str, Path],
        outputs: Path,
        limits: Limits,
        *,
        log: Sink | None = None,
        keep_going: Callable[[], bool] = lambda: True,
    ) -> Outcome:
        """Run `decode` of an unpacked decoder's folder, beside the inputs under their names.

        What it makes is collected into the empty folder `outputs`. `log` is called with what the
        program prints while it runs; `keep_going` is asked many times a second, and no stops the
        program. Returns when everything that the program started is dead. Raises FileRefused
        where an input would overwrite a file of the decoder, SandboxUnavailable where nothing can
        be contained.
        """


def best_meters() -> Meters:
    """Return control groups where this process may make them, else watching."""
    return find_groups() or Watching()


@dataclass(frozen=True)
class BubblewrapSandbox:
    """The sandbox of Linux machines with bubblewrap; see `Sandbox`."""

    environment: Environment
    meters: Meters = field(default_factory=best_meters)

    def run(
        self,
        decoder: Path,
        inputs: Mapping[str, Path],
        outputs: Path,
        limits: Limits,
        *,
        log: Sink | None = None,
        keep_going: Callable[[], bool] = lambda: True,
    ) -> Outcome:
        staged = stage(decoder, inputs)
        bounded = BoundedLog(limits.log_bytes, log)
        bubble = start(self.environment, staged, limits, self.meters)
        try:
            ending = self._run_inside(bubble, staged, limits, bounded, keep_going)
            collected = collect(bubble.inside.work, outputs, limits, before=staged.files)
        finally:
            bubble.close()
        return Outcome(
            ending,
            limits,
            bounded.finish(),
            collected.outputs,
            tuple(collected.left_out),
            self.description(),
            processor_model(),
        )

    def description(self) -> dict[str, str]:
        """Return what a result may depend on, but for the processor."""
        return self.environment.description() | {"measured by": self.meters.name}

    def _run_inside(
        self,
        bubble: Bubble,
        staged: Staged,
        limits: Limits,
        log: BoundedLog,
        keep_going: Callable[[], bool],
    ) -> Ending:
        meter: Meter | None = None
        try:
            meter = self.meters.meter(limits, bubble.first_pid, bubble.inside)
            started = bubble.hand_over(staged)
            ending = supervise(bubble, meter, limits, log, keep_going)
        finally:
            bubble.end()
            if meter:
                meter.close()
        if survivors := bubble.inside.processes():
            raise SandboxUnavailable(f"{len(survivors)} of the decoder's processes outlived it.")
        if not started and ending.limit is not Limit.MEMORY:
            raise SandboxUnavailable(f"The decoder's files did not arrive: {ending}.")
        return ending


def processor_model() -> str:
    """Return the processor's name: where floats decide, a result may depend on it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.machine()
