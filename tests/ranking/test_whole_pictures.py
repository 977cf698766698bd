"""Whole originals, and what methods made of them, in a public release; and names let through."""

import hashlib
import io
import json
import tracemalloc
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
from django.utils import timezone
from PIL import Image, PngImagePlugin

from ratings.challenge.models import AuditEntry
from ratings.challenge.pictures.originals import load_original
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Study
from ratings.imaging.pixels import decode_png
from ratings.ranking.release import whole_pictures
from ratings.ranking.release.public_releases import ask_for_release
from ratings.ranking.release.release_conditions import ReleaseContents
from ratings.ranking.release.whole_pictures import write_whole
from ratings.storage import content_store
from ratings.storage.shelves import CONTENT
from ratings.submissions.models import DecodedImage
from tests.builders import build_decoded_image, build_member, build_rgb, build_team
from tests.comparisons.builders import distort
from tests.ranking.releases import build_releasable, license_pictures, released, unpacked

pytestmark = pytest.mark.django_db(transaction=True)
NOTE = "made by Zoe Quill"


@pytest.fixture
def study() -> Study:
    """A study whose decoded PNGs say who made them."""
    study = build_releasable()
    for number, entry in enumerate(study.entries.select_related("submission").order_by("pk")):
        for original in study.phase.originals():
            rgb = distort(original, 10 * (number + 1))
            image = build_decoded_image(entry.submission, original, rgb)
            noted = with_note(rgb)
            DecodedImage.objects.filter(pk=image.pk).update(
                sha256=content_store.store(noted), size_bytes=len(noted)
            )
    license_pictures(study)
    return study


def with_note(rgb: np.ndarray) -> bytes:
    """Return a PNG with a text chunk."""
    words, file = PngImagePlugin.PngInfo(), io.BytesIO()
    words.add_text("Author", NOTE)
    Image.fromarray(rgb).save(file, "PNG", pnginfo=words)
    return file.getvalue()


