"""Crops: the same for all methods, exact to the sample, and alike in everything else."""

import io
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from django.db import connection
from PIL import Image

from ratings.challenge.models import Phase
from ratings.challenge.pictures.originals import load_original
from ratings.comparisons.models import Crop, CropVersion, Study
from ratings.comparisons.protocol import Checks, Protocol, Training
from ratings.comparisons.study.crop_mending import make_lacking
from ratings.comparisons.study.cropping import (
    lost,
    make_checks,
    make_versions,
    place,
    uncropped,
)
from ratings.comparisons.study.entries import enter_submission
from ratings.imaging.degrading import degrade
from ratings.storage import content_store
from ratings.storage.shelves import CROPS
from tests.builders import (
    build_decoded_image,
    build_original,
    build_phase,
    build_rgb,
    build_submission,
)
from tests.comparisons.builders import CHECKED, PLAIN, build_entry, build_study, distort

pytestmark = pytest.mark.django_db


def sizes(crop: Crop) -> set[int]:
    versions = crop.versions.filter(entry__isnull=False)
    return {CROPS.path(version.address).stat().st_size for version in versions}


def decoded(version: CropVersion) -> np.ndarray:
    return np.asarray(
        Image.open(io.BytesIO(CROPS.path(version.address).read_bytes())).convert("RGB")
    )


def test_placing_again_gives_the_same_crops() -> None:
    study = build_study(crops_per_picture=2, crop_width=3, crop_height=3)
    original = study.phase.originals()[0]
    crops = place(study, original)
    assert len(crops) == 2
    assert place(study, original) == crops


def test_versions_show_the_very_samples_at_random_addresses() -> None:
    study = build_study()
    original = study.phase.originals()[0]
    entry = build_entry(study, noise=9)
    rgb = distort(original, 9)
    samples = load_original(original)
    for crop in place(study, original):
        area = np.s_[crop.y : crop.y + crop.height, crop.x : crop.x + crop.width]
        assert np.array_equal(decoded(crop.versions.get(entry=entry)), rgb[area])
        assert np.array_equal(decoded(crop.versions.get(entry=None)), samples[area])
    addresses = list(CropVersion.objects.values_list("address", flat=True))
    assert len(set(addresses)) == len(addresses)
    assert all(re.fullmatch("[0-9a-f]{32}", address) for address in addresses)


def test_making_versions_again_changes_nothing() -> None:
    study = build_study()
    entry = build_entry(study)
    before = {v.address: CROPS.path(v.address).read_bytes() for v in CropVersion.objects.all()}
    for original in study.phase.originals():
        make_versions(study, entry, original, distort(original, 10))
    after = {v.address: CROPS.path(v.address).read_bytes() for v in CropVersion.objects.all()}
    assert after == before


def plain_and_noisy(study: Study) -> None:
    """Make a version that takes a page, then one that takes many, then a small one again."""
    original = study.phase.originals()[0]
    for number, rgb in enumerate([np.zeros((96, 96, 3)), build_rgb(width=96, height=96), None]):
        entry = enter_submission(study, build_submission(study.phase, method=f"m{number}"))
        picture = np.full((96, 96, 3), 9) if rgb is None else rgb
        make_versions(study, entry, original, picture.astype(np.uint8))


def build_large_study() -> Study:
    phase = build_phase(names=[])
    build_original(phase.datasets.get(), build_rgb(width=96, height=96))
    return build_study(phase, crop_width=96, crop_height=96, crops_per_picture=1)


def test_all_entries_files_of_a_crop_have_one_length_and_age() -> None:
    study = build_large_study()
    plain_and_noisy(study)
    crop = Crop.objects.get()
    assert sizes(crop) == {crop.padded_bytes}
    assert crop.padded_bytes > 96 * 96 * 2
    for version in CropVersion.objects.all():
        assert CROPS.path(version.address).stat().st_mtime == CROPS.modified_at
    small = crop.versions.get(entry__label="m0")
    assert np.array_equal(decoded(small), np.zeros((96, 96, 3)))


def test_a_file_that_a_killed_job_lengthened_is_no_harm() -> None:
    study = build_large_study()
    plain_and_noisy(study)
    Crop.objects.update(padded_bytes=0)
    entry = enter_submission(study, build_submission(study.phase, method="late"))
    make_versions(study, entry, study.phase.originals()[0], np.zeros((96, 96, 3), np.uint8))
    crop = Crop.objects.get()
    assert sizes(crop) == {crop.padded_bytes}


@pytest.mark.django_db(transaction=True)
def test_versions_made_at_once_have_one_length() -> None:
    study = build_large_study()
    original = study.phase.originals()[0]
    entries = [
        enter_submission(study, build_submission(study.phase, method=f"{n}")) for n in range(8)
    ]

    def work(number: int) -> None:
        try:
            rgb = build_rgb(width=96, height=96, seed=number) // (number + 1)
            make_versions(study, entries[number], original, rgb)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    crop = Crop.objects.get()
    assert crop.versions.count() == 9
    assert sizes(crop) == {crop.padded_bytes}


TRAINED = Protocol(training=Training(trials=3), checks=Checks(golden=0, repeats=0))


def kinds(crop: Crop) -> list[tuple[str, int]]:
    return sorted(crop.versions.values_list("kind", "level"))


def contender_sizes(crop: Crop) -> set[int]:
    versions = crop.versions.exclude(kind="reference")
    return {CROPS.path(version.address).stat().st_size for version in versions}


