"""Where pictures are cropped, and the files that raters see of them."""

import os
from pathlib import Path
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from ratings.challenge import files
from ratings.challenge.models import Original
from ratings.comparisons.models import Crop, CropVersion, Entry, Study
from ratings.imaging.crops import Box, cut, encode_crop, pad_crop, padded_size, place_crops
from ratings.imaging.pixels import Rgb

# Every file is as old as every other one: a web server that shows ages or makes ETags of them
# tells nothing about when a version was made.
MODIFIED_AT = 1_000_000_000


def place(study: Study, original: Original) -> list[Crop]:
    """Return the study's crops of a picture, placed once and the same for all methods."""
    boxes = place_crops(
        original.width,
        original.height,
        size=(study.crop_width, study.crop_height),
        count=study.crops_per_picture,
        seed=study.seed,
        name=f"{original.dataset.slug}/{original.name}",
    )
    Crop.objects.bulk_create(
        [
            Crop(study=study, original=original, x=b.x, y=b.y, width=b.width, height=b.height)
            for b in boxes
        ],
        ignore_conflicts=True,
    )
    return list(Crop.objects.filter(study=study, original=original).order_by("y", "x"))


def make_versions(study: Study, entry: Entry, original: Original, rgb: Rgb) -> None:
    """Make what raters see of one picture of an entry, and of the original if it is not yet there.

    `rgb` holds the decoded samples: uint8 of shape (height, width, 3). Doing it again makes the
    same files at the same addresses. All entries' versions of a crop get one byte length.
    """
    for crop in place(study, original):
        data = _encode(crop, rgb)
        with transaction.atomic():
            locked = Crop.objects.select_for_update(no_key=True).get(pk=crop.pk)
            if not locked.versions.filter(kind=CropVersion.Kind.REFERENCE).exists():
                _make_original_version(locked, original)
            version, _ = CropVersion.objects.get_or_create(
                crop=locked, kind=CropVersion.Kind.ENTRY, entry=entry
            )
            _write_alike(locked, version, data)


def _encode(crop: Crop, rgb: Rgb) -> bytes:
    return encode_crop(cut(rgb, Box(crop.x, crop.y, crop.width, crop.height)))


def _make_original_version(crop: Crop, original: Original) -> None:
    samples = files.load_samples(
        original.samples_sha256, width=original.width, height=original.height
    )
    data = _encode(crop, samples)
    version = CropVersion.objects.create(crop=crop, kind=CropVersion.Kind.REFERENCE)
    write(version.address, pad_crop(data, padded_size([len(data)])))


def _write_alike(crop: Crop, version: CropVersion, data: bytes) -> None:
    """Write a version of a locked crop; pad it and all the others to one common length."""
    others = crop.versions.exclude(kind=CropVersion.Kind.REFERENCE).exclude(pk=version.pk)
    addresses = list(others.values_list("address", flat=True))
    # Sizes come from the files: a job killed half-way may have lengthened some of them.
    sizes = {address: path(address).stat().st_size for address in addresses}
    size_bytes = max([padded_size([len(data)]), crop.padded_bytes, *sizes.values()])
    for address in addresses:
        if sizes[address] != size_bytes:
            write(address, pad_crop(path(address).read_bytes(), size_bytes))
    write(version.address, pad_crop(data, size_bytes))
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
