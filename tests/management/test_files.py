"""manage.py files: what is stored and why; frees what has had its time, or only says so."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from ratings.challenge.pictures.staged_files import stage
from ratings.models import CropVersion, Leftover, Phase, Submission, Team
from ratings.storage import content_store
from ratings.storage.shelves import CROPS
from tests.builders import (
    build_bitstream,
    build_decoded_image,
    build_original,
    build_phase,
    build_submission,
    build_team,
)
from tests.comparisons.builders import build_entry, build_study, distort

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture
def phase() -> Phase:
    return build_phase(slug="open", closes_at=timezone.now() + DAY)


@pytest.fixture
def team(phase: Phase) -> Team:
    return build_team(phase.challenge, name="xvc")


def run(**options: bool) -> list[str]:
    out = StringIO()
    call_command("files", stdout=out, **options)
    return [" ".join(line.split()) for line in out.getvalue().splitlines()]


@pytest.fixture
def failed(phase: Phase, team: Team) -> Submission:
    """Return a submission that failed long ago."""
    ended = {"state": "failed", "finished_at": timezone.now() - 31 * DAY}
    submission = build_submission(phase, team, **ended)
    build_bitstream(submission, phase.originals()[0], b"failed")
    return submission


def test_a_dry_run_says_what_would_be_done_and_changes_nothing(
    phase: Phase, failed: Submission
) -> None:
    noted = content_store.store(b"noted")
    content_store.store(b"not noted yet")
    past = timezone.now() - DAY
    Leftover.objects.create(shelf="", name=noted, due_at=past)
    stage(phase.datasets.get(), "x", [b"no picture"], past - 31 * DAY, by="ann")
    lines = run(dry_run=True)
    size_bytes = sum(original.size_bytes for original in phase.originals())
    size_bytes += 2 * 8 * 6 * 3 + len(b"failed" + b"noted" + b"not noted yet")
    assert lines[:2] == [
        "kind files bytes unneeded bytes due bytes missing",
        f"uploads 7 {size_bytes:,} 2 18 1 5 0",
    ]
    assert f"{phase.challenge.slug}/open: xvc 0 6 0 6" in lines
    assert lines[-4:] == [
        "Would free 1 submission of 6 bytes.",
        "Would delete 1 staged picture of 0 bytes.",
        "Would delete 1 file of 5 bytes now.",
        "Would make 0 crops again whose files are gone.",
    ]
    assert failed.bitstreams.exists()
    assert content_store.load(noted) == b"noted"
    assert Leftover.objects.count() == 1


def test_what_is_freed_goes_a_day_later_or_now(failed: Submission) -> None:
    sha256 = failed.bitstreams.get().sha256
    lines = run()
    assert "Freed 1 submission of 6 bytes; their files go within a day." in lines
    assert "Deleted 0 staged pictures of 0 bytes." in lines
    assert "Deleted 0 files of 0 bytes." in lines
    failed.refresh_from_db()
    assert failed.freed_at is not None
    assert content_store.load(sha256) == b"failed"
    assert "Deleted 0 files of 0 bytes." in run()
    assert "Deleted 1 file of 6 bytes." in run(now=True)
    assert not content_store.path(sha256).exists()
    assert "Deleted 0 files of 0 bytes." in run(now=True)


def test_rows_without_their_files_are_named(phase: Phase) -> None:
    original = phase.originals()[0]
    content_store.path(original.sha256).unlink()
    for options in ({}, {"dry_run": True}):
        with pytest.raises(CommandError) as error:
            run(**options)
        assert f"{original.sha256}: original {original.pk}\n" in str(error.value)
        assert "backup" in str(error.value)
    build_original(original.dataset, name="c.png")


def test_an_open_submission_asks_again_for_what_is_gone(phase: Phase, team: Team) -> None:
    submission = build_submission(phase, team)
    content_store.path(build_bitstream(submission, phase.originals()[0]).sha256).unlink()
    with pytest.raises(CommandError):
        run(dry_run=True)
    assert "Open submissions ask again for 1 files that are gone." in run()
    assert not submission.bitstreams.exists()


def test_crops_whose_files_are_gone_are_made_again_or_named(phase: Phase) -> None:
    study = build_study(phase)
    entry = build_entry(study, noise=9, state="scored")
    images = [
        build_decoded_image(entry.submission, original, distort(original, 9))
        for original in phase.originals()
    ]
    version = CropVersion.objects.filter(entry=entry)[0]
    before = CROPS.path(version.address).read_bytes()
    CROPS.path(version.address).unlink()
    assert "Would make 1 crops again whose files are gone." in run(dry_run=True)
    assert not CROPS.path(version.address).exists()
    assert "Made 1 crops again whose files were gone." in run()
    assert CROPS.path(version.address).read_bytes() == before
    CROPS.path(version.address).unlink()
    for image in images:
        content_store.path(image.sha256).unlink()
    with pytest.raises(CommandError, match=f"{version.address}.webp: crop version {version.pk}"):
        run()
