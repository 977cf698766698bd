"""The crops that raters saw, as files of a release, where their licence is stated."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from ratings.challenge.access.visibility import dataset_open
from ratings.challenge.models import Dataset
from ratings.comparisons.models import CropVersion, Study
from ratings.comparisons.participation import left_entries
from ratings.storage.shelves import CROPS

FOLDER = "pictures"
# JSON keeps a method that is called NA, which readers of CSV take for a missing value.
LISTED = f"{FOLDER}/metadata.jsonl"
# None is called image, which readers of such a list call the picture itself.
PICTURE_COLUMNS = {
    "file_name": str,
    "dataset": str,
    "original": str,
    "crop_x": int,
    "crop_y": int,
    "crop_width": int,
    "crop_height": int,
    "method": str,
}
ORIGINAL = "original"


def why_left_out(dataset: Dataset, at: datetime) -> str:
    """Return why the pictures of a data set can't be in a release; "" where they can."""
    if not dataset.license:
        return "the definition states no licence of them"
    return "" if dataset_open(dataset, at) else "they are not open to everybody"


def write_pictures(study: Study, datasets: list[str], directory: Path) -> int:
    """Write the crops of some data sets and the list of them; return how many there are.

    Those of methods that have left are left out.
    """
    versions = list(_versions(study, datasets))
    if not versions:
        return 0
    (directory / FOLDER).mkdir()
    with (directory / LISTED).open("w", encoding="utf-8", newline="") as listed:
        for number, version in enumerate(versions, 1):
            name = f"{number:06d}.webp"
            (directory / FOLDER / name).write_bytes(CROPS.read(version.address))
            line = dict(zip(PICTURE_COLUMNS, (name, *_described(version)), strict=True))
            listed.write(json.dumps(line, ensure_ascii=False) + "\n")
    return len(versions)


def _versions(study: Study, datasets: list[str]) -> Iterator[CropVersion]:
    seen = CropVersion.objects.filter(
        crop__study=study,
        crop__original__dataset__slug__in=datasets,
        kind__in=[CropVersion.Kind.REFERENCE, CropVersion.Kind.ENTRY],
    ).exclude(entry__in=left_entries(study))
    related = ("crop__original__dataset", "entry")
    places = ("crop__original__dataset__slug", "crop__original__name", "crop__y", "crop__x")
    # The original first, then methods by label.
    yield from seen.select_related(*related).order_by(*places, "-kind", "entry__label").iterator()


def _described(version: CropVersion) -> tuple[str | int, ...]:
    crop = version.crop
    method = version.entry.label if version.entry else ORIGINAL
    place = (crop.x, crop.y, crop.width, crop.height)
    return crop.original.dataset.slug, crop.original.name, *place, method