def test_checks_have_versions_where_the_study_asks_for_them() -> None:
    plain, trained, checked = (
        build_study(protocol=protocol) for protocol in (PLAIN, TRAINED, CHECKED)
    )
    for study in (plain, trained, checked):
        build_entry(study)
    entry, reference = ("entry", 0), ("reference", 0)
    degraded = [("degraded", level) for level in (1, 2, 3)]
    assert kinds(plain.crops.all()[0]) == [entry, reference]
    assert kinds(trained.crops.all()[0]) == [*degraded, entry, ("hidden", 0), reference]
    assert kinds(checked.crops.all()[0]) == [
        ("degraded", 2),
        entry,
        ("hidden", 0),
        reference,
        ("twin", 0),
    ]


def test_checks_show_what_they_say_and_nothing_tells_them_from_entries() -> None:
    study = build_study(protocol=CHECKED, crop_width=64, crop_height=64, phase=build_large_phase())
    entries = [build_entry(study, noise=noise, method=f"{noise}") for noise in (1, 60)]
    (crop,) = study.crops.all()
    shown = {(v.kind, v.entry_id): decoded(v) for v in crop.versions.all()}
    original = shown["reference", None]
    assert np.array_equal(shown["hidden", None], original)
    assert np.array_equal(shown["degraded", None], degrade(original, 2))
    for entry in entries:
        assert np.array_equal(shown["twin", entry.pk], shown["entry", entry.pk])
    assert contender_sizes(crop) == {crop.padded_bytes}
    addresses = list(crop.versions.values_list("address", flat=True))
    assert len(set(addresses)) == 7
    assert all(re.fullmatch("[0-9a-f]{32}", address) for address in addresses)
    assert {CROPS.path(address).stat().st_mtime for address in addresses} == {CROPS.modified_at}


def build_large_phase() -> Phase:
    phase = build_phase(names=[])
    build_original(phase.datasets.get(), build_rgb(width=64, height=64))
    return phase


def test_checks_are_made_of_crops_that_are_there_and_only_once() -> None:
    study = build_study(phase=build_large_phase(), crop_width=64, crop_height=64)
    build_entry(study, noise=0)
    (crop,) = study.crops.all()
    before = dict(crop.versions.values_list("kind", "address"))
    study.protocol_json = CHECKED.as_json()
    study.save()
    make_checks(study)
    assert len(kinds(crop)) == 5
    assert len(contender_sizes(crop)) == 1
    stored = list(crop.versions.values_list("pk", "address"))
    assert before.items() <= dict(crop.versions.values_list("kind", "address")).items()
    contents = {address: CROPS.path(address).read_bytes() for _, address in stored}
    make_checks(study)
    assert list(crop.versions.values_list("pk", "address")) == stored
    assert {address: CROPS.path(address).read_bytes() for _, address in stored} == contents


def test_an_image_is_uncropped_until_all_its_crops_are_made() -> None:
    study = build_study(crop_width=3, crop_height=3, pictures=[])
    submission = build_submission(study.phase, method="BPG")
    images = [build_decoded_image(submission, picture) for picture in study.phase.originals()]
    assert uncropped(study, [submission]) == images
    first = images[0].original
    make_versions(study, enter_submission(study, submission), first, distort(first, 1))
    assert uncropped(study, [submission]) == images[1:]
    CropVersion.objects.filter(kind="entry")[0].delete()
    assert uncropped(study, [submission]) == images
    study.pictures = [f"{first.dataset.slug}/{first.name}"]
    assert uncropped(study, [submission]) == images[:1]
    study.methods = ["JPEG"]
    assert uncropped(study, [submission]) == []


def contents(study: Study) -> dict[str, bytes]:
    addresses = CropVersion.objects.filter(crop__study=study).values_list("address", flat=True)
    return {address: CROPS.path(address).read_bytes() for address in addresses}


@pytest.mark.parametrize("kind", ["reference", "entry", "hidden", "degraded", "twin", ""])
def test_crops_whose_files_are_gone_are_made_again_bit_for_bit(kind: str) -> None:
    study = build_study(phase=build_large_phase(), protocol=CHECKED, crop_width=64, crop_height=64)
    for noise in (1, 60):
        entry = build_entry(study, noise=noise, method=f"{noise}", state="scored")
        for original in study.phase.originals():
            build_decoded_image(entry.submission, original, distort(original, noise))
    # Its method was taken out and the checks were switched off since: trials may show both still.
    study.methods, study.protocol_json = ["1"], PLAIN.as_json()
    study.save()
    before = contents(study)
    assert len(before) == 7
    rows = CropVersion.objects.filter(kind=kind) if kind else CropVersion.objects.all()
    gone = set(rows.values_list("address", flat=True))
    assert lost(study) == []
    for number, address in enumerate(sorted(gone)):
        if number % 2:  # what a power cut leaves of a file that was never synced
            CROPS.path(address).write_bytes(b"")
        else:
            CROPS.path(address).unlink()
    assert set(lost(study)) == gone
    make_lacking(study, [])
    assert contents(study) == before
    assert lost(study) == []


def test_what_can_not_be_made_again_keeps_nothing_else_from_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    study = build_study(phase=build_large_phase(), crop_width=64, crop_height=64)
    entries = [build_entry(study, noise=noise, method=f"{noise}") for noise in (1, 60)]
    images = [
        build_decoded_image(entry.submission, original, distort(original, noise))
        for entry, noise in zip(entries, (1, 60), strict=True)
        for original in study.phase.originals()
    ]
    before = contents(study)
    for address in before:
        CROPS.path(address).unlink()
    content_store.path(images[0].sha256).unlink()
    make_lacking(study, [])
    gone = CropVersion.objects.filter(entry=entries[0]).values_list("address", flat=True)
    assert lost(study) == list(gone)
    assert images[0].sha256 in caplog.text
    assert {a: CROPS.path(a).read_bytes() for a in before.keys() - set(gone)} == {
        a: data for a, data in before.items() if a not in gone
    }
