"""Where pictures are cropped, and the files that raters see of them."""

from collections import Counter
from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import Count, Q

from ratings.challenge.models import Original
from ratings.challenge.pictures.originals import load_original
from ratings.comparisons.locking import lock_crop, lock_study, locking
from ratings.comparisons.models import Crop, CropVersion, Entry, Study
from ratings.comparisons.participation import (
    has_method,
    has_picture,
    of_phase,
    picture_name,
    placed_at,
)
from ratings.comparisons.protocol import Protocol
from ratings.comparisons.session_plan import degraded_levels
from ratings.comparisons.study.entries import enter_submission
from ratings.imaging.crops import Box, cut, encode_crop, pad_crop, padded_size, place_crops
from ratings.imaging.degrading import degrade
from ratings.imaging.pixels import Rgb
from ratings.storage.shelves import CROPS
from ratings.submissions.models import DecodedImage, Submission

Kind = CropVersion.Kind


def place(study: Study, original: Original) -> list[Crop]:
    """Return the study's crops of a picture, placed once and the same for all methods.

    A picture that takes no part has none.
    """
    if not has_picture(study, original):
        return []
    with locking():
        # As it is now: crops may have been moved since the study was read.
        places = boxes(lock_study(study.pk), original)
        Crop.objects.bulk_create(
            [Crop(study=study, original=original, **vars(box)) for box in places],
            ignore_conflicts=True,
        )
    return list(Crop.objects.filter(study=study, original=original).order_by("y", "x"))


def boxes(study: Study, original: Original) -> tuple[Box, ...]:
    """Return where a picture is cropped: where the study's file says, else where its seed does."""
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


def crop_image(study: Study, image: DecodedImage, rgb: Rgb) -> None:
    """Let a decoded image's submission into a study, and make what raters see of the image.

    `rgb` holds its samples: uint8 of shape (height, width, 3). Harmless to repeat.
    """
    make_versions(study, enter_submission(study, image.submission), image.original, rgb)


def crop_for_studies(image: DecodedImage, rgb: Rgb) -> None:
    """Crop a decoded image for each study of its phase that takes its method, as `crop_image`."""
    for study in Study.objects.filter(of_phase(image.submission.phase)):
        if has_method(study, image.submission):
            crop_image(study, image, rgb)


def make_versions(study: Study, entry: Entry, original: Original, rgb: Rgb) -> None:
    """Make what raters see of one picture of an entry, and of the original if it is not yet there.

    `rgb` holds the decoded samples: uint8 of shape (height, width, 3). Doing it again makes the
    same files at the same addresses. All contenders' versions of a crop get one byte length.
    """
    for crop in place(study, original):
        data = encode_crop(cut(rgb, box_of(crop)))
        with locking():
            locked = lock_crop(crop.pk)
            made = _make_of_original(study.protocol, locked)
            version, _ = CropVersion.objects.get_or_create(
                crop=locked, kind=Kind.ENTRY, entry=entry
            )
            _write_alike(locked, made | {version.address: data})
            _make_twins(study.protocol, locked)


def uncropped(study: Study, submissions: Sequence[Submission]) -> list[DecodedImage]:
    """Return the decoded images of which some crop is lacking, or its file is gone.

    Those of `submissions` are asked for where they take part, and all that were cropped before.
    """
    crops = dict(study.crops.values_list("original").annotate(Count("pk")))
    entered = CropVersion.objects.filter(crop__study=study, kind=Kind.ENTRY)
    made: Counter[tuple[UUID, int]] = Counter()
    gone = set()
    facts = list(entered.values_list("entry__submission", "crop__original", "address"))
    there = _there([address for _, _, address in facts])
    for submission, original, address in facts:
        if address in there:
            made[submission, original] += 1
        else:
            gone.add((submission, original))
    wanted = {entered.pk for entered in submissions if has_method(study, entered)}
    images = DecodedImage.objects.filter(
        Q(submission__in=wanted) | Q(submission__in={submission for submission, _ in gone})
    ).select_related("submission", "original__dataset")

    def lacks(image: DecodedImage) -> bool:
        key = (image.submission_id, image.original_id)
        too_few = made[key] < crops.get(image.original_id, 1)
        takes_part = image.submission_id in wanted and has_picture(study, image.original)
        return key in gone or (takes_part and too_few)

    return [image for image in images.order_by("pk") if lacks(image)]


