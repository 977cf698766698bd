"""What teams send: mended where that is safe, explained where not, and hostile zips refused."""

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ratings.sandbox.decoders.programs import MOST_MENDED_BYTES, mend_program
from ratings.sandbox.decoders.unpacking import MOST_POINTERS, check, unpack
from ratings.sandbox.sandbox_errors import FileRefused
from tests.sandbox.archives import Members, overlapping, patched, special, zipped
from tests.sandbox.builders import elf

SCRIPT = b"#!/bin/sh\necho hello\n"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"
GOOD: Members = [("decode", SCRIPT), ("weights/a.bin", b"1")]


def unpacked(sent: bytes, tmp_path: Path, **options: Any) -> list[str]:
    (tmp_path / "sent").write_bytes(sent)
    (tmp_path / "folder").mkdir()
    return unpack(tmp_path / "sent", tmp_path / "folder", **options)


def refusal(sent: bytes, tmp_path: Path, **options: Any) -> str:
    """Check that it is refused, and that nothing lies outside of the folder; return the reasons."""
    with pytest.raises(FileRefused) as refused:
        unpacked(sent, tmp_path, **options)
    assert {path.name for path in tmp_path.iterdir()} == {"sent", "folder"}
    assert not any(path.is_symlink() for path in tmp_path.rglob("*"))
    return str(refused.value)


def test_a_script_is_taken(tmp_path: Path) -> None:
    assert unpacked(SCRIPT, tmp_path) == []
    assert (tmp_path / "folder/decode").read_bytes() == SCRIPT
    assert (tmp_path / "folder/decode").stat().st_mode & 0o777 == 0o755


