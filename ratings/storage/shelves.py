"""The kinds of stored files: each has a folder of the store, and a lifetime by who names it."""

import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ratings.storage.root import root
from ratings.storage.scratch import INCOMING, scratch
from ratings.storage.site_store import the_bucket, the_store
from ratings.storage.store import Store

# What a name begins with: files are looked through part by part, since there may be millions.
PARTS = "0123456789abcdef"


@dataclass(frozen=True)
class Shelf:
    """Files of one kind, at `folder/ab/abcd...suffix`; their names are hex digits.

    Public ones may be read by other users of the machine, such as a web server's. What is made on
    demand is made again where it is missing.
    """

    folder: str
    suffix: str = ""
    public: bool = False
    on_demand: bool = False
    # Of every file alike, in seconds, where ages would tell something; None: when it was written.
    modified_at: int | None = None

    def bring(self, name: str, file: Path) -> None:
        """Do in advance what takes long of putting a content: nobody's rows are locked yet."""
        the_store().bring(self._key(name), file)

    def link(self, name: str, folder: Path) -> Path:
        """Return a local file of a content, to be read only, that stays as long as `folder`."""
        return the_store().link(self._key(name), folder)

    def put(self, name: str, file: Path) -> None:
        """Store or replace a file by a temporary one, which may go away.

        A reader sees the old one or the new one, whole. It outlives a loss of power from then on.
        """
        key = self._key(name)
        the_store().put(key, file, public=self.public, modified_at=self.modified_at)

    def write(self, name: str, content: bytes) -> None:
        """Store or replace a file, as `put` does."""
        with tempfile.NamedTemporaryFile(dir=scratch(INCOMING), delete=False) as file:
            temporary = Path(file.name)
            try:
                file.write(content)
                file.flush()
                self.put(name, temporary)
            finally:
                temporary.unlink(missing_ok=True)

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading; a content can be mapped. Raises FileNotFoundError."""
        return the_store().open(self._key(name))

    def read(self, name: str) -> bytes:
        """Return a file's content. Raises FileNotFoundError."""
        with self.open(name) as file:
            return file.read()

    def pieces(self, name: str, wanted: range) -> Iterator[bytes]:
        """Yield a range of the file's bytes, piece by piece. Raises FileNotFoundError."""
        return the_store().pieces(self._key(name), wanted)

    def signed_path(self, name: str) -> str:
        """Return where the site's own proxy may fetch a file from the bucket, within a minute.

        Raises LookupError where files lie in a folder.
        """
        return the_bucket().signed_path(self._key(name))

    def size(self, name: str) -> int | None:
        """Return how many bytes a file has; None where there is none."""
        return self.sizes_of([name]).get(name)

    def sizes_of(self, names: Collection[str]) -> dict[str, int]:
        """Return how many bytes files have, of those that are there; many are asked for at once."""
        keys = {self._key(name): name for name in names}
        return {keys[key]: size for key, size in the_store().sizes(keys).items()}

    def has(self, name: str) -> bool:
        """Tell whether there is a file of this name."""
        return self.size(name) is not None

    def path(self, name: str) -> Path:
        """Return where the file lies in the folder, whether it is there or not."""
        return root() / self._key(name)

    def place(self, name: str) -> str:
        """Return where the file lies, in words."""
        return the_store().place(self._key(name))

    def delete(self, name: str) -> None:
        """Delete a file, if it is there; only `ratings.storage.deletion` knows whether it may."""
        the_store().delete(self._key(name))

    def sizes(self, part: str) -> dict[str, int]:
        """Return the bytes of each file that is there whose name begins with this digit."""
        return {
            key.rpartition("/")[2].removesuffix(self.suffix): size_bytes
            for key, size_bytes in self.listed(the_store(), part)
        }

    def listed(self, store: Store, part: str) -> Iterator[tuple[str, int]]:
        """Yield key and bytes of each such file in a store."""
        prefix = f"{self.folder}/{part}" if self.folder else part
        return (found for found in store.list(prefix) if found[0].endswith(self.suffix))

    def _key(self, name: str) -> str:
        key = f"{name[:2]}/{name}{self.suffix}"
        return f"{self.folder}/{key}" if self.folder else key


CONTENT = Shelf("")
# A web server that shows ages, or makes ETags of them, tells nothing about when a crop was made.
CROPS = Shelf("crops", ".webp", public=True, modified_at=1_000_000_000)
PREVIEWS = Shelf("previews", ".webp", public=True, on_demand=True)
# Whole pictures as tiles; who may see them is asked each time.
TILES = Shelf("tiles", ".tiles", on_demand=True)
SHELVES = (CONTENT, CROPS, PREVIEWS, TILES)
