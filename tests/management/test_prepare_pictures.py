"""A photographer's folder, made fit to be loaded: each change said, the folder left alone."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from PIL import Image

from ratings.imaging.pixels import decode_png, encode_png
from tests.builders import build_rgb


def run(folder: Path, out: Path) -> list[str]:
    said = StringIO()
    call_command("prepare_pictures", str(folder), str(out), stdout=said)
    return said.getvalue().splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, name in enumerate(["a.png", "Größe 1.PNG", "b c.JPG", "grosse-1.bmp"]):
        kind = {".PNG": "PNG", ".png": "PNG", ".JPG": "JPEG", ".bmp": "BMP"}[Path(name).suffix]
        Image.fromarray(build_rgb(seed=number)).save(folder / name, kind)
    return folder


def test_each_change_is_said_and_the_folder_stays(folder: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    out = tmp_path / "out"
    assert run(folder, out) == [
        "Größe 1.PNG: renamed to Grosse-1.png",
        "a.png: taken as it is",
        "b c.JPG: renamed to b-c.png; made a PNG of JPEG, whose losses it keeps",
        "grosse-1.bmp: renamed to grosse-1-2.png, because grosse-1.png is taken by Größe 1.PNG; "
        "made a PNG of BMP",
        f"4 of 4 pictures are in {out}.",
    ]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    names = sorted(path.name for path in out.iterdir())
    assert names == ["Grosse-1.png", "a.png", "b-c.png", "grosse-1-2.png"]
    assert all(decode_png((out / name).read_bytes()).shape == (6, 8, 3) for name in names)


def test_what_is_refused_is_named_and_the_rest_is_written(folder: Path, tmp_path: Path) -> None:
    (folder / "broken.png").write_bytes(encode_png(build_rgb())[:50])
    (folder / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(16) + b"\x10")
    (folder / "notes.txt").write_text("not a picture")
    (folder / "inner").mkdir()
    said = StringIO()
    with pytest.raises(CommandError, match=r"4 of 8 pictures are in .* Mend what was refused"):
        call_command("prepare_pictures", str(folder), str(tmp_path / "out"), stdout=said)
    assert len(list((tmp_path / "out").iterdir())) == 4
    refused = [line for line in said.getvalue().splitlines() if "refused" in line]
    assert [line.split(":")[0] for line in refused] == [
        "broken.png", "cut.png", "inner", "notes.txt",
    ]  # fmt: skip
    assert "Is a directory" in refused[2] and "no picture of a kind" in refused[3]
    assert "object at" not in said.getvalue()


def test_a_good_name_stays_with_its_picture(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("My Photo 1.png", "My-Photo-1.png"):
        (folder / name).write_bytes(encode_png(build_rgb()))
    assert run(folder, tmp_path / "out")[:2] == [
        "My Photo 1.png: renamed to My-Photo-1-2.png, because My-Photo-1.png is taken by "
        "My-Photo-1.png",
        "My-Photo-1.png: taken as it is",
    ]


def test_folders_that_can_not_be_meant_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no folder"):
        run(tmp_path / "nowhere", tmp_path / "out")
    with pytest.raises(CommandError, match="is not empty; name a new folder"):
        run(folder, folder)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(CommandError, match="There is nothing in"):
        run(empty, tmp_path / "out")
