"""Two folders of pictures: every problem is listed, and scores are pooled over samples."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ratings.imaging.folders import FoldersRefused, pooled, score_folders
from ratings.imaging.pixels import encode_png
from tests.imaging.hostile import HOSTILE

Folder = Callable[[str, dict[str, bytes]], Path]


def flat(width: int, height: int, level: int) -> bytes:
    return encode_png(np.full((height, width, 3), level, np.uint8))


ORIGINALS = {"a.png": flat(4, 3, 100), "b.png": flat(10, 10, 50), "c.png": flat(2, 2, 9)}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    def write(name: str, files: dict[str, bytes]) -> Path:
        (tmp_path / name).mkdir()
        for file, data in files.items():
            (tmp_path / name / file).write_bytes(data)
        return tmp_path / name

    return write


def test_missing_folders_are_all_named(tmp_path: Path) -> None:
    with pytest.raises(FoldersRefused) as refusal:
        score_folders(tmp_path / "x", tmp_path, tmp_path / "y")
    assert refusal.value.problems == [
        f"Not a folder: {tmp_path / 'x'}",
        f"Not a folder: {tmp_path / 'y'}",
    ]


def test_folder_without_originals_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FoldersRefused, match="No PNG files"):
        score_folders(tmp_path, tmp_path)


def test_every_problem_is_listed(folder: Folder) -> None:
    originals = folder("o", {**ORIGINALS, "d.png": flat(2, 2, 1), "e.png": b"?"})
    decoded = folder(
        "d",
        {
            "b.png": flat(10, 9, 50),
            "c.png": HOSTILE["crc_idat"][0],
            "d.png": HOSTILE["empty"][0],
            "e.png": flat(1, 1, 1),
            "z.png": flat(1, 1, 1),
        },
    )
    streams = folder("s", {"b.jpg": b"1", "c.jpg": b"1", "c.webp": b"2", "d.x": b"", "z.jpg": b""})
    with pytest.raises(FoldersRefused) as refusal:
        score_folders(originals, decoded, streams)
    expected = [
        "Missing image a.png",
        "Unexpected image z.png",
        "Missing bitstream of a.png",
        "Several bitstreams of c.png: c.jpg, c.webp",
        "Missing bitstream of e.png",
        "Unexpected bitstream z.jpg",
        "Refused image b.png: The picture is 10 x 9 pixels, not 10 x 10",
        "Refused image c.png: ",
        "Refused image d.png: ",
        "Refused original e.png: This is not a PNG file",
    ]
    for problem, start in zip(refusal.value.problems, expected, strict=True):
        assert problem.startswith(start)


def test_scores_are_per_picture_and_pooled(folder: Folder) -> None:
    originals = folder("o", {**ORIGINALS, "README.md": b"not a picture"})
    decoded = folder("d", {**ORIGINALS, "a.png": flat(4, 3, 103), "b.png": flat(10, 10, 49)})
    streams = folder("s", {"a.jpg": bytes(6), "b.jpg": bytes(20), "c.jpg": bytes(3)})
    scores = score_folders(originals, decoded, streams)
    assert [(s.name, s.pixels, s.squared_error, s.bpp) for s in scores] == [
        ("a.png", 12, 36 * 9, 4.0),
        ("b.png", 100, 300, 1.6),
        ("c.png", 4, 0, 6.0),
    ]
    everything = pooled(scores)
    assert everything.mse == (36 * 9 + 300) / (3 * 116)
    assert everything.psnr_db == pytest.approx(10 * math.log10(255**2 / everything.mse))
    assert everything.bpp == 8 * 29 / 116


def test_rate_is_unknown_without_bitstreams(folder: Folder) -> None:
    scores = score_folders(folder("o", ORIGINALS), folder("d", ORIGINALS))
    assert [score.bpp for score in [*scores, pooled(scores)]] == [None] * 4


def test_identical_pictures_give_infinity_and_valid_json(folder: Folder) -> None:
    everything = pooled(score_folders(folder("o", ORIGINALS), folder("d", ORIGINALS)))
    assert everything.psnr_db == math.inf
    plain = json.loads(json.dumps(everything.as_json(), allow_nan=False))
    assert (plain["psnr_db"], plain["identical"], plain["mse"]) == (None, True, 0)
