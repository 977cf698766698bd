"""Containers hold what bubblewrap holds: the same programs, the same meters, the same self-test."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ratings.sandbox import self_test
from ratings.sandbox.containment import bubblewrap, containers
from ratings.sandbox.containment.containers import Engine, arguments, find_engine
from ratings.sandbox.metering.meters import Watching
from ratings.sandbox.run_limits import GIB, MIB, Limit, Limits
from ratings.sandbox.sandbox_errors import EnvironmentAbsent, SandboxUnavailable
from ratings.sandbox.sandboxes import ContainerSandbox
from ratings.sandbox.self_test import open_sandbox
from ratings.sandbox.worlds import USUAL
from tests.sandbox import images
from tests.sandbox.builders import ALLOW_ALL, SMALL, build_decoder, processes, run_plain
from tests.sandbox.conftest import Run
from tests.sandbox.hostile_decoders import CONTAINER, HOSTILE
from tests.waiting import PATIENCE_SECONDS

IMAGE = "decoding@sha256:" + "0" * 64
LIMITS = Limits(cpu_seconds=3600, wall_seconds=9999, memory_bytes=8 * GIB, cores=2, processes=99)
SHELL = "#!/bin/sh\n"


@pytest.mark.parametrize("lane", ["run_contained", "run_contained_with_torch"])
@pytest.mark.parametrize("name", [name for name in HOSTILE if CONTAINER in HOSTILE[name].lanes])
def test_it_is_contained(name: str, lane: str, request: pytest.FixtureRequest) -> None:
    hostile = HOSTILE[name]
    result = hostile.run(request.getfixturevalue(lane))
    hostile.check_contained(result)
    hostile.check_verdict(result)


@pytest.mark.parametrize("watching", [False, True])
def test_the_self_test_passes(engine: Engine, watching: bool) -> None:
    sandbox = ContainerSandbox(engine, Watching()) if watching else ContainerSandbox(engine)
    self_test.self_test(sandbox)  # raises where a probe gets through


def test_the_self_test_notices_a_missing_filter(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bubblewrap, "seccomp_program", lambda: ALLOW_ALL)
    with pytest.raises(SandboxUnavailable, match="it opens network sockets"):
        self_test.self_test(ContainerSandbox(engine))


def test_an_image_that_is_named_is_used_and_tested(engine: Engine, tmp_path: Path) -> None:
    sandbox = open_sandbox(tmp_path, image=engine.image)
    assert isinstance(sandbox, ContainerSandbox)
    assert sandbox.engine == engine


def test_a_run_is_measured_and_described(run_contained: Run, engine: Engine) -> None:
    program = (
        "#!/usr/bin/env -S python3 -SE\nimport os, time\n"
        "taken = os.urandom(1 << 20) * 30\n"
        "while time.process_time() < 0.5: pass\n"
        "open('a.png', 'w').write(os.environ['HOME'])\n"
    )
    result = run_contained(program, limits=replace(SMALL, cpu_seconds=5))
    assert 30 * MIB < result.termination.peak_memory_bytes < 80 * MIB
    assert 0.5 <= result.termination.cpu_seconds < 1.5
    assert result.environment["image"] == engine.image
    assert result.outputs["a.png"].file.read_text() == "/tmp"


def test_inputs_and_modes_arrive(run_contained: Run) -> None:
    program = (
        SHELL + "cat a.bits > a.png; ls -l decode table | cut -c1-10 2>/dev/null; test -x decode"
    )
    result = run_contained(program, inputs={"a.bits": b"bits"}, table="1 2 3")
    assert result.succeeded, result
    assert result.outputs["a.png"].file.read_bytes() == b"bits"
    assert set(result.outputs) == {"a.png"}


@pytest.mark.parametrize(
    ("program", "verdict"),
    [
        (SHELL + "exit 3", "failed with exit code 3."),
        (SHELL + "kill -9 $$", "ended by SIGKILL"),
        (SHELL + "kill -TERM 1; sleep 1000", "ended by SIGTERM"),
        ("#!/usr/bin/python9\n", "was not found"),
    ],
)
def test_the_verdict_says_how_it_ended(run_contained: Run, program: str, verdict: str) -> None:
    assert verdict in run_contained(program).verdict


def test_a_sleeper_is_stopped(run_contained: Run) -> None:
    result = run_contained(SHELL + "sleep 1000", limits=replace(SMALL, wall_seconds=1))
    assert result.verdict == "The decoder was stopped at the wall time limit of 1 s."


def test_the_log_is_streamed_and_a_run_is_stopped(engine: Engine, tmp_path: Path) -> None:
    heard: list[bytes] = []
    result = run_plain(
        ContainerSandbox(engine),
        tmp_path,
        SHELL + "echo started; sleep 1000",
        log=heard.append,
        keep_going=lambda: b"started" not in b"".join(heard),
    )
    assert result.log == b"started\n" == b"".join(heard)
    assert result.verdict == "The decoder was stopped by request."
    assert images.podman("ps", "--all", "--quiet") == ""


def test_a_killed_worker_takes_its_container_along(engine: Engine, tmp_path: Path) -> None:
    decoder = build_decoder(tmp_path / "decoder", SHELL + "echo started; exec sleep 1000")
    (tmp_path / "outputs").mkdir()
    code = f"""
