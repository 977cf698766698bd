"""The site's own store: a folder, or a bucket with copies in the folder."""

import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ratings.files_place import BucketPlace, FilesPlace
from ratings.storage.local_cache import LocalCache
from ratings.storage.root import bucket, root
from ratings.storage.store import FolderStore, Store

if TYPE_CHECKING:
    from ratings.storage.bucket_store import BucketStore

# Of the disk that the folder lies on, for copies of what lies in a bucket.
COPIES_SHARE = 0.1
COPIES = "copies"


def the_store() -> Store:
    """Return the site's store."""
    return open_store(bucket() or root())


def the_bucket() -> "BucketStore":
    """Return the bucket that is the site's store. Raises LookupError where a folder is."""
    if place := bucket():
        return _opened(place, root())
    raise LookupError("The site's files lie in a folder.")


def open_store(place: FilesPlace) -> Store:
    """Return the store at a place; copies of a bucket's contents are kept in the site's folder."""
    return FolderStore(place) if isinstance(place, Path) else _opened(place, root())


@cache
def _opened(place: BucketPlace, folder: Path) -> "BucketStore":
    """Open a bucket when a file is first asked for: the client's threads outlive no fork."""
    # Sites without a bucket need not wait for the client: 30 ms and 10 MiB.
    from ratings.storage.bucket_store import BucketStore

    folder.mkdir(parents=True, exist_ok=True)
    most_bytes = int(COPIES_SHARE * shutil.disk_usage(folder).total)
    return BucketStore(place, LocalCache(folder / COPIES, most_bytes))
