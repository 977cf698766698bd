"""Arithmetic worlds: masks change what they name, and floats in an entropy coder don't bear it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from ratings.imaging.pixels import decode_png
from ratings.sandbox.environments.trees import DecoderEnvironment
from ratings.sandbox.run_limits import Limits
from ratings.sandbox.sandboxes import BubblewrapSandbox
from ratings.sandbox.worlds import AVX2, BACKWARDS, ELSEWHERE, SSE4, THREADED, USUAL, WORLDS, World
from tests.sandbox import learned_toy
from tests.sandbox.builders import ROOMY, SMALL, build_decoder
from tests.sandbox.processors import require_processor

ARITHMETIC = """#!/usr/bin/env python3
import hashlib, math
import numpy as np
def digest(values):
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()[:8]
drawn = np.random.default_rng(1).normal(size=(160, 160))
print("exp", digest(np.exp(drawn.astype(np.float32))))
print("product", digest(drawn.astype(np.float32) @ drawn.astype(np.float32)))
print("math", digest([math.pow(abs(value), 0.3) for value in drawn.ravel()[:9999]]))
print("whole", digest(np.cumsum(np.arange(160)) @ np.arange(160)))
"""
LISTING = """#!/bin/sh
echo "threads $OMP_NUM_THREADS $OPENBLAS_NUM_THREADS $MKL_NUM_THREADS"
echo "files" *.bin "as listed" $(ls -U | grep bin)
"""


def run_in(
    world: World, environment: DecoderEnvironment, folder: Path, program: str, **inputs: bytes
) -> tuple[dict[str, str], Mapping[str, Path]]:
    """Run a program; return the words of its log by the first of each line, and its outputs."""
    place, given = folder / f"{world.slug}-{len(list(folder.iterdir()))}", {}
    place.mkdir()
    for name, content in inputs.items():
        given[name.replace("__", ".")] = place / name
        (place / name).write_bytes(content)
    (place / "outputs").mkdir()
    limits: Limits = ROOMY if "python" in program else SMALL
    result = BubblewrapSandbox(environment).run(
        build_decoder(place / "decoder", program), given, place / "outputs", limits, world=world
    )
    assert result.succeeded, result.log
    lines = dict(line.split(" ", 1) for line in result.log.decode().splitlines())
    return lines, {path: output.file for path, output in result.outputs.items()}


def test_masks_change_the_arithmetic_that_they_name_and_nothing_whole(
    environment: DecoderEnvironment, tmp_path: Path
) -> None:
    require_processor("avx2", "fma", "avx512f")
    usual, avx2, sse4 = (
        run_in(world, environment, tmp_path, ARITHMETIC)[0] for world in (USUAL, AVX2, SSE4)
    )
    assert usual["product"] != avx2["product"] != sse4["product"] != usual["product"]
    assert usual["exp"] != sse4["exp"] and usual["math"] != sse4["math"]
    assert usual["whole"] == avx2["whole"] == sse4["whole"]


def test_threads_and_the_order_of_files_are_worlds_too(
    environment: DecoderEnvironment, tmp_path: Path
) -> None:
    told = {
        world.slug: run_in(world, environment, tmp_path, LISTING, a__bin=b"a", b__bin=b"b")[0]
        for world in (USUAL, THREADED, BACKWARDS, ELSEWHERE)
    }
    assert {slug: one["threads"] for slug, one in told.items()} == {
        "usual": "2 2 2",
        "threads": "4 4 4",
        "backwards": "2 2 2",
        "elsewhere": "4 4 4",
    }
    listed = {slug: one["files"].removeprefix("a.bin b.bin ") for slug, one in told.items()}
    assert listed["usual"] == listed["threads"] != listed["backwards"] == listed["elsewhere"]


@pytest.mark.parametrize("floats", [True, False])
def test_a_table_of_floats_loses_most_symbols_elsewhere_and_one_of_integers_none(
    floats: bool, environment: DecoderEnvironment, tmp_path: Path
) -> None:
    require_processor("avx2", "fma")
    stream = learned_toy.encode(learned_toy.SAMPLES, floats)
    right = learned_toy.picture(learned_toy.SAMPLES)
    decoder = learned_toy.toy_decoder(floats)
    lost = {}
    for world in (USUAL, ELSEWHERE):
        _, made = run_in(world, environment, tmp_path, decoder, a__bits=stream)
        lost[world.slug] = int((decode_png(made["a.png"].read_bytes()) != right).any(axis=2).sum())
    assert lost["usual"] == 0
    assert lost["elsewhere"] > 1000 if floats else lost["elsewhere"] == 0


def test_no_two_worlds_have_one_name_and_the_usual_one_masks_nothing() -> None:
    assert len(WORLDS) == 6 and not USUAL.masks and not USUAL.backwards
    assert USUAL.variables(0.5) == dict.fromkeys(USUAL.variables(4), "1")
    assert ELSEWHERE.variables(1).items() > SSE4.masks.items()