from pathlib import Path
from ratings.sandbox.containment.containers import Engine
from ratings.sandbox.sandboxes import ContainerSandbox
from tests.sandbox.builders import SMALL
sandbox = ContainerSandbox(Engine({engine.program!r}, {engine.image!r}))
sandbox.run(Path({str(decoder)!r}), {{}}, Path({str(tmp_path / "outputs")!r}), SMALL,
            log=lambda data: print(data.decode(), flush=True))
"""
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as worker:
        assert worker.stdout
        assert worker.stdout.readline() == "started\n"
        name = images.podman("ps", "--format", "{{.Names}} {{.Pid}}").split()
        assert name[0].startswith(f"decoder-{worker.pid}-")
        first = os.pidfd_open(int(name[1]))
        worker.send_signal(signal.SIGKILL)
    with os.fdopen(first):
        waits = f"import select; select.select([{first}], [], [])"
        subprocess.run(
            [sys.executable, "-c", waits], pass_fds=[first], timeout=PATIENCE_SECONDS, check=True
        )
    assert name[1] not in processes()


def test_what_killed_workers_left_is_swept(engine: Engine) -> None:
    gone = subprocess.run(["sh", "-c", "echo $$"], capture_output=True, text=True, check=True)
    for pid in (gone.stdout.strip(), str(os.getpid())):
        limits = ("--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024")
        images.podman("create", "--name", f"decoder-{pid}-0", *limits, engine.image, "true")
    find_engine(engine.image)
    left = images.podman("ps", "--all", "--format", "{{.Names}}").split()
    images.podman("rm", "--all", "--force")
    assert left == [f"decoder-{os.getpid()}-0"]


@pytest.mark.parametrize(
    ("image", "words"),
    [(IMAGE, "No such image|unable|not known"), ("sha256:" + "0" * 64, "docs/sandbox.md")],
)
def test_what_podman_says_is_passed_on(
    engine: Engine, tmp_path: Path, image: str, words: str
) -> None:
    with pytest.raises(SandboxUnavailable, match=words):
        run_plain(ContainerSandbox(replace(engine, image=image)), tmp_path, SHELL)


def command() -> tuple[str, ...]:
    engine = Engine("podman", IMAGE)
    return tuple(arguments(engine, "decoder-7-0", Path("pid"), 300 * MIB, LIMITS, USUAL))


def test_a_decoder_has_no_network_no_privileges_and_nothing_of_the_machine() -> None:
    words = " ".join(command())
    for wanted in (
        "--network none",
        "--cap-drop ALL",
        "--security-opt no-new-privileges",
        "--user 61184:61184",
        "--read-only --read-only-tmpfs=false",
        "--http-proxy=false",
        "--pull never",
        f"size={300 * MIB} --workdir /work",
        f"--shm-size {256 * MIB}",
        "--timeout 10059",
    ):
        assert wanted in words, wanted
    assert not {"--privileged", "--volume", "--mount", "--device", "--cap-add"} & set(command())
    assert command()[-1] == IMAGE


def test_an_image_must_be_pinned() -> None:
    with pytest.raises(SandboxUnavailable, match=r"'decoding:latest' may change; name it by its"):
        Engine("podman", "decoding:latest")


def test_a_missing_engine_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable, match="install the packages 'podman'"):
        find_engine(IMAGE)


def test_limits_of_each_process_come_before_the_filter() -> None:
    words = containers.launcher(LIMITS, 300 * MIB, each_process=True)
    assert words[0] == "prlimit" and words[words.index("--") + 1] == "python3"
    assert words[-2] == bubblewrap.filter_program().hex()
    assert Limit.PROCESSES and f"--nproc={LIMITS.processes + 1}" in words


def test_an_image_that_is_not_here_is_absent(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentAbsent, match=r"no image sha256:0+; fetch it by podman pull"):
        open_sandbox(tmp_path, "sha256:" + "0" * 64)
