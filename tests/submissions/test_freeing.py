"""Submissions that no board counts lose their files in time, and nothing else."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from ratings.challenge.models import Phase
from ratings.comparisons.models import CropVersion
from ratings.comparisons.study.entries import enter_submission, set_active
from ratings.jobs.upkeep import free_expired
from ratings.storage import content_store
from ratings.submissions.intake import closing
from ratings.submissions.models import Submission
from ratings.submissions.retention.freeing import ask_again, expired, free
from ratings.submissions.runs import reruns
from tests.builders import (
    CLOSES,
    NOW,
    build_bitstream,
    build_decoded_image,
    build_decoder,
    build_phase,
    build_submission,
    build_team,
)
from tests.comparisons.builders import build_entry, build_filled_study, build_study

pytestmark = pytest.mark.django_db
State = Submission.State
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def build_whole(phase: Phase, state: str = State.FAILED, **fields: Any) -> Submission:
    """Save a submission with all its files; one that has ended did so at NOW."""
    ended = {} if state in (State.OPEN, State.QUEUED) else {"finished_at": NOW}
    submission = build_submission(phase, **({"state": state} | ended | fields))
    for original in phase.originals():
        build_decoded_image(submission, original)
        build_bitstream(submission, original)
    build_decoder(submission)
    return submission


def counts(submission: Submission) -> tuple[int, int, bool]:
    submission.refresh_from_db()
    has_decoder = Submission.objects.filter(pk=submission.pk, decoder__isnull=False).exists()
    return submission.decoded_images.count(), submission.bitstreams.count(), has_decoder


KEPT, GONE = (2, 2, True), (0, 0, False)


@pytest.mark.parametrize(
    ("state", "since"),
    [(State.FAILED, NOW), (State.SUPERSEDED, NOW), (State.OPEN, CLOSES)],
)
@pytest.mark.parametrize("days", [None, 0, 3])
def test_files_go_when_their_time_is_over_and_not_before(
    state: str, since: datetime, days: int | None
) -> None:
    phase = build_phase()
    if days is not None:
        phase.challenge.retention = {f"{state}_days": days}
        phase.challenge.save()
    over = since + DAY * (30 if days is None else days)
    submission = build_whole(phase, state)
    assert expired(over - SECOND) == []
    assert free(submission.pk, over - SECOND) == 0
    assert counts(submission) == KEPT
    assert expired(over) == [submission.pk]
    assert free(submission.pk, over) > 0
    assert counts(submission) == GONE
    assert submission.freed_at == (None if state == State.OPEN else over)
    assert expired(over) == []


def test_files_of_what_never_ran_go_at_once() -> None:
    submission = build_whole(build_phase(), State.FAILED, never_ran=True)
    assert expired(NOW) == [submission.pk]
    assert free(submission.pk, NOW) > 0
    assert counts(submission) == GONE


@pytest.mark.parametrize("state", [State.QUEUED, State.SCORED])
def test_what_waits_or_was_scored_keeps_its_files_for_ever(state: str) -> None:
    submission = build_whole(build_phase(), state, submitted_at=NOW)
    far = NOW + 100_000 * DAY
    assert expired(far) == []
    assert free(submission.pk, far) == 0
    assert counts(submission) == KEPT


def test_an_open_one_that_an_organizer_takes_in_late_is_left_alone() -> None:
    late = build_whole(build_phase(), State.OPEN, late_note="Mail was down.")
    assert expired(NOW + 1000 * DAY) == []
    assert free(late.pk, NOW + 1000 * DAY) == 0


def test_an_open_one_that_is_freed_asks_for_its_files_again() -> None:
    submission = build_whole(build_phase(), State.OPEN)
    free(submission.pk, NOW + 100 * DAY)
    assert len(closing.progress_of_submission(submission).missing) == 2
    assert not closing.progress_of_submission(submission).decoded


def test_a_decoder_stays_where_another_phase_registers_it() -> None:
    earlier = build_phase(decoder_rule=Phase.DecoderRule.REQUIRED)
    build_phase(
        earlier.challenge, decoder_rule="registered", decoders_from=earlier, names=["c.png"]
    )
    failed = build_whole(earlier, State.FAILED)
    free(failed.pk, NOW + 100 * DAY)
    assert counts(failed) == (0, 0, True)
    assert content_store.path(failed.decoder.sha256).exists()
    assert expired(NOW + 100 * DAY) == []


def test_one_that_waits_again_is_not_freed() -> None:
    submission = build_whole(build_phase(), State.FAILED)
    closing.requeue(submission)
    assert free(submission.pk, NOW + 100 * DAY) == 0
    assert counts(submission) == KEPT


def test_what_was_freed_can_not_be_run_again_and_the_reason_is_said() -> None:
    submission = build_whole(build_phase(), State.FAILED)
    free(submission.pk, NOW + 100 * DAY)
    submission.refresh_from_db()
    assert "Its files were deleted on 2018-07-19" in reruns.against_running_again(submission)


def test_an_entry_that_was_never_shown_goes_with_the_files() -> None:
    study = build_study()
    failed = build_entry(study, state=State.FAILED, finished_at=NOW)
    build_bitstream(failed.submission, study.phase.originals()[0])
    assert CropVersion.objects.filter(entry=failed).exists()
    freed = free_expired(NOW + 100 * DAY)
    assert (freed.files, freed.size_bytes) == (1, 4)
    assert not study.entries.exists()
    assert not CropVersion.objects.filter(entry__isnull=False).exists()


def test_an_entry_with_pairs_stays_whatever_became_of_its_submission() -> None:
    study = build_filled_study()
    entry = study.entries.all()[0]
    build_bitstream(entry.submission, study.phase.originals()[0])
    others = [other.submission for other in study.entries.exclude(pk=entry.pk)]
    set_active(study, others)
    changed = {"state": State.FAILED, "finished_at": NOW}
    Submission.objects.filter(pk=entry.submission_id).update(**changed)
    free_expired(NOW + 100 * DAY)
    assert enter_submission(study, entry.submission) == entry
    assert entry.crop_versions.exists()


def test_open_submissions_ask_again_for_files_that_are_gone_and_others_do_not() -> None:
    phase = build_phase()
    team = build_team(phase.challenge)
    open_one = build_submission(phase, team)
    a, b = phase.originals()
    lost, kept = build_bitstream(open_one, a, b"lost"), build_bitstream(open_one, b, b"kept")
    scored = build_submission(phase, team, state=State.SCORED)
    build_bitstream(scored, a, b"lost")
    content_store.path(lost.sha256).unlink()
    assert ask_again([lost.sha256, kept.sha256]) == 1
    assert list(open_one.bitstreams.values_list("sha256", flat=True)) == [kept.sha256]
    assert scored.bitstreams.count() == 1
