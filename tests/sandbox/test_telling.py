"""What a team is told when pictures are missing: the cause, the cure, and what was found."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.sandbox.results.absence import (
    MOST_OTHERS,
    MOST_UNEXPLAINED,
    OtherFiles,
    absence,
    unexplained,
)
from ratings.sandbox.results.diagnosis import STILL_RUNNING, Diagnosis
from ratings.sandbox.results.mistakes import Given
from ratings.sandbox.results.packages import missing_module
from ratings.sandbox.results.run_result import RunResult, Termination
from ratings.sandbox.results.telling_elsewhere import UNTOLD, why_untold
from ratings.sandbox.run_limits import MIB, Limit
from ratings.sandbox.worlds import ELSEWHERE
from tests.sandbox.builders import SMALL
from tests.sandbox.conftest import Run

SHELL, PYTHON = "#!/bin/sh\n", "#!/usr/bin/env python3\n"
NAMES = ["a.png", "b.png", "img_07.png"]


def lines(outputs: list[str], other_files: OtherFiles | None = None) -> tuple[str, list[str]]:
    """Return what was written instead, and what is said of each picture that is missing."""
    missing = [n for n in NAMES if n not in {path.rpartition("/")[2] for path in outputs}]
    wrote, told = absence(missing, NAMES, outputs, other_files or OtherFiles())
    assert list(told) == missing
    assert all(line.startswith(f"Missing image {name}") for name, line in told.items())
    return wrote, [line.removeprefix(f"Missing image {name}") for name, line in told.items()]


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        (["a.bin.png"], [": found 'a.bin.png'; call it 'a.png'.", "", ""]),
        (["out/A.PNG"], [": found 'out/A.PNG'; call it 'a.png'.", "", ""]),
        (["a_decoded.png"], [": found 'a_decoded.png'; call it 'a.png'.", "", ""]),
        (["ax.png", "a-1.png"], [": found 'a-1.png'; call it 'a.png'.", "", ""]),
        (["img_7.png"], ["", "", ": the nearest name found is 'img_7.png'."]),
        (["img_07.webp.png", "b.png"], ["", ": found 'img_07.webp.png'; call it 'img_07.png'."]),
        (["unlike.png"], ["", "", ""]),
    ],
)
def test_a_picture_under_another_name_is_named(outputs: list[str], said: list[str]) -> None:
    assert lines(outputs)[1] == said


def test_what_a_run_wrote_is_said_in_few_words() -> None:
    assert lines([])[0] == "wrote no PNG, nor any other file"
    assert lines(["a.png"])[0] == "wrote 1 of 3 pictures"
    assert lines(["a.png", "x.png"])[0] == "wrote 1 of 3 pictures; it also wrote 'x.png'"
    strays = [f"out/{number}.bin.png" for number in range(8)]
    assert lines(strays)[0] == (
        "wrote 8 PNG files, but none is called like a picture: 'out/0.bin.png', 'out/1.bin.png', "
        "'out/2.bin.png' and 5 more; call each like its original, such as 'a.png'"
    )
    other_files = OtherFiles()
    for number in range(MOST_OTHERS + 10):
        other_files.pass_over(f"{number}.ppm")
    assert lines([], other_files)[0] == (
        "wrote no PNG, but '0.ppm', '1.ppm', '2.ppm' and 1007 more"
    )


def test_why_a_file_does_not_count_is_said_once_where_it_belongs() -> None:
    other_files = OtherFiles(before={"set/b.png"})
    other_files.leave_out("out/a.png", "it is a link")
    other_files.leave_out("other.png", "it is a link")
    other_files.pass_over("img_07.ppm")
    assert lines([], other_files)[1] == [
        ": found 'out/a.png', but it is a link.",
        ": 'set/b.png' came with the decoder; only what it writes counts.",
        ": found 'img_07.ppm'; write a PNG called 'img_07.png'.",
    ]
    assert lines(["b.bin.png"], other_files)[1][1] == ": found 'b.bin.png'; call it 'b.png'."
    assert unexplained(["a.png"], other_files) == ["'other.png': it is a link."]
    for number in range(60):
        other_files.leave_out(f"{number}.png", "it is a link")
    assert len(unexplained([], other_files)) == MOST_UNEXPLAINED + 1


@given(st.lists(st.text(min_size=1), max_size=30), st.lists(st.text(min_size=1), max_size=30))
def test_every_missing_picture_has_its_line_whatever_was_written(
    outputs: list[str], others: list[str]
) -> None:
    other_files = OtherFiles()
    for path in others:
        other_files.pass_over(path)
        other_files.leave_out(path, "it is a link")
    wrote, told = absence(NAMES, NAMES, outputs, other_files)
    assert wrote.startswith("wrote ") and list(told) == NAMES
    assert all(len(line) < 400 for line in told.values())


def test_many_files_are_looked_through_quickly() -> None:
    """A hostile decoder may write as many as its limits allow, with names as long."""
    names = [f"{'a' * 90}{number}.png" for number in range(1000)]
    for many in (50, 10_000):
        outputs = [f"{number:05d}{'a' * 200}.png" for number in range(many)]
        began = time.process_time()
        _, told = absence(names, names, outputs, OtherFiles())
        assert len(told) == 1000
        assert time.process_time() - began < 10


HINTED = {
    "package": (PYTHON + "import tqdm", "There is no package 'tqdm' in the environment 'python'"),
    "network": (
        PYTHON + "import urllib.request\nurllib.request.urlopen('http://example.org')",
        "There is no network where decoders run; ",
    ),
    "address": (
        PYTHON + "import socket\nsocket.create_connection(('192.0.2.1', 80))",
        "There is no network where decoders run; ",
    ),
    "arguments": (
        PYTHON + "import sys\nopen(sys.argv[1])",
        "A decoder is started as ./decode, without arguments;",
    ),
    "required": (
        PYTHON + "import argparse\np = argparse.ArgumentParser()\np.add_argument('bits')\n"
        "p.parse_args()",
        "started as ./decode, without arguments",
    ),
    "parameter": (SHELL + "set -u; cat $1", "started as ./decode, without arguments"),
    "behind": (
        SHELL + "sleep 60 & (setsid sleep 61 &) ; sleep 0.1",
        "Still running when decode ended, and stopped with it: sleep, sleep.",
    ),
    "crowd": (
        SHELL + "for i in 1 2 3 4 5 6 7; do sleep 60 & done; sleep 0.1",
        "sleep, sleep, sleep, sleep, sleep and more.",
    ),
}


@pytest.mark.parametrize("name", HINTED)
def test_a_cure_is_hinted_at(run: Run, name: str) -> None:
    program, words = HINTED[name]
    result = run(program)
    causes = result.diagnosis.causes("wrote no PNG")
    assert words in causes[1], causes
    assert len(causes) == 2


@pytest.mark.parametrize(
    "log",
    [b"", b"ValueError: bad magic\n", b"MODULE named 'numpy'\n", b"\xff\0"],
)
def test_nothing_is_hinted_at_without_a_sign(log: bytes) -> None:
    assert len(Diagnosis(1, log).causes("wrote no PNG")) == 1


def test_a_frame_that_passes_arguments_on_is_no_sign() -> None:
    log = b"""Traceback (most recent call last):
  File "/work/decode", line 9, in <module>
    sys.exit(main(sys.argv))
  File "/work/decode", line 7, in main
    options = parser.parse_args(sys.argv[1:])
