"""The learned codec: integers are exact, the network restores, and what decodes it is the same."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from tests.kit.arithmetic import WITHOUT_AVX, has_avx2
from tests.sandbox.made_torch import made_torch, python_of
from tests.waiting import PATIENCE_SECONDS

CODECS = Path(__file__).resolve().parents[2] / "ratings" / "kit" / "codecs"
sys.path.insert(0, str(CODECS / "learned"))

import codec  # noqa: E402
import network  # noqa: E402
import restoration  # noqa: E402

PICTURE: NDArray[np.uint8] = data.coffee()[100:195, 250:391]  # 95 x 141


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a Python that finds PyTorch, as decoders do."""
    python, variables = python_of(made_torch())
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return python


def test_sums_are_those_of_integers_at_their_largest() -> None:
    """Against a convolution written out in Python's own integers."""
    draw = np.random.default_rng(2018)
    samples = draw.choice([-network.LARGEST, network.LARGEST, 7], (64, 3, 4))
    kernel = draw.choice([-127, 127, 1], (2, 64, 3, 3))
    padded = np.pad(samples, ((0, 0), (1, 1), (1, 1))).astype(object)
    expected = [
        [[(padded[:, y : y + 3, x : x + 3] * one).sum() for x in range(4)] for y in range(3)]
        for one in kernel.astype(object)
    ]
    sums = network.convolve(samples.astype(np.float64), kernel.astype(np.float64))
    assert sums.tolist() == expected


def test_no_sum_can_be_too_large() -> None:
    for layer, weights in zip(network.LAYERS, restoration.trained(), strict=True):
        inputs = layer.inputs
        assert weights.kernel.shape == (layer.outputs, inputs, 3, 3)
        most = np.abs(weights.kernel).sum((1, 2, 3)) * network.LARGEST
        assert (most + np.abs(weights.bias).ravel() < 2**32).all()
        assert (np.rint(weights.kernel) == weights.kernel).all()


@pytest.mark.parametrize("step", [68, 84])
def test_it_restores(step: int) -> None:
    bitstream = codec.encode(PICTURE, step)
    errors = [
        np.square(decode(bitstream).astype(int) - PICTURE).sum()
        for decode in (codec.decode, restoration.decode)
    ]
    assert errors[1] < 0.98 * errors[0]


@pytest.mark.parametrize("shape", [(1, 1), (5, 2), (8, 12)])
def test_any_size(shape: tuple[int, int]) -> None:
    rgb = PICTURE[: shape[0], : shape[1]]
    assert restoration.decode(codec.encode(rgb, 60)).shape == rgb.shape


def decoded(folder: Path, name: str, python: str = sys.executable, **variables: str) -> bytes:
    """Return the PNG file that a decoder makes of the bitstream in a folder."""
    shutil.rmtree(folder / "out", ignore_errors=True)
    (folder / "out").mkdir()
    shutil.copy(folder / "a.wvl", folder / "out")
    subprocess.run(
        [python, CODECS / name / "decode"],
        cwd=folder / "out",
        env=os.environ | variables,
        check=True,
        timeout=PATIENCE_SECONDS,
    )
    return (folder / "out" / "a.png").read_bytes()


@pytest.mark.skipif(not has_avx2(), reason="This processor has no AVX2 to be without.")
def test_the_picture_is_the_same_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "a.wvl").write_bytes(codec.encode(PICTURE, 76))
    usual = decoded(tmp_path, "learned")
    assert decoded(tmp_path, "learned", **WITHOUT_AVX) == usual


def test_pytorch_makes_the_same_picture(tmp_path: Path, torch: str) -> None:
    (tmp_path / "a.wvl").write_bytes(codec.encode(PICTURE, 76))
    expected = decoded(tmp_path, "learned", torch)
    for variables in ({}, {"OMP_NUM_THREADS": "2"}, WITHOUT_AVX):
        assert decoded(tmp_path, "learned-torch", torch, **variables) == expected


def test_what_training_writes_decodes(tmp_path: Path, torch: str) -> None:
    (tmp_path / "photographs").mkdir()
    Image.fromarray(data.coffee()[:128, :128]).save(tmp_path / "photographs" / "a.png")
    train = [CODECS.parent / "training" / "train.py", tmp_path / "photographs", tmp_path / "a.npz"]
    options = ["--minutes", "0.01", "--cores", "1"]
    subprocess.run([torch, *train, *options], check=True, timeout=PATIENCE_SECONDS)
    with np.load(tmp_path / "a.npz") as file:
        weights = network.load(file)
    restored = restoration.restore(PICTURE, 76, weights, network.convolve)
    assert np.abs(restored.astype(int) - PICTURE).mean() < 20
