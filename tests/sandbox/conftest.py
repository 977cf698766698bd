"""One environment for all tests of the sandbox, and both ways of measuring."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ratings.sandbox.environments import Environment, environment_in
from ratings.sandbox.limits import Limits
from ratings.sandbox.meters import Watching
from ratings.sandbox.outcome import Outcome
from ratings.sandbox.running import BubblewrapSandbox, best_meters
from tests.sandbox.builders import SMALL, Witness, build_decoder, traces

Run = Callable[..., Outcome]


@pytest.fixture(scope="session")
def environment() -> Iterator[Environment]:
    with tempfile.TemporaryDirectory(prefix="ratings-environment-") as folder:
        Path(folder).chmod(0o755)
        yield environment_in(Path(folder))


@pytest.fixture
def run(environment: Environment, tmp_path: Path) -> Run:
    """Return a function that runs a program and checks that nothing is left of it."""

    def run(
        program: str | bytes,
        *,
        limits: Limits = SMALL,
        inputs: dict[str, bytes] | None = None,
        watching: bool = False,
        **files: str,
    ) -> Outcome:
        witness = Witness(Watching() if watching else best_meters())
        decoder = build_decoder(tmp_path / "decoder", program, **files)
        (tmp_path / "inputs").mkdir()
        given = {}
        for number, (name, content) in enumerate((inputs or {}).items()):
            given[name] = tmp_path / "inputs" / str(number)
            given[name].write_bytes(content)
        (tmp_path / "outputs").mkdir()
        sandbox = BubblewrapSandbox(environment, witness)
        outcome = sandbox.run(decoder, given, tmp_path / "outputs", limits)
        assert witness.seen
        assert witness.survivors() == []
        assert traces() == []
        return outcome

    return run
