"""The crops that metrics are asked about, as a zip that is made while it is sent.

Each is named by its random address, which tells no method: the names of the list of pairs, which
lies beside them. Dates are all alike, and the order is that of the names.
"""

import io
import zipfile
from collections.abc import Iterator

from ratings.metrics.judged_units import AskedUnits
from ratings.metrics.metric_files import pair_rows, pairs_csv
from ratings.storage.shelves import CROPS

LISTED = "pairs.csv"
README = """pairs.csv has a line for each pair: the original O and two versions of it, A and B, by
the names of files in crops/. Send it back with a column T: 0 where A is closer to O, 1 where B is.
"""
# The first instant that a zip can say.
_BEGIN = (1980, 1, 1, 0, 0, 0)


def crop_package(asked: AskedUnits) -> Iterator[bytes]:
    """Yield the zip piece by piece, in the memory of one crop.

    Raises FileNotFoundError where a crop is not stored.
    """
    names = sorted({name for row in pair_rows(asked) for name in row})
    taken = _Taken()
    with zipfile.ZipFile(taken, "w", zipfile.ZIP_STORED) as packed:
        _add(packed, "README", README.encode())
        _add(packed, LISTED, pairs_csv(asked).encode())
        for name in names:
            _add(packed, f"crops/{name}", CROPS.read(name.removesuffix(CROPS.suffix)))
            yield taken.take()
    yield taken.take()


def _add(packed: zipfile.ZipFile, name: str, content: bytes) -> None:
    member = zipfile.ZipInfo(name, _BEGIN)
    member.external_attr = 0o644 << 16
    member.create_system = 3  # Unix, whatever made it
    packed.writestr(member, content)


class _Taken(io.RawIOBase):
    """A file that is written and never read again: whoever sends it on takes what is there."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(memoryview(data))  # type: ignore[arg-type]
        self._held += piece
        return len(piece)

    def take(self) -> bytes:
        """Return what was written since it was last asked for."""
        held = bytes(self._held)
        self._held.clear()
        return held
