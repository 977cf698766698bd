"""Reading a data set's originals from a folder of PNGs into the stored files."""

from dataclasses import dataclass
from pathlib import Path

from ratings.challenge import files
from ratings.challenge.definition import PICTURE_NAME
from ratings.challenge.models import Original
from ratings.challenge.refusals import Refused
from ratings.imaging.pixels import PictureRefused, decode_png

FACTS = ("name", "width", "height", "size_bytes", "sha256", "samples_sha256")


@dataclass(frozen=True)
class Picture:
    """The facts of one original whose file and raw samples are stored."""

    name: str
    width: int
    height: int
    size_bytes: int
    sha256: str
    samples_sha256: str


def read_folder(folder: Path) -> list[Picture]:
    """Check and store every PNG in `folder`; other files are left alone.

    Raises Refused, code "originals", with every problem of every picture.
    """
    if not folder.is_dir():
        raise Refused("originals", f"There is no folder {folder}.")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".png")
    pictures, problems = [], []
    for path in paths:
        try:
            pictures.append(_read(path))
        except Refused as refused:
            problems += refused.problems
    if not paths:
        problems = [f"There is no PNG in {folder}."]
    if problems:
        raise Refused("originals", *problems)
    return pictures


def _read(path: Path) -> Picture:
    if not PICTURE_NAME.fullmatch(path.name):
        raise Refused(
            "originals",
            f"{path}: a picture's name is made of letters, digits, '.', '-' and '_' and ends in "
            ".png; rename it.",
        )
    content = path.read_bytes()
    sha256 = files.store(content)
    if known := _known(sha256):
        return Picture(path.name, *known)
    try:
        rgb = decode_png(content)
    except PictureRefused as error:
        raise Refused("originals", f"{path}: {error}") from error
    height, width, _ = rgb.shape
    samples_sha256 = files.store(rgb.tobytes())
    return Picture(path.name, width, height, len(content), sha256, samples_sha256)


def _known(sha256: str) -> tuple[int, int, int, str, str] | None:
    """Return width, height, bytes and digests of a picture that was decoded before, if stored."""
    facts = Original.objects.filter(sha256=sha256).values_list(*FACTS[1:]).first()
    return facts if facts and files.path(facts[-1]).exists() else None
