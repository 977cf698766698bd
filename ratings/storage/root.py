"""Where the site's files lie: the one place that asks Django for it."""

from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage

from ratings.files_place import BucketPlace


def root() -> Path:
    """Return the folder of temporary files: with all stored ones, or with copies of a bucket's."""
    return Path(default_storage.path(""))


def place() -> str:
    """Return where the stored files lie, in words."""
    return str(bucket() or root())


def bucket() -> BucketPlace | None:
    """Return the bucket that holds all stored files; None where they lie in the folder."""
    place: BucketPlace | None = settings.FILES_BUCKET
    return place
