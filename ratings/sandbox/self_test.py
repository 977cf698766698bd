"""Letting small hostile programs try a sandbox before a stranger's does."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from ratings.sandbox import probes
from ratings.sandbox.containers import find_engine
from ratings.sandbox.environments import environment_in
from ratings.sandbox.limits import MIB, Limits
from ratings.sandbox.outcome import Outcome
from ratings.sandbox.refusals import SandboxUnavailable
from ratings.sandbox.running import BubblewrapSandbox, ContainerSandbox, Sandbox

LIMITS = Limits(
    cpu_seconds=10,
    wall_seconds=10,
    memory_bytes=128 * MIB,
    processes=32,
    work_bytes=4 * MIB,
    scratch_bytes=4 * MIB,
)


def open_sandbox(folder: Path, *, image: str = "") -> Sandbox:
    """Return this machine's sandbox, tested: containers of the image where one is named.

    `folder` keeps what decoders find inside otherwise. Raises SandboxUnavailable.
    """
    sandbox: Sandbox
    if image:
        sandbox = ContainerSandbox(find_engine(image))
    else:
        sandbox = BubblewrapSandbox(environment_in(folder))
    self_test(sandbox)
    return sandbox


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


def _try(sandbox: Sandbox, program: str) -> Outcome:
    with TemporaryDirectory() as folder:
        decoder, outputs = Path(folder, "decoder"), Path(folder, "outputs")
        decoder.mkdir()
        outputs.mkdir()
        (decoder / "decode").write_text(program)
        (decoder / "decode").chmod(0o755)
        return sandbox.run(decoder, {}, outputs, LIMITS)


def _admitted(outcome: Outcome) -> Iterator[str]:
    for line in outcome.log.decode(errors="replace").splitlines():
        if line.startswith("BREACH "):
            yield line.removeprefix("BREACH ")
