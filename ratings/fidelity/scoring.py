"""Scoring: the exact squared error of a decoded image against its original, on record."""

import numpy as np
from numpy.typing import NDArray

from ratings.challenge import files
from ratings.fidelity.models import Distortion
from ratings.imaging.psnr import squared_error
from ratings.submissions.models import DecodedImage


def score(decoded_image: DecodedImage, rgb: NDArray[np.uint8]) -> Distortion:
    """Measure `rgb`, the decoded image's samples (height, width, 3), and keep the result.

    Doing it again gives the same row again: a job may run twice.
    """
    original = decoded_image.original
    reference = files.load_samples(
        original.samples_sha256, width=original.width, height=original.height
    )
    distortion, _ = Distortion.objects.update_or_create(
        decoded_image=decoded_image,
        defaults={"squared_error": squared_error(reference, rgb), "samples": rgb.size},
    )
    return distortion
