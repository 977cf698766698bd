"""Zips as no honest program writes them."""

import io
import struct
import zipfile
from typing import Any

Members = list[tuple[str | zipfile.ZipInfo, bytes]]


def zipped(members: Members, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def special(name: str, mode: int = 0, **fields: Any) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    for key, value in fields.items():
        setattr(info, key, value)
    return info


def patched(archive: bytes, changes: dict[int, tuple[str, int]], *, member: int = 0) -> bytes:
    """Return the archive with fields of one central record overwritten: offset -> (kind, value)."""
    changed, start = bytearray(archive), -1
    for _ in range(member + 1):
        start = changed.index(b"PK\1\2", start + 1)
    for offset, (kind, value) in changes.items():
        struct.pack_into(f"<{kind}", changed, start + offset, value)
    return bytes(changed)


def overlapping(name: str = "x", copies: int = 2) -> bytes:
    """Return an archive whose members, some further ones and `name`, are all the same bytes."""
    members: Members = [(f"{name}{number}", bytes(9999)) for number in range(copies)]
    archive = zipped(members)
    for number in range(1, copies):
        archive = patched(archive, {42: ("L", 0)}, member=number)
    return archive


def nameless(archive: bytes) -> bytes:
    """Return the archive with nothing as its first member's name, which has one letter."""
    changed = bytearray(patched(archive, {28: ("H", 0), 30: ("H", 1)}))
    struct.pack_into("<HH", changed, archive.index(b"PK\3\4") + 26, 0, 1)
    return bytes(changed)
