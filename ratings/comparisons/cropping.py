"""Where pictures are cropped, and the files that raters see of them."""

import os
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count

from ratings.challenge import files
from ratings.challenge.models import Original
from ratings.comparisons.agenda import degraded_levels
from ratings.comparisons.models import Crop, CropVersion, Entry, Study
from ratings.comparisons.participation import has_method, has_picture, picture_name, placed_at
from ratings.comparisons.protocol import Protocol
from ratings.imaging.crops import Box, cut, encode_crop, pad_crop, padded_size, place_crops
from ratings.imaging.degrading import degrade
from ratings.imaging.pixels import Rgb
from ratings.submissions.models import DecodedImage, Submission

Kind = CropVersion.Kind
# Every file is as old as every other one: a web server that shows ages or makes ETags of them
# tells nothing about when a version was made.
MODIFIED_AT = 1_000_000_000


def place(study: Study, original: Original) -> list[Crop]:
    """Return the study's crops of a picture, placed once and the same for all methods.

    A picture that takes no part has none.
    """
    if not has_picture(study, original):
        return []
    Crop.objects.bulk_create(
        [
            Crop(study=study, original=original, x=b.x, y=b.y, width=b.width, height=b.height)
            for b in _boxes(study, original)
        ],
        ignore_conflicts=True,
    )
    return list(Crop.objects.filter(study=study, original=original).order_by("y", "x"))


def _boxes(study: Study, original: Original) -> tuple[Box, ...]:
    """Return where the study's file says, else where its seed does."""
    size = (study.crop_width, study.crop_height)
    if placed := placed_at(study, original):
        width, height = min(size[0], original.width), min(size[1], original.height)
        return tuple(Box(x, y, width, height) for x, y in placed)
    return place_crops(
        original.width,
        original.height,
        size=size,
        count=study.crops_per_picture,
        seed=study.seed,
        name=picture_name(original),
    )


def make_versions(study: Study, entry: Entry, original: Original, rgb: Rgb) -> None:
    """Make what raters see of one picture of an entry, and of the original if it is not yet there.

    `rgb` holds the decoded samples: uint8 of shape (height, width, 3). Doing it again makes the
    same files at the same addresses. All contenders' versions of a crop get one byte length.
    """
    for crop in place(study, original):
        data = encode_crop(cut(rgb, _box(crop)))
        with transaction.atomic():
            locked = _lock(crop)
            made = _make_of_original(study.how, locked)
            version, _ = CropVersion.objects.get_or_create(
                crop=locked, kind=Kind.ENTRY, entry=entry
            )
            _write_alike(locked, made | {version.address: data})
            _make_twins(study.how, locked)


def uncropped(study: Study, submissions: Sequence[Submission]) -> list[DecodedImage]:
    """Return the decoded images that take part in a study and of which some crop is lacking."""
    counted = Count("pk")
    crops = dict(study.crops.values_list("original").annotate(counted))
    entered = CropVersion.objects.filter(crop__study=study, kind=Kind.ENTRY)
    made = {
        (submission, original): count
        for submission, original, count in entered.values_list(
            "entry__submission", "crop__original"
        ).annotate(counted)
    }
    images = DecodedImage.objects.filter(
        submission__in=[one for one in submissions if has_method(study, one)]
    ).select_related("submission", "original__dataset")
    return [
        image
        for image in images.order_by("pk")
        if has_picture(study, image.original)
        and made.get((image.submission_id, image.original_id), 0) < crops.get(image.original_id, 1)
    ]


def make_checks(study: Study) -> None:
    """Make what the study's checks need of the crops that are there, where it is lacking."""
    for crop in study.crops.order_by("pk"):
        with transaction.atomic():
            locked = _lock(crop)
            _write_alike(locked, _make_of_original(study.how, locked))
            _make_twins(study.how, locked)


def _lock(crop: Crop) -> Crop:
    rows = Crop.objects.select_for_update(no_key=True, of=["self"]).select_related("original")
    return rows.get(pk=crop.pk)


def _box(crop: Crop) -> Box:
    return Box(crop.x, crop.y, crop.width, crop.height)


def _make_of_original(how: Protocol, crop: Crop) -> dict[str, bytes]:
    """Make the versions of the original that a locked crop lacks.

    The reference is written; contenders are returned by their addresses, to be written alike.
    """
    wanted = {(Kind.REFERENCE.value, 0)}
    if levels := degraded_levels(how):
        wanted |= {(Kind.HIDDEN.value, 0), *((Kind.DEGRADED.value, level) for level in levels)}
    lacking = wanted - set(crop.versions.filter(entry=None).values_list("kind", "level"))
    if not lacking:
        return {}
    original = crop.original
    size = {"width": original.width, "height": original.height}
    samples = cut(files.load_samples(original.samples_sha256, **size), _box(crop))
    contenders = {}
    for kind, level in sorted(lacking):
        data = encode_crop(degrade(samples, level) if level else samples)
        address = CropVersion.objects.create(crop=crop, kind=kind, level=level).address
        if kind == Kind.REFERENCE:
            write(address, pad_crop(data, padded_size([len(data)])))
        else:
            contenders[address] = data
    return contenders


def _make_twins(how: Protocol, crop: Crop) -> None:
    """Give each entry's version of a locked crop a second address, where the study asks for it."""
    if how.checks.identical == 0:
        return
    twins = crop.versions.filter(kind=Kind.TWIN).values("entry")
    for version in crop.versions.filter(kind=Kind.ENTRY).exclude(entry__in=twins):
        twin = CropVersion.objects.create(crop=crop, kind=Kind.TWIN, entry_id=version.entry_id)
        write(twin.address, path(version.address).read_bytes())


def _write_alike(crop: Crop, made: dict[str, bytes]) -> None:
    """Write new contenders of a locked crop; pad them and all the others to one common length."""
    others = crop.versions.exclude(kind=Kind.REFERENCE).exclude(address__in=made)
    addresses = list(others.values_list("address", flat=True))
    # Sizes come from the files: a job killed half-way may have lengthened some of them.
    sizes = {address: path(address).stat().st_size for address in addresses}
    needed = [padded_size([len(data)]) for data in made.values()]
    size_bytes = max([crop.padded_bytes, *needed, *sizes.values()])
    for address in addresses:
        if sizes[address] != size_bytes:
            write(address, pad_crop(path(address).read_bytes(), size_bytes))
    for address, data in made.items():
        write(address, pad_crop(data, size_bytes))
    crop.padded_bytes = size_bytes
    crop.save(update_fields=["padded_bytes"])


def path(address: str) -> Path:
    """Return where the version at an address lies."""
    return Path(default_storage.path(f"crops/{address[:2]}/{address}.webp"))


def write(address: str, data: bytes) -> None:
    """Store or replace the file at an address: a reader sees the old one or the new one, whole."""
    part = default_storage.save(f"crops/part/{uuid4().hex}", ContentFile(data))
    part_path = Path(default_storage.path(part))
    os.utime(part_path, (MODIFIED_AT, MODIFIED_AT))
    path(address).parent.mkdir(parents=True, exist_ok=True)
    part_path.replace(path(address))
