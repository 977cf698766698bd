"""Measuring pictures with packages' metrics, each once for each version of the package."""

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet
from numpy.typing import NDArray

from ratings.challenge.pictures.originals import load_original
from ratings.imaging.packaged_metrics import METRICS, PackagedMetric, installed_metrics, version_of
from ratings.metrics.models import MetricTrack, PackagedValue
from ratings.submissions.models import DecodedImage, Submission


def packaged_lines(track: MetricTrack) -> list[tuple[PackagedMetric, str, int]]:
    """Return each metric, its package's version ("" where lacking), and the pictures to measure."""
    return [
        (metric, version_of(metric.package), lacking(track, metric).count()) for metric in METRICS
    ]


def lacking(track: MetricTrack, metric: PackagedMetric) -> QuerySet[DecodedImage]:
    """Return the decoded pictures of the study's entries that a metric is yet to measure."""
    known = PackagedValue.objects.filter(
        decoded_image=OuterRef("pk"), metric=metric.key, version=version_of(metric.package)
    )
    entered = track.study.entries.values("submission")
    large = {
        "original__width__gte": metric.least_side,
        "original__height__gte": metric.least_side,
    }
    scored = DecodedImage.objects.filter(
        submission__in=entered, submission__state=Submission.State.SCORED, **large
    )
    return scored.exclude(Exists(known)).order_by("pk")


def to_measure(track: MetricTrack) -> list[int]:
    """Return the keys of the decoded pictures that any installed metric is yet to measure."""
    keys: set[int] = set()
    for metric in installed_metrics():
        keys.update(lacking(track, metric).values_list("pk", flat=True))
    return sorted(keys)


def measure_packaged(image: DecodedImage, rgb: NDArray[np.uint8]) -> None:
    """Keep what each installed metric says of `rgb`, the decoded picture's samples.

    Doing it again gives the same rows. What is no number is kept as such: the metric says nothing
    of this picture, and is on no board of it.
    """
    reference = load_original(image.original)
    for metric in installed_metrics():
        if min(rgb.shape[:2]) >= metric.least_side:
            PackagedValue.objects.update_or_create(
                decoded_image=image,
                metric=metric.key,
                version=version_of(metric.package),
                defaults={"value": metric.measure(reference, rgb)},
            )
