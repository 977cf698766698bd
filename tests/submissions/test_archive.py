"""One zip: all of it or nothing, and nothing of what hostile archives try."""

import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from ratings.challenge.refusals import Refused
from ratings.imaging.pixels import encode_png
from ratings.sandbox.sandbox_errors import LONGEST_LINE, MOST_LINES
from ratings.submissions.intake.archive import put_archive
from ratings.submissions.models import Submission
from tests.builders import NOW, build_phase, build_rgb, build_submission
from tests.sandbox.archives import Members, special, zipped
from tests.sandbox.damage import by_windows, damaged, streamed

pytestmark = pytest.mark.django_db
PNG = encode_png(build_rgb())
GOOD: Members = [
    ("decoded/a.png", PNG),
    ("decoded/b.png", PNG),
    ("bitstreams/a.jp2", b"1"),
    ("bitstreams/b.jp2", b"2"),
    ("decoder", b"#!/bin/sh"),
]


def send(submission: Submission, archive: bytes) -> list[str]:
    receipts = put_archive(submission, [archive], received_at=NOW)
    return [f"{receipt.path} {receipt.outcome}" for receipt in receipts]


def refusal(archive: bytes) -> str:
    """Check that the archive is refused and nothing stays of it; return the reasons."""
    submission = build_submission(build_phase())
    stored = Path(default_storage.path(""))
    before = {path for path in stored.rglob("*") if path.is_file()}
    with pytest.raises(Refused) as refused:
        send(submission, archive)
    assert {path for path in stored.rglob("*") if path.is_file()} == before
    assert not submission.decoded_images.exists()
    assert not submission.bitstreams.exists()
    return str(refused.value)


@pytest.mark.parametrize(
    "name",
    [
        "../decoded/a.png",
        "decoded/../../a.png",
        "/decoded/a.png",
        "decoded//a.png",
        "decoded/./a.png",
        "decoded\\a.png",
        "C:decoded/a.png",
        "decoded/a.png\r\nb",
        "decoded/\x1b[2Ja.png",
        "decoded/a\u202e.png",
        "decoded/c.png",
        "decoded/deeper/a.png",
        "elsewhere/x/a.png",
        "bitstreams/a.png.jp2",
        "README.txt",
        "other/",
    ],
)
def test_a_member_with_a_wrong_name_is_named(name: str) -> None:
    reason = refusal(zipped([*GOOD[1:], (name, PNG if not name.endswith("/") else b"x")]))
    assert reason.startswith(repr(name))


@pytest.mark.parametrize(
    ("name", "starts"),
    [
        ("c.jp2", "'c.jp2' must be the name of one original"),
        ("bitstreams/c.jp2", "'bitstreams/c.jp2': 'c.jp2' must be the name of one original"),
        ("mine/c.jp2", "'mine/c.jp2': 'c.jp2' must be the name of one original"),
        ("decoded/c.png", "'decoded/c.png': 'c.png' is no picture of this phase"),
        ("a/b/c.png", "'a/b/c.png': put it into decoded or bitstreams"),
    ],
)
def test_a_member_that_belongs_nowhere_is_named_once_with_its_folders(
    name: str, starts: str
) -> None:
    others = [] if name.startswith("mine/") else GOOD[-1:]  # one folder around all is left off
    assert refusal(zipped([*others, (name, b"x")])).startswith(starts)


def test_names_cut_by_nul_are_refused() -> None:
    archive = zipped(GOOD).replace(b"decoded/a.png", b"decoded/a\0png")
    assert refusal(archive).startswith(r"'decoded/a\x00png': its name must be a plain path")


@pytest.mark.parametrize(
    "mode", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFDIR]
)
def test_links_and_devices_are_refused(mode: int) -> None:
    assert "'decoded/a.png': it is a link or a device" in refusal(
        zipped([(special("decoded/a.png", mode), b"/etc/passwd")])
    )


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_are_refused(method: int) -> None:
    assert "'decoder': its compression must be deflate" in refusal(zipped(GOOD, method))


