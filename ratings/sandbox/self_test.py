"""Letting small hostile programs try a sandbox before a stranger's does."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ratings.sandbox import probes
from ratings.sandbox.containment.containers import find_engine
from ratings.sandbox.environments.making import environment_in, made
from ratings.sandbox.environments.recipes import MODULES, RECIPES, USUAL
from ratings.sandbox.environments.trees import DecoderEnvironment
from ratings.sandbox.metering.meters import Meters
from ratings.sandbox.results.run_result import RunResult
from ratings.sandbox.run_limits import GIB, MIB, Limits
from ratings.sandbox.sandbox_errors import EnvironmentAbsent, SandboxUnavailable
from ratings.sandbox.sandboxes import (
    BubblewrapSandbox,
    ContainerSandbox,
    MeteredSandbox,
    Sandbox,
)

LIMITS = Limits(
    cpu_seconds=10,
    wall_seconds=10,
    memory_bytes=128 * MIB,
    processes=32,
    work_bytes=4 * MIB,
    scratch_bytes=4 * MIB,
)
ROOMY = replace(LIMITS, wall_seconds=300, memory_bytes=GIB)  # for the largest package


def open_sandbox(
    folder: Path, source: str = USUAL, *, image: str = "", devices: tuple[str, ...] = ()
) -> MeteredSandbox:
    """Return this machine's sandbox of one environment, tested.

    `source` is the name of a packaged environment, which lies in `folder`, or an image by its
    digest. Where the site has an `image` of its own, that stands for the usual one, and another
    packaged environment stands in it. `devices` are handed in, by their paths. Raises
    SandboxUnavailable; EnvironmentAbsent where another machine may have what is missing here.
    """
    sandbox = _contained(folder, source, image, devices)
    require_devices(sandbox.meters, devices)
    self_test(sandbox)
    require_versions(sandbox)
    return sandbox


def _contained(folder: Path, source: str, image: str, devices: tuple[str, ...]) -> MeteredSandbox:
    whole_image = source if "sha256:" in source else image if source == USUAL else ""
    if whole_image:
        return ContainerSandbox(find_engine(whole_image, devices=devices))
    environment = _packaged(folder, source)
    if image:
        return ContainerSandbox(find_engine(image, environment, devices))
    return BubblewrapSandbox(replace(environment, devices=devices))


def _packaged(folder: Path, source: str) -> DecoderEnvironment:
    if source not in RECIPES:
        raise EnvironmentAbsent(
            f"{source!r} is no environment; name one of {', '.join(RECIPES)}, or an image by its "
            "digest (NAME@sha256:...)."
        )
    return environment_in(folder) if source == USUAL else made(source, folder)


def require_versions(sandbox: MeteredSandbox) -> None:
    """Let a program find Python and packages as promised. Raises SandboxUnavailable."""
    if not (environment := sandbox.packaged()):
        return  # an image's are its own
    versions = environment.versions()
    packages = {name: MODULES.get(name, "") for name in versions.keys() - {"python"}}
    said = _try(sandbox, probes.SAY_VERSIONS.format(packages=packages), ROOMY)
    installed = said.log.decode(errors="replace").splitlines()
    missing = [
        pinned for name in versions if (pinned := f"{name}={versions[name]}") not in installed
    ]
    if missing:
        why = next((f" ({line})" for line in installed if line.startswith("because ")), "")
        raise SandboxUnavailable(
            f"Decoders don't find {', '.join(missing)} in {environment.tree}{why}; remove that "
            "folder, and let it be made anew."
        )


def require_devices(meters: Meters, devices: tuple[str, ...]) -> None:
    """Look that devices are there, and can be used within limits. Raises SandboxUnavailable."""
    missing = [device for device in devices if not Path(device).is_char_device()]
    if missing:
        raise EnvironmentAbsent(
            f"This machine has no {', '.join(missing)}; name the devices that it has in "
            "RATINGS_SANDBOX_DEVICES."
        )
    if devices and meters.limits_each_process:
        raise SandboxUnavailable(
            "Devices are handed in only where control groups limit memory: drivers reserve more "
            "addresses than a limit of each process allows. docs/sandbox.md says what they need."
        )


def self_test(sandbox: Sandbox) -> None:
    """Run the probes. Raises SandboxUnavailable with each that got through."""
    breaches = list(_breaches(sandbox))
    if breaches:
        raise SandboxUnavailable(
            "Decoders are refused, since this machine does not contain them: "
            + "; ".join(breaches)
            + ". docs/sandbox.md says what the sandbox needs."
        )


def _breaches(sandbox: Sandbox) -> Iterator[str]:
    note = f"note-{secrets.token_hex(8)}"
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        secret = Path(folder, "secret")
        secret.write_text("not to be seen")
        look = probes.LOOK_AROUND.format(secret=str(secret), note=note)
        for _ in range(2):  # the second finds what the first has left
            seen = _try(sandbox, look)
            yield from _admitted(seen)
            if set(seen.outputs) != {"proof.png"}:
                yield f"an honest program fails ({seen.verdict})"
    yield from _admitted(_try(sandbox, probes.TAKE_MEMORY))
    yield from _admitted(_try(sandbox, probes.TAKE_PROCESSES))
    _try(sandbox, probes.OUTLIVE)  # raises where a process does


def _try(sandbox: Sandbox, program: str, limits: Limits = LIMITS) -> RunResult:
    with TemporaryDirectory() as folder:
        decoder, outputs = Path(folder, "decoder"), Path(folder, "outputs")
        decoder.mkdir()
        outputs.mkdir()
        (decoder / "decode").write_text(program)
        (decoder / "decode").chmod(0o755)
        return sandbox.run(decoder, {}, outputs, limits)


def _admitted(result: RunResult) -> Iterator[str]:
    for line in result.log.decode(errors="replace").splitlines():
        if line.startswith("BREACH "):
            yield line.removeprefix("BREACH ")