def test_a_zip_is_taken_with_its_marks(tmp_path: Path) -> None:
    members: Members = [
        ("__MACOSX/._decode", b"x"),
        ("weights/.DS_Store", b"x"),
        (special("decode", stat.S_IFREG | 0o755), SCRIPT),
        (special("helper", stat.S_IFREG | 0o755), b"x"),
        ("lib/", b""),
        ("lib/run.sh", SCRIPT),
        ("lib/tool", elf()),
        ("weights/ä b.bin", b"1"),
    ]
    assert unpacked(zipped(members), tmp_path) == []
    folder = tmp_path / "folder"
    modes = {
        path.relative_to(folder).as_posix(): oct(path.stat().st_mode & 0o777)
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert modes == {
        "decode": "0o755",
        "helper": "0o755",
        "lib/run.sh": "0o755",
        "lib/tool": "0o755",
        "weights/ä b.bin": "0o644",
    }


def test_setuid_marks_are_not_taken_over(tmp_path: Path) -> None:
    members: Members = [(special("decode", stat.S_IFREG | 0o6777), SCRIPT)]
    unpacked(zipped(members), tmp_path)
    assert (tmp_path / "folder/decode").stat().st_mode & 0o7777 == 0o755


def test_pointers_of_git_lfs_are_named_when_they_arrive(tmp_path: Path) -> None:
    members: Members = [
        (special("decode", stat.S_IFREG | 0o755), SCRIPT),
        ("weights.pt", POINTER),
        ("weights/notes.txt", b"about " + POINTER),
        ("weights/long.txt", POINTER.ljust(1024)),
    ]
    named = [
        "'weights.pt' is a pointer of Git LFS, not the file itself; run git lfs pull, and pack it "
        "again."
    ]
    assert unpacked(zipped(members), tmp_path) == named
    assert check(tmp_path / "sent") == named
    (tmp_path / "folder").rename(tmp_path / "other")
    (tmp_path / "many").write_bytes(zipped([*members, *((f"{n}.pt", POINTER) for n in range(9))]))
    assert len(check(tmp_path / "many")) == MOST_POINTERS


def test_a_decoder_that_is_such_a_pointer_is_refused(tmp_path: Path) -> None:
    assert refusal(POINTER, tmp_path) == (
        "decode: it is a pointer of Git LFS, not the file itself; run git lfs pull, and pack it "
        "again."
    )


@pytest.mark.parametrize(
    ("given", "kept", "note"),
    [
        (b"#!/bin/sh\r\necho\r\n", b"#!/bin/sh\necho\n", "line ends of Windows"),
        (b"#!/bin/sh\r", b"#!/bin/sh\n", "line ends of Windows"),
        (b"\xef\xbb\xbf#!/bin/sh\n", b"#!/bin/sh\n", "byte order mark"),
        (b"\xef\xbb\xbf#!/bin/sh\r\na\r\n", b"#!/bin/sh\na\n", "taken off. decode had the line"),
        (b"#!/bin/sh\r\na\r\n\0\r\n", b"#!/bin/sh\na\r\n\0\r\n", "line ends of Windows"),
        (b"#!/bin/sh\nprintf 'a\r\n'", b"#!/bin/sh\nprintf 'a\r\n'", ""),
    ],
)
def test_what_windows_adds_is_mended(tmp_path: Path, given: bytes, kept: bytes, note: str) -> None:
    notes = unpacked(given, tmp_path)
    assert (tmp_path / "folder/decode").read_bytes() == kept
    assert note in " ".join(notes)
    assert bool(note) == bool(notes)


@pytest.mark.parametrize("start", [b"#!/bin/sh\r\n", b"\xef\xbb\xbf#!/bin/sh\n"])
@pytest.mark.parametrize("pack", [bytes, lambda program: zipped([("decode", program)])])
def test_what_is_too_large_to_be_mended_is_refused_on_arrival(
    tmp_path: Path, start: bytes, pack: Callable[[bytes], bytes]
) -> None:
    """Mending holds the file twice in memory: a small zip could take all there is."""
    words = "it has more than 16 MiB, too much to be mended"
    assert words in refusal(pack(start + b"\n" * MOST_MENDED_BYTES), tmp_path)
    with pytest.raises(FileRefused, match=words):
        check(tmp_path / "sent")


def test_the_longest_path_of_a_member_is_taken(tmp_path: Path) -> None:
    path = "/".join(5 * ["n" * 204])
    assert len(path) == 1024
    unpacked(zipped([*GOOD, (path, b"x")]), tmp_path)
    assert (tmp_path / "folder" / path).read_bytes() == b"x"


def test_what_just_can_be_mended_or_needs_none_is_taken(tmp_path: Path) -> None:
    (tmp_path / "sent").write_bytes(b"#!/bin/sh\r\n".ljust(MOST_MENDED_BYTES, b"\0"))
    check(tmp_path / "sent")
    (tmp_path / "sent").write_bytes(b"#!/bin/sh\n".ljust(MOST_MENDED_BYTES + 1, b"\r"))
    check(tmp_path / "sent")


def test_a_missing_mark_is_mended(tmp_path: Path) -> None:
    file = tmp_path / "decode"
    file.write_bytes(SCRIPT)
    file.chmod(0o644)
    assert mend_program(file) == ["decode was not marked as executable; that was mended."]
    assert file.stat().st_mode & 0o100
    assert mend_program(file) == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (b"", "it is empty"),
        (b"import numpy\n", "no first line that names its interpreter; begin with #!"),
        (b"#!\n", "names no interpreter"),
        (b"#! \nx", "names no interpreter"),
        (b"#!python3\n", "'#!python3' names no interpreter by its whole path"),
        (b"MZ\x90\0", "a Windows program"),
        (b"\xcf\xfa\xed\xfe", "a macOS program"),
        (b"\x1f\x8b\x08", "a gzip file"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip file"),
        (b"Rar!\x1a\x07", "a RAR file"),
        (b"\xfd7zXZ\0", "an xz file"),
        (b"BZh9", "a bzip2 file"),
        (bytes(257) + b"ustar", "a tar file"),
        (b"\x89PNG\r\n\x1a\n\0", "neither a Linux program nor a text"),
        (elf(size=12), "cut off"),
        (elf(kind=1), "an object file"),
        (elf(machine=3), "built for i386; build it for x86_64"),
        (elf(machine=183), "built for aarch64; build it for x86_64"),
        (elf(machine=999), "built for machine 999"),
    ],
)
def test_what_is_no_program_is_explained(
    tmp_path: Path, given: bytes, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert words in refusal(given, tmp_path)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["team/decode", "team/w"], "'team/decode': found, but decode must lie at the top"),
        (["a/b/decode"], "'a/b/decode': found"),
        (["decode.py"], "'decode.py': found, but the program must be named decode"),
        (["Decode"], "'Decode': found, but the program must be named decode"),
        (["team/decode.sh"], "'team/decode.sh': found"),
        (["decode/decode"], "decode: it is a folder"),
        (["decode/main.py"], "decode: it is a folder"),
        (["main.py"], "no decode at its top"),
        (["__MACOSX/decode"], "no decode at its top"),
    ],
)
def test_a_wrong_layout_is_explained(tmp_path: Path, names: list[str], words: str) -> None:
    assert words in refusal(zipped([(name, SCRIPT) for name in names]), tmp_path)


def test_a_program_inside_is_checked_like_one_alone(tmp_path: Path) -> None:
    assert "itself a zip" in refusal(zipped([("decode", zipped(GOOD))]), tmp_path)


# Archives that no honest program makes.

BOMB = zipped([*GOOD, ("zeros", bytes(30 << 20))])


