"""The figures of single pictures of a submission."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from ratings.challenge.models import Original
from ratings.codecs.rate import bits_per_pixel
from ratings.fidelity.models import Distortion
from ratings.imaging.distortion import mse, psnr_db
from ratings.submissions.models import Bitstream, Submission


@dataclass(frozen=True)
class PictureFigures:
    """One decoded picture against its original; `size_bytes` is None without a bitstream."""

    original: Original
    squared_error: int
    samples: int
    ms_ssim: float | None
    size_bytes: int | None

    @property
    def mse(self) -> float:
        """Mean squared error over this picture's samples."""
        return mse(self.squared_error, self.samples)

    @property
    def psnr_db(self) -> float:
        """PSNR of this picture alone; infinite where it is identical to its original."""
        return psnr_db(self.squared_error, self.samples)

    @property
    def bpp(self) -> float | None:
        """Bits per pixel of this picture's bitstream."""
        if self.size_bytes is None:
            return None
        return bits_per_pixel(self.size_bytes, self.original.pixels)


def picture_figures(submission: Submission) -> list[PictureFigures]:
    """Return the figures of a submission's scored pictures, by data set and name."""
    sizes = dict(submission.bitstreams.values_list("original", "size_bytes"))
    distortions = Distortion.objects.filter(decoded_image__submission=submission)
    originals = "decoded_image__original"
    ordered = distortions.order_by(f"{originals}__dataset__slug", f"{originals}__name")
    return [
        _figures(distortion, sizes.get(distortion.decoded_image.original_id))
        for distortion in ordered.select_related(f"{originals}__dataset")
    ]


def figures_on(original: Original, submissions: Sequence[Submission]) -> dict[UUID, PictureFigures]:
    """Return the figures of one picture as these submissions decoded it, where it is scored."""
    bitstreams = Bitstream.objects.filter(original=original, submission__in=submissions)
    sizes = dict(bitstreams.values_list("submission", "size_bytes"))
    distortions = Distortion.objects.filter(
        decoded_image__original=original, decoded_image__submission__in=submissions
    ).select_related("decoded_image__original__dataset")
    return {
        (pk := distortion.decoded_image.submission_id): _figures(distortion, sizes.get(pk))
        for distortion in distortions
    }


def squared_errors(
    submissions: Sequence[Submission],
) -> dict[int, dict[UUID, tuple[int, int]]]:
    """Return squared error and samples of each picture (by key) and submission that is scored."""
    rows = Distortion.objects.filter(decoded_image__submission__in=submissions).values_list(
        "decoded_image__original", "decoded_image__submission", "squared_error", "samples"
    )
    errors: dict[int, dict[UUID, tuple[int, int]]] = defaultdict(dict)
    for original, submission, error, samples in rows:
        errors[original][submission] = (error, samples)
    return errors


def _figures(distortion: Distortion, size_bytes: int | None) -> PictureFigures:
    return PictureFigures(
        original=distortion.decoded_image.original,
        squared_error=distortion.squared_error,
        samples=distortion.samples,
        ms_ssim=distortion.ms_ssim,
        size_bytes=size_bytes,
    )
