"""The store in a bucket, by obstore; contents are copied to this machine's disk when they are read.

Objects carry nothing but their bytes: no names of people or methods, no metadata. Their ages can't
be set, and would tell when a crop was made, so no address of the bucket is ever given to a browser.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit
from uuid import uuid4

from obstore import sign
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from ratings.files_place import BucketPlace
from ratings.storage.local_cache import LocalCache
from ratings.storage.store import PIECE_BYTES, StoreAway, StoreRefused, at_once, content_of

if TYPE_CHECKING:
    from obstore import GetOptions
    from obstore.store import S3Config

CONNECT_TIMEOUT, READ_TIMEOUT = timedelta(seconds=3), timedelta(seconds=20)
# A stream of any length is fine as long as something comes.
LONGEST_REQUEST = timedelta(hours=6)
RETRIES, RETRY_FOR = 2, timedelta(seconds=10)
SIGNED_FOR = timedelta(minutes=1)


class BucketStore:
    """Files in a bucket, with copies of contents in a cache on the same disk as scratch files."""

    threads = 16

    def __init__(self, place: BucketPlace, cache: LocalCache) -> None:
        self._place, self._cache = place, cache
        self._objects = open_bucket(place)

    def bring(self, key: str, file: Path) -> None:
        """Store the content: nobody looks for it before a row names it."""
        self._send(key, file)

    def put(self, key: str, file: Path, *, public: bool, modified_at: int | None) -> None:
        """See `Store`; the file stays."""
        self._send(key, file)

    def open(self, key: str) -> BinaryIO:
        """See `Store`."""
        if sha256 := content_of(key):
            return self._cache.open(sha256, partial(self._stream, key))
        with self._asking():
            return BytesIO(self._objects.get(key).bytes())

    def link(self, key: str, folder: Path) -> Path:
        """See `Store`."""
        name = key.rpartition("/")[2]
        with suppress(FileExistsError):
            self._cache.link(name, folder / name, partial(self._stream, key))
        return folder / name

    def pieces(self, key: str, wanted: range) -> Iterator[bytes]:
        """Yield from the copy, or else straight from the bucket: the first byte need not wait."""
        copy = self._cache.find(sha256) if (sha256 := content_of(key)) else None
        if copy is None:
            yield from self._stream(key, wanted)
            return
        with copy:
            copy.seek(wanted.start)
            for start in wanted[::PIECE_BYTES]:
                yield copy.read(min(PIECE_BYTES, wanted.stop - start))

    def signed_path(self, key: str) -> str:
        """Return path and query of an address by which anybody may read the object for a minute.

        For the site's own proxy alone. The bucket is not asked, not even whether there is one.
        """
        address = urlsplit(sign(self._objects, "GET", key, SIGNED_FOR))
        return f"{address.path}?{address.query}"

    def digest(self, key: str) -> str:
        """See `Store`."""
        digest = hashlib.sha256()
        for piece in self._stream(key):
            digest.update(piece)
        return digest.hexdigest()

    def sizes(self, keys: Collection[str]) -> dict[str, int]:
        """See `Store`."""
        found = zip(keys, at_once(self._size, keys, self.threads), strict=True)
        return {key: size for key, size in found if size is not None}

    def delete(self, key: str) -> None:
        """See `Store`; copies on other machines go a day after they were used."""
        if sha256 := content_of(key):
            self._cache.drop(sha256)
        with self._asking(), suppress(FileNotFoundError):
            self._objects.delete(key)

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """See `Store`."""
        with self._asking():
            above = prefix.rpartition("/")[0] or None
            folders = self._objects.list_with_delimiter(above)["common_prefixes"]
        # A server looks for whole folders; those of this digit have one letter more.
        chosen = [one for one in folders if one.startswith(prefix) and len(one) == len(prefix) + 1]
        for found in at_once(self._listed, chosen, self.threads):
            yield from found

    def place(self, key: str) -> str:
        """See `Store`."""
        return f"{self._place}/{key}"

    def total_bytes(self) -> None:
        """Return None: a bucket has no end."""

    def probe(self) -> datetime:
        """Write, read and delete an object; return when it was written, by the store's clock.

        Raises StoreAway, also where other bytes come back.
        """
        key, content = f"probes/{uuid4().hex}", b"ratings"
        with self._asking():
            try:
                self._objects.put(key, content)
                found = self._objects.get(key)
                written_at, read = found.meta["last_modified"], found.bytes()
            except FileNotFoundError as error:
                raise StoreAway(f"{self._place}: there is no such bucket.") from error
            finally:
                self.delete(key)
        if read != content:
            raise StoreAway(f"{self._place} gives back other bytes than were written.")
        return written_at

    def _send(self, key: str, file: Path) -> None:
        """Store a file; a content that is there already is not sent again."""
        sha256 = content_of(key)
        if sha256 is None or self._size(key) != file.stat().st_size:
            with self._asking():
                try:
                    self._objects.put(key, file)
                except FileNotFoundError as error:
                    raise StoreAway(f"{self._place}: there is no such bucket.") from error
        if sha256:
            self._cache.add(sha256, file)

    def _stream(self, key: str, wanted: range | None = None) -> Iterator[bytes]:
        if wanted is not None and not wanted:
            return
        part: GetOptions = {"range": (wanted.start, wanted.stop)} if wanted else {}
        with self._asking():
            for piece in self._objects.get(key, options=part).stream(min_chunk_size=PIECE_BYTES):
                yield bytes(piece)

    def _size(self, key: str) -> int | None:
        with self._asking(), suppress(FileNotFoundError):
            return self._objects.head(key)["size"]
        return None

    def _listed(self, folder: str) -> Sequence[tuple[str, int]]:
        with self._asking():
            found = (found for chunk in self._objects.list(folder) for found in chunk)
            return [(one["path"], one["size"]) for one in found]

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except BaseError as error:
            reason = str(error).partition("\n")[0].rstrip(" .:")
            if isinstance(error, (PermissionDeniedError, UnauthenticatedError)):
                raise StoreRefused(f"{self._place} refuses: {reason}.") from error
            raise StoreAway(f"{self._place} can't be reached: {reason}.") from error


def open_bucket(place: BucketPlace) -> S3Store:
    """Return a client of the bucket; nothing is asked yet."""
    keys = place.keys
    config: S3Config = {
        "region": place.region,
        # Objects go one by one, which every server understands.
        "disable_bulk_delete": True,
    }
    if place.endpoint_url:
        config["endpoint"] = place.endpoint_url
    if keys.access_key_id:
        config["access_key_id"] = keys.access_key_id
        config["secret_access_key"] = keys.secret_access_key
    return S3Store(
        place.bucket,
        prefix=place.prefix or None,
        config=config,
        client_options={
            "allow_http": place.endpoint_url.startswith("http://"),
            "connect_timeout": CONNECT_TIMEOUT,
            "read_timeout": READ_TIMEOUT,
            "timeout": LONGEST_REQUEST,
        },
        retry_config={"max_retries": RETRIES, "retry_timeout": RETRY_FOR},
    )