def test_unknown_methods_and_encryption_are_refused() -> None:
    for flag, word in [(1, "encrypted"), (0x41, "encrypted"), (0x2001, "encrypted")]:
        archive = bytearray(zipped([("decoder", b"#!/bin/sh")]))
        central = archive.index(b"PK\1\2")
        struct.pack_into("<H", archive, central + 8, flag)
        assert word in refusal(bytes(archive))
    archive = bytearray(zipped([("decoder", b"#!/bin/sh")]))
    struct.pack_into("<H", archive, archive.index(b"PK\1\2") + 10, 93)
    assert "'decoder': its compression must be deflate" in refusal(bytes(archive))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "second", ["decoded/a.png", "a.png", "bitstreams/a.webp", "bitstreams/a", "decoder.zip"]
)
def test_two_members_for_one_place_are_refused(second: str) -> None:
    assert f"'{second}': " in refusal(zipped([*GOOD, (second, PNG)]))


def overlapping() -> bytes:
    """Return an archive whose two members are the same bytes."""
    archive = bytearray(zipped([("bitstreams/a", b"x" * 99), ("bitstreams/b", b"x" * 99)]))
    first = archive.index(b"PK\1\2")
    second = archive.index(b"PK\1\2", first + 4)
    struct.pack_into("<L", archive, second + 42, 0)
    return bytes(archive)


def quoted() -> bytes:
    """Return an archive whose first member holds the whole second one, header and all."""
    inner = zipped([("bitstreams/b", b"y")], zipfile.ZIP_STORED)
    local = inner[: inner.index(b"PK\1\2")]
    archive = bytearray(
        zipped([("bitstreams/a", local), ("bitstreams/b", b"y")], zipfile.ZIP_STORED)
    )
    first = archive.index(b"PK\1\2")
    second = archive.index(b"PK\1\2", first + 4)
    struct.pack_into("<L", archive, second + 42, archive.index(local))
    return bytes(archive)


def shifted_directory() -> bytes:
    """Return an archive whose only member reaches into the directory."""
    archive = bytearray(zipped([("bitstreams/a", b"x")], zipfile.ZIP_STORED))
    for offset in (20, 24):
        struct.pack_into("<L", archive, archive.index(b"PK\1\2") + offset, 40)
    return bytes(archive)


@pytest.mark.parametrize("make", [overlapping, quoted, shifted_directory])
def test_members_that_share_bytes_are_refused(make: Callable[[], bytes]) -> None:
    assert "shares bytes with another member" in refusal(make())


def test_a_bomb_is_stopped_by_what_it_declares_and_by_what_it_holds() -> None:
    bomb = zipped([("decoded/a.png", bytes(50 << 20))])
    assert "'decoded/a.png': it has more than" in refusal(bomb)
    lying = bytearray(bomb)
    for header, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        struct.pack_into("<L", lying, lying.index(header) + offset, 100)
    assert "'decoded/a.png': it can't be unpacked" in refusal(bytes(lying))


def test_more_members_than_files_are_refused_before_they_are_listed() -> None:
    many = zipped([(f"x{number}", b"") for number in range(200)])
    assert refusal(many) == "The archive has more than 74 members."
    few = bytearray(many)
    end = few.rindex(b"PK\5\6")
    struct.pack_into("<HH", few, end + 8, 1, 1)
    assert "more than 74 members" in refusal(bytes(few))


@pytest.mark.parametrize(
    "archive",
    [
        b"",
        b"no zip",
        b"PK\5\6",
        zipped(GOOD)[:-30],
        zipped(GOOD)[:-400] + zipped(GOOD)[-22:],
        zipped([]),
        zipped([("__MACOSX/a.png", b""), (".DS_Store", b"")]),
        b"#!/bin/sh\n" + zipped(GOOD),
        zipped(GOOD).replace(b"PK\3\4", b"PK\3\5"),
        zipped(GOOD)[:-22] + b"PK\6\7" + bytes(16) + zipped(GOOD)[-22:],
    ],
)
def test_what_is_no_plain_zip_is_refused(archive: bytes) -> None:
    assert refusal(archive)


def test_names_that_differ_between_header_and_directory_are_refused() -> None:
    archive = zipped(GOOD).replace(b"decoder", b"Xecoder", 1)
    assert "'decoder': it can't be unpacked" in refusal(archive)