def lost(study: Study) -> list[str]:
    """Return the addresses of the study's versions whose files are gone."""
    addresses = list(
        CropVersion.objects.filter(crop__study=study).values_list("address", flat=True)
    )
    there = _there(addresses)
    return [address for address in addresses if address not in there]


def _there(addresses: Collection[str]) -> dict[str, int]:
    """Return the bytes of the versions whose files are there.

    An empty one is what a power cut may have left of one.
    """
    return {address: size for address, size in CROPS.sizes_of(addresses).items() if size}


def make_checks(study: Study) -> None:
    """Make what the study's checks need of the crops that are there, where it is lacking."""
    for crop in study.crops.order_by("pk"):
        with locking():
            locked = lock_crop(crop.pk)
            _write_alike(locked, _make_of_original(study.protocol, locked))
            _make_twins(study.protocol, locked)


def box_of(crop: Crop) -> Box:
    """Return where a crop lies in its picture."""
    return Box(crop.x, crop.y, crop.width, crop.height)


def _make_of_original(protocol: Protocol, crop: Crop) -> dict[str, bytes]:
    """Make the versions of the original that a locked crop lacks, or whose files are gone.

    The reference is written; contenders are returned by their addresses, to be written alike.
    """
    wanted = {(Kind.REFERENCE.value, 0)}
    if levels := degraded_levels(protocol):
        wanted |= {(Kind.HIDDEN.value, 0), *((Kind.DEGRADED.value, level) for level in levels)}
    rows = list(crop.versions.filter(entry=None))
    wanted |= {(row.kind, row.level) for row in rows}
    there = _there([row.address for row in rows])
    lacking = wanted - {(row.kind, row.level) for row in rows if row.address in there}
    if not lacking:
        return {}
    samples = _samples(crop.original, box_of(crop))
    contenders = {}
    for kind, level in sorted(lacking):
        data = _encode(samples, level)
        row, _ = CropVersion.objects.get_or_create(crop=crop, kind=kind, entry=None, level=level)
        if kind == Kind.REFERENCE:
            CROPS.write(row.address, pad_crop(data, padded_size([len(data)])))
        else:
            contenders[row.address] = data
    return contenders


def make_stand_in(original: Original, box: Box, level: int) -> bytes:
    """Return the file of a crop of an original, degraded or (level 0) not, that nobody stored."""
    return _encode(_samples(original, box), level)


def _samples(original: Original, box: Box) -> Rgb:
    return cut(load_original(original), box)


def _encode(samples: Rgb, level: int) -> bytes:
    return encode_crop(degrade(samples, level) if level else samples)


def _make_twins(protocol: Protocol, crop: Crop) -> None:
    """Give each entry's version of a locked crop a second address, where the study asks for it."""
    twins = {twin.entry_id: twin for twin in crop.versions.filter(kind=Kind.TWIN)}
    versions = list(crop.versions.filter(kind=Kind.ENTRY))
    there = _there([version.address for version in (*versions, *twins.values())])
    for version in versions:
        twin = twins.get(version.entry_id)
        if twin is None and protocol.checks.identical:
            twin = CropVersion.objects.create(crop=crop, kind=Kind.TWIN, entry_id=version.entry_id)
        if twin is not None and version.address in there and twin.address not in there:
            CROPS.write(twin.address, CROPS.read(version.address))


def _write_alike(crop: Crop, made: dict[str, bytes]) -> None:
    """Write new contenders of a locked crop; pad them and all the others to one common length."""
    others = crop.versions.exclude(kind=Kind.REFERENCE).exclude(address__in=made)
    # Sizes come from the files: a job killed half-way may have lengthened some of them. Those that
    # are gone are made again to this length.
    sizes = _there(others.values_list("address", flat=True))
    needed = [padded_size([len(data)]) for data in made.values()]
    size_bytes = max([crop.padded_bytes, *needed, *sizes.values()])
    for address in sizes:
        if sizes[address] != size_bytes:
            CROPS.write(address, pad_crop(CROPS.read(address), size_bytes))
    for address, data in made.items():
        CROPS.write(address, pad_crop(data, size_bytes))
    crop.padded_bytes = size_bytes
    crop.save(update_fields=["padded_bytes"])
