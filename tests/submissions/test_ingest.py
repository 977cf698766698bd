"""Files come in any order, again, at once and too late; what is refused leaves nothing."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from ratings.challenge.refusals import Refused
from ratings.imaging.pixels import encode_png
from ratings.storage import content_store
from ratings.submissions.file_limits import LARGEST_BITSTREAM_BYTES
from ratings.submissions.intake import closing, ingest
from ratings.submissions.intake.ingest import Receipt
from ratings.submissions.intake.slots import Kind, Slots
from ratings.submissions.models import Submission
from tests.builders import CLOSES, NOW, OPENS, build_phase, build_rgb, build_submission, build_team

pytestmark = pytest.mark.django_db
PNG = encode_png(build_rgb())
MICROSECOND = timedelta(microseconds=1)


def put(
    submission: Submission, path: str, content: bytes = PNG, sha256: str | None = None
) -> Receipt:
    kind, _, name = path.partition("/")
    known: dict[str, Kind] = {"decoded": "decoded", "bitstreams": "bitstreams"}
    return ingest.put(
        submission, known.get(kind, "decoder"), name, [content], received_at=NOW, sha256=sha256
    )


def code_of(call: object, *args: object, **kwargs: Any) -> str:
    with pytest.raises(Refused) as refused:
        call(*args, **kwargs)  # type: ignore[operator]
    return refused.value.code


def stored_files() -> int:
    return sum(path.is_file() for path in Path(default_storage.path("")).rglob("*"))


@pytest.mark.parametrize("at", [OPENS - MICROSECOND, CLOSES, CLOSES + timedelta(days=99)])
def test_outside_of_the_phase_nothing_begins_and_nothing_changes(at: object) -> None:
    phase = build_phase()
    assert (
        code_of(ingest.begin_submission, phase, build_team(phase.challenge), "m", at)
        == "phase-not-open"
    )
    submission = build_submission(phase)
    arguments = (submission, "decoded", "a.png", [PNG])
    assert code_of(ingest.put, *arguments, received_at=at) == "phase-not-open"
    assert code_of(closing.submit, submission.pk, at) == "phase-not-open"
    assert not submission.decoded_images.exists()


def test_the_first_and_the_last_instant_are_in_time() -> None:
    phase = build_phase()
    for at in (OPENS, CLOSES - MICROSECOND):
        assert ingest.begin_submission(phase, build_team(phase.challenge), "m", at).created_at == at


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "PNG"),
        (b"GIF89a", "PNG"),
        (PNG[:-1], "end"),
        (encode_png(build_rgb(width=9)), "9 x 6 pixels, not 8 x 6"),
    ],
)
def test_a_wrong_picture_is_refused_at_once_and_leaves_nothing(content: bytes, reason: str) -> None:
    submission = build_submission()
    before = stored_files()
    with pytest.raises(Refused, match=reason) as refused:
        put(submission, "decoded/a.png", content)
    assert refused.value.code == "picture"
    assert str(refused.value).startswith("a.png: ")
    assert not submission.decoded_images.exists()
    assert stored_files() == before


def test_a_wrong_digest_or_too_many_bytes_leave_nothing() -> None:
    submission = build_submission()
    before = stored_files()
    assert code_of(put, submission, "decoded/a.png", sha256="00" * 32) == "digest-mismatch"
    huge = PNG + bytes(2 << 20)
    assert code_of(put, submission, "decoded/a.png", huge) == "too-large"
    assert not submission.decoded_images.exists()
    assert stored_files() == before


def test_sent_again_restores_a_file_that_was_lost() -> None:
    submission = build_submission(build_phase())
    sha256 = put(submission, "decoded/a.png").sha256
    content_store.path(sha256).unlink()
    assert put(submission, "decoded/a.png").outcome == "unchanged"
    assert content_store.load(sha256) == PNG


def test_sent_again_is_unchanged_and_other_content_replaces() -> None:
    submission = build_submission()
    other = encode_png(build_rgb(seed=2))
    pictures, programs = (PNG, other), (b"#!/bin/sh", b"#!/bin/bash")
    sent = {"decoded/a.png": pictures, "bitstreams/a.jp2": pictures, "decoder": programs}
    outcomes = [
        put(submission, path, content).outcome
        for path, (first, second) in sent.items()
        for content in (first, first, second, second)
    ]
    assert outcomes == ["created", "unchanged", "replaced", "unchanged"] * 3
    image = submission.decoded_images.get()
    assert (image.sha256, image.size_bytes) == (hashlib.sha256(other).hexdigest(), len(other))
    assert content_store.load(image.sha256) == other


def test_a_picture_has_one_bitstream_under_one_name() -> None:
    submission = build_submission()
    put(submission, "bitstreams/a.jp2", b"1")
    for content in (b"1", b"2"):
        assert code_of(put, submission, "bitstreams/a.webp", content) == "bitstream-name"
    assert submission.bitstreams.get().name == "a.jp2"


def test_after_submitting_only_the_same_content_is_taken() -> None:
    submission = build_submission(build_phase(names=["a.png"]))
    put(submission, "decoded/a.png")
    assert closing.submit(submission.pk, NOW)
    assert put(submission, "decoded/a.png").outcome == "unchanged"
    assert code_of(put, submission, "decoded/a.png", encode_png(build_rgb(seed=2))) == "submitted"
    assert code_of(put, submission, "decoder", b"#!/bin/sh") == "submitted"


@pytest.mark.django_db(transaction=True)
def test_files_sent_at_once_are_all_there() -> None:
    names = [f"{number}.png" for number in range(8)]
    submission = build_submission(build_phase(names=names))
    paths = [f"decoded/{name}" for name in names] + ["decoded/0.png", "bitstreams/1", "decoder"] * 2

    def send(path: str) -> str:
        try:
            content = b"#!/bin/sh" if path == "decoder" else PNG
            return put(Submission.objects.get(), path, content).outcome
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(send, paths))
    assert sorted(set(outcomes)) == ["created", "unchanged"]
    assert outcomes.count("created") == 10
    assert submission.decoded_images.count() == 8


@pytest.mark.django_db(transaction=True)
def test_submitting_and_sending_at_once_keeps_what_was_checked() -> None:
    submission = build_submission(build_phase(names=["a.png"]))
    put(submission, "decoded/a.png")
    other = encode_png(build_rgb(seed=2))

    def act(number: int) -> object:
        try:
            if number % 2:
                return closing.submit(submission.pk, NOW)
            return put(Submission.objects.get(), "decoded/a.png", other).outcome
        except Refused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(act, range(6)))
    assert outcomes.count(True) == 1
    assert set(outcomes) <= {True, False, "replaced", "unchanged", "submitted"}
    kept = submission.decoded_images.get().sha256
    assert (kept == hashlib.sha256(other).hexdigest()) == ("replaced" in outcomes)


@pytest.mark.django_db(transaction=True)
def test_what_is_replaced_is_deleted_at_once_unless_something_else_is_the_same() -> None:
    submission, other = build_submission(build_phase()), build_submission(build_phase())
    put(other, "bitstreams/a", b"3")
    before = stored_files()
    for number in range(20):
        put(submission, "bitstreams/a", str(number).encode())
    assert stored_files() == before + 1
    assert content_store.load(submission.bitstreams.get().sha256) == b"19"
    assert content_store.load(other.bitstreams.get().sha256) == b"3"


@pytest.mark.django_db(transaction=True)
def test_an_open_submission_is_deleted_with_its_files_and_a_closed_one_is_not() -> None:
    before = stored_files()
    submission = build_submission(build_phase(names=["a.png"]))
    with_pictures = stored_files()
    put(submission, "decoded/a.png")
    put(submission, "decoder", b"#!/bin/sh")
    ingest.delete_open(submission.pk, NOW)
    assert stored_files() == with_pictures > before
    assert not Submission.objects.exists()
    closed = build_submission(submission.phase, state="scored")
    assert code_of(ingest.delete_open, closed.pk, NOW) == "submitted"


@pytest.mark.parametrize("budget", [82_617, 3])
def test_a_bitstream_that_alone_exceeds_the_budget_is_refused_at_once(budget: int) -> None:
    submission = build_submission(build_phase(byte_budget=budget))
    before = stored_files()
    put(submission, "bitstreams/a", bytes(budget))  # others may be empty
    with pytest.raises(Refused) as refused:
        put(submission, "bitstreams/b", bytes(budget + 1))
    assert refused.value.code == "too-large"
    assert str(refused.value) == (
        f"The file may have at most {budget} bytes, the byte budget of all bitstreams together."
    )
    assert stored_files() == before + 1


def test_a_budget_above_what_any_bitstream_may_have_changes_nothing() -> None:
    phase = build_phase(byte_budget=LARGEST_BITSTREAM_BYTES + 1)
    slot = Slots(phase).find("bitstreams", "a")
    assert (slot.limit_bytes, slot.limit_is) == (LARGEST_BITSTREAM_BYTES, "")
