"""Honest decoders work: what a programmer expects to find is there."""

import hashlib
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from ratings.sandbox.results.run_result import RunResult
from ratings.sandbox.run_limits import MIB
from tests.sandbox.builders import ROOMY, SMALL
from tests.sandbox.conftest import Run

PYTHON = "#!/usr/bin/env python3\n"
PICTURE = """
from pathlib import Path
import numpy as np
from PIL import Image
from scipy.ndimage import zoom
for path in Path(".").glob("*.bin"):
    small = np.frombuffer(path.read_bytes(), np.uint8).reshape(4, 4, 3)
    large = zoom(small, (4, 4, 1), order=1)
    Image.fromarray(large).save(path.with_suffix(".png"))
"""
POOL = """
import multiprocessing
from multiprocessing.shared_memory import SharedMemory
def work(number):
    shared = SharedMemory("part")
    shared.buf[number] = number
    shared.close()
    return number * number
if __name__ == "__main__":
    shared = SharedMemory("part", create=True, size=4)
    with multiprocessing.Pool(4) as pool:
        squares = pool.map(work, range(4))
    open("a.png", "w").write(f"{squares} {list(shared.buf[:4])}")
    shared.close()
    shared.unlink()
"""
EVERYDAY = """
import getpass, os, pathlib, socket, subprocess, sys, tempfile, threading, time, zlib
assert getpass.getuser() == "decoder"
with tempfile.TemporaryDirectory() as folder:
    pathlib.Path(folder, "x").write_text("x")
assert pathlib.Path.home().is_dir()
left, right = socket.socketpair()
thread = threading.Thread(target=right.sendall, args=(b"x",))
thread.start(); thread.join()
assert left.recv(1) == b"x"
assert subprocess.check_output("echo a b | awk '{print $2}' | sed s/b/c/", shell=True) == b"c\\n"
assert os.urandom(4) and time.time() > 1e9 and os.cpu_count()
assert sys.stdin.read() == ""
open("a.png", "w").write("ok")
"""
C = """
#include <stdio.h>
int main(void) {
    FILE *in = fopen("given", "rb"), *out = fopen("a.png", "wb");
    for (int c; (c = fgetc(in)) != EOF;) fputc(c + 1, out);
    return fclose(out);
}
"""
NAMES = [
    "ein Bild.png",
    "IMG_20170114_210112.PNG",
    "ünïcødé-图像.png",
    "-rf.png",
    "a\nb.png",
    "$(touch x);'\".png",
    "..png",
    "%2e%2e.png",
    "back\\slash.png",
]


def texts(result: RunResult) -> dict[str, str]:
    """Check that a run succeeded, and its digests; return what it made."""
    assert result.succeeded, result
    assert result.verdict == "The decoder ended by itself."
    assert result.other_files.reasons == {}
    for output in result.outputs.values():
        content = output.file.read_bytes()
        assert output.size_bytes == len(content)
        assert output.sha256 == hashlib.sha256(content).hexdigest()
    return {path: output.file.read_text() for path, output in result.outputs.items()}


def test_numpy_scipy_and_pillow(run: Run) -> None:
    inputs = {f"{name}.bin": bytes(range(48)) for name in "abc"}
    result = run(PYTHON + PICTURE, limits=ROOMY, inputs=inputs)
    assert result.succeeded, result
    assert sorted(result.outputs) == ["a.png", "b.png", "c.png"]
    assert result.outputs["a.png"].sha256 == result.outputs["b.png"].sha256
    assert {"python", "numpy", "scipy", "pillow", "system", "kernel"} < result.environment.keys()
    assert result.processor


def test_standard_library(run: Run) -> None:
    assert texts(run(PYTHON + EVERYDAY, limits=ROOMY)) == {"a.png": "ok"}


@pytest.mark.parametrize("watching", [False, True])
def test_multiprocessing_and_shared_memory(run: Run, watching: bool) -> None:
    result = run(PYTHON + POOL, limits=ROOMY, watching=watching)
    assert texts(result) == {"a.png": "[0, 1, 4, 9] [0, 1, 2, 3]"}


