"""Files stay while rows name them and a day longer; whoever names one keeps it from who deletes."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from ratings.storage import content_store
from ratings.storage.deletion import GRACE, delete_due, discard, hold, keep, note_leftovers, survey
from ratings.storage.models import Leftover
from ratings.storage.shelves import CONTENT, CROPS, PREVIEWS, Shelf
from tests.builders import NOW, build_dataset, build_original

pytestmark = pytest.mark.django_db(transaction=True)
SECOND = timedelta(seconds=1)
NAME = "ab" * 16


def test_pictures_of_a_dropped_data_set_go_a_day_later_with_all_that_was_made_of_them() -> None:
    stays = build_original()
    original = build_original(build_dataset())
    PREVIEWS.write(original.samples_sha256, b"small")
    note_leftovers(NOW)
    assert not Leftover.objects.exists()
    original.dataset.delete()
    note_leftovers(NOW)
    assert delete_due(NOW + GRACE - SECOND).files == 0
    assert content_store.load(original.sha256)
    deleted = delete_due(NOW + GRACE)
    assert (deleted.files, deleted.size_bytes) == (3, original.size_bytes + 8 * 6 * 3 + 5)
    assert not PREVIEWS.path(original.samples_sha256).exists()
    assert content_store.load(stays.sha256)
    assert not Leftover.objects.exists()


@pytest.mark.parametrize("noted_again", [True, False])
def test_what_is_named_again_within_the_day_stays(noted_again: bool) -> None:
    original = build_original()
    content = content_store.load(original.sha256)
    original.delete()
    note_leftovers(NOW)
    with transaction.atomic():
        hold(CONTENT, [original.sha256, original.samples_sha256])
        original.save(force_insert=True)
    if noted_again:
        note_leftovers(NOW)
    delete_due(NOW + 2 * GRACE)
    assert content_store.load(original.sha256) == content


def test_a_row_made_without_holding_its_file_is_seen_all_the_same() -> None:
    original = build_original()
    original.delete()
    note_leftovers(NOW)
    original.save(force_insert=True)
    delete_due(NOW + GRACE)
    assert content_store.path(original.sha256).exists()
    assert not Leftover.objects.exists()


def test_only_a_transaction_can_hold_a_file() -> None:
    with pytest.raises(TransactionManagementError):
        hold(CONTENT, [NAME])
    with (
        content_store.receive([b"x"], limit_bytes=1) as incoming,
        pytest.raises(TransactionManagementError),
    ):
        keep(incoming)
    assert not content_store.path(incoming.sha256).exists()


@contextmanager
def held_elsewhere(shelf: Shelf, name: str) -> Iterator[None]:
    """Let another process hold a file, having named it in no row yet."""
    held, go_on = Event(), Event()

    def work() -> None:
        try:
            with transaction.atomic():
                hold(shelf, [name])
                held.set()
                go_on.wait()
        finally:
            connection.close()

    other = Thread(target=work)
    other.start()
    held.wait()
    try:
        yield
    finally:
        go_on.set()
        other.join()


@pytest.mark.parametrize("shelf", [CONTENT, CROPS])
def test_what_another_process_holds_is_not_deleted_however_old_it_is(shelf: Shelf) -> None:
    shelf.write(NAME, b"x")
    os.utime(shelf.path(NAME), (0, 0))
    note_leftovers(NOW)
    with held_elsewhere(shelf, NAME):
        assert delete_due(NOW + 100 * GRACE).files == 0
    assert shelf.path(NAME).exists()


def test_what_is_discarded_while_another_process_holds_it_goes_when_that_gives_up() -> None:
    sha256 = content_store.store(b"x")
    with held_elsewhere(CONTENT, sha256), transaction.atomic():
        discard([sha256], NOW)
    assert content_store.path(sha256).exists()
    assert delete_due(NOW).files == 1


def test_two_who_swap_their_contents_do_not_wait_for_each_other() -> None:
    """Each takes what the other gives up, and both contents were noted as leftovers before."""
    contents = [content_store.store(b"x"), content_store.store(b"y")]
    note_leftovers(NOW)
    both_hold = Barrier(2)

    def swap(taken: str, given_up: str) -> None:
        try:
            with transaction.atomic():
                hold(CONTENT, [taken])
                both_hold.wait()
                discard([given_up], NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(swap, contents, reversed(contents)))
    delete_due(NOW)
    assert not any(content_store.path(sha256).exists() for sha256 in contents)
    assert not Leftover.objects.exists()


def test_what_is_discarded_goes_with_its_transaction_or_stays_with_it() -> None:
    sha256 = content_store.store(b"x")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        discard([sha256], NOW)
        1 / 0  # noqa: B018
    assert content_store.path(sha256).exists()
    with transaction.atomic():
        discard([sha256], NOW)
        assert content_store.path(sha256).exists()
    assert not content_store.path(sha256).exists()
    assert not Leftover.objects.exists()


def test_many_who_store_and_delete_the_same_never_lose_it() -> None:
    dataset = build_dataset()
    sha256 = content_store.store(b"x")

    def work(number: int) -> None:
        try:
            for turn in range(10):
                with content_store.receive([b"x"], limit_bytes=1) as incoming, transaction.atomic():
                    keep(incoming)
                    facts = {"sha256": sha256, "samples_sha256": sha256, "crc32": 0}
                    row = dataset.originals.create(
                        name=f"{number}-{turn}.png", width=1, height=1, size_bytes=1, **facts
                    )
                assert content_store.path(sha256).exists()
                with transaction.atomic():
                    row.delete()
                    discard([sha256], NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    delete_due(NOW)
    assert not content_store.path(sha256).exists()


def test_a_survey_counts_what_is_there_what_nobody_needs_and_what_is_missing() -> None:
    original = build_original()
    content_store.store(b"unneeded")
    gone = build_original()
    content_store.path(gone.sha256).unlink()
    note_leftovers(NOW)
    surveyed = survey(CONTENT, NOW)
    assert (surveyed.unneeded.files, surveyed.unneeded.size_bytes, surveyed.due.files) == (1, 8, 0)
    assert (surveyed.held.files, surveyed.missing) == (4, [gone.sha256])
    assert surveyed.held.size_bytes == original.size_bytes + 2 * 8 * 6 * 3 + 8
    assert survey(CONTENT, NOW + GRACE).due.size_bytes == 8
    assert survey(PREVIEWS, NOW).missing == []  # they are made when they are asked for


def test_crops_are_for_the_web_server_to_read_and_uploads_are_not() -> None:
    CROPS.write(NAME, b"x")
    sha256 = content_store.store(b"y")
    assert CROPS.path(NAME).stat().st_mode & 0o777 == 0o644
    assert CROPS.path(NAME).stat().st_mtime == CROPS.modified_at
    assert content_store.path(sha256).stat().st_mode & 0o777 == 0o600
    assert not any(Path(default_storage.path("incoming")).iterdir())
