"""An entry, a decoder and its bitstreams, run from the files that were sent.

Whoever runs entries does it by this: a site's own workers, and those that reach it over HTTPS.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ratings.sandbox.containment import containers
from ratings.sandbox.decoders.programs import Machine
from ratings.sandbox.decoders.unpacking import unpack
from ratings.sandbox.environments.found_programs import finds as finds_here
from ratings.sandbox.results.run_result import RunResult
from ratings.sandbox.run_limits import Limits
from ratings.sandbox.sandbox_errors import SandboxUnavailable
from ratings.sandbox.sandboxes import Sandbox, Sink
from ratings.sandbox.sources import image_of
from ratings.sandbox.worlds import USUAL, World


@dataclass(frozen=True)
class EntryFiles:
    """Local files of an entry, as they were sent; bitstreams by the names that decoders find."""

    decoder: Path
    bitstreams: Mapping[str, Path]


def run_entry(
    entry: EntryFiles,
    folder: Path,
    sandbox: Sandbox,
    machine: Machine,
    limits: Limits,
    *,
    log: Sink,
    keep_going: Callable[[], bool],
    world: World = USUAL,
) -> RunResult:
    """Unpack an entry's decoder in the empty `folder` and run it; what it makes is kept there.

    `log`, `keep_going` and `world` are as for `Sandbox.run`. Raises FileRefused where the
    decoder can't be started, SandboxUnavailable where nothing can be contained.
    """
    program, made = folder / "program", folder / "outputs"
    program.mkdir()
    made.mkdir()
    unpack(entry.decoder, program, machine)
    return sandbox.run(
        program, entry.bitstreams, made, limits, log=log, keep_going=keep_going, world=world
    )


def decoding_machine(source: str, site_image: str) -> Machine:
    """Return what decoders are to be built for, and find there, as far as this process can tell.

    Programs are looked for in the image of the environment's source, which is the site's own for
    "python" where the site has one; else on this machine.
    """
    image = image_of(source, site_image)

    def finds(program: str) -> bool:
        if not image:
            return finds_here(program)
        try:
            return containers.finds_in_image(image, program)
        except SandboxUnavailable:
            return True  # it is the worker's to say

    return Machine.this(finds)
