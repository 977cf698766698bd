"""Files in a bucket of a real object store, and what becomes of them when it is away."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings, strategies
from pytest_django.fixtures import Settings

from ratings.files_place import BucketPlace, Keys
from ratings.storage import content_store
from ratings.storage.bucket_store import BucketStore, open_bucket
from ratings.storage.deletion import GRACE, brought, delete_due, keep, note_leftovers
from ratings.storage.local_cache import DamagedContent
from ratings.storage.root import root
from ratings.storage.shelves import CONTENT, CROPS
from ratings.storage.site_store import the_bucket
from ratings.storage.store import StoreAway
from tests import object_store
from tests.builders import NOW, build_dataset, build_original

pytestmark = pytest.mark.usefixtures("bucket")
# Prints where a file lies, and whether the client of buckets was loaded for it.
SAY_WHERE = """
import sys
from ratings.storage.site_store import the_store
print(the_store().place("ab"), "obstore" in sys.modules)
"""
CONTENT_BYTES = bytes(range(256)) * 4000  # several pieces


def copies() -> set[str]:
    return {path.name for path in (root() / "copies").glob("??/*")}


def of_the_folder() -> list[Path]:
    """All files of the data folder but copies."""
    files = (path for path in root().rglob("*") if path.is_file())
    return [path for path in files if "copies" not in path.parts]


def forget_copies() -> None:
    for path in (root() / "copies").glob("??/*"):
        path.unlink()


def test_a_content_is_copied_when_it_is_read_and_checked(bucket: BucketPlace) -> None:
    sha256 = content_store.store(CONTENT_BYTES)
    forget_copies()
    assert of_the_folder() == []
    with content_store.mapped(sha256) as samples:
        assert samples[:] == CONTENT_BYTES
    assert copies() == {sha256}
    open_bucket(bucket).delete(f"{sha256[:2]}/{sha256}")
    assert content_store.load(sha256) == CONTENT_BYTES  # nobody was asked
    assert not CONTENT.has(sha256)


def test_the_environment_says_where_and_a_site_without_a_bucket_loads_no_client(
    tmp_path: Path,
) -> None:
    """Asked in processes of their own, whose environment is a site's."""
    (tmp_path / "secret").write_text(object_store.KEYS.secret_access_key)
    places = {
        "s3://bucket/prefix?endpoint_url=http://127.0.0.1:9": "s3://bucket/prefix/ab True",
        f"file://{tmp_path}": f"{tmp_path}/ab False",
    }
    for url, said in places.items():
        variables = {
            "RATINGS_FILES_URL": url,
            "AWS_ACCESS_KEY_ID": "tests",
            "AWS_SECRET_ACCESS_KEY_FILE": str(tmp_path / "secret"),
            "DJANGO_SETTINGS_MODULE": "ratings.settings",
        }
        command = [sys.executable, "-c", SAY_WHERE]
        told = subprocess.run(command, env=os.environ | variables, capture_output=True, text=True)
        assert told.stdout == f"{said}\n", told.stderr


def test_a_damaged_object_is_told_and_not_kept(bucket: BucketPlace) -> None:
    sha256 = content_store.store(b"right")
    forget_copies()
    open_bucket(bucket).put(f"{sha256[:2]}/{sha256}", b"wrong")
    with pytest.raises(DamagedContent, match=sha256):
        content_store.load(sha256)
    assert copies() == set() and of_the_folder() == []


@settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    strategies.integers(0, len(CONTENT_BYTES)),
    strategies.integers(0, len(CONTENT_BYTES)),
    strategies.booleans(),
)
def test_a_part_is_that_of_the_whole_with_and_without_a_copy(
    start: int, stop: int, copied: bool
) -> None:
    sha256 = content_store.store(CONTENT_BYTES)
    if not copied:
        forget_copies()
    part = b"".join(content_store.pieces(sha256, range(start, stop)))
    assert part == CONTENT_BYTES[start:stop]


def test_a_run_s_files_stay_while_the_copies_go(tmp_path: Path) -> None:
    sha256 = content_store.store(b"decoder")
    linked = CONTENT.link(sha256, root())
    assert CONTENT.link(sha256, root()) == linked  # two bitstreams may be alike
    the_bucket().delete(f"{sha256[:2]}/{sha256}")
    assert copies() == set() and linked.read_bytes() == b"decoder"


@pytest.mark.django_db(transaction=True)
def test_what_is_refused_leaves_nothing_and_what_is_kept_was_sent_before_rows_are_locked() -> None:
    with content_store.receive([b"too", b"much"], limit_bytes=7) as incoming:
        with pytest.raises(ZeroDivisionError), brought([incoming], NOW), transaction.atomic():
            assert CONTENT.has(incoming.sha256)
            keep(incoming)
            1 / 0  # noqa: B018
        assert not CONTENT.has(incoming.sha256)
        with brought([incoming], NOW), transaction.atomic():
            keep(incoming)
    assert content_store.load(incoming.sha256) == b"toomuch"
    assert of_the_folder() == []


@pytest.mark.django_db(transaction=True)
def test_what_no_row_names_goes_a_day_later() -> None:
    stays, original = build_original(), build_original(build_dataset())
    original.dataset.delete()
    note_leftovers(NOW)
    assert delete_due(NOW + GRACE - timedelta(seconds=1)).files == 0
    deleted = delete_due(NOW + GRACE)
    assert (deleted.files, deleted.size_bytes) == (2, original.size_bytes + 8 * 6 * 3)
    assert not CONTENT.has(original.sha256) and CONTENT.has(stays.sha256)


def test_an_object_tells_nothing_but_its_bytes(bucket: BucketPlace) -> None:
    CROPS.write("ab" * 16, b"picture")
    found = open_bucket(bucket).get(f"crops/ab/{'ab' * 16}.webp")
    assert set(found.attributes) <= {"Content-Type"}  # which servers guess by the name
    assert found.meta["e_tag"] in (None, f'"{hashlib.md5(b"picture").hexdigest()}"')


def test_the_probe_reads_the_store_s_clock_and_leaves_nothing(bucket: BucketPlace) -> None:
    assert abs(the_bucket().probe() - datetime.now(UTC)) < timedelta(seconds=60)
    assert list(open_bucket(bucket).list()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint_url": "http://127.0.0.1:9"},
        {"keys": Keys("tests", "another secret")},
        {"bucket": "another"},
    ],
    ids=["no server", "other keys", "no bucket"],
)
def test_a_store_that_is_away_is_told(
    bucket: BucketPlace, settings: Settings, wrong: dict[str, object]
) -> None:
    settings.FILES_BUCKET = replace(bucket, **wrong)  # type: ignore[arg-type]
    with pytest.raises(StoreAway, match=r"s3://"):
        content_store.store(b"x")
    with pytest.raises(StoreAway, match=r"s3://"):
        the_bucket().probe()
    assert isinstance(the_bucket(), BucketStore) and of_the_folder() == []
