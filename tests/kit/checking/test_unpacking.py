"""The home check mends and refuses the decoders that the server does, in the same words."""

import platform
import stat
import struct
import zipfile
from pathlib import Path

import pytest
import unpacking
from verdicts import Refused

from ratings.sandbox.refusals import FileRefused
from ratings.sandbox.unpacking import unpack as unpack_on_the_server
from tests.sandbox.archives import Members, overlapping, patched, special, zipped

SCRIPT = b"#!/bin/sh\necho hello\n"
GOOD: Members = [("decode", SCRIPT), ("weights/a.bin", b"1")]
BOMB = zipped([*GOOD, ("zeros", bytes(30 << 20))])


def elf(machine: int = 62, kind: int = 2, *, size: int = 64) -> bytes:
    return (b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HH", kind, machine)).ljust(64, b"\0")[:size]


def names(*names: str) -> bytes:
    return zipped([(name, SCRIPT) for name in names])


def with_member(name: str, kind: int = stat.S_IFREG, content: bytes = b"x") -> bytes:
    return zipped([*GOOD, (special(name, kind | 0o777), content)])


TAKEN = {
    "script": SCRIPT,
    "line ends": b"#!/bin/sh\r\necho\r\n",
    "old line ends": b"#!/bin/sh\recho\r",
    "byte order mark": b"\xef\xbb\xbf#!/bin/sh\n",
    "both": b"\xef\xbb\xbf#!/bin/sh\r\na\r\n",
    "data behind a script": b"#!/bin/sh\r\na\r\n\0\r\n",
    "line ends in the text alone": b"#!/bin/sh\nprintf 'a\r\n'",
    "zip": zipped(GOOD),
    "zip with marks": zipped([(special("decode", stat.S_IFREG | 0o755), SCRIPT), ("a", b"b")]),
    "zip, mark and byte order mark": zipped([("decode", b"\xef\xbb\xbf" + SCRIPT)]),
    "zip with litter": names("decode", "__MACOSX/decode", "w/.DS_Store"),
    "zip with folders": zipped([("w/", b""), ("decode", SCRIPT), ("w/tool", elf())]),
    "stored": zipped(GOOD, zipfile.ZIP_STORED),
    "zip behind a first line": b"#!/usr/bin/env python3\n" + zipped(GOOD),
}
REFUSED = {
    "empty": b"",
    "no first line": b"import numpy\n",
    "no interpreter": b"#!\n",
    "interpreter by name": b"#!python3\n",
    "windows": b"MZ\x90\0",
    "macos": b"\xcf\xfa\xed\xfe",
    "gzip": b"\x1f\x8b\x08",
    "7-zip": b"7z\xbc\xaf\x27\x1c",
    "rar": b"Rar!\x1a\x07",
    "xz": b"\xfd7zXZ\0",
    "bzip2": b"BZh9",
    "tar": bytes(257) + b"ustar",
    "png": b"\x89PNG\r\n\x1a\n\0",
    "cut elf": elf(size=12),
    "object file": elf(kind=1),
    "i386": elf(machine=3),
    "unknown machine": elf(machine=999),
    "nested": names("team/decode", "team/w"),
    "suffix": names("decode.py"),
    "capital": names("Decode"),
    "folder": names("decode/main.py"),
    "no program": names("main.py"),
    "zip in zip": zipped([("decode", zipped(GOOD))]),
    "script in zip": zipped([("decode", b"print()\n")]),
    "way up": names("decode", "../x"),
    "backslash": names("decode", "a\\b"),
    "control": names("decode", "a\nb"),
    "absolute": names("decode", "/etc/x"),
    "link": with_member("x", stat.S_IFLNK),
    "device": with_member("x", stat.S_IFCHR),
    "decode is a link": zipped([(special("decode", stat.S_IFLNK | 0o777), b"/bin/sh")]),
    "file and folder": names("decode", "weights", "weights/a"),
    "deep": names("decode", "x/" * 16 + "y"),
    "long name": names("decode", "n" * 256),
    "long path": names("decode", "/".join(16 * ["n" * 255])),
    "bomb": BOMB,
    "many": zipped([(f"{n}", b"") for n in range(10_001)]),
    "encrypted": patched(zipped(GOOD), {8: ("H", 1)}),
    "method": patched(zipped(GOOD), {10: ("H", 93)}),
    "lzma": zipped(GOOD, zipfile.ZIP_LZMA),
    "overlap": overlapping("decode"),
    "two names": zipped(GOOD).replace(b"decode", b"DECODE", 1),
    "no end": zipped(GOOD)[:-30],
    "no members": zipped([]),
    "folders alone": zipped([("decode/", b"")]),
    "zip64": zipped(GOOD)[:-22] + b"PK\6\7" + bytes(16) + zipped(GOOD)[-22:],
    "damaged": zipped(GOOD, zipfile.ZIP_STORED).replace(b"hello", b"hallo"),
    "folder with content": zipped([*GOOD, ("folder/", b"content")]),
    "several": names("decode", "../x", "a\\b", "y/../z"),
    "bytes before": b"PK\3\4" + zipped(GOOD),
    "large program": SCRIPT + bytes(17 << 20),
    "too much to mend": zipped([("decode", b"#!/bin/sh\r\n" + bytes((16 << 20) - 10))]),
}
MOST_BYTES = 16 << 20 | 1 << 10


def listed(folder: Path) -> dict[str, tuple[int, bytes]]:
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    return {name: (p.stat().st_mode, p.read_bytes()) for name, p in found.items() if p.is_file()}


def on_the_server(sent: Path, folder: Path) -> list[str]:
    """Return what was mended, in the server's words. Raises FileRefused."""
    folder.mkdir()
    return list(unpack_on_the_server(sent, folder, most_bytes=MOST_BYTES).notes)


def at_home(sent: Path, folder: Path) -> list[str]:
    """Return what was mended at home, for a server that is this machine. Raises Refused."""
    folder.mkdir()
    machine = platform.machine()
    return unpacking.unpack(sent, folder, most_bytes=MOST_BYTES, machine=machine)


@pytest.fixture
def sent(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    (tmp_path / "sent").write_bytes(request.param)
    return tmp_path / "sent"


@pytest.mark.parametrize("sent", TAKEN.values(), ids=TAKEN, indirect=True)
def test_what_is_taken(sent: Path, tmp_path: Path) -> None:
    notes = on_the_server(sent, tmp_path / "server")
    assert at_home(sent, tmp_path / "home") == notes
    assert listed(tmp_path / "home") == listed(tmp_path / "server") != {}


@pytest.mark.parametrize("sent", REFUSED.values(), ids=REFUSED, indirect=True)
def test_what_is_refused(sent: Path, tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as on_server:
        on_the_server(sent, tmp_path / "server")
    with pytest.raises(Refused) as here:
        at_home(sent, tmp_path / "home")
    assert here.value.problems == on_server.value.problems


@pytest.mark.parametrize("name", ["line ends", "byte order mark", "zip, mark and byte order mark"])
def test_what_is_mended_is_said(name: str, tmp_path: Path) -> None:
    """That both say nothing would be equal too."""
    (tmp_path / "sent").write_bytes(TAKEN[name])
    (tmp_path / "home").mkdir()
    assert unpacking.unpack(tmp_path / "sent", tmp_path / "home")


def test_programs_are_those_of_the_server_not_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    (tmp_path / "home").mkdir()
    (tmp_path / "sent").write_bytes(elf(machine=62))
    assert unpacking.unpack(tmp_path / "sent", tmp_path / "home") == []
    (tmp_path / "sent").write_bytes(elf(machine=183))
    assert unpacking.unpack(tmp_path / "sent", tmp_path / "home", machine="aarch64") == []
    with pytest.raises(Refused, match="it is built for aarch64; build it for x86_64"):
        unpacking.unpack(tmp_path / "sent", tmp_path / "home")
