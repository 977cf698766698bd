"""Picture files on their way into a data set: what is kept of them, what is said, when they go."""

import hashlib
import io
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ratings.challenge.models import Dataset, StagedFile
from ratings.challenge.pictures import staged_files
from ratings.challenge.pictures.staged_files import overview, stage, unstage, unstage_all
from ratings.challenge.refusals import Refused
from ratings.imaging.pixels import decode_png, encode_png
from ratings.imaging.preparing import Prepared, prepare
from ratings.storage import content_store
from ratings.storage.deletion import GRACE, delete_due, note_leftovers
from ratings.storage.shelves import CONTENT
from tests.builders import NOW, build_challenge, build_dataset, build_original, build_rgb

pytestmark = pytest.mark.django_db
RGB = build_rgb()
PNG = encode_png(RGB)


@pytest.fixture
def dataset() -> Dataset:
    return build_dataset()


def saved(format: str, rgb: Any = RGB) -> bytes:  # noqa: ANN401
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, format)
    return file.getvalue()


def send(dataset: Dataset, name: str, content: bytes = PNG, **fields: Any) -> StagedFile:
    row, _ = stage(dataset, name, [content], fields.pop("at", NOW), by="ann", **fields)
    return row


def refusal(dataset: Dataset, name: str, content: bytes = PNG, **fields: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        send(dataset, name, content, **fields)
    assert not StagedFile.objects.exists()
    return caught.value


def said(dataset: Dataset) -> list[str]:
    return [f"{one.file.name}: {one.plan} [{one.effect}]" for one in overview(dataset).files]


def test_a_file_is_kept_as_the_picture_that_it_becomes(dataset: Dataset) -> None:
    tiff = saved("TIFF")
    send(dataset, "day 1/Größe 1.TIF", tiff)
    (one,) = overview(dataset).files
    assert said(dataset) == ["day 1/Größe 1.TIF: renamed to Grosse-1.png; made a PNG of TIFF [new]"]
    assert (one.file.sent_bytes, one.file.by) == (len(tiff), "ann")
    assert one.file.sent_sha256 == hashlib.sha256(tiff).hexdigest()
    picture = one.picture
    assert (picture.name, picture.width, picture.height) == ("Grosse-1.png", 8, 6)
    content = content_store.load(picture.sha256)
    assert len(content) == picture.size_bytes and np.array_equal(decode_png(content), RGB)
    assert content_store.load(picture.samples_sha256) == RGB.tobytes()


def test_pictures_are_prepared_one_at_a_time_and_behind_all_else(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []

    def noted(data: bytes) -> Prepared:
        thread = threading.get_native_id()
        seen.append((thread, os.getpriority(os.PRIO_PROCESS, thread)))
        return prepare(data)

    monkeypatch.setattr(staged_files, "prepare", noted)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: staged_files._prepared(PNG), range(8)))
    (prepared,) = set(seen)
    assert prepared[0] != threading.get_native_id() and len(seen) == 8
    assert prepared[1] > os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_what_is_no_picture_is_noted_and_not_kept(dataset: Dataset) -> None:
    send(dataset, "notes.txt", b"no picture at all")
    send(dataset, "cut.png", PNG[:-20])
    first, second = said(dataset)
    assert first == "cut.png: refused. The file ends inside its 'IDAT'; upload it again. []"
    assert second.startswith("notes.txt: refused. It is no picture of a kind that is taken here")
    assert not any(CONTENT.sizes(part) for part in "0123456789abcdef")
    assert overview(dataset).sound == []


def test_each_effect_is_told_and_what_no_file_becomes(dataset: Dataset) -> None:
    build_original(dataset, RGB, name="same.png")
    build_original(dataset, name="old.png")
    build_original(dataset, name="other.png")
    for name in ("same.png", "old.png", "new.png", "x.png"):
        send(dataset, name, PNG if name != "x.png" else b"?")
    found = overview(dataset)
    effects = {one.file.name: one.effect for one in found.files}
    assert effects == {"same.png": "same", "old.png": "replaces", "new.png": "new", "x.png": ""}
    assert found.others == ["other.png"]


