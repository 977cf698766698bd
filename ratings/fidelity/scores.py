"""The pooled figures of scored submissions, from exact integer sums."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Cast

from ratings.challenge.models import Dataset
from ratings.codecs.rate import bits_per_pixel
from ratings.imaging.distortion import mse, psnr_db
from ratings.imaging.ms_ssim import LEAST_SIDE
from ratings.submissions.models import Run, Submission


@dataclass(frozen=True)
class Scores:
    """A submission's sums over all its pictures, or over those of one data set.

    `ms_ssim` is the mean over the pictures that are large enough for it, weighted by their pixels
    (as at CLIC from December 2019 on); None until all of these are measured. `size_bytes` is None
    without bitstreams, unless an organizer has stated it of all pictures together; `decoder_bytes`
    is None without a decoder.
    """

    submission: Submission
    squared_error: int
    samples: int
    ms_ssim: float | None
    size_bytes: int | None
    decoder_bytes: int | None
    # Of the run whose pictures are scored, where the decoder ran here.
    decode_seconds: float | None = None
    peak_memory_bytes: int | None = None

    @property
    def mse(self) -> float:
        """Mean squared error over all samples together."""
        return mse(self.squared_error, self.samples)

    @property
    def psnr_db(self) -> float:
        """PSNR of the pooled MSE; infinite where every picture is identical to its original."""
        return psnr_db(self.squared_error, self.samples)

    @property
    def bpp(self) -> float | None:
        """Bits per pixel of all bitstreams together."""
        if self.size_bytes is None:
            return None
        return bits_per_pixel(self.size_bytes, self.samples // 3)


DISTORTION = "decoded_images__distortion"
# As decimals, which it is kept with: sums of floats would depend on the order of the pictures.
EXACT = DecimalField(max_digits=30, decimal_places=6)
MS_SSIM = Cast(f"{DISTORTION}__ms_ssim", DecimalField(max_digits=7, decimal_places=6))
LARGE = Q(
    decoded_images__original__width__gte=LEAST_SIDE,
    decoded_images__original__height__gte=LEAST_SIDE,
)


def _mean(sums: Any) -> float | None:  # noqa: ANN401
    """Return the pooled MS-SSIM of an annotated submission."""
    if sums.unmeasured or not sums.similar_samples:
        return None
    return float(sums.similar / sums.similar_samples)


def submission_scores(
    submissions: QuerySet[Submission], dataset: Dataset | None = None
) -> Iterator[Scores]:
    """Yield the figures of those that are scored, on one data set or on all their pictures."""
    scored = submissions.filter(state=Submission.State.SCORED)
    decoded = Q(decoded_images__original__dataset=dataset) if dataset else Q()
    sums = scored.filter(decoded).annotate(
        squared_error=Sum("decoded_images__distortion__squared_error"),
        samples=Sum("decoded_images__distortion__samples"),
        decoder_bytes=F("decoder__size_bytes"),
        similar=Sum(MS_SSIM * F(f"{DISTORTION}__samples"), filter=LARGE, output_field=EXACT),
        similar_samples=Sum(f"{DISTORTION}__samples", filter=LARGE),
        unmeasured=Count(DISTORTION, filter=LARGE & Q(**{f"{DISTORTION}__ms_ssim": None})),
    )
    run = Run.objects.filter(
        submission=OuterRef("pk"), state=Run.State.SUCCEEDED, compares=False
    ).order_by("-id")
    sums = sums.annotate(
        decode_seconds=Subquery(run.values("cpu_seconds")[:1]),
        peak_memory_bytes=Subquery(run.values("peak_memory_bytes")[:1]),
    )
    bits = Q(bitstreams__original__dataset=dataset) if dataset else Q()
    sizes = dict(
        scored.filter(bits, bitstreams__isnull=False)
        .annotate(size_bytes=Sum("bitstreams__size_bytes"))
        .values_list("pk", "size_bytes")
    )
    for submission in sums.select_related("team"):
        stated = submission.stated_bytes if dataset is None else None
        yield Scores(
            submission=submission,
            squared_error=int(submission.squared_error),
            samples=int(submission.samples),
            ms_ssim=_mean(submission),
            size_bytes=sizes.get(submission.pk, stated),
            decoder_bytes=submission.decoder_bytes,
            decode_seconds=submission.decode_seconds,
            peak_memory_bytes=submission.peak_memory_bytes,
        )
