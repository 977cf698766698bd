"""The PSNR board against numbers computed here in float64 over all samples together."""

import math
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from ratings.challenge.models import Phase, Team
from ratings.fidelity.models import Distortion
from ratings.fidelity.psnr_board import board_submissions, psnr_board
from ratings.fidelity.scoring import score
from ratings.submissions.models import Submission
from tests.builders import (
    NOW,
    build_bitstream,
    build_challenge,
    build_dataset,
    build_decoded_image,
    build_decoder,
    build_original,
    build_phase,
    build_rgb,
    build_submission,
    build_team,
)

pytestmark = pytest.mark.django_db


def build_scored(phase: Phase, team: Team, *, error: int, minutes: int = 0) -> Submission:
    """Save a scored submission in which every sample of every picture is off by `error`."""
    at = NOW + timedelta(minutes=minutes)
    submission = build_submission(
        phase, team, method=f"off by {error}", state=Submission.State.SCORED, submitted_at=at
    )
    for original in phase.originals():
        shape = (original.height, original.width, 3)
        rgb = np.asarray(reference(original.name, shape), np.int64)
        decoded = np.where(rgb + error > 255, rgb - error, rgb + error).astype(np.uint8)
        score(build_decoded_image(submission, original, decoded), decoded)
        build_bitstream(submission, original, b"x" * (100 + error))
    return submission


def reference(name: str, shape: tuple[int, int, int]) -> np.ndarray:
    return build_rgb(width=shape[1], height=shape[0], seed=len(name))


def two_dataset_phase(**fields: Any) -> Phase:
    """Save a phase whose data sets hold pictures of different sizes."""
    challenge = build_challenge()
    datasets = [build_dataset(challenge, name=name) for name in ("P", "M")]
    for dataset, name, width in ((datasets[0], "a.png", 16), (datasets[1], "bb.png", 40)):
        build_original(dataset, build_rgb(width=width, height=8, seed=len(name)), name=name)
    return build_phase(challenge, datasets=datasets, **fields)


def test_an_empty_phase_has_an_empty_board() -> None:
    assert psnr_board(two_dataset_phase()) == []


def test_psnr_is_pooled_over_all_samples_and_never_averaged() -> None:
    phase = two_dataset_phase()
    submission = build_submission(phase, state=Submission.State.SCORED, submitted_at=NOW)
    squares, samples = [], 0
    for original, offset in zip(phase.originals(), (1, 9), strict=True):
        rgb = reference(original.name, (original.height, original.width, 3))
        decoded = np.clip(rgb.astype(np.int64) + offset, 0, 255).astype(np.uint8)
        score(build_decoded_image(submission, original, decoded), decoded)
        squares.append(((decoded.astype(np.float64) - rgb) ** 2).sum())
        samples += rgb.size
    (row,) = psnr_board(phase)
    assert row.mse == sum(squares) / samples
    assert row.psnr_db == pytest.approx(10 * math.log10(255**2 * samples / sum(squares)), abs=1e-9)


def test_rows_come_by_falling_psnr_with_their_rates() -> None:
    phase = two_dataset_phase()
    worse = build_scored(phase, build_team(phase.challenge), error=5)
    better = build_scored(
        phase, build_team(phase.challenge, kind=Team.Kind.BASELINE, name="JPEG"), error=2
    )
    build_decoder(worse, b"decoder")
    rows = psnr_board(phase)
    assert [(row.rank, row.submission_id, row.mse) for row in rows] == [
        (1, better.pk, 4.0),
        (2, worse.pk, 25.0),
    ]
    assert [row.kind for row in rows] == ["baseline", "competing"]
    assert rows[0].size_bytes == 204
    assert rows[0].bpp == 8 * 204 / (16 * 8 + 40 * 8)
    assert [row.decoder_bytes for row in rows] == [None, 7]


def test_one_data_set_has_its_own_psnr_and_rate_for_the_same_entries() -> None:
    phase = two_dataset_phase()
    build_scored(phase, build_team(phase.challenge), error=3)
    for dataset, pixels in zip(phase.datasets.order_by("id"), (128, 320), strict=True):
        (row,) = psnr_board(phase, dataset)
        assert (row.mse, row.size_bytes, row.bpp) == (9.0, 103, 8 * 103 / pixels)


def test_equal_psnr_shares_a_rank() -> None:
    phase = two_dataset_phase()
    for error in (4, 1, 1):
        build_scored(phase, build_team(phase.challenge), error=error)
    assert [row.rank for row in psnr_board(phase)] == [1, 1, 3]


