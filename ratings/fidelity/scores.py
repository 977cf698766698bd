"""The pooled figures of one submission, from exact integer sums."""

from dataclasses import dataclass

from django.db.models import Sum

from ratings.codecs.rate import bits_per_pixel
from ratings.fidelity.models import Distortion
from ratings.imaging.psnr import mse, psnr_db
from ratings.submissions.models import Submission


@dataclass(frozen=True)
class Scores:
    """PSNR is infinite where every picture is identical; bpp is None without bitstreams."""

    psnr_db: float
    mse: float
    bpp: float | None


def scores(submission: Submission) -> Scores | None:
    """Return the figures over all pictures together, or None until the submission is scored."""
    if submission.state != Submission.State.SCORED:
        return None
    rows = Distortion.objects.filter(decoded_image__submission=submission)
    sums = rows.aggregate(squared_error=Sum("squared_error"), samples=Sum("samples"))
    squared_error, samples = int(sums["squared_error"]), int(sums["samples"])
    size_bytes = submission.bitstreams.aggregate(total=Sum("size_bytes"))["total"]
    return Scores(
        psnr_db=psnr_db(squared_error, samples),
        mse=mse(squared_error, samples),
        bpp=None if size_bytes is None else bits_per_pixel(size_bytes, samples // 3),
    )
