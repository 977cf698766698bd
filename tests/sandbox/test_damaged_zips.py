"""Any bytes are a decoder that is taken, or one that is refused in few words."""

import shutil
from pathlib import Path

import pytest

from ratings.sandbox.decoders.unpacking import check, unpack
from ratings.sandbox.sandbox_errors import LONGEST_LINE, MOST_LINES, FileRefused
from tests.sandbox.archives import Members, nameless, overlapping, zipped
from tests.sandbox.damage import by_windows, damaged, streamed

SCRIPT = b"#!/bin/sh\necho hello\n"
GOOD: Members = [("decode", SCRIPT), ("weights/a.bin", bytes(300)), ("lib/run.sh", SCRIPT)]
SOUND = {
    "zipfile": zipped([("weights/", b""), *GOOD]),
    "stored": zipped(GOOD, 0),
    "streamed": streamed(GOOD),
    "by windows": by_windows(GOOD),
    "by tar": zipped([("./", b""), *((f"./{name}", content) for name, content in GOOD)]),
}
SEEDS = 600


def refusal(sent: Path, folder: Path) -> list[str] | None:
    """Return why the server refuses it, the same on arrival as before a run; None if it is taken.

    What is only found by reading all of it is found before a run.
    """
    first, second = None, None
    try:
        check(sent)
    except FileRefused as refused:
        first = refused.problems
    try:
        folder.mkdir()
        unpack(sent, folder)
    except FileRefused as refused:
        second = refused.problems
    assert first in (None, second)
    return second


@pytest.mark.parametrize("name", SOUND)
def test_damaged_zips_are_refused_in_words(name: str, tmp_path: Path) -> None:
    sent, folder = tmp_path / "sent", tmp_path / "folder"
    taken = 0
    for seed in range(SEEDS):
        sent.write_bytes(damaged(SOUND[name], seed))
        problems = refusal(sent, folder)
        taken += problems is None
        if problems is not None:
            assert 0 < len(problems) <= MOST_LINES + 1, seed
            assert all(line.isprintable() for line in problems), problems
            assert max(map(len, problems)) <= LONGEST_LINE
        shutil.rmtree(folder)
    assert 0 < taken < SEEDS / 2


@pytest.mark.parametrize("name", SOUND)
def test_sound_zips_of_common_programs_are_taken(name: str, tmp_path: Path) -> None:
    (tmp_path / "sent").write_bytes(SOUND[name])
    assert refusal(tmp_path / "sent", tmp_path / "folder") is None
    unpacked = {path.relative_to(tmp_path / "folder").as_posix() for path in tmp_path.rglob("*.*")}
    assert {"weights/a.bin", "lib/run.sh"} <= unpacked
    assert (tmp_path / "folder" / "decode").read_bytes() == SCRIPT
    assert (tmp_path / "folder" / "lib" / "run.sh").stat().st_mode & 0o100


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (by_windows([("decode", SCRIPT), ("../x", b"1")]), "must be a plain path inside"),
        (by_windows([("decode", SCRIPT), ("a\\..\\..\\x", b"1")]), "must be a plain path inside"),
        (by_windows(GOOD, system=3), r"folders are parted by /, not by \."),
        (zipped([("decode", SCRIPT), ("././x", b"1")]), "must be a plain path inside"),
        (zipped([("decode", SCRIPT), ("./../x", b"1")]), "must be a plain path inside"),
        (zipped([("decode", SCRIPT), (".//etc/x", b"1")]), "must be a plain path inside"),
        (zipped([("decode", SCRIPT), ("./decode", SCRIPT)]), "'decode': it comes twice"),
        (nameless(zipped([("x", b"1"), *GOOD])), "'': its name must be a plain path inside"),
        (nameless(zipped([("x", b"")])), "'': its name must be a plain path inside"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_leads_elsewhere_is_refused_however_it_is_written(
    sent: bytes, words: str, tmp_path: Path
) -> None:
    (tmp_path / "sent").write_bytes(sent)
    problems = refusal(tmp_path / "sent", tmp_path / "folder")
    assert problems and any(words in line for line in problems), problems
    assert {path.name for path in tmp_path.iterdir()} == {"sent", "folder"}


@pytest.mark.parametrize(
    "sent",
    [
        overlapping("x", copies=2000),
        zipped([("decode", SCRIPT), *((f"a{n}\\x", b"") for n in range(2000))]),
        zipped([("decode", SCRIPT), ("n" * 65_000 + "\\", b"")]),
        zipped([("decode", SCRIPT), ("/".join(["d"] * 3000), b"")]),
        zipped([("n" * 60_000, SCRIPT)]),
    ],
)
def test_a_refusal_is_short_whatever_is_wrong(sent: bytes, tmp_path: Path) -> None:
    (tmp_path / "sent").write_bytes(sent)
    problems = refusal(tmp_path / "sent", tmp_path / "folder")
    assert problems
    assert len(problems) <= MOST_LINES + 1
    assert len("\n".join(problems)) < 4000
