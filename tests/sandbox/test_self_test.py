"""The self-test passes where the sandbox holds, and names what is missing where it doesn't."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ratings.sandbox import self_test
from ratings.sandbox.containment import bubblewrap
from ratings.sandbox.environments.making import environment_in
from ratings.sandbox.environments.open_folders import APART, usual_folder
from ratings.sandbox.environments.trees import STAND_IN, DecoderEnvironment
from ratings.sandbox.metering.meters import Inside, Meter, Usage, Watching, WatchingMeter
from ratings.sandbox.run_limits import Limits
from ratings.sandbox.sandbox_errors import SandboxUnavailable
from ratings.sandbox.sandboxes import BubblewrapSandbox
from ratings.sandbox.self_test import open_sandbox
from tests.sandbox.builders import ALLOW_ALL, SMALL, build_decoder


@pytest.mark.parametrize("watching", [False, True])
def test_it_passes_here(environment: DecoderEnvironment, watching: bool) -> None:
    sandbox = BubblewrapSandbox(environment)
    if watching:
        sandbox = BubblewrapSandbox(environment, Watching())
    self_test.self_test(sandbox)  # raises where a probe gets through


class Late(Watching):
    """As if the machine were so busy that a look at /proc came late."""

    def meter(self, limits: Limits, first_process: int, inside: Inside) -> WatchingMeter:
        meter = super().meter(limits, first_process, inside)
        meter.poll_seconds = 0.5
        return meter


def test_a_late_look_is_no_breach(environment: DecoderEnvironment) -> None:
    self_test.self_test(BubblewrapSandbox(environment, Late()))  # raises where it takes it for one


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
    environment: DecoderEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlimited = ["/bin/sh", "-c", bubblewrap.LAUNCHER]
    monkeypatch.setattr(bubblewrap, "launcher", lambda *_, **__: unlimited)
    breached = breaches(BubblewrapSandbox(environment, Careless()))
    assert "takes more memory than its limit" in breached
    assert "starts more processes than its limit" in breached


def test_a_missing_filter_is_noticed(
    environment: DecoderEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bubblewrap, "seccomp_program", lambda: ALLOW_ALL)
    breached = breaches(BubblewrapSandbox(environment))
    assert "opens network sockets" in breached
    assert "uses io_uring" in breached
    assert "traces processes" in breached


def test_a_missing_network_namespace_is_noticed(
    environment: DecoderEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    weak = bubblewrap.NAMESPACES.replace("--unshare-net", "")
    monkeypatch.setattr(bubblewrap, "NAMESPACES", weak)
    assert "sees network interfaces" in breaches(BubblewrapSandbox(environment))


def test_processes_that_outlive_their_run_are_noticed(
    environment: DecoderEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    weak = bubblewrap.NAMESPACES.replace("--unshare-pid", "")
    monkeypatch.setattr(bubblewrap, "NAMESPACES", weak)
    monkeypatch.setattr(bubblewrap, "PROCESS_1", ())  # there is none to be
    with pytest.raises(SandboxUnavailable, match="processes outlived it"):
        self_test.self_test(BubblewrapSandbox(environment))


def test_files_of_the_machine_are_noticed(
    environment: DecoderEnvironment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As if somebody bound the machine's own folders into the sandbox, writable."""
    shared = tmp_path / "shared"
    shared.mkdir()
    scratch = ("--bind", "/tmp", "/tmp", "--tmpfs", "/dev/shm")
    arguments = bubblewrap.arguments

    def weakened(*given: object, **named: Any) -> list[str]:
        words = list(arguments(*given, **named))  # type: ignore[arg-type]
        at = words.index("--proc")
        return [*words[:at], "--proc", "/proc", "--dev", "/dev", *scratch, *words[-6:]]

    monkeypatch.setattr(bubblewrap, "arguments", weakened)
    assert "reads the runner's files" in breaches(BubblewrapSandbox(environment))


