"""Toys that differ in one file: tables from floats are lost elsewhere, those from integers not."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.kit.arithmetic import WITHOUT_AVX, has_avx2
from tests.waiting import PATIENCE_SECONDS

CODECS = Path(__file__).resolve().parents[2] / "ratings" / "kit" / "codecs"

pytestmark = pytest.mark.skipif(not has_avx2(), reason="This processor has no AVX2 to be without.")


@pytest.fixture(params=["toy-floats", "toy-integers"])
def toy(request: pytest.FixtureRequest) -> Path:
    return CODECS / str(request.param)


@pytest.fixture
def bitstreams(toy: Path, tmp_path: Path) -> Path:
    """A picture's bitstream, made on this machine as it is."""
    (tmp_path / "pictures").mkdir()
    coarse = np.random.default_rng(2018).integers(0, 256, (7, 9, 3), dtype=np.uint8)
    picture = Image.fromarray(coarse).resize((161, 120), Image.Resampling.BICUBIC)
    picture.save(tmp_path / "pictures" / "a.png")
    made = tmp_path / "bitstreams"
    run([toy / "encode", tmp_path / "pictures", made, "--bpp", "1"], tmp_path).check_returncode()
    return made


def run(
    command: list[str | Path], folder: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )


def test_here_both_decode_and_elsewhere_integers_alone(toy: Path, bitstreams: Path) -> None:
    picture = bitstreams / "a.png"
    run([toy / "decode"], bitstreams).check_returncode()
    here = picture.read_bytes()
    picture.unlink()
    elsewhere = run([toy / "decode"], bitstreams, **WITHOUT_AVX)
    same = picture.exists() and picture.read_bytes() == here
    assert same == (toy.name == "toy-integers")
    assert elsewhere.returncode == 0 or "CorruptStream" in elsewhere.stderr
