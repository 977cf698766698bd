"""The originals of several data sets, and what a folder may hold beside them."""

from pathlib import Path

import pytest

from ratings.imaging.pixels import encode_png
from ratings.kit.checking.home_entry import read_originals
from ratings.kit.submit import Refused
from tests.builders import build_rgb


def write(folder: Path, *names: str, width: int = 8) -> Path:
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(encode_png(build_rgb(width=width)))
    return folder


def test_originals_of_several_folders_come_by_name(tmp_path: Path) -> None:
    folders = [write(tmp_path / "b", "c.png", "a.png"), write(tmp_path / "a", "b.png", width=9)]
    (folders[0] / "notes.txt").write_text("no picture")
    originals = read_originals(folders)
    assert list(originals) == ["a.png", "b.png", "c.png"]
    assert [original.pixels for original in originals.values()] == [48, 54, 48]


def test_every_problem_of_every_folder_is_told(tmp_path: Path) -> None:
    (write(tmp_path / "a", "a.png") / "b.png").write_bytes(b"no")
    with pytest.raises(Refused) as refused:
        read_originals([tmp_path / "a", tmp_path / "none", write(tmp_path / "empty")])
    assert refused.value.problems == [
        f"{tmp_path}/a/b.png: This is not a PNG file; save the picture as PNG.",
        f"There is no folder {tmp_path}/none.",
        f"There is no PNG in {tmp_path}/empty.",
    ]
