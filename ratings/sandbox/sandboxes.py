# SPDX-License-Identifier: Apache-2.0
"""A sandbox, as the floors above see it."""

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
from ratings.sandbox.processors import arithmetic, kept_to, processor_model
from ratings.sandbox.results.collecting import collect
from ratings.sandbox.results.logs import BoundedLog
from ratings.sandbox.results.run_result import RunResult, Termination
from ratings.sandbox.run_limits import Limit, Limits
from ratings.sandbox.sandbox_errors import SandboxUnavailable
from ratings.sandbox.staging import Staged, stage
from ratings.sandbox.supervising import supervise
from ratings.sandbox.worlds import USUAL, World

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
        world: World = USUAL,
    ) -> RunResult:
        """Run `decode` of an unpacked decoder's folder, beside the inputs under their names.

        What it makes is collected into the empty folder `outputs`. `log` is called with what the
        program prints while it runs; `keep_going` is asked many times a second, and no stops the
        program, or the collecting. `world` is the arithmetic that it finds. Returns when everything
        that the program started is dead. Raises FileRefused where an input would overwrite a file
        of the decoder, SandboxUnavailable where nothing can be contained.
        """


def best_meters() -> Meters:
    """Return control groups where this process may make them, else watching."""
    return find_groups() or Watching()


class MeteredSandbox(ABC):
    """What the sandboxes share: files in, a program followed and measured, outputs out."""

    meters: Meters

    @abstractmethod
    def start(self, staged: Staged, limits: Limits, world: World) -> Bubble:
        """Return a program that waits for its files. Raises SandboxUnavailable."""

    @abstractmethod
    def description(self) -> dict[str, str]:
        """Return what of the system a result may depend on."""

    def facts(self) -> dict[str, str]:
        """Return all that a result may depend on, but for the processor's name."""
        packaged = self.packaged()
        named = {"environment": packaged.slug} if packaged else {}
        return (
            self.description()
            | named
            | {
                "arithmetic": arithmetic(),
                "measured by": self.meters.name,
            }
        )

    @abstractmethod
    def packaged(self) -> DecoderEnvironment | None:
        """Return the packaged environment that decoders find; None where an image holds all."""

    def run(
        self,
        decoder: Path,
        inputs: Mapping[str, Path],
        outputs: Path,
        limits: Limits,
        *,
        log: Sink | None = None,
        keep_going: Callable[[], bool] = lambda: True,
        world: World = USUAL,
    ) -> RunResult:
        """Run a program; see `Sandbox`."""
        staged = stage(decoder, inputs, backwards=world.backwards)
        bounded = BoundedLog(limits.log_bytes, log)
        bubble = self.start(staged, limits, world)
        try:
            with kept_to(bubble.first_pid, world.threads_per_core * limits.cores) as cores:
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
            self.facts() | {"cores": cores} | world.description(),
            processor_model(),
            staged.pointers,
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

    def start(self, staged: Staged, limits: Limits, world: World) -> Bubble:
        return bubblewrap.start(self.environment, staged, limits, self.meters, world)

    def description(self) -> dict[str, str]:
        return self.environment.description()

    def packaged(self) -> DecoderEnvironment:
        return self.environment


@dataclass(frozen=True)
class ContainerSandbox(MeteredSandbox):
    """The sandbox of machines with podman; decoders find the system of an image."""

    engine: Engine
    meters: Meters = field(default_factory=best_meters)

    def start(self, staged: Staged, limits: Limits, world: World) -> Bubble:
        return containers.start(self.engine, staged, limits, self.meters, world)

    def description(self) -> dict[str, str]:
        return self.engine.description()

    def packaged(self) -> DecoderEnvironment | None:
        return self.engine.environment
