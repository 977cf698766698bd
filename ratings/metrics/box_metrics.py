"""Metrics in the box: what this site computes of every picture anyway, as entrants."""

import math
from collections.abc import Iterator

from ratings.fidelity.models import Distortion
from ratings.imaging.distortion import psnr_db
from ratings.metrics.judged_units import AskedUnits
from ratings.metrics.metric_decisions import Values, decisions_by
from ratings.metrics.models import MetricEntry
from ratings.psychometrics.arrays import FloatArray

BOX_METRICS = {"psnr": "PSNR", "ms_ssim": "MS-SSIM"}
# A picture that equals its original: better than any other, and a number that JSON has.
_EXACT = 1e6


def box_entries(asked: AskedUnits) -> Iterator[MetricEntry]:
    """Yield what is known as entries that are not stored; MS-SSIM where all pictures have it."""
    for key, values in _values(asked).items():
        pictures = [value for of in values.values() for value in of.values()]
        if pictures and all(value is not None for value in pictures):
            yield MetricEntry(name=BOX_METRICS[key], form=MetricEntry.Form.VALUES, content=values)


def psnr_decisions(asked: AskedUnits) -> FloatArray | None:
    """Return what PSNR decides on each unit; None where a picture has none."""
    decisions = decisions_by(_values(asked)["psnr"], asked)
    return None if any(map(math.isnan, decisions)) else decisions


def _values(asked: AskedUnits) -> dict[str, Values]:
    """Return PSNR in dB and MS-SSIM, by submission and picture."""
    rows = Distortion.objects.filter(
        decoded_image__submission__in=asked.labels, decoded_image__original__in=asked.originals
    ).values_list(
        *("decoded_image__submission", "decoded_image__original"),
        *("squared_error", "samples", "ms_ssim"),
    )
    psnr: dict[str, dict[str, float]] = {}
    similar: dict[str, dict[str, float]] = {}
    for submission, original, error, samples, ms_ssim in rows:
        psnr.setdefault(str(submission), {})[str(original)] = min(_EXACT, psnr_db(error, samples))
        similar.setdefault(str(submission), {})[str(original)] = ms_ssim
    return {"psnr": psnr, "ms_ssim": similar}
