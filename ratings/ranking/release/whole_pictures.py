"""Whole originals, and what methods made of them, as files of a release, where a licence allows it.

They are copied one by one, so that a release of any size takes the memory of one picture.
"""

import json
import shutil
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from ratings.challenge.models import Original
from ratings.comparisons.models import Study
from ratings.comparisons.participation import left_entries
from ratings.imaging.pixels import only_samples
from ratings.ranking.release.released_pictures import ORIGINAL
from ratings.storage import content_store
from ratings.storage.root import root
from ratings.submissions.models import DecodedImage

FOLDER = "whole_pictures"
LISTED = f"{FOLDER}/metadata.jsonl"
WHOLE_COLUMNS = {
    "file_name": str,
    "dataset": str,
    "original": str,
    "width": int,
    "height": int,
    "method": str,
}
# A folder and its zip lie side by side while a release is made.
COPIES = 2
# So much of the disk stays free for what teams send.
KEPT_FREE = 0.1


@dataclass(frozen=True)
class WholePicture:
    """A stored PNG: of which original it is, the method that made it, and its digest."""

    original: Original
    method: str
    size_bytes: int
    sha256: str


def whole_pictures(study: Study, datasets: Collection[str]) -> Iterator[WholePicture]:
    """Yield the pictures that the study has crops of: each original, then methods by label.

    Those of methods that have left are left out.
    """
    labels = _labels(study)
    chosen = _originals(study).filter(dataset__slug__in=datasets).select_related("dataset")
    for original in chosen.order_by("dataset__slug", "name"):
        yield WholePicture(original, ORIGINAL, original.size_bytes, original.sha256)
        images = DecodedImage.objects.filter(original=original, submission__in=labels)
        made = {image.submission_id: image for image in images}
        for submission, label in labels.items():
            if image := made.get(submission):
                yield WholePicture(original, label, image.size_bytes, image.sha256)


def whole_bytes(study: Study) -> Counter[str]:
    """Return how many bytes the whole pictures of each data set have, by its slug."""
    originals = _originals(study)
    images = DecodedImage.objects.filter(original__in=originals, submission__in=_labels(study))
    return Counter(_sums(originals, "dataset__slug")) + Counter(
        _sums(images, "original__dataset__slug")
    )


def room_bytes() -> int:
    """Return how many bytes the pictures of a release may have now, given what the disk has."""
    folder = root()
    folder.mkdir(parents=True, exist_ok=True)
    disk = shutil.disk_usage(folder)
    return max(0, int(disk.free - KEPT_FREE * disk.total)) // COPIES


def against_room(wanted_bytes: int) -> str:
    """Say that so many bytes of pictures have no room on the disk; "" where they have."""
    room = room_bytes()
    if wanted_bytes <= room:
        return ""
    return (
        f"The whole pictures take {_megabytes(wanted_bytes)}, and the disk has room for "
        f"{_megabytes(room)}: a release is there twice while it is made, and a tenth of the disk "
        "stays free. Choose fewer data sets, or give the disk more room."
    )


def write_whole(study: Study, datasets: Collection[str], directory: Path) -> int:
    """Write the pictures and the list of them; return how many there are.

    Whatever stands in a file beside its samples stays behind: a PNG can hold words. Raises
    FileNotFoundError where one is not stored.
    """
    pictures = list(whole_pictures(study, datasets))
    if not pictures:
        return 0
    (directory / FOLDER).mkdir()
    with (directory / LISTED).open("w", encoding="utf-8", newline="") as listed:
        for number, picture in enumerate(pictures, 1):
            name = f"{number:06d}.png"
            samples = only_samples(content_store.load(picture.sha256))
            (directory / FOLDER / name).write_bytes(samples)
            line = dict(zip(WHOLE_COLUMNS, (name, *_described(picture)), strict=True))
            listed.write(json.dumps(line, ensure_ascii=False) + "\n")
    return len(pictures)


def _originals(study: Study) -> QuerySet[Original]:
    return Original.objects.filter(pk__in=study.crops.values("original"))


def _labels(study: Study) -> dict[UUID, str]:
    """Return the methods that have not left, by submission, in the order of labels."""
    entries = study.entries.exclude(pk__in=left_entries(study)).order_by("label")
    return dict(entries.values_list("submission", "label"))


def _sums(rows: QuerySet[Any, Any], dataset: str) -> dict[str, int]:
    sums = rows.order_by().values(dataset).annotate(sum=Sum("size_bytes"))
    return {row[dataset]: row["sum"] for row in sums}


def _described(picture: WholePicture) -> tuple[str | int, ...]:
    original = picture.original
    place = original.dataset.slug, original.name, original.width, original.height
    return *place, picture.method


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.1f} MB"
