"""Zips as they arrive: made by common programs, and then damaged on their way, by a seed."""

import io
import random
import struct
import zipfile
from collections.abc import Iterator

from tests.sandbox.archives import Members, special

CENTRAL, END = b"PK\1\2", b"PK\5\6"
# Fields of a record of the directory, and of its end, by their place: size and format.
CENTRAL_FIELDS = {6: "H", 8: "H", 10: "H", 16: "L", 20: "L", 24: "L", 28: "H", 30: "H", 32: "H",
                  34: "H", 36: "H", 38: "L", 42: "L"}  # fmt: skip
END_FIELDS = {4: "H", 6: "H", 8: "H", 10: "H", 12: "L", 16: "L", 20: "H"}
ODD = (0, 1, 2, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)


def streamed(members: Members) -> bytes:
    """Return a zip whose sizes follow the members, as programs write to a pipe."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return pipe.getvalue()


def by_windows(members: Members, system: int = 0) -> bytes:
    """Return a zip as Windows PowerShell 5.1 writes it: backslashes between folders."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            info = special(str(name).replace("/", "\\"), 0o600, create_system=system)
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def damaged(archive: bytes, seed: int) -> bytes:
    """Return an archive with a few damages, the same for the same seed."""
    draw = random.Random(seed)
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        archive = draw.choice(DAMAGES)(archive, draw)
    return archive


def _flip(archive: bytes, draw: random.Random) -> bytes:
    changed = bytearray(archive)
    for _ in range(draw.choice((1, 1, 8))):
        if changed:
            changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _cut_out(archive: bytes, draw: random.Random) -> bytes:
    start = draw.randrange(len(archive) + 1)
    return archive[:start] + archive[start + draw.choice((1, 2, 7, 40, 200)) :]


def _put_in(archive: bytes, draw: random.Random) -> bytes:
    start, other = draw.randrange(len(archive) + 1), draw.randrange(len(archive) + 1)
    return archive[:start] + archive[other : other + draw.randrange(60)] + archive[start:]


def _cut_off(archive: bytes, draw: random.Random) -> bytes:
    return archive[: draw.randrange(len(archive) + 1)]


def _change_field(archive: bytes, draw: random.Random) -> bytes:
    """Set one field of the directory to an odd value."""
    mark, fields = draw.choice(((CENTRAL, CENTRAL_FIELDS), (END, END_FIELDS)))
    starts = list(_starts(archive, mark))
    if not starts:
        return archive
    place, (offset, kind) = draw.choice(starts), draw.choice(list(fields.items()))
    changed = bytearray(archive)
    value = draw.choice((*ODD, draw.randrange(300))) & ((1 << 8 * struct.calcsize(kind)) - 1)
    if place + offset + struct.calcsize(kind) <= len(changed):
        struct.pack_into(f"<{kind}", changed, place + offset, value)
    return bytes(changed)


def _starts(archive: bytes, mark: bytes) -> Iterator[int]:
    start = archive.find(mark)
    while start >= 0:
        yield start
        start = archive.find(mark, start + 1)


DAMAGES = (_flip, _cut_out, _put_in, _cut_off, _change_field, _change_field)
