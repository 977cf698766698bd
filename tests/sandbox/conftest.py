"""One environment for all tests of the sandbox, and both ways of measuring."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ratings.sandbox.containment.containers import Engine, find_engine
from ratings.sandbox.environments.making import environment_in
from ratings.sandbox.environments.trees import DecoderEnvironment
from ratings.sandbox.metering.meters import Meters, Watching
from ratings.sandbox.results.run_result import RunResult
from ratings.sandbox.run_limits import Limits
from ratings.sandbox.sandboxes import (
    BubblewrapSandbox,
    ContainerSandbox,
    MeteredSandbox,
    best_meters,
)
from tests.sandbox import images
from tests.sandbox.builders import SMALL, Witness, build_decoder, traces
from tests.sandbox.made_torch import made_torch
from tests.waiting import PATIENCE_SECONDS, eventually

Run = Callable[..., RunResult]


@pytest.fixture(scope="session")
def environment() -> Iterator[DecoderEnvironment]:
    with tempfile.TemporaryDirectory(prefix="ratings-environment-") as folder:
        Path(folder).chmod(0o755)
        yield environment_in(Path(folder))


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Return podman with an image of this machine's Python, where containers run at all."""
    if missing := images.missing_here():
        pytest.skip(f"no containers here: {missing} missing")
    with (
        tempfile.TemporaryDirectory(prefix="ratings-containers-", dir="/var/tmp") as folder,
        images.storage(Path(folder)),
    ):
        Path(folder).chmod(0o755)
        small = environment_in(Path(folder, "environment"), ())
        image = images.build_image(Path(folder), small)
        if said := images.complaint(image):
            pytest.skip(f"no containers here: {said}")
        yield find_engine(image)


@pytest.fixture(scope="session")
def torch() -> DecoderEnvironment:
    """Return the environment with PyTorch, where `make torch` has made it."""
    return made_torch()


@pytest.fixture
def run(environment: DecoderEnvironment, tmp_path: Path) -> Run:
    """Return a function that runs a program and checks that nothing is left of it."""
    return runner(lambda meters: BubblewrapSandbox(environment, meters), tmp_path)


@pytest.fixture
def run_with_torch(torch: DecoderEnvironment, tmp_path: Path) -> Run:
    """Return the same where decoders find PyTorch."""
    return runner(lambda meters: BubblewrapSandbox(torch, meters), tmp_path)


@pytest.fixture
def run_contained(engine: Engine, tmp_path: Path) -> Run:
    """Return the same for containers, which are gone afterwards too."""
    return container_runner(engine, tmp_path)


@pytest.fixture
def run_contained_with_torch(engine: Engine, torch: DecoderEnvironment, tmp_path: Path) -> Run:
    """Return the same for containers in which decoders find PyTorch."""
    return container_runner(replace(engine, environment=torch), tmp_path)


def container_runner(engine: Engine, tmp_path: Path) -> Run:
    """Return what `runner` does for containers, and checks that they are gone."""
    run = runner(
        lambda meters: ContainerSandbox(engine, meters), tmp_path, patience=PATIENCE_SECONDS
    )

    def checked(program: str | bytes, **options: Any) -> RunResult:
        result = run(program, **options)
        assert images.podman("ps", "--all", "--quiet") == ""
        return result

    return checked


def runner(
    sandbox: Callable[[Meters], MeteredSandbox], folder: Path, *, patience: float = 0.0
) -> Run:
    """Return a function that runs a program; `patience` in seconds is for an engine's own helpers.

    They look into the namespaces once more after all of the program is dead.
    """

    def run(
        program: str | bytes,
        *,
        limits: Limits = SMALL,
        inputs: dict[str, bytes] | None = None,
        watching: bool = False,
        **files: str,
    ) -> RunResult:
        witness = Witness(Watching() if watching else best_meters())
        decoder = build_decoder(folder / "decoder", program, **files)
        (folder / "inputs").mkdir()
        given = {}
        for number, (name, content) in enumerate((inputs or {}).items()):
            given[name] = folder / "inputs" / str(number)
            given[name].write_bytes(content)
        (folder / "outputs").mkdir()
        before = traces()
        with closing(witness):
            result = sandbox(witness).run(decoder, given, folder / "outputs", limits)
            assert witness.held
            eventually(lambda: not witness.survivors(), within=patience)
        assert traces() == before
        return result

    return run