def test_identical_pictures_have_infinite_psnr() -> None:
    phase = two_dataset_phase()
    build_scored(phase, build_team(phase.challenge), error=0)
    assert psnr_board(phase)[0].psnr_db == math.inf


def test_the_best_rule_takes_each_teams_best_and_the_earlier_of_equals() -> None:
    phase = two_dataset_phase(board_rule=Phase.BoardRule.BEST)
    team = build_team(phase.challenge)
    build_scored(phase, team, error=7, minutes=3)
    best = build_scored(phase, team, error=2, minutes=1)
    build_scored(phase, team, error=2, minutes=2)
    assert board_submissions(phase) == [best]


def test_the_latest_rule_takes_each_teams_latest() -> None:
    phase = two_dataset_phase(board_rule=Phase.BoardRule.LATEST)
    team = build_team(phase.challenge)
    latest = build_scored(phase, team, error=7, minutes=3)
    build_scored(phase, team, error=2, minutes=1)
    assert board_submissions(phase) == [latest]


@pytest.mark.parametrize("state", ["open", "queued", "failed"])
def test_nothing_of_an_unscored_submission_reaches_the_board(state: str) -> None:
    phase = two_dataset_phase()
    submission = build_scored(phase, build_team(phase.challenge), error=1)
    Submission.objects.filter(pk=submission.pk).update(state=state)
    assert psnr_board(phase) == []


def test_ms_ssim_is_the_mean_over_pixels_of_the_pictures_large_enough_for_it() -> None:
    challenge = build_challenge()
    dataset = build_dataset(challenge)
    for name, width, height in (("a.png", 161, 161), ("b.png", 322, 161), ("small.png", 160, 900)):
        build_original(dataset, build_rgb(width=width, height=height), name=name)
    phase = build_phase(challenge, datasets=[dataset])
    submission = build_submission(phase, state=Submission.State.SCORED, submitted_at=NOW)
    for original in phase.originals():
        rgb = build_rgb(width=original.width, height=original.height)
        score(build_decoded_image(submission, original, rgb), rgb)
    distortions = Distortion.objects.filter(decoded_image__original__name="a.png")
    distortions.update(ms_ssim=0.9)
    assert psnr_board(phase)[0].ms_ssim is None
    Distortion.objects.filter(decoded_image__original__name="b.png").update(ms_ssim=0.6)
    assert psnr_board(phase)[0].ms_ssim == pytest.approx((0.9 + 2 * 0.6) / 3)
    Distortion.objects.update(ms_ssim=0.950863)
    assert psnr_board(phase)[0].ms_ssim == 0.950863  # sums of floats would be a digit off


def test_a_phase_of_small_pictures_has_no_ms_ssim() -> None:
    phase = two_dataset_phase()
    build_scored(phase, build_team(phase.challenge), error=3)
    assert psnr_board(phase)[0].ms_ssim is None


def test_scoring_twice_keeps_one_distortion() -> None:
    phase = two_dataset_phase()
    submission = build_submission(phase)
    original = phase.originals()[0]
    rgb = reference(original.name, (original.height, original.width, 3))
    image = build_decoded_image(submission, original, rgb)
    first, again = score(image, rgb), score(image, rgb)
    assert first.pk == again.pk
    assert (again.squared_error, again.samples) == (0, rgb.size)


def test_stated_bytes_stand_for_all_pictures_together_where_there_are_no_bitstreams() -> None:
    phase = two_dataset_phase()
    submission = build_scored(phase, build_team(phase.challenge), error=5)
    Submission.objects.update(stated_bytes=1000)
    assert psnr_board(phase)[0].size_bytes == 210
    submission.bitstreams.all().delete()
    (row,) = psnr_board(phase)
    assert row.size_bytes == 1000 and row.bpp == 8 * 1000 / (56 * 8)
    assert psnr_board(phase, phase.datasets.first())[0].size_bytes is None


def test_a_board_as_of_an_instant_has_what_was_submitted_by_then() -> None:
    phase = two_dataset_phase()
    team = build_team(phase.challenge)
    first, better = (build_scored(phase, team, error=error) for error in (5, 2))
    for submission, hours in ((first, 0), (better, 2)):
        submission.submitted_at = NOW + timedelta(hours=hours)
        submission.save()
    assert [row.submission_id for row in psnr_board(phase)] == [better.pk]
    until = NOW + timedelta(hours=1)
    assert [row.submission_id for row in psnr_board(phase, until=until)] == [first.pk]
    assert [row.submission_id for row in psnr_board(phase, until=better.submitted_at)] == [
        better.pk
    ]
    assert psnr_board(phase, until=NOW - timedelta(seconds=1)) == []
