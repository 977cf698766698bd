"""Closing lists every problem at once; the byte budget is exact to the byte."""

import pytest

from ratings.challenge.refusals import Refused
from ratings.submissions.intake.closing import (
    mark_failed,
    mark_scored,
    progress_of_submission,
    submit,
)
from ratings.submissions.models import Bitstream, Submission
from tests.builders import (
    NOW,
    build_bitstream,
    build_dataset,
    build_decoded_image,
    build_decoder,
    build_phase,
    build_submission,
    build_team,
)

pytestmark = pytest.mark.django_db


def problems_of(submission: Submission) -> list[str]:
    with pytest.raises(Refused) as refused:
        submit(submission.pk, NOW)
    assert refused.value.code == "incomplete"
    submission.refresh_from_db()
    assert submission.state == Submission.State.OPEN
    return refused.value.problems


def filled(byte_budget: int | None, *sizes: int) -> Submission:
    """Return a submission with every image and a bitstream of each size."""
    names = [f"{number}.png" for number in range(len(sizes))]
    submission = build_submission(build_phase(names=names, byte_budget=byte_budget))
    for original, size in zip(submission.phase.originals(), sizes, strict=True):
        build_decoded_image(submission, original)
        build_bitstream(submission, original, bytes(size))
    return submission


def test_endings_carry_no_data() -> None:
    submission = filled(100, 1, 2)
    Bitstream.objects.filter(pk=submission.bitstreams.order_by("pk")[0].pk).update(name="0.Bits")
    assert problems_of(submission) == [
        "The bitstreams have different endings (.Bits, .bits); give all of them one: names carry "
        "no data."
    ]


def test_every_problem_is_listed_at_once() -> None:
    submission = build_submission(build_phase(names=["a.png", "b.png", "c.png"], byte_budget=5))
    a, b, _ = submission.phase.originals()
    build_decoded_image(submission, a)
    build_bitstream(submission, b, bytes(7))
    assert problems_of(submission) == [
        "Missing image b.png. The same for 1 more: c.png.",
        "Missing bitstream for a.png. The same for 1 more: c.png.",
        "The bitstreams have 7 bytes in all, 2 more than the byte budget of 5 bytes.",
    ]
    assert progress_of_submission(submission).missing == [
        "decoded/b.png",
        "decoded/c.png",
        "bitstreams/a",
        "bitstreams/c",
    ]


def test_with_a_decoder_bitstreams_are_asked_for_in_place_of_images() -> None:
    submission = build_submission(build_phase(names=["a.png", "b.png"]))
    a, b = submission.phase.originals()
    build_decoded_image(submission, a)
    build_decoder(submission)
    progress = progress_of_submission(submission)
    assert (progress.decodes, progress.missing) == (True, ["bitstreams/a", "bitstreams/b"])
    build_decoded_image(submission, b)
    progress = progress_of_submission(submission)
    assert (progress.decodes, progress.missing) == (False, [])


def test_where_a_decoder_is_asked_for_images_are_not() -> None:
    submission = build_submission(build_phase(names=["a.png"], decoder_rule="required"))
    assert progress_of_submission(submission).missing == ["bitstreams/a", "decoder"]
    baseline = build_team(submission.phase.challenge, kind="baseline")
    progress = progress_of_submission(build_submission(submission.phase, baseline))
    assert (progress.decodes, progress.missing) == (False, ["decoded/a.png"])


def test_a_phase_without_pictures_takes_nothing() -> None:
    phase = build_phase(datasets=[build_dataset()])
    assert problems_of(build_submission(phase)) == ["The phase has no pictures yet; wait for them."]


def test_one_byte_more_than_the_budget_is_too_much() -> None:
    submission = filled(10, 4, 7)
    assert problems_of(submission) == [
        "The bitstreams have 11 bytes in all, 1 more than the byte budget of 10 bytes."
    ]


@pytest.mark.parametrize("sizes", [(4, 6), (10, 0), (0, 9)])
def test_the_budget_itself_passes(sizes: tuple[int, int]) -> None:
    submission = filled(10, *sizes)
    assert submit(submission.pk, NOW)
    submission.refresh_from_db()
    assert (submission.state, submission.submitted_at) == (Submission.State.QUEUED, NOW)


def test_without_a_budget_no_bitstreams_are_asked_for() -> None:
    submission = filled(None, 4)
    submission.bitstreams.all().delete()
    assert submit(submission.pk, NOW)


def test_submitting_again_changes_nothing() -> None:
    submission = filled(10, 4)
    assert submit(submission.pk, NOW)
    assert not submit(submission.pk, NOW)


def test_only_what_is_queued_gets_scored_or_fails() -> None:
    submission = filled(10, 4)
    mark_scored(submission, NOW)
    assert submission.state == Submission.State.OPEN
    submit(submission.pk, NOW)
    mark_failed(submission, ["a.png: unreadable"], NOW)
    assert (submission.state, submission.problems) == ("failed", ["a.png: unreadable"])
    mark_scored(submission, NOW)
    assert submission.state == Submission.State.FAILED
    assert not submit(submission.pk, NOW)
