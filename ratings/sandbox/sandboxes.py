"""A sandbox, as the floors above see it."""

import platform
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ratings.sandbox.containment import bubblewrap, containers
from ratings.sandbox.containment.bubblewrap import Bubble
from ratings.sandbox.containment.containers import Engine
from ratings.sandbox.environments.trees import DecoderEnvironment
from ratings.sandbox.metering.cgroups import find_groups
from ratings.sandbox.metering.meters import Meter, Meters, Watching
from ratings.sandbox.results.collecting import collect
from ratings.sandbox.results.logs import BoundedLog
from ratings.sandbox.results.run_result import RunResult, Termination
from ratings.sandbox.run_limits import Limit, Limits
from ratings.sandbox.sandbox_errors import SandboxUnavailable
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
    ) -> RunResult:
        """Run `decode` of an unpacked decoder's folder, beside the inputs under their names.

        What it makes is collected into the empty folder `outputs`. `log` is called with what the
        program prints while it runs; `keep_going` is asked many times a second, and no stops the
        program, or the collecting. Returns when everything that the program started is dead.
        Raises FileRefused where an input would overwrite a file of the decoder, SandboxUnavailable
        where nothing can be contained.
        """


def best_meters() -> Meters:
    """Return control groups where this process may make them, else watching."""
    return find_groups() or Watching()


class MeteredSandbox(ABC):
    """What the sandboxes share: files in, a program followed and measured, outputs out."""

    meters: Meters
    environment: DecoderEnvironment | None  # None where an image holds all that decoders find

    @abstractmethod
    def start(self, staged: Staged, limits: Limits) -> Bubble:
        """Return a program that waits for its files. Raises SandboxUnavailable."""

    @abstractmethod
    def description(self) -> dict[str, str]:
        """Return what a result may depend on, but for the processor."""

    def run(
        self,
        decoder: Path,
        inputs: Mapping[str, Path],
        outputs: Path,
        limits: Limits,
        *,
        log: Sink | None = None,
        keep_going: Callable[[], bool] = lambda: True,
    ) -> RunResult:
        """Run a program; see `Sandbox`."""
        staged = stage(decoder, inputs)
        bounded = BoundedLog(limits.log_bytes, log)
        bubble = self.start(staged, limits)
        try:
            termination = self._run_inside(bubble, staged, limits, bounded, keep_going)
            collected = collect(
                bubble.inside.work, outputs, limits, before=staged.files, keep_going=keep_going
            )
        finally:
            bubble.close()
        return RunResult(
            termination,
            limits,
            bounded.finish(),
            collected.outputs,
            collected,
            self.description() | {"measured by": self.meters.name},
            processor_model(),
        )

    def _run_inside(
        self,
        bubble: Bubble,
        staged: Staged,
        limits: Limits,
        log: BoundedLog,
        keep_going: Callable[[], bool],
    ) -> Termination:
        meter: Meter | None = None
        try:
            meter = self.meters.meter(limits, bubble.first_pid, bubble.inside)
            started = bubble.hand_over(staged)
            termination = supervise(bubble, meter, limits, log, keep_going)
        finally:
            bubble.end()
            if meter:
                meter.close()
        if survivors := bubble.inside.processes():
            raise SandboxUnavailable(f"{len(survivors)} of the decoder's processes outlived it.")
        if not started and termination.limit is not Limit.MEMORY:
            raise SandboxUnavailable(f"The decoder's files did not arrive: {termination}.")
        return termination


@dataclass(frozen=True)
class BubblewrapSandbox(MeteredSandbox):
    """The sandbox of Linux machines with bubblewrap; decoders find this machine's system."""

    environment: DecoderEnvironment
    meters: Meters = field(default_factory=best_meters)

    def start(self, staged: Staged, limits: Limits) -> Bubble:
        return bubblewrap.start(self.environment, staged, limits, self.meters)

    def description(self) -> dict[str, str]:
        return self.environment.description()


@dataclass(frozen=True)
class ContainerSandbox(MeteredSandbox):
    """The sandbox of machines with podman; decoders find the system of an image.

    A packaged environment stands in it as it does in bubblewrap, at the same place.
    """

    engine: Engine
    meters: Meters = field(default_factory=best_meters)
    environment: DecoderEnvironment | None = None

    def start(self, staged: Staged, limits: Limits) -> Bubble:
        return containers.start(self.engine, self.environment, staged, limits, self.meters)

    def description(self) -> dict[str, str]:
        packaged = self.environment.versions() if self.environment else {}
        return self.engine.description() | packaged


def processor_model() -> str:
    """Return the processor's name: where floats decide, a result may depend on it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.machine()
