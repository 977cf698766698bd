"""A run sees as many cores as its quota, and the record says what arithmetic there was."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from ratings.sandbox.processors import arithmetic, kept_to
from tests.sandbox.builders import SMALL
from tests.sandbox.conftest import Run

CORES = len(os.sched_getaffinity(0))
V3 = "fpu cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3 abm avx avx2 bmi1 bmi2 f16c fma movbe xsave"
SEEN = """#!/usr/bin/env -S python3 -SE
import os
print(len(os.sched_getaffinity(0)))
"""


@pytest.mark.parametrize(
    ("features", "words"),
    [
        (f"flags\t\t: {V3}", "x86-64-v3"),
        (f"flags: {V3} avx_vnni avx512f", "x86-64-v3 avx_vnni"),
        (
            f"flags: {V3} avx512f avx512bw avx512cd avx512dq avx512vl avx512_bf16",
            "x86-64-v4 avx512_bf16",
        ),
        ("flags: cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3 avx", "x86-64-v2"),
    ],
)
def test_the_arithmetic_is_named_by_its_level(features: str, words: str) -> None:
    assert arithmetic(f"processor: 0\nmodel name: A\n{features}\n\nprocessor: 1\n") == words


def test_other_processors_are_named_by_their_kind_and_features() -> None:
    machine = os.uname().machine
    assert arithmetic("Features\t: fp asimd asimddp sve\n") == f"{machine} asimddp sve"
    assert arithmetic("") == machine


@pytest.fixture
def sleeper() -> Iterator[int]:
    with subprocess.Popen(["sleep", "1000"]) as process:
        yield process.pid
        process.kill()


def test_runs_at_the_same_time_have_cores_of_their_own(sleeper: int) -> None:
    """Others of this machine may have some already."""
    all_of_them, taken = os.sched_getaffinity(0), set[int]()
    none_is_left = False
    with ExitStack() as runs:
        for _ in range(CORES + 1):
            words = runs.enter_context(kept_to(sleeper, 1))
            seen = os.sched_getaffinity(sleeper)
            assert words == f"{len(seen)} seen, 1 to use"
            if seen == all_of_them:
                none_is_left = True
            else:
                assert len(seen) == 1 and not seen & taken
                taken |= seen
    assert none_is_left


def test_a_quota_of_all_cores_is_all_cores(sleeper: int) -> None:
    with kept_to(sleeper, CORES) as words:
        assert words == f"{CORES} seen, {CORES} to use"
    with kept_to(sleeper, CORES + 0.5) as words:
        assert words.startswith(f"{CORES} seen")


def test_a_process_that_is_gone_is_no_fault() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    with kept_to(gone.pid, 0.5) as words:
        assert words.endswith("0.5 to use")


@pytest.mark.parametrize("lane", ["run", "run_contained"])
def test_a_decoder_sees_what_the_record_says(lane: str, request: pytest.FixtureRequest) -> None:
    run: Run = request.getfixturevalue(lane)
    result = run(SEEN, limits=replace(SMALL, cores=1))
    assert f"{int(result.log)} seen, 1 to use" == result.environment["cores"]
    assert result.environment["arithmetic"] == arithmetic()
