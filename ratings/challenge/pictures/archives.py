"""A data set as one zip: pictures, manifest and digests; never held whole, always the same bytes.

Members are stored as they are and all their lengths and checksums are known, so where each byte of
the zip comes from is known too: any part can be sent without making what lies before it.
"""

import csv
import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from ratings.challenge.models import Dataset, Original
from ratings.storage import content_store

MANIFEST, DIGESTS = "manifest.csv", "SHA256SUMS"
COLUMNS = ("name", "width", "height", "bytes", "sha256")
# The oldest date a zip can carry: archives of the same pictures have the same bytes.
DATE = (1980, 1, 1, 0, 0, 0)
UNIX = 3


class _Block(NamedTuple):
    """So many bytes of the zip, and what yields those of a range of them."""

    size_bytes: int
    pieces: Callable[[range], Iterator[bytes]]


class DatasetZip:
    """The archive of one data set."""

    def __init__(self, dataset: Dataset) -> None:
        self._blocks: list[_Block] = []
        self._infos: list[zipfile.ZipInfo] = []
        self._digest = hashlib.sha256()
        self.size_bytes = 0
        originals = list(dataset.originals.order_by("name"))
        sums = "".join(f"{o.sha256}  {o.name}\n" for o in originals)
        for name, text in ((MANIFEST, _manifest(originals)), (DIGESTS, sums.encode())):
            self._begin(f"{dataset.slug}/{name}", len(text), zlib.crc32(text))
            self._add_text(text)
        for original in originals:
            self._begin(f"{dataset.slug}/{original.name}", original.size_bytes, original.crc32)
            self._add(original.size_bytes, partial(content_store.pieces, original.sha256))
        self._add_text(_directory(self._infos, self.size_bytes))

    @property
    def digest(self) -> str:
        """Another one for any other bytes: of all but the pictures, whose digests are in it."""
        return self._digest.hexdigest()

    def pieces(self, wanted: range) -> Iterator[bytes]:
        """Yield the bytes of a range of the zip, piece by piece."""
        start = 0
        for block in self._blocks:
            part = range(max(wanted.start - start, 0), min(wanted.stop - start, block.size_bytes))
            if part:
                yield from block.pieces(part)
            start += block.size_bytes

    def _begin(self, name: str, size_bytes: int, crc32: int) -> None:
        info = zipfile.ZipInfo(name, DATE)
        info.file_size = info.compress_size = size_bytes
        info.CRC = crc32
        info.create_system, info.external_attr = UNIX, 0o644 << 16
        info.header_offset = self.size_bytes
        self._infos.append(info)
        self._add_text(info.FileHeader())

    def _add_text(self, text: bytes) -> None:
        self._digest.update(text)
        self._add(len(text), lambda part: iter([text[part.start : part.stop]]))

    def _add(self, size_bytes: int, pieces: Callable[[range], Iterator[bytes]]) -> None:
        self._blocks.append(_Block(size_bytes, pieces))
        self.size_bytes += size_bytes


class _Tail(io.BytesIO):
    """The end of a file whose first bytes are elsewhere."""

    def __init__(self, begins_at: int) -> None:
        super().__init__()
        self._begins_at = begins_at

    def tell(self) -> int:
        return self._begins_at + super().tell()

    def seek(self, position: int, whence: int = io.SEEK_SET) -> int:
        return super().seek(position - self._begins_at, whence)


def _directory(infos: Sequence[zipfile.ZipInfo], begins_at: int) -> bytes:
    """Return what ends a zip of these members, whose contents end at `begins_at`."""
    tail = _Tail(begins_at)
    with zipfile.ZipFile(tail, "w") as archive:
        archive.filelist += infos
    return tail.getvalue()


def _manifest(originals: Sequence[Original]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows((o.name, o.width, o.height, o.size_bytes, o.sha256) for o in originals)
    return text.getvalue().encode()