def test_names_are_kept_in_one_form_with_their_folders(dataset: Dataset) -> None:
    for name in ("a/../b//Mu\u0308nchen.png", "./a\\b/M\u00fcnchen.png", "/a/b/Mu\u0308nchen.png"):
        assert send(dataset, name).name == "a/b/M\u00fcnchen.png"
    for name in ("", "/", "..", "a/", "a\nb.png", "x" * 301, "a/\x7f.png"):
        with pytest.raises(Refused, match="rename it") as caught:
            send(dataset, name)
        assert caught.value.code == "picture-name"
    assert StagedFile.objects.count() == 1


def test_too_large_and_cut_files_change_nothing(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refusal(dataset, "a.png", sha256="0" * 64).code == "digest-mismatch"
    monkeypatch.setattr(staged_files, "LARGEST_BYTES", len(PNG) - 1)
    refused = refusal(dataset, "a.png")
    assert refused.code == "too-large"
    assert refused.problems == [f"The file may have at most {len(PNG) - 1} bytes."]

    def cut() -> Iterator[bytes]:
        yield PNG[:10]
        raise Refused("body-incomplete", "cut")

    with pytest.raises(Refused, match="cut"):
        stage(dataset, "a.png", cut(), NOW, by="ann")
    assert not StagedFile.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_another_file_of_the_name_takes_its_place_and_its_files_go() -> None:
    dataset = build_dataset()
    first = send(dataset, "a.png")
    kept = build_original(dataset, name="kept.png")
    same = send(dataset, "b.png", content_store.load(kept.sha256))
    again, is_new = stage(dataset, "a.png", [PNG], NOW, by="bob")
    assert (again.pk, is_new, again.by) == (first.pk, False, "bob")
    assert CONTENT.has(first.sha256 or "")
    send(dataset, "a.png", b"nothing")
    assert not CONTENT.has(first.sha256 or "") and not CONTENT.has(first.samples_sha256 or "")
    assert [unstage(dataset, name, NOW) for name in ("a.png", "./b.png", "c.png")] == [1, 1, 0]
    assert CONTENT.has(same.sha256 or "")  # an original has the same
    assert unstage_all(dataset, NOW) == 0


def test_staged_files_hold_their_contents(dataset: Dataset) -> None:
    row = send(dataset, "a.png")
    note_leftovers(NOW)
    assert delete_due(NOW + 2 * GRACE).files == 0
    assert CONTENT.has(row.sha256 or "") and CONTENT.has(row.samples_sha256 or "")


def test_what_is_not_taken_in_goes_as_the_definition_says() -> None:
    soon = build_dataset(build_challenge(retention={"staged_days": 2}))
    usual = build_dataset()
    for dataset in (soon, usual):
        send(dataset, "a.png")
        send(dataset, "b.png", b"no picture")
    assert staged_files.delete_expired(NOW + timedelta(days=1)).files == 0
    deleted = staged_files.delete_expired(NOW + timedelta(days=2))
    assert (deleted.files, deleted.size_bytes) == (2, len(PNG))
    assert {row.dataset for row in StagedFile.objects.select_related("dataset")} == {usual}
    assert staged_files.delete_expired(NOW + timedelta(days=30)).files == 2


def test_a_data_set_that_is_dropped_meanwhile_takes_nothing(dataset: Dataset) -> None:
    def chunks() -> Iterator[bytes]:
        Dataset.objects.filter(pk=dataset.pk).delete()
        yield PNG

    with pytest.raises(Refused, match="was dropped meanwhile"):
        stage(dataset, "a.png", chunks(), NOW, by="ann")


def test_the_digest_follows_what_is_staged_and_what_is_there(dataset: Dataset) -> None:
    seen = [overview(dataset).digest]
    for act in (
        lambda: send(dataset, "a.png"),
        lambda: send(dataset, "a.png", saved("TIFF")),
        lambda: build_original(dataset, name="b.png"),
        lambda: unstage_all(dataset, NOW),
    ):
        act()
        seen.append(overview(dataset).digest)
    assert len(set(seen)) == 5
    assert overview(dataset).digest == seen[-1]
