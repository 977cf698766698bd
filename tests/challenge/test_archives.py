"""A data set's archive: readable by anyone, and always the same bytes."""

import csv
import hashlib
import io
import shutil
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from ratings.challenge.archives import DatasetZip
from ratings.challenge.models import Dataset, Phase
from tests.builders import build_dataset, build_organizer, build_original, build_rgb
from tests.web.builders import DAY, build_running_phase

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset() -> Dataset:
    dataset = build_dataset(slug="P")
    for name, width in (("b.png", 40), ("a.png", 600)):
        build_original(dataset, build_rgb(width=width, height=500), name=name)
    return dataset


def test_it_holds_every_picture_a_manifest_and_digests(dataset: Dataset) -> None:
    content = b"".join(DatasetZip(dataset).pieces())
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
    content = b"".join(first.pieces())
    assert content == b"".join(second.pieces())
    assert first.size_bytes == len(content)
    assert first.etag == second.etag
    build_original(dataset, name="c.png")
    assert DatasetZip(dataset).etag != first.etag


def test_an_empty_set_is_an_archive_too() -> None:
    empty = DatasetZip(build_dataset(slug="P"))
    content = b"".join(empty.pieces())
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["P/manifest.csv", "P/SHA256SUMS"]
    assert empty.size_bytes == len(content)


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="needs coreutils")
def test_its_digests_are_checked_by_the_usual_tool(dataset: Dataset, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(b"".join(DatasetZip(dataset).pieces()))) as archive:
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
