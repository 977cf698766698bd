"""Letting small hostile programs try a sandbox before a stranger's does."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from ratings.sandbox import probes
from ratings.sandbox.containment.containers import find_engine
from ratings.sandbox.containment.environments import environment_in
from ratings.sandbox.results.run_result import RunResult
from ratings.sandbox.run_limits import MIB, Limits
from ratings.sandbox.sandbox_errors import SandboxUnavailable
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


def open_sandbox(folder: Path, *, image: str = "") -> MeteredSandbox:
    """Return this machine's sandbox, tested: containers of the image where one is named.

    `folder` keeps what decoders find inside otherwise. Raises SandboxUnavailable.
    """
    if image:
        contained = ContainerSandbox(find_engine(image))
        self_test(contained)
        return contained
    sandbox = BubblewrapSandbox(environment_in(folder))
    self_test(sandbox)
    require_versions(sandbox)
    return sandbox


def require_versions(sandbox: BubblewrapSandbox) -> None:
    """Let a program find Python and packages as promised. Raises SandboxUnavailable."""
    versions = sandbox.environment.versions()
    said = _try(sandbox, probes.SAY_VERSIONS.format(packages=tuple(versions.keys() - {"python"})))
    installed = said.log.decode(errors="replace").split()
    missing = [
        pinned for name in versions if (pinned := f"{name}={versions[name]}") not in installed
    ]
    if missing:
        raise SandboxUnavailable(
            f"Decoders don't find {', '.join(missing)} in {sandbox.environment.tree}; remove that "
            "folder, and it is made anew."
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


def _try(sandbox: Sandbox, program: str) -> RunResult:
    with TemporaryDirectory() as folder:
        decoder, outputs = Path(folder, "decoder"), Path(folder, "outputs")
        decoder.mkdir()
        outputs.mkdir()
        (decoder / "decode").write_text(program)
        (decoder / "decode").chmod(0o755)
        return sandbox.run(decoder, {}, outputs, LIMITS)


def _admitted(result: RunResult) -> Iterator[str]:
    for line in result.log.decode(errors="replace").splitlines():
        if line.startswith("BREACH "):
            yield line.removeprefix("BREACH ")
