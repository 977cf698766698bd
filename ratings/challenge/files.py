"""Stored files, named by the SHA-256 of their content: written once, never changed."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from numpy.typing import NDArray


def store(content: bytes) -> str:
    """Keep `content` and return its SHA-256 in hex. Storing the same again changes nothing."""
    sha256 = hashlib.sha256(content).hexdigest()
    name = _name(sha256)
    if not default_storage.exists(name):
        # Saved under a name of its own and then renamed: a reader never sees half a file.
        part = default_storage.save(f"{name}.part", ContentFile(content))
        Path(default_storage.path(part)).replace(default_storage.path(name))
    return sha256


def load(sha256: str) -> bytes:
    """Return the content that was stored. Raises FileNotFoundError."""
    with default_storage.open(_name(sha256)) as file:
        content: bytes = file.read()
    return content


def path(sha256: str) -> Path:
    """Return where the content lies."""
    return Path(default_storage.path(_name(sha256)))


def load_samples(sha256: str, *, width: int, height: int) -> NDArray[np.uint8]:
    """Map stored RGB8 samples into memory: uint8 of shape (height, width, 3), read-only."""
    samples: np.memmap[Any, np.dtype[np.uint8]] = np.memmap(
        path(sha256), dtype=np.uint8, mode="r", shape=(height, width, 3)
    )
    return samples


def _name(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"
