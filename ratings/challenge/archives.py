"""A data set as one zip: pictures, manifest and digests; streamed, always the same bytes."""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence

from ratings.challenge import files
from ratings.challenge.models import Dataset, Original

MANIFEST, DIGESTS = "manifest.csv", "SHA256SUMS"
COLUMNS = ("name", "width", "height", "bytes", "sha256")
CHUNK_BYTES = 1 << 20
# The oldest date a zip can carry: archives of the same pictures have the same bytes.
DATE = (1980, 1, 1, 0, 0, 0)
# Of each member: local header, data descriptor, entry of the directory, and twice its name.
MEMBER_BYTES = 30 + 16 + 46
END_BYTES = 22
# Where zip's records of 32 and 16 bits end, with room to spare.
LARGEST_PLAIN, MOST_PLAIN = 1 << 31, 1 << 15


class DatasetZip:
    """The archive of one data set."""

    def __init__(self, dataset: Dataset) -> None:
        self._folder = dataset.slug
        self._originals: Sequence[Original] = list(dataset.originals.order_by("name"))
        self._texts = {
            MANIFEST: _manifest(self._originals),
            DIGESTS: "".join(f"{o.sha256}  {o.name}\n" for o in self._originals).encode(),
        }

    @property
    def etag(self) -> str:
        """A digest that changes with any picture or name."""
        return hashlib.sha256(self._folder.encode() + self._texts[MANIFEST]).hexdigest()

    @property
    def size_bytes(self) -> int | None:
        """How long the zip will be; None where it needs the longer records of large archives."""
        sizes = {f"{self._folder}/{name}": len(text) for name, text in self._texts.items()}
        sizes |= {f"{self._folder}/{o.name}": o.size_bytes for o in self._originals}
        total = END_BYTES + sum(MEMBER_BYTES + 2 * len(n) + size for n, size in sizes.items())
        return total if total < LARGEST_PLAIN and len(sizes) < MOST_PLAIN else None

    def pieces(self) -> Iterator[bytes]:
        """Yield the zip piece by piece; nothing of it is ever held whole."""
        sink = _Sink()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
            for name, text in self._texts.items():
                with archive.open(_info(f"{self._folder}/{name}", len(text)), "w") as member:
                    member.write(text)
                yield sink.take()
            for original in self._originals:
                info = _info(f"{self._folder}/{original.name}", original.size_bytes)
                with (
                    files.path(original.sha256).open("rb") as file,
                    archive.open(info, "w") as member,
                ):
                    while chunk := file.read(CHUNK_BYTES):
                        member.write(chunk)
                        yield sink.take()
        yield sink.take()


class _Sink(io.RawIOBase):
    """Takes what is written to it, until somebody fetches it; can't seek, as a socket can't."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._held += data
        return len(data)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        held = bytes(self._held)
        self._held.clear()
        return held


def _info(name: str, size_bytes: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, DATE)
    info.file_size = size_bytes
    info.external_attr = 0o644 << 16
    return info


def _manifest(originals: Sequence[Original]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows((o.name, o.width, o.height, o.size_bytes, o.sha256) for o in originals)
    return text.getvalue().encode()
