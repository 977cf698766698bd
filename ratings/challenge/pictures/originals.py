"""A data set's originals: from a folder of PNGs into the stored files, and their samples again."""

import logging
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ratings.challenge.definitions.definition import PICTURE_NAME
from ratings.challenge.models import Original
from ratings.challenge.refusals import Refused
from ratings.imaging.pixels import PictureRefused, Rgb, decode_png, only_samples, other_chunks
from ratings.storage import content_store
from ratings.storage.deletion import hold
from ratings.storage.shelves import CONTENT

# What makes pictures of all kinds fit to be loaded.
PREPARE = "`manage.py prepare_pictures`"
FACTS = ("name", "width", "height", "size_bytes", "sha256", "crc32", "samples_sha256")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Picture:
    """The facts of one original whose file and raw samples are stored.

    The CRC is not compared, since it follows from the digest: a wrong one on record can be mended.
    """

    name: str
    width: int
    height: int
    size_bytes: int
    sha256: str
    crc32: int = field(compare=False)
    samples_sha256: str


def read_folder(folder: Path) -> list[Picture]:
    """Check and store every PNG in `folder`; other files are left alone.

    Raises Refused, code "originals", with every problem of every picture.
    """
    if not folder.is_dir():
        mend = "Put it beside the definition's file, or say where it lies with --originals."
        raise Refused("originals", f"There is no folder {folder}. {mend}")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".png")
    pictures: list[Picture] = []
    problems = [] if paths else [f"There is no PNG in {folder}."]
    for path in paths:
        against = _against_name(path.name)
        try:
            pictures.append(_read(path))
        except PictureRefused as error:
            against.append(str(error))
        problems += [f"{path}: {line}" for line in against]
    if problems:
        raise Refused("originals", *problems)
    return pictures


def _against_name(name: str) -> list[str]:
    if PICTURE_NAME.fullmatch(name):
        return []
    return [
        "a picture's name is made of letters, digits, '.', '-' and '_' and ends in .png; rename "
        f"it, or let {PREPARE} do so."
    ]


def hold_files(pictures: Sequence[Picture]) -> None:
    """Keep what was stored of pictures that rows of this transaction name.

    Raises Refused, code "originals", where it was deleted since they were read.
    """
    names = {name for picture in pictures for name in (picture.sha256, picture.samples_sha256)}
    hold(CONTENT, names)
    if not all(CONTENT.has(name) for name in names):
        raise Refused(
            "originals", "Files were deleted while the pictures were read; load or send them again."
        )


def load_original(original: Original) -> Rgb:
    """Map an original's samples into memory: uint8 of shape (height, width, 3), read-only.

    Raises FileNotFoundError.
    """
    # Cheaper than np.memmap, which small pictures notice.
    samples = np.frombuffer(content_store.mapped(original.samples_sha256), np.uint8)
    return samples.reshape(original.height, original.width, 3)


def _read(path: Path) -> Picture:
    sent = path.read_bytes()
    picture = store_picture(path.name, sent)
    if kinds := ", ".join(other_chunks(sent)):
        _log.warning("%s: its samples count as stored; left out of what is served: %s", path, kinds)
    return picture


def store_picture(name: str, png: bytes) -> Picture:
    """Store a picture and its samples. Raises PictureRefused.

    What only says how to show it is left out: teams get what is scored.
    """
    content = only_samples(png)
    sha256 = content_store.store(content)
    width, height, samples_sha256 = _known(sha256) or _decode(content)
    crc32 = zlib.crc32(content)
    return Picture(name, width, height, len(content), sha256, crc32, samples_sha256)


def _known(sha256: str) -> tuple[int, int, str] | None:
    """Return width, height and the samples' digest of a picture decoded before, if stored."""
    rows = Original.objects.filter(sha256=sha256)
    facts = rows.values_list("width", "height", "samples_sha256").first()
    return facts if facts and CONTENT.has(facts[-1]) else None


def _decode(content: bytes) -> tuple[int, int, str]:
    """Store a picture's samples; return the same of it. Raises PictureRefused."""
    rgb = decode_png(content)
    height, width, _ = rgb.shape
    return width, height, content_store.store(rgb.tobytes())