@pytest.mark.parametrize(
    "name",
    [
        "../decode2",
        "a/../../decode2",
        "/etc/cron.d/x",
        "a//b",
        "././a",
        "a/./b",
        "a\\..\\b",
        "C:x",
        "a\nb",
        "a\x1b[2J",
        "a\u202eb",
        "..",
    ],
)
def test_names_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    reason = refusal(zipped([*GOOD, (name, b"x")]), tmp_path)
    assert "its name must be a plain path inside the archive" in reason


@pytest.mark.parametrize(
    "kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK, stat.S_IFDIR]
)
def test_members_that_are_no_files(tmp_path: Path, kind: int) -> None:
    members: Members = [*GOOD, (special("x", kind | 0o777), b"/etc/shadow")]
    assert "'x': it is a link or a device" in refusal(zipped(members), tmp_path)


def test_a_decode_that_is_a_link(tmp_path: Path) -> None:
    members: Members = [(special("decode", stat.S_IFLNK | 0o777), b"/bin/sh")]
    assert "'decode': it is a link" in refusal(zipped(members), tmp_path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["x", "x"], "'x': it comes twice"),
        (["decode"], "'decode': it comes twice"),
        (["weights"], "'weights': it is both a file and a folder"),
        (["decode/x"], "'decode': it is both a file and a folder"),
        (["x/" * 16 + "y"], "more than 16 folders deep"),
        (["n" * 256], "its name is too long"),
        (["/".join(5 * ["n" * 205])], "its path has more than 1024 bytes"),
        (["/".join(5 * ["ü" * 103])], "its path has more than 1024 bytes"),
        (["ü" * 128], "its name is too long"),
    ],
)
def test_names_without_a_place(tmp_path: Path, names: list[str], words: str) -> None:
    assert words in refusal(zipped([*GOOD, *((name, b"x") for name in names)]), tmp_path)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: BOMB, "unpacks to more than 16 MiB"),
        (lambda: lying(BOMB, 100), "can't be unpacked"),
        (lambda: zipped([(f"{n}", b"") for n in range(10_001)]), "more than 10000 members"),
        (lambda: patched(zipped(GOOD), {8: ("H", 1)}), "encrypted"),
        (lambda: patched(zipped(GOOD), {8: ("H", 0x41)}), "encrypted"),
        (lambda: patched(zipped(GOOD), {10: ("H", 93)}), "compression must be deflate"),
        (lambda: zipped(GOOD, zipfile.ZIP_LZMA), "compression must be deflate"),
        (lambda: overlapping("decode"), "shares bytes with another member"),
        (lambda: overlapping("x", copies=50), "shares bytes with another member"),
        (lambda: zipped(GOOD).replace(b"decode", b"DECODE", 1), "can't be unpacked"),
        (lambda: zipped(GOOD)[:-30], "its end is missing"),
        (lambda: zipped(GOOD)[:40], "its end is missing"),
        (lambda: zipped([]), "empty"),
        (lambda: zipped([("decode/", b"")]), "no decode at its top"),
        (lambda: zip64(zipped(GOOD)), "Zip64"),
        (lambda: flipped(zipped(GOOD, zipfile.ZIP_STORED), b"hello"), "can't be unpacked"),
        (lambda: zipped(GOOD).replace(b"decode", b"dec\0de"), "must be a plain path"),
        (lambda: zipped([*GOOD, ("folder/", b"content")]), "a folder with content"),
    ],
)
def test_archives_that_lie(tmp_path: Path, make: Callable[[], bytes], words: str) -> None:
    assert words in refusal(make(), tmp_path, most_bytes=16 << 20)


def lying(archive: bytes, size: int) -> bytes:
    """Return the archive with a false size for its last member, in both places."""
    changed = bytearray(patched(archive, {24: ("L", size)}, member=2))
    struct.pack_into("<L", changed, changed.rindex(b"PK\3\4") + 22, size)
    return bytes(changed)


def zip64(archive: bytes) -> bytes:
    return archive[:-22] + b"PK\6\7" + bytes(16) + archive[-22:]


def flipped(archive: bytes, content: bytes) -> bytes:
    changed = bytearray(archive)
    changed[archive.index(content)] ^= 1
    return bytes(changed)


def test_a_large_program_is_refused_before_it_is_copied(tmp_path: Path) -> None:
    assert "more than 1 KiB" in refusal(SCRIPT + bytes(2000), tmp_path, most_bytes=1024)
    assert list((tmp_path / "folder").iterdir()) == []


def test_a_zip_with_a_first_line_is_a_script(tmp_path: Path) -> None:
    """Python runs such files, so they are programs of their own."""
    file = io.BytesIO(b"#!/usr/bin/env python3\n")
    file.seek(0, io.SEEK_END)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("__main__.py", "print('hello')")
    unpacked(file.getvalue(), tmp_path)
    assert (tmp_path / "folder/decode").read_bytes() == file.getvalue()