def test_broken_content_is_named() -> None:
    archive = bytearray(zipped([("bitstreams/a", b"abcdef")], zipfile.ZIP_STORED))
    archive[archive.index(b"abcdef")] ^= 1
    assert "'bitstreams/a': it can't be unpacked" in refusal(bytes(archive))


def test_every_wrong_picture_is_named_and_nothing_is_stored() -> None:
    wrong = encode_png(build_rgb(width=9))
    reason = refusal(zipped([("decoded/a.png", wrong), ("decoded/b.png", b"no"), *GOOD[2:]]))
    assert [line.split(":")[0] for line in reason.splitlines()] == ["a.png", "b.png"]


@pytest.mark.parametrize("folder", ["", "my entry/"])
def test_a_whole_submission_is_taken_at_once(folder: str) -> None:
    submission = build_submission(build_phase())
    litter: Members = [
        (f"{folder}decoded/", b""),
        ("__MACOSX/._a.png", b"x"),
        (f"{folder}decoded/.DS_Store", b"x"),
    ]
    archive = zipped([*litter, *((f"{folder}{name}", content) for name, content in GOOD)])
    assert send(submission, archive) == [f"{name} created" for name, _ in GOOD]
    assert send(submission, archive) == [f"{name} unchanged" for name, _ in GOOD]


def test_a_flat_archive_is_taken_too() -> None:
    submission = build_submission(build_phase())
    flat: Members = [(str(name).rpartition("/")[2], content) for name, content in GOOD]
    assert send(submission, zipped(flat)) == [f"{name} created" for name, _ in GOOD]


@pytest.mark.parametrize(
    "archive",
    [
        by_windows(GOOD),
        zipped([("./", b""), *((f"./{name}", content) for name, content in GOOD)]),
        by_windows([(f"my entry/{name}", content) for name, content in GOOD]),
        streamed(GOOD),
    ],
    ids=["windows", "tar", "windows in a folder", "streamed"],
)
def test_archives_of_common_programs_are_taken(archive: bytes) -> None:
    submission = build_submission(build_phase())
    assert send(submission, archive) == [f"{name} created" for name, _ in GOOD]


def test_what_is_mended_in_a_decoder_is_told() -> None:
    archive = zipped([*GOOD[:-1], ("decoder", b"#!/bin/sh\r\n")])
    submission = build_submission(build_phase())
    receipts = put_archive(submission, [archive], received_at=NOW)
    told = {receipt.path: receipt.notes for receipt in receipts if receipt.notes}
    assert told == {"decoder": ["decode had the line ends of Windows; they were changed."]}
    assert submission.decoder.notes == told["decoder"]


@pytest.mark.parametrize("name", ["zipped", "streamed", "by windows"])
def test_damaged_archives_are_refused_in_words(name: str) -> None:
    """The same damages for the same seeds."""
    sound = {"zipped": zipped(GOOD), "streamed": streamed(GOOD), "by windows": by_windows(GOOD)}
    submission, refusals = build_submission(build_phase()), 0
    for seed in range(250):
        try:
            send(submission, damaged(sound[name], seed))
        except Refused as refused:
            refusals += 1
            assert 0 < len(refused.problems) <= MOST_LINES + 1, seed
            assert max(map(len, refused.problems)) <= LONGEST_LINE
            assert refused.code in ("archive", "bitstream-name"), seed
    assert 100 < refusals < 250


@pytest.mark.parametrize(
    "members",
    [
        [(f"elsewhere/{number}/{'n' * 200}", b"") for number in range(60)],
        [("n" * 60_000, b"")],
        [("decoded/" + "n" * 60_000, b"")],
        [(f"bitstreams/{'n' * 9000}{number}", b"") for number in range(60)],
    ],
)
def test_a_refusal_is_short_whatever_is_wrong(members: Members) -> None:
    reason = refusal(zipped(members))
    assert len(reason) < 8000
    assert len(reason.splitlines()) <= MOST_LINES + 1


def test_a_bitstream_that_alone_exceeds_the_budget_is_named() -> None:
    submission = build_submission(build_phase(byte_budget=3))
    with pytest.raises(Refused) as refused:
        send(submission, zipped([("bitstreams/a", b"1234"), ("bitstreams/b", b"123")]))
    assert refused.value.problems == [
        "'bitstreams/a': it has more than 3 bytes, the byte budget of all bitstreams together."
    ]
