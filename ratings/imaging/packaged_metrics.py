"""Metrics of picture quality by kept packages, each optional: see requirements/metrics.in."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import metadata

import numpy as np
from numpy.typing import NDArray

from ratings.imaging.pixels import encode_png

Rgb = NDArray[np.uint8]


@dataclass(frozen=True)
class PackagedMetric:
    """A metric that a package computes; higher is better.

    `measure` takes the samples of original and decoded picture, uint8 (height, width, 3), whose
    sides are at least `least_side` pixels.
    """

    key: str
    title: str
    package: str
    least_side: int
    measure: Callable[[Rgb, Rgb], float]


def _ssimulacra2(original: Rgb, decoded: Rgb) -> float:
    from ssimulacra2 import compute_ssimulacra2

    files = (io.BytesIO(encode_png(picture)) for picture in (original, decoded))
    return float(compute_ssimulacra2(*files))


def _vif(original: Rgb, decoded: Rgb) -> float:
    from sewar.full_ref import vifp

    return float(vifp(original, decoded))


METRICS = (
    PackagedMetric("ssimulacra2", "SSIMULACRA2", "ssimulacra2", 8, _ssimulacra2),
    PackagedMetric("vif", "VIF (pixel domain)", "sewar", 64, _vif),
)


@cache
def version_of(package: str) -> str:
    """Return the version of a package, "" where it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def installed_metrics() -> list[PackagedMetric]:
    """Return the metrics whose packages are installed."""
    return [metric for metric in METRICS if version_of(metric.package)]
