# SPDX-License-Identifier: Apache-2.0
"""Where a decoder runs at home: the server's own sandbox where it can be, and what differs there.

What decoders find is made once from the pinned packages of the zip, in your cache's folder.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from ratings.kit.checking.uncontained import UncontainedSandbox
from ratings.sandbox.containment.containers import find_engine
from ratings.sandbox.environments.making import Say, environment_in, made, make
from ratings.sandbox.environments.open_folders import usual_folder
from ratings.sandbox.environments.python_copies import installed_version
from ratings.sandbox.environments.recipes import RECIPES, USUAL
from ratings.sandbox.environments.trees import DecoderEnvironment
from ratings.sandbox.metering.meters import Watching
from ratings.sandbox.run_limits import MIB, Limits
from ratings.sandbox.sandbox_errors import EnvironmentAbsent, SandboxUnavailable
from ratings.sandbox.sandboxes import BubblewrapSandbox, ContainerSandbox, MeteredSandbox

MAKE = "--make-environment"
PROBE = Limits(cpu_seconds=10, wall_seconds=10, memory_bytes=64 * MIB)


def environments_folder() -> Path:
    """Return where environments are kept, for all that you check."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return usual_folder(Path(cache).expanduser() / "decoding")


def make_environment(slug: str, say: Say) -> None:
    """Make an environment unless it is there. Raises SandboxUnavailable."""
    say(f"{make(slug, environments_folder(), say).tree} is there.")


def open_home_sandbox(source: str) -> MeteredSandbox:
    """Return what decoders of an environment run in; `source` names it, or an image by its digest.

    Raises SandboxUnavailable.
    """
    if source not in RECIPES:
        return _tried(ContainerSandbox(find_engine(source)))
    environment = _environment(source)
    try:
        return _tried(BubblewrapSandbox(environment))
    except SandboxUnavailable as why:
        return UncontainedSandbox(environment, str(why))


def _environment(source: str) -> DecoderEnvironment:
    """Return an environment that was made, or is copied in seconds. Raises SandboxUnavailable."""
    folder = environments_folder()
    if source == USUAL and _is_installed(source):
        return environment_in(folder)
    try:
        return made(source, folder)
    except EnvironmentAbsent:
        raise SandboxUnavailable(
            f"The environment {source!r} ({RECIPES[source].words}) is not made here yet; make it "
            f"once by check.py {MAKE} {source}."
        ) from None


def _is_installed(source: str) -> bool:
    """Tell whether this Python has its packages, in its versions."""
    try:
        pins = RECIPES[source].pins().items()
        return all(installed_version(name) == version for name, version in pins)
    except SandboxUnavailable:
        return False


def _tried(sandbox: MeteredSandbox) -> MeteredSandbox:
    """Let it run a program that does nothing. Raises SandboxUnavailable."""
    with TemporaryDirectory() as folder:
        decoder, outputs = Path(folder, "decoder"), Path(folder, "outputs")
        decoder.mkdir()
        outputs.mkdir()
        (decoder / "decode").write_text("#!/bin/sh\n")
        (decoder / "decode").chmod(0o755)
        sandbox.run(decoder, {}, outputs, PROBE)
    return sandbox


def differences(sandbox: MeteredSandbox) -> Iterator[str]:
    """Yield what is not as on the server, and what it means."""
    if isinstance(sandbox, UncontainedSandbox):
        yield f"The decoder runs UNCONTAINED, with your rights, files and network: {sandbox.why}"
        yield "A file, a program or an address that only you have is not noticed."
    if isinstance(sandbox.meters, Watching):
        yield (
            "Memory and CPU time are looked up a hundred times a second: a peak between two looks "
            "is missed, and so are processes that end at once."
        )
