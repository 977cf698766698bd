"""The example codecs, run as participants run them, on small pictures made here."""

import math
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.waiting import PATIENCE_SECONDS

KIT = Path(__file__).resolve().parents[2] / "ratings" / "kit"
CODECS = {"jpeg": ".jpg", "webp": ".webp", "transform": ".wvl"}
FOLDERS = sorted(path.parent.name for path in KIT.glob("codecs/*/decode"))
SIZES = [(161, 120), (97, 143), (200, 136), (40, 33)]
PIXELS = sum(width * height for width, height in SIZES)
# Scripts find "python3" first where these tests run.
ENVIRONMENT = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def run(command: Sequence[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The codecs' folders as they come out of a zip: links have become files."""
    folder = tmp_path_factory.mktemp("kit") / "codecs"
    shutil.copytree(KIT / "codecs", folder, ignore=shutil.ignore_patterns("__pycache__"))
    assert not any(path.is_symlink() for path in folder.rglob("*"))
    return folder


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Smooth noise with an edge and a little grain, and one picture whose name has dots."""
    folder = tmp_path_factory.mktemp("pictures")
    chance = np.random.default_rng(2018)
    for i, (width, height) in enumerate(SIZES):
        coarse = Image.fromarray(chance.integers(0, 256, (7, 9, 3), dtype=np.uint8))
        rgb = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), np.int16)
        rgb = rgb + chance.integers(-6, 7, rgb.shape, dtype=np.int16)
        rgb[:, width // 3 :] //= 2
        picture = Image.fromarray(np.clip(rgb, 0, 255).astype(np.uint8))
        picture.save(folder / f"picture.{i}.png")
    return folder


def psnr(originals: Path, decoded: Path) -> float:
    """Return the PSNR of a set, from one mean over all samples; sizes must be equal."""
    error = samples = 0
    for path in originals.glob("*.png"):
        with Image.open(path) as picture, Image.open(decoded / path.name) as other:
            assert (picture.size, other.format, other.mode) == (other.size, "PNG", "RGB")
            difference = np.asarray(picture, np.int64) - np.asarray(other, np.int64)
        error += int((difference**2).sum())
        samples += difference.size
    return 10 * math.log10(255**2 * samples / error)


def there_and_back(codec: Path, pictures: Path, folder: Path, *budget: str) -> float:
    """Encode, move the bitstreams to a clean folder, decode there; return the PSNR."""
    made = folder / "bitstreams"
    done = run([codec / "encode", pictures, made, *budget], folder)
    assert done.returncode == 0, done.stderr
    done = run([codec / "decode"], made)
    assert done.returncode == 0, done.stderr
    return psnr(pictures, made)


@pytest.mark.parametrize("name", CODECS)
@pytest.mark.parametrize("bpp", [0.6, 1.0])
def test_keeps_the_budget_and_uses_it(
    name: str, bpp: float, unpacked: Path, pictures: Path, tmp_path: Path
) -> None:
    assert there_and_back(unpacked / name, pictures, tmp_path, "--bpp", str(bpp)) > 20
    streams = list((tmp_path / "bitstreams").glob(f"*{CODECS[name]}"))
    assert {s.stem for s in streams} == {picture.stem for picture in pictures.iterdir()}
    spent = sum(stream.stat().st_size for stream in streams)
    assert 0.8 * PIXELS * bpp / 8 < spent <= PIXELS * bpp / 8


def test_transform_beats_jpeg(unpacked: Path, pictures: Path, tmp_path: Path) -> None:
    psnrs = {}
    for name in ("jpeg", "transform"):
        (tmp_path / name).mkdir()
        psnrs[name] = there_and_back(
            unpacked / name, pictures, tmp_path / name, "--bytes", str(PIXELS // 16)
        )
    assert psnrs["transform"] > psnrs["jpeg"] + 0.5


@pytest.mark.parametrize("name", CODECS)
def test_a_budget_out_of_reach_is_refused(
    name: str, unpacked: Path, pictures: Path, tmp_path: Path
) -> None:
    done = run([unpacked / name / "encode", pictures, tmp_path / "new", "--bytes", "9"], tmp_path)
    assert done.returncode == 1 and "Even the smallest files" in done.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", CODECS)
def test_what_is_wrong_is_said(name: str, unpacked: Path, pictures: Path, tmp_path: Path) -> None:
    encode = unpacked / name / "encode"
    asked: list[tuple[list[str | Path], str]] = [
        ([encode, tmp_path, "new", "--bpp", "1"], "there are no PNG files"),
        ([encode, pictures, tmp_path, "--bpp", "1"], "is there already"),
        ([encode, pictures, "new"], "--bpp --bytes is required"),
    ]
    for command, words in asked:
        done = run(command, tmp_path)
        assert done.returncode == 2 and words in done.stderr


def test_a_damaged_bitstream_is_no_picture(unpacked: Path, pictures: Path, tmp_path: Path) -> None:
    there_and_back(unpacked / "transform", pictures, tmp_path, "--bpp", "0.5")
    stream = tmp_path / "bitstreams" / "picture.0.wvl"
    whole = stream.read_bytes()
    for damaged in (whole[:-1], whole[:3], b"", bytes([whole[0] ^ 1]) + whole[1:]):
        stream.write_bytes(damaged)
        done = run([unpacked / "transform" / "decode"], stream.parent)
        assert done.returncode == 1 and "CorruptStream" in done.stderr


@pytest.mark.parametrize("name", FOLDERS)
def test_a_readme_says_how_to_run_it(name: str) -> None:
    text = (KIT / "codecs" / name / "README.md").read_text()
    assert "./encode PICTURES FOLDER --bpp 0." in text
    assert 8 <= len(text.splitlines()) <= 22
