"""Scoring: squared error and MS-SSIM of a decoded image against its original, on record."""

from datetime import datetime
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Q
from numpy.typing import NDArray

from ratings.challenge.pictures.originals import load_original
from ratings.fidelity.models import Distortion
from ratings.imaging.distortion import squared_error
from ratings.imaging.ms_ssim import LEAST_SIDE, measurable, ms_ssim
from ratings.submissions.intake.closing import mark_scored
from ratings.submissions.models import DecodedImage, Submission

# Single precision gives six; a machine that sums otherwise must not give another value.
MS_SSIM_DECIMALS = 6


def measure_similarity(decoded_image: DecodedImage, rgb: NDArray[np.uint8]) -> None:
    """Add the MS-SSIM of `rgb`, the decoded image's samples, to its distortion.

    A picture that is too small for it keeps none. Doing it again gives the same value again.
    """
    reference = load_original(decoded_image.original)
    if measurable(rgb.shape[1], rgb.shape[0]):
        value = round(ms_ssim(reference, rgb), MS_SSIM_DECIMALS)
        Distortion.objects.filter(decoded_image=decoded_image).update(ms_ssim=value)


def score(decoded_image: DecodedImage, rgb: NDArray[np.uint8]) -> Distortion:
    """Measure `rgb`, the decoded image's samples (height, width, 3), and keep the result.

    Doing it again gives the same row again: a job may run twice.
    """
    reference = load_original(decoded_image.original)
    distortion, _ = Distortion.objects.update_or_create(
        decoded_image=decoded_image,
        defaults={"squared_error": squared_error(reference, rgb), "samples": rgb.size},
    )
    return distortion


def finish(submission_id: UUID, at: datetime) -> bool:
    """Mark a queued submission scored if all its images are; tell whether this call did so."""
    with transaction.atomic():
        submission = Submission.objects.select_for_update().get(pk=submission_id)
        scored = Distortion.objects.filter(decoded_image__submission=submission).count()
        waits = submission.state == Submission.State.QUEUED
        if not waits or scored < submission.decoded_images.count():
            return False
        mark_scored(submission, at)
    return True


def unmeasured() -> Q:
    """Return the condition for decoded images that lack the MS-SSIM they are large enough for."""
    large = Q(original__width__gte=LEAST_SIDE, original__height__gte=LEAST_SIDE)
    return large & Q(distortion__isnull=False, distortion__ms_ssim=None)