def test_shell(run: Run) -> None:
    program = "#!/bin/sh\nset -e\nfor f in *.bin; do tr a-z A-Z < $f > ${f%.bin}.png; done"
    assert texts(run(program, inputs={"x.bin": b"abc"})) == {"x.png": "ABC"}


def test_bash_with_job_control(run: Run) -> None:
    program = "#!/bin/bash\nfor i in 1 2 3; do (echo $i > $i.png) & done; wait"
    assert texts(run(program)) == {f"{i}.png": f"{i}\n" for i in (1, 2, 3)}


@pytest.mark.skipif(not shutil.which("gcc"), reason="no C compiler here")
@pytest.mark.parametrize("flags", [[], ["-static"]])
def test_compiled_c(run: Run, tmp_path: Path, flags: list[str]) -> None:
    (tmp_path / "decode.c").write_text(C)
    command: list[str | Path] = ["gcc", *flags, "-o", tmp_path / "compiled", tmp_path / "decode.c"]
    subprocess.run(command, check=True)
    program = (tmp_path / "compiled").read_bytes()
    assert texts(run(program, inputs={"given": b"HAL"})) == {"a.png": "IBM"}


def test_supporting_files_lie_beside_it(run: Run) -> None:
    program = PYTHON + "import model\nopen('a.png', 'w').write(model.NAME + open('w.txt').read())"
    result = run(program, limits=ROOMY, model__py="NAME = 'm'", w__txt="w")
    assert texts(result) == {"a.png": "mw"}


def test_outputs_in_deep_folders(run: Run) -> None:
    program = "#!/bin/sh\nmkdir -p a/b/c/d/e && echo 1 > a/b/c/d/e/x.png && echo 2 > a/x.PNG"
    assert texts(run(program)) == {"a/b/c/d/e/x.png": "1\n", "a/x.PNG": "2\n"}


def test_unusual_names(run: Run) -> None:
    program = f"{PYTHON}for name in {NAMES!r}: open(name, 'w').write(name)"
    assert texts(run(program)) == {name: name for name in NAMES}


def test_names_like_those_of_its_tools(run: Run) -> None:
    program = "#!/bin/sh\ncat ./-* > a.png"
    names = ("--checkpoint-action=exec=sh", "tar", "sh", "prlimit", "-x")
    result = run(program, inputs={name: name.encode() for name in names})
    assert texts(result) == {"a.png": "--checkpoint-action=exec=sh-x"}


def test_temporary_files_are_ignored(run: Run) -> None:
    program = "#!/bin/sh\ncd /tmp; echo x > hostile-t; cp hostile-t /dev/shm/hostile-s; cd /work\n"
    program += "cp /dev/shm/hostile-s raw; mv raw a.png"
    assert texts(run(program)) == {"a.png": "x\n"}  # and `run` finds none of them outside


def test_many_inputs_and_much_data(run: Run) -> None:
    inputs = {f"{number}.bin": bytes([number]) * 40_000 for number in range(250)}
    program = "#!/bin/sh\ncat *.bin | wc -c > a.png"
    assert texts(run(program, inputs=inputs)) == {"a.png": "10000000\n"}


def test_a_folder_exactly_as_full_as_allowed(run: Run) -> None:
    program = "#!/bin/sh\nhead -c 8388608 /dev/zero > big; echo done > a.png || echo full >&2"
    result = run(program, limits=replace(SMALL, work_bytes=8 * MIB + 4096))
    assert texts(result) == {"a.png": "done\n"}


def test_copying_on_write_counts_once(run: Run) -> None:
    """Children that share what their parent has read take no memory of their own."""
    program = """
import os
weights = bytearray(os.urandom(1 << 20) * 40)
for _ in range(6):
    if os.fork() == 0:
        open("x", "a").write(str(sum(weights[::4096])))
        os._exit(0)
for _ in range(6): os.wait()
open("a.png", "w").write("ok")
"""
    assert texts(run(PYTHON + program, watching=True)) == {"a.png": "ok"}
