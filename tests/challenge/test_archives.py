"""A data set's archive: readable by anyone, and always the same bytes."""

import csv
import hashlib
import io
import os
import shutil
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from ratings.challenge.models import Dataset, Original, Phase
from ratings.challenge.pictures.archives import DatasetZip
from ratings.storage import content_store
from tests.builders import build_dataset, build_organizer, build_original, build_rgb
from tests.web.builders import DAY, build_running_phase

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset() -> Dataset:
    dataset = build_dataset(slug="P")
    for name, width in (("b.png", 40), ("a.png", 600)):
        build_original(dataset, build_rgb(width=width, height=500), name=name)
    return dataset


def whole(dataset: Dataset) -> bytes:
    archive = DatasetZip(dataset)
    return b"".join(archive.pieces(range(archive.size_bytes)))


def test_it_holds_every_picture_a_manifest_and_digests(dataset: Dataset) -> None:
    content = whole(dataset)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "P/manifest.csv",
            "P/SHA256SUMS",
            "P/a.png",
            "P/b.png",
        ]
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        rows = list(csv.DictReader(io.StringIO(archive.read("P/manifest.csv").decode())))
        for row, original in zip(rows, dataset.originals.order_by("name"), strict=True):
            picture = archive.read(f"P/{row['name']}")
            assert row["sha256"] == hashlib.sha256(picture).hexdigest() == original.sha256
            assert (int(row["width"]), int(row["height"])) == (original.width, original.height)
            assert int(row["bytes"]) == len(picture)


def test_it_is_the_same_each_time_and_as_long_as_it_says(dataset: Dataset) -> None:
    first, second = DatasetZip(dataset), DatasetZip(dataset)
    content = whole(dataset)
    assert content == whole(dataset)
    assert first.size_bytes == len(content)
    assert first.digest == second.digest
    build_original(dataset, name="c.png")
    assert DatasetZip(dataset).digest != first.digest


def test_any_part_is_the_same_as_of_the_whole(dataset: Dataset) -> None:
    content, archive = whole(dataset), DatasetZip(dataset)
    ends = st.integers(0, len(content))

    @given(ends, ends)
    @settings(max_examples=100, derandomize=True)
    def check(first: int, last: int) -> None:
        assert b"".join(archive.pieces(range(first, last))) == content[first:last]

    check()


class Ranges(io.RawIOBase):
    """The archive as a file that is read by ranges alone."""

    def __init__(self, archive: DatasetZip) -> None:
        self.archive, self.at = archive, 0

    def seekable(self) -> bool:
        return True

    def seek(self, position: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.archive.size_bytes}
        self.at = base[whence] + position
        return self.at

    def tell(self) -> int:
        return self.at

    def read(self, size: int = -1) -> bytes:
        end = self.archive.size_bytes if size < 0 else self.at + size
        content = b"".join(self.archive.pieces(range(self.at, end)))
        self.at += len(content)
        return content


def test_a_set_of_many_gigabytes_is_an_archive_too(dataset: Dataset) -> None:
    """Its large picture is a file with a hole, of more bytes than zip's short records can say."""
    large, size = dataset.originals.get(name="a.png"), 5 << 30
    os.truncate(content_store.path(large.sha256), size)
    Original.objects.filter(pk=large.pk).update(size_bytes=size)
    with zipfile.ZipFile(Ranges(DatasetZip(dataset))) as archive:
        assert archive.getinfo("P/a.png").file_size == size
        assert archive.getinfo("P/b.png").header_offset > size
        original = dataset.originals.get(name="b.png")
        assert hashlib.sha256(archive.read("P/b.png")).hexdigest() == original.sha256


def test_an_empty_set_is_an_archive_too() -> None:
    empty = build_dataset(slug="P")
    content = whole(empty)
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["P/manifest.csv", "P/SHA256SUMS"]
    assert DatasetZip(empty).size_bytes == len(content)


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="needs coreutils")
def test_its_digests_are_checked_by_the_usual_tool(dataset: Dataset, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(whole(dataset))) as archive:
        for name in archive.namelist():
            (tmp_path / Path(name).name).write_bytes(archive.read(name))
    command = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)


def test_it_is_hidden_until_the_set_is_released(client: Client) -> None:
    phase = build_running_phase(originals_open_at=timezone.now() + DAY)
    dataset = phase.datasets.get()
    address = f"/api/v1/challenges/{phase.challenge.slug}/datasets/{dataset.slug}.zip"
    overview = f"/{phase.challenge.slug}/"
    assert client.get(address).status_code == 404
    assert address.encode() not in client.get(overview).content
    organizer = Client()
    organizer.force_login(build_organizer())
    response = organizer.get(address)
    assert len(b"".join(response)) == int(response["Content-Length"])
    Phase.objects.update(originals_open_at=timezone.now())
    assert address.encode() in client.get(overview).content
    assert zipfile.ZipFile(io.BytesIO(b"".join(client.get(address)))).testzip() is None
    assert client.get(address.replace(dataset.slug, "nothing")).status_code == 404


def test_a_set_without_a_phase_opens_by_its_own_date(client: Client) -> None:
    phase = build_running_phase()
    training = build_dataset(
        phase.challenge, slug="train", opens_at=timezone.now() + timedelta(minutes=1)
    )
    build_original(training, name="t.png")
    address = f"/api/v1/challenges/{phase.challenge.slug}/datasets/train.zip"
    assert client.get(address).status_code == 404
    assert b"t.png" not in client.get(f"/{phase.challenge.slug}/").content
    Dataset.objects.filter(pk=training.pk).update(opens_at=timezone.now())
    assert b"".join(client.get(address))
    assert b"t.png" in client.get(f"/{phase.challenge.slug}/").content