def test_a_broken_python_is_noticed(environment: DecoderEnvironment, tmp_path: Path) -> None:
    broken = Path("/var/tmp") / tmp_path.parent.name / tmp_path.name
    broken.mkdir(parents=True)
    try:
        (broken / "versions").write_text("python=0\n")
        (broken / "bin").mkdir()
        for name in ("bin/python3", STAND_IN):
            (broken / name).write_text("#!/bin/false\n")
            (broken / name).chmod(0o755)
        assert "an honest program fails" in breaches(BubblewrapSandbox(DecoderEnvironment(broken)))
    finally:
        shutil.rmtree(broken.parent)


def test_opening_tests_first(
    environment: DecoderEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = open_sandbox(environment.tree.parent)
    assert isinstance(sandbox, BubblewrapSandbox)
    assert sandbox.environment == environment
    monkeypatch.setattr(bubblewrap, "seccomp_program", lambda: ALLOW_ALL)
    with pytest.raises(SandboxUnavailable, match="it opens network sockets"):
        open_sandbox(environment.tree.parent)


def test_an_environment_in_which_something_is_missing_is_named(
    environment: DecoderEnvironment,
) -> None:
    with tempfile.TemporaryDirectory(prefix="ratings-environment-") as folder:
        Path(folder).chmod(0o755)
        sandbox = BubblewrapSandbox(environment_in(Path(folder), ()))
        self_test.require_versions(sandbox)
        with (sandbox.environment.tree / "versions").open("a") as versions:
            versions.write("numpy=2.0\n")
        with pytest.raises(SandboxUnavailable, match=r"Decoders don't find numpy=2\.0 in "):
            self_test.require_versions(sandbox)
    self_test.require_versions(BubblewrapSandbox(environment))


def test_a_closed_folder_is_named(tmp_path: Path) -> None:
    """Pytest's folders are closed to others, and a root process starts programs as another user."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(SandboxUnavailable, match="closed is closed to other users"):
        environment_in(closed / "environment")


def test_what_decoders_find_lies_apart_where_folders_are_closed(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert usual_folder(closed / "not" / "made" / "yet") == (APART if os.geteuid() == 0 else closed)
    assert usual_folder(Path("/usr/share")) == Path("/usr/share")


def test_a_missing_package_is_named(environment: DecoderEnvironment) -> None:
    with pytest.raises(SandboxUnavailable, match="no-such-codec is not installed here"):
        environment_in(environment.tree.parent, ("no-such-codec",))


def test_packages_of_a_strict_umask_are_found_inside(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where root installs the site under umask 077, only root may read what decoders import."""
    installed = {
        "closed_codec.py": "NAME = 'found'\n",
        "closed_codec-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: closed-codec\n",
        "closed_codec-1.0.dist-info/RECORD": "closed_codec.py,,\n",
    }
    (tmp_path / "site" / "closed_codec-1.0.dist-info").mkdir(parents=True)
    for name, text in installed.items():
        (tmp_path / "site" / name).write_text(text + "Version: 1.0\n" * name.endswith("METADATA"))
        (tmp_path / "site" / name).chmod(0o600)
    monkeypatch.syspath_prepend(tmp_path / "site")
    with tempfile.TemporaryDirectory(prefix="ratings-environment-") as folder:
        Path(folder).chmod(0o755)
        before = os.umask(0o077)
        try:
            sandbox = BubblewrapSandbox(environment_in(Path(folder), ("closed-codec",)))
        finally:
            os.umask(before)
        decoder = build_decoder(
            tmp_path / "decoder",
            "#!/usr/bin/env python3\nfrom closed_codec import NAME\nprint(NAME)\n",
        )
        (tmp_path / "outputs").mkdir()
        result = sandbox.run(decoder, {}, tmp_path / "outputs", SMALL)
    assert result.log == b"found\n", result
    assert (tmp_path / "site" / "closed_codec.py").stat().st_mode & 0o777 == 0o600
