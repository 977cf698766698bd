"""Where the site's files lie: the one place that asks Django for it."""

from pathlib import Path

from django.core.files.storage import default_storage


def root() -> Path:
    """Return the folder that holds all stored files, and the temporary ones beside them."""
    return Path(default_storage.path(""))
