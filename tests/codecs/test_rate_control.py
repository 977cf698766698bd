"""Fitting a data set to its budget: never worse than coarse settings, and decoded by the zip."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ratings.codecs import baselines
from ratings.codecs.baseline_decoder import decoder_zip
from ratings.codecs.baselines import JPEG, NATIVE, Codec, available
from ratings.codecs.rate import BudgetExceeded
from ratings.codecs.rate_control import best_settings, choose, encode_pictures, finer, tabulate
from ratings.imaging.distortion import squared_error
from ratings.imaging.pixels import Rgb
from tests.codecs.pictures import PICTURES, codec_name
from tests.waiting import PATIENCE_SECONDS


def totals(codec: Codec, settings: dict[str, int]) -> tuple[int, int]:
    """Return bytes and squared error of all pictures, encoded anew."""
    coded = dict(encode_pictures(codec, PICTURES, settings))
    error = sum(
        squared_error(PICTURES[name], coded_picture.decoded)
        for name, coded_picture in coded.items()
    )
    return sum(len(coded_picture.bitstream) for coded_picture in coded.values()), error


def middle(codec: Codec) -> int:
    least, most = (
        sum(len(codec.encode(rgb, codec.settings[end])) for rgb in PICTURES.values())
        for end in (0, -1)
    )
    return (least + most) // 2


@pytest.mark.parametrize("codec", NATIVE, ids=codec_name)
def test_finer_settings_keep_the_budget_and_are_no_worse(codec: Codec) -> None:
    budget = middle(codec)
    tables = tabulate(codec, PICTURES, dict.fromkeys(PICTURES, codec.settings + codec.beyond))
    coarse = totals(codec, choose(tables, budget))
    size_bytes, error = totals(codec, best_settings(codec, PICTURES, budget))
    assert size_bytes <= budget
    assert error <= coarse[1]


def test_finer_settings_find_what_coarse_ones_miss() -> None:
    sizes = {setting: len(JPEG.encode(PICTURES["a.png"], setting)) for setting in (80, 74)}
    pictures = {"a.png": PICTURES["a.png"]}
    settings = best_settings(JPEG, pictures, sizes[74])
    assert 65 < settings["a.png"] < 80


def test_each_picture_is_counted_in_both_rounds() -> None:
    steps: list[int] = []
    best_settings(JPEG, PICTURES, middle(JPEG), lambda: steps.append(1))
    assert len(steps) == 2 * len(PICTURES)


def test_a_budget_out_of_reach_is_refused() -> None:
    with pytest.raises(BudgetExceeded):
        best_settings(JPEG, PICTURES, 100)


@pytest.mark.parametrize(
    ("coarse", "chosen", "expected"),
    [
        ((1, 5, 9), 5, [2, 3, 4, 6, 7, 8]),
        ((1, 5, 9), 1, [2, 3, 4]),
        ((90, 50, 10), 50, [20, 30, 40, 60, 70, 80]),
        ((1, 2), 1, []),
        ((1, 3), 3, [2]),
    ],
)
def test_finer_settings_lie_between(
    coarse: tuple[int, ...], chosen: int, expected: list[int]
) -> None:
    assert finer(coarse, chosen) == expected


def test_optional_codecs_are_named_and_there_only_with_their_packages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert baselines.NAMES[-2:] == ("HEVC intra (x265)", "JPEG XL")
    monkeypatch.setattr(baselines, "find_spec", lambda package: None)
    assert available() == list(NATIVE)


def test_the_zip_is_the_same_each_time_and_has_its_program_at_the_top() -> None:
    assert decoder_zip() == decoder_zip()
    with zipfile.ZipFile(io.BytesIO(decoder_zip())) as archive:
        (info,) = archive.infolist()
        assert (info.filename, info.external_attr >> 16) == ("decode", 0o755)


@pytest.mark.parametrize("codec", available(), ids=codec_name)
def test_the_decoder_reconstructs_what_is_scored(codec: Codec, tmp_path: Path) -> None:
    settings = dict.fromkeys(PICTURES, codec.settings[-1])
    coded = dict(encode_pictures(codec, PICTURES, settings))
    with zipfile.ZipFile(io.BytesIO(decoder_zip())) as archive:
        (tmp_path / "decode").write_bytes(archive.read("decode"))
    for name, coded_picture in coded.items():
        (tmp_path / name.replace(".png", codec.suffix)).write_bytes(coded_picture.bitstream)
    subprocess.run([sys.executable, "decode"], cwd=tmp_path, check=True, timeout=PATIENCE_SECONDS)
    for name, coded_picture in coded.items():
        with Image.open(tmp_path / name) as picture:
            assert picture.mode == "RGB"
            assert np.array_equal(np.asarray(picture), coded_picture.decoded)


def test_a_decoder_with_nothing_to_do_fails(tmp_path: Path) -> None:
    (tmp_path / "decode").write_bytes(zipfile.ZipFile(io.BytesIO(decoder_zip())).read("decode"))
    done = subprocess.run(
        [sys.executable, "decode"], cwd=tmp_path, check=False, timeout=PATIENCE_SECONDS
    )
    assert done.returncode == 1


def test_what_is_stopped_between_two_pictures_leaves_the_rest_untried() -> None:
    looked_at = []

    class Watched(dict[str, Rgb]):
        def __getitem__(self, name: str) -> Rgb:
            looked_at.append(name)
            return super().__getitem__(name)

    class Enough(Exception):
        pass

    def stop() -> None:
        raise Enough

    many = Watched({f"{number}.png": PICTURES["a.png"] for number in range(200)})
    with pytest.raises(Enough):
        tabulate(JPEG, many, dict.fromkeys(many, JPEG.settings), stop)
    assert len(looked_at) < len(many) / 2
