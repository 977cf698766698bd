"""The self-test passes where the sandbox holds, and names what is missing where it doesn't."""

import shutil
import struct
from dataclasses import dataclass
from pathlib import Path

import pytest

from ratings.sandbox import bubblewrap, self_test
from ratings.sandbox.environments import Environment, environment_in
from ratings.sandbox.limits import Limits
from ratings.sandbox.meters import Inside, Meter, Usage, Watching, WatchingMeter
from ratings.sandbox.refusals import SandboxUnavailable
from ratings.sandbox.running import BubblewrapSandbox
from ratings.sandbox.self_test import open_sandbox

ALLOW_ALL = struct.pack("<HBBI", 0x06, 0, 0, 0x7FFF0000)


@pytest.mark.parametrize("watching", [False, True])
def test_it_passes_here(environment: Environment, watching: bool) -> None:
    sandbox = BubblewrapSandbox(environment)
    if watching:
        sandbox = BubblewrapSandbox(environment, Watching())
    self_test.self_test(sandbox)


class Late(Watching):
    """As if the machine were so busy that a look at /proc came late."""

    def meter(self, limits: Limits, first_process: int, inside: Inside) -> WatchingMeter:
        meter = super().meter(limits, first_process, inside)
        meter.poll_seconds = 0.5
        return meter


def test_a_late_look_is_no_breach(environment: Environment) -> None:
    self_test.self_test(BubblewrapSandbox(environment, Late()))


@dataclass(frozen=True)
class Careless:
    """Meters that limit nothing, neither does anything else."""

    name = "nothing"
    limits_each_process = False

    def meter(self, limits: Limits, first_process: int, inside: Inside) -> Meter:
        return CarelessMeter()


class CarelessMeter:
    poll_seconds = 0.05

    def usage(self) -> Usage:
        return Usage(0, 0, False, False)

    def close(self) -> None:
        pass


def breaches(sandbox: BubblewrapSandbox) -> str:
    with pytest.raises(SandboxUnavailable) as unavailable:
        self_test.self_test(sandbox)
    assert "Decoders are refused" in str(unavailable.value)
    assert "docs/sandbox.md" in str(unavailable.value)
    return str(unavailable.value)


def test_missing_limits_are_noticed(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlimited = ["/bin/sh", "-c", bubblewrap.LAUNCHER]
    monkeypatch.setattr(bubblewrap, "launcher", lambda *_, **__: unlimited)
    found = breaches(BubblewrapSandbox(environment, Careless()))
    assert "takes more memory than its limit" in found
    assert "starts more processes than its limit" in found


def test_a_missing_filter_is_noticed(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bubblewrap, "seccomp_program", lambda: ALLOW_ALL)
    found = breaches(BubblewrapSandbox(environment))
    assert "opens network sockets" in found
    assert "uses io_uring" in found
    assert "traces processes" in found


def test_a_missing_network_namespace_is_noticed(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    weak = bubblewrap.NAMESPACES.replace("--unshare-net", "")
    monkeypatch.setattr(bubblewrap, "NAMESPACES", weak)
    assert "sees network interfaces" in breaches(BubblewrapSandbox(environment))


def test_processes_that_outlive_their_run_are_noticed(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    weak = bubblewrap.NAMESPACES.replace("--unshare-pid", "")
    monkeypatch.setattr(bubblewrap, "NAMESPACES", weak)
    monkeypatch.setattr(bubblewrap, "PROCESS_1", ())  # there is none to be
    with pytest.raises(SandboxUnavailable, match="processes outlived it"):
        self_test.self_test(BubblewrapSandbox(environment))


def test_files_of_the_machine_are_noticed(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As if somebody bound the machine's own folders into the sandbox, writable."""
    shared = tmp_path / "shared"
    shared.mkdir()
    scratch = ("--bind", "/tmp", "/tmp", "--tmpfs", "/dev/shm")
    arguments = bubblewrap.arguments

    def weakened(*given: object, **named: object) -> list[str]:
        words = list(arguments(*given, **named))  # type: ignore[arg-type]
        at = words.index("--proc")
        return [*words[:at], "--proc", "/proc", "--dev", "/dev", *scratch, *words[-6:]]

    monkeypatch.setattr(bubblewrap, "arguments", weakened)
    assert "reads the runner's files" in breaches(BubblewrapSandbox(environment))


def test_a_broken_python_is_noticed(environment: Environment, tmp_path: Path) -> None:
    broken = Path("/var/tmp") / tmp_path.parent.name / tmp_path.name
    broken.mkdir(parents=True)
    try:
        (broken / "versions").write_text("python=0\n")
        (broken / "packages").mkdir()
        (broken / "python" / "bin").mkdir(parents=True)
        (broken / "python" / "bin" / "python3").write_text("#!/bin/false\n")
        (broken / "python" / "bin" / "python3").chmod(0o755)
        assert "an honest program fails" in breaches(BubblewrapSandbox(Environment(broken)))
    finally:
        shutil.rmtree(broken.parent)


def test_opening_tests_first(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = open_sandbox(environment.tree.parent)
    assert isinstance(sandbox, BubblewrapSandbox)
    assert sandbox.environment == environment
    monkeypatch.setattr(bubblewrap, "seccomp_program", lambda: ALLOW_ALL)
    with pytest.raises(SandboxUnavailable, match="it opens network sockets"):
        open_sandbox(environment.tree.parent)


def test_a_closed_folder_is_named(tmp_path: Path) -> None:
    """Pytest's folders are closed to others, and a root process starts programs as another user."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(SandboxUnavailable, match="closed is closed to other users"):
        environment_in(closed / "environment")


def test_a_missing_package_is_named(environment: Environment) -> None:
    with pytest.raises(SandboxUnavailable, match="no-such-codec is not installed here"):
        environment_in(environment.tree.parent, ("no-such-codec",))