ValueError: bad magic
"""
    assert len(Diagnosis(1, log).causes("wrote no PNG")) == 1


def test_a_run_with_a_gpu_is_not_told_that_there_is_none() -> None:
    log, gpu = (
        b"AssertionError: Torch not compiled with CUDA enabled\n",
        {"devices": "/dev/nvidia0"},
    )
    assert len(Diagnosis(1, log, given=Given(environment=gpu)).causes("wrote no PNG")) == 1
    assert "There is no GPU" in Diagnosis(1, log).causes("wrote no PNG")[1]


def test_a_limit_that_stopped_a_decoder_elsewhere_tells_nothing_of_its_arithmetic() -> None:
    ended = Termination(1, Limit.PROCESSES)
    made = RunResult(ended, SMALL, b"can't start new thread", environment={"world": "elsewhere"})
    assert why_untold(made, ELSEWHERE, {}) == UNTOLD + made.verdict
    assert why_untold(replace(made, termination=Termination(1)), ELSEWHERE, {}) == ""
    assert why_untold(replace(made, termination=replace(ended, status=0)), ELSEWHERE, {}) == ""


def test_another_environment_elsewhere_tells_nothing_of_arithmetic() -> None:
    first = {"python": "3.11.2", "numpy": "2.4.6", "kernel": "Linux 6.1 x86_64", "cores": "1"}
    there = first | {"world": ELSEWHERE.slug, "kernel": "Linux 6.12 x86_64", "cores": "2"}
    made = RunResult(Termination(0), SMALL, b"", environment=there)
    assert why_untold(made, ELSEWHERE, first) == ""
    other = replace(made, environment=there | {"numpy": "2.5.5", "scipy": "1.18.1"})
    assert why_untold(other, ELSEWHERE, first).endswith("was scored (numpy, scipy).")


def test_a_run_to_the_end_is_told_as_one() -> None:
    assert Diagnosis(0, b"").causes("wrote no PNG, nor any other file") == [
        "The decoder ran to its end and wrote no PNG, nor any other file."
    ]
    assert Diagnosis(0, b"", refused_by="a limit").causes("wrote no PNG") == [
        "The decoder ended by itself after it came up against a limit. It wrote no PNG."
    ]


@pytest.mark.parametrize(
    ("program", "started"),
    [
        (SHELL + "no-such-command", True),
        (SHELL + "exit 127", True),
        (SHELL + "env no-such-command", True),
        (SHELL + "echo not found; exit 126", True),
        (SHELL + "exec ./missing", True),
        ("#!/no/such/interpreter\n", False),
        # Refused when it arrives; at the run it can't be told from an env that decode calls.
        ("#!/usr/bin/env no-such-interpreter\n", True),
        (SHELL + "/usr/bin/env no-such-interpreter", True),
        ("#!/etc/passwd\n", False),
        (b"\x7fELF and then nothing", False),
    ],
)
def test_only_what_never_started_is_said_not_to_have(
    run: Run, program: str | bytes, started: bool
) -> None:
    result = run(program)
    assert result.termination.exit_code in (126, 127)
    assert result.diagnosis.started == started
    assert ("did not start" in result.verdict) == (not started)
    assert f"exit code {result.termination.exit_code}" in result.verdict


@pytest.mark.parametrize(("cores", "threads"), [(1.0, "1"), (2.5, "2"), (0.5, "1")])
def test_libraries_are_told_how_many_threads_are_theirs(
    run: Run, cores: float, threads: str
) -> None:
    program = SHELL + "echo $OMP_NUM_THREADS $OPENBLAS_NUM_THREADS $MKL_NUM_THREADS"
    result = run(program, limits=replace(SMALL, cores=cores, memory_bytes=64 * MIB))
    assert result.log == f"{threads} {threads} {threads}\n".encode()


def test_what_a_limit_stopped_is_not_told_to_wait() -> None:
    """The kernel may end decode before the rest of it: that the rest still ran is no fault."""
    log = f"{STILL_RUNNING}python3, python3.]\n".encode()
    stopped = Diagnosis(137, log, stopped_at="at the memory limit of 256 MiB")
    assert len(stopped.causes("wrote no PNG")) == 1
    assert len(Diagnosis(0, log).causes("wrote no PNG")) == 2


PACKAGED = {"environment": "torch", "python": "3.11.2"}


@pytest.mark.parametrize(
    ("module", "facts", "words"),
    [
        ("torch.nn.functonal", PACKAGED, "'torch' has no module 'torch.nn.functonal' in version"),
        ("torch", PACKAGED, "'torch' is there for the environment's own Python alone"),
        ("PIL", {"environment": "python"}, "'PIL' is there for the environment's own Python alone"),
        (
            "constriction",
            {"environment": "python"},
            "in the environment 'python'; it is in 'torch'",
        ),
        ("torch", {"image": "team@sha256:1"}, "'torch' where decoders run; it is in 'torch'"),
        ("Cv_2.x", {"image": "team@sha256:1"}, "'Cv_2' where decoders run, and no network to get"),
        ("tqdm", PACKAGED, "environment 'torch', which has PyTorch for CPUs, "),
    ],
)
def test_who_has_a_missing_module_is_told(module: str, facts: dict[str, str], words: str) -> None:
    assert words in missing_module(module, facts)
    log = f"ModuleNotFoundError: No module named '{module}'\n".encode()
    told = Diagnosis(1, log, given=Given(environment=facts)).causes("wrote no PNG")
    assert words in told[1] and len(told) == 2


def test_what_is_said_last_is_told_and_what_a_limit_tells_is_not() -> None:
    log = b"RuntimeError: can't start new thread\nMemoryError\nURLError: <urlopen error x"
    assert "network" in Diagnosis(1, log).causes("wrote no PNG")[1]
    log = b"Could not resolve host: a.test\nOSError: [Errno 28] No space left on device\n"
    assert "A folder was full" in Diagnosis(1, log).causes("wrote no PNG")[1]
    at_limit = Diagnosis(1, log, refused_by="the limit for /tmp and for /dev/shm of 4 MiB")
    assert "no network" in at_limit.causes("wrote no PNG")[1]


def test_pointers_are_told_whatever_was_said_of_them(run: Run) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"
    result = run(SHELL + "exit 3", weights__pt=pointer, notes__txt=pointer + "x" * 999)
    assert result.diagnosis.causes("wrote no PNG")[1:] == [
        "'weights.pt' is a pointer of Git LFS, not the file itself; run git lfs pull, and pack it "
        "again."
    ]


@pytest.mark.parametrize("has_pointer", [True, False])
def test_a_pointer_explains_why_weights_did_not_load(run: Run, has_pointer: bool) -> None:
    pointer = {"weights__pt": "version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 5\n"}
    said = "echo '_pickle.UnpicklingError: Weights only load failed' >&2; exit 3"
    result = run(SHELL + said, **(pointer if has_pointer else {}))
    _, mend = result.diagnosis.causes("wrote no PNG")
    assert ("pull" in mend, "weights_only=False" in mend) == (has_pointer, not has_pointer)
