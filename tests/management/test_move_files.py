"""manage.py move_files: all files from one store to another, read back, as often as it takes."""

from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from ratings.files_place import BucketPlace, Keys
from ratings.storage import content_store
from ratings.storage.bucket_store import open_bucket
from ratings.storage.root import root
from ratings.storage.shelves import CONTENT, CROPS, PREVIEWS, TILES
from ratings.storage.site_store import open_store

ADDRESS = "ab" * 16


@pytest.fixture
def target(bucket: BucketPlace, settings: Settings) -> str:
    """Return the bucket's address; the site's files lie in the folder."""
    settings.FILES_BUCKET, settings.BUCKET_KEYS = None, bucket.keys
    return f"{bucket}?endpoint_url={bucket.endpoint_url}"


def run(to: str, **options: bool) -> list[str]:
    out = StringIO()
    call_command("move_files", to=to, stdout=out, **options)
    return [" ".join(line.split()) for line in out.getvalue().splitlines()]


def fill() -> list[str]:
    """Store files of each kind; return the digests of the contents."""
    for shelf in (CROPS, PREVIEWS, TILES):
        shelf.write(ADDRESS, f"of {shelf.folder}".encode())
    return [content_store.store(f"content {number}".encode() * 50_000) for number in range(5)]


def test_everything_is_there_afterwards_and_again_sends_nothing(
    target: str, bucket: BucketPlace, settings: Settings
) -> None:
    contents = fill()
    (root() / "incoming" / "half done").touch()
    assert run(target, dry_run=True)[1:3] == ["uploads 5 2,250,000 0", "crops 1 8 0"]
    assert list(open_bucket(bucket).list()) == []
    assert run(target)[5:] == [
        "Copied 8 files; 0 were there.",
        "All is there and was read back. What comes from now on is not: stop the site, run this "
        f"again, and start everything with RATINGS_FILES_URL={target}",
    ]
    # What came, was lengthened or cut off since is sent by the next turn; nothing else is.
    content_store.store(b"came later")
    CROPS.write(ADDRESS, b"longer than it was")
    damaged = f"{contents[0][:2]}/{contents[0]}"
    open_bucket(bucket).put(damaged, b"x" * 450_000)
    assert run(target)[5] == "Copied 3 files; 6 were there."
    settings.FILES_BUCKET = bucket
    for sha256 in contents:
        (root() / "copies" / sha256[:2] / sha256).unlink(missing_ok=True)
        assert len(content_store.load(sha256)) == 450_000
    assert CROPS.read(ADDRESS) == b"longer than it was"
    assert [shelf.read(ADDRESS) for shelf in (PREVIEWS, TILES)] == [b"of previews", b"of tiles"]


def test_from_a_bucket_into_a_folder(bucket: BucketPlace, tmp_path: Path) -> None:
    contents = fill()
    elsewhere = tmp_path / "elsewhere"
    assert run(f"file://{elsewhere}")[5] == "Copied 8 files; 0 were there."
    there = {path.name: path for path in elsewhere.rglob("*") if path.is_file()}
    assert there.keys() == {*contents, f"{ADDRESS}.webp", f"{ADDRESS}.tiles"}
    crop = elsewhere / "crops" / ADDRESS[:2] / f"{ADDRESS}.webp"
    assert (crop.stat().st_mode & 0o777, crop.stat().st_mtime) == (0o644, CROPS.modified_at)


def test_into_a_folder_on_another_disk() -> None:
    contents = fill()
    disks = [Path(place) for place in ("/dev/shm", "/tmp", "/var/tmp")]
    own = root().stat().st_dev
    others = [disk for disk in disks if disk.is_dir() and disk.stat().st_dev != own]
    if not others:
        pytest.skip("this machine has one disk alone")
    with TemporaryDirectory(dir=others[0]) as elsewhere:
        assert run(f"file://{elsewhere}")[5] == "Copied 8 files; 0 were there."
        assert {path.name for path in Path(elsewhere).rglob("*")} >= set(contents)


def test_a_damaged_file_is_named_and_the_rest_goes(target: str, bucket: BucketPlace) -> None:
    contents = fill()
    content_store.path(contents[0]).write_bytes(b"other")
    with pytest.raises(CommandError, match=rf"Not what their names say.*\n.*{contents[0]}"):
        run(target)
    store = open_store(bucket)
    keys = {f"{sha256[:2]}/{sha256}" for sha256 in contents}
    assert store.sizes(keys).keys() == keys - {f"{contents[0][:2]}/{contents[0]}"}
    assert CONTENT.has(contents[0])


@pytest.mark.parametrize(
    ("to", "problem"),
    [
        ("s3://b", "--to names the bucket 'b'"),
        ("s3://bucket?region=x&acl=y", "--to has 'acl'"),
        ("/srv/files", "--to is '/srv/files'; write file:///FOLDER, or s3://BUCKET"),
        ("file:///", "write file:///FOLDER"),
        ("s3://key:secret@bucket", "set AWS_ACCESS_KEY_ID"),
        ("s3://bucket/../x", "has the prefix '../x'"),
        ("s3://bucket?endpoint_url=host", "write https://HOST"),
        ("s3://bucket?endpoint_url=http://127.0.0.1:9", "can't be reached"),
    ],
)
def test_a_place_that_can_t_be_meant_or_reached_is_told(
    settings: Settings, to: str, problem: str
) -> None:
    settings.BUCKET_KEYS = Keys("key", "secret")
    with pytest.raises(CommandError) as told:
        run(to)
    assert problem in str(told.value)


def test_to_where_they_are_is_refused() -> None:
    with pytest.raises(CommandError, match="already"):
        run(f"file://{root()}")
