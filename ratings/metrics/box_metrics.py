"""Metrics in the box: what this site computes of every picture itself, as entrants."""

import math
import re
import unicodedata
from collections.abc import Iterator

from ratings.fidelity.models import Distortion
from ratings.imaging.distortion import psnr_db
from ratings.imaging.packaged_metrics import METRICS, PackagedMetric, installed_metrics, version_of
from ratings.metrics.judged_units import AskedUnits
from ratings.metrics.metric_decisions import Values, decisions_by
from ratings.metrics.models import MetricEntry, PackagedValue
from ratings.psychometrics.arrays import FloatArray

PSNR, MS_SSIM = "PSNR", "MS-SSIM"
# Names that nobody else's metric may have.
RESERVED = (PSNR, MS_SSIM, *(metric.title for metric in METRICS))
_SAID = re.compile(r"[\W_]+")
# A picture that equals its original: better than any other, and a number that JSON has.
_EXACT = 1e6


def box_entries(asked: AskedUnits) -> Iterator[MetricEntry]:
    """Yield what is known as entries that are not stored, each where all pictures have it."""
    psnr, ms_ssim = _distortions(asked)
    known = {PSNR: psnr, MS_SSIM: ms_ssim}
    for metric in installed_metrics():
        version = version_of(metric.package)
        known[f"{metric.title}, {metric.package} {version}"] = packaged_values(asked, metric)
    for name, values in known.items():
        if not any(map(math.isnan, decisions_by(values, asked))):
            yield MetricEntry(name=name, form=MetricEntry.Form.VALUES, content=values)


def is_reserved(name: str) -> bool:
    """Tell whether a name, up to a comma, reads as that of a metric in the box.

    Letters are compared in any case and width, and nothing else is: "ms ssim" is MS-SSIM, and so
    is "MS-SSIM, new", while "PSNR-HVS" is another.
    """
    return _said(name.partition(",")[0]) in {*map(_said, RESERVED)}


def _said(name: str) -> str:
    return _SAID.sub("", unicodedata.normalize("NFKC", name).casefold())


def psnr_decisions(asked: AskedUnits) -> FloatArray | None:
    """Return what PSNR decides on each unit; None where a picture has none."""
    decisions = decisions_by(_distortions(asked)[0], asked)
    return None if any(map(math.isnan, decisions)) else decisions


def packaged_values(asked: AskedUnits, metric: PackagedMetric) -> Values:
    """Return what the installed version of a metric's package says, by submission and picture."""
    rows = PackagedValue.objects.filter(
        metric=metric.key,
        version=version_of(metric.package),
        decoded_image__submission__in=asked.labels,
        decoded_image__original__in=asked.originals,
    ).values_list("decoded_image__submission", "decoded_image__original", "value")
    values: dict[str, dict[str, float]] = {}
    for submission, original, value in rows:
        values.setdefault(str(submission), {})[str(original)] = value
    return values


def _distortions(asked: AskedUnits) -> tuple[Values, Values]:
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
        if ms_ssim is not None:
            similar.setdefault(str(submission), {})[str(original)] = ms_ssim
    return psnr, similar
