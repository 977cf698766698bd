"""Scoring: squared error and MS-SSIM of a decoded image against its original, on record."""

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from ratings.challenge import files
from ratings.fidelity.models import Distortion
from ratings.imaging.ms_ssim import LEAST_SIDE, measurable, ms_ssim
from ratings.imaging.psnr import squared_error
from ratings.submissions.models import DecodedImage

# Single precision gives six; a machine that sums otherwise must not give another value.
MS_SSIM_DECIMALS = 6


def measure_similarity(decoded_image: DecodedImage, rgb: NDArray[np.uint8]) -> None:
    """Add the MS-SSIM of `rgb`, the decoded image's samples, to its distortion.

    A picture that is too small for it keeps none. Doing it again gives the same value again.
    """
    reference = _reference(decoded_image)
    if measurable(rgb.shape[1], rgb.shape[0]):
        value = round(ms_ssim(reference, rgb), MS_SSIM_DECIMALS)
        Distortion.objects.filter(decoded_image=decoded_image).update(ms_ssim=value)


def score(decoded_image: DecodedImage, rgb: NDArray[np.uint8]) -> Distortion:
    """Measure `rgb`, the decoded image's samples (height, width, 3), and keep the result.

    Doing it again gives the same row again: a job may run twice.
    """
    reference = _reference(decoded_image)
    distortion, _ = Distortion.objects.update_or_create(
        decoded_image=decoded_image,
        defaults={"squared_error": squared_error(reference, rgb), "samples": rgb.size},
    )
    return distortion


def unmeasured() -> Q:
    """Return the condition for decoded images that lack the MS-SSIM they are large enough for."""
    large = Q(original__width__gte=LEAST_SIDE, original__height__gte=LEAST_SIDE)
    return large & Q(distortion__isnull=False, distortion__ms_ssim=None)


def _reference(decoded_image: DecodedImage) -> NDArray[np.uint8]:
    original = decoded_image.original
    return files.load_samples(original.samples_sha256, width=original.width, height=original.height)
