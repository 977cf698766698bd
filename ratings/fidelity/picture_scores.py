"""The figures of single pictures of a submission."""

from dataclasses import dataclass

from ratings.challenge.models import Original
from ratings.codecs.rate import bits_per_pixel
from ratings.fidelity.models import Distortion
from ratings.imaging.distortion import mse, psnr_db
from ratings.submissions.models import Submission


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
        PictureFigures(
            original=distortion.decoded_image.original,
            squared_error=distortion.squared_error,
            samples=distortion.samples,
            ms_ssim=distortion.ms_ssim,
            size_bytes=sizes.get(distortion.decoded_image.original_id),
        )
        for distortion in ordered.select_related(f"{originals}__dataset")
    ]