def listed(folder: Path) -> list[dict[str, object]]:
    text = (folder / "whole_pictures/metadata.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_they_are_the_very_samples_and_nothing_else(study: Study, tmp_path: Path) -> None:
    release = released(study, whole_pictures=["P"])
    assert release.state == "published", (release.problem, release.findings)
    folder = unpacked(release, tmp_path)
    lines = listed(folder)
    assert len(lines) == release.counts["whole_pictures"] == 2 * (1 + 3)
    assert not (folder / "pictures").exists()
    originals = {original.name: original for original in study.phase.originals()}
    for line in lines:
        file = folder / "whole_pictures" / str(line["file_name"])
        original, data = originals[str(line["original"])], file.read_bytes()
        rgb, method = load_original(original), str(line["method"])
        if method != "original":
            rgb = distort(original, 10 * (int(method[-1]) + 1))
        assert (line["dataset"], line["width"], line["height"]) == ("P", 8, 6)
        assert np.array_equal(decode_png(data), rgb) and NOTE.encode() not in data
    readme = (folder / "README.md").read_text()
    assert "`whole_pictures/` has 8 whole pictures" in readme
    assert "- P: [CC0-1.0](https://spdx.org/licenses/CC0-1.0); whole pictures." in readme
    assert "- M: left out, for the definition states no licence of them." in readme
    sums = dict(line.split("  ")[::-1] for line in (folder / "SHA256SUMS").read_text().splitlines())
    for path in (folder / "whole_pictures").iterdir():
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert sums[path.relative_to(folder).as_posix()] == digest


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of rdflib, by mlcroissant
def test_readers_open_them_offline(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study.entries.filter(label="method-0").update(label="NA")
    study.phase.datasets.filter(slug="P").update(slug="test")
    folder = unpacked(released(study, "test", whole_pictures=["test"]), tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("socket.socket.connect", lambda *given: 1 / 0)
    import datasets
    import mlcroissant

    pictures = datasets.load_dataset(
        "imagefolder",
        data_dir=str(folder / "whole_pictures"),
        split="train",
        cache_dir=str(tmp_path / "cache"),
    )
    methods = {"original", "NA", "method-1", "method-2"}
    assert set(pictures["method"]) == methods and set(pictures["dataset"]) == {"test"}
    assert pictures[0]["image"].size == (8, 6)
    croissant = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
    records = list(croissant.records("whole_pictures"))
    assert {one["whole_pictures/method"].decode() for one in records} == methods


def test_a_method_that_left_has_no_picture_in_it(study: Study, tmp_path: Path) -> None:
    gone = study.entries.get(label="method-1").submission
    gone.exclusion = "withdrawn"
    gone.save()
    folder = unpacked(released(study, whole_pictures=["P"]), tmp_path)
    assert {line["method"] for line in listed(folder)} == {"original", "method-0", "method-2"}


def test_what_the_disk_has_no_room_for_is_refused_before_and_told(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = namedtuple("disk", "total used free")
    size = whole_pictures.whole_bytes(study)["P"]
    total = 1_000_000
    full = {"free": int(0.1 * total) + 2 * size}
    monkeypatch.setattr("shutil.disk_usage", lambda path: disk(total, 0, full["free"]))
    release = released(study, whole_pictures=["P"])
    assert release.state == "published"
    full["free"] -= 2
    with pytest.raises(Refused, match=r"take 0\.0 MB, and the disk has room for 0\.0 MB"):
        ask_for_release(study, ReleaseContents((), ["P"]), "Ada", timezone.now())
    # Where it has filled up since it was asked for, it fails with the same words.
    full["free"] += 2
    asked, _ = ask_for_release(study, ReleaseContents((), ["P"]), "Ada", timezone.now())
    full["free"] = 0
    failed = released(study)
    assert failed == asked
    assert failed.state == "failed" and "a tenth of the disk" in failed.problem


def test_unlicensed_ones_are_refused(study: Study) -> None:
    with pytest.raises(Refused, match="M can't be in it: the definition states no licence"):
        ask_for_release(study, ReleaseContents((), ["P", "M"]), "Ada", timezone.now())


def test_writing_them_takes_the_memory_of_one(study: Study, tmp_path: Path) -> None:
    large = build_rgb(width=700, height=500)
    png = with_note(large)
    for image in DecodedImage.objects.all():
        DecodedImage.objects.filter(pk=image.pk).update(sha256=content_store.store(png))
    tracemalloc.start()
    number = write_whole(study, ["P", "M"], tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert number == 5 * 4 and peak < 5 * len(png)


def test_a_name_in_a_method_s_is_let_through_there_alone_and_on_record(
    study: Study, tmp_path: Path
) -> None:
    build_member(build_team(study.phase.challenge), name="quill")
    study.entries.filter(label="method-0").update(label="Quill net")
    (found,) = {one["kind"] for one in released(study).findings}
    assert found == "a name or address of a team's member or an account"
    for wrong in ("Quill", "quill net", "method-1"):
        with pytest.raises(Refused, match=f"No method called '{wrong}'"):
            ask_for_release(study, ReleaseContents(labels=[wrong]), "Ada", timezone.now())
    with pytest.raises(Refused, match="write 'Quill net'"):
        ask_for_release(study, ReleaseContents(labels=["quill net"]), "Ada", timezone.now())
    before = AuditEntry.objects.count()
    release = released(study, labels=["Quill net"])
    assert release.state == "published", release.findings
    said = list(AuditEntry.objects.values_list("kind", "subject", "by"))[: -before or None]
    assert ("label", "Quill net", "Ada") in said
    assert release.public_labels == ["Quill net"]
    assert "Quill net" in (unpacked(release, tmp_path) / "rankings.json").read_text()
    # Elsewhere it stays what it is.
    study.entries.filter(label="method-1").update(label="net of quill")
    assert released(study, labels=["Quill net"]).state == "refused"
    assert CONTENT.has(release.sha256)
