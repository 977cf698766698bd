"""A codec's results as CompressAI's JSON has them: lists of rates and metrics, a place a point.

Its form is `{"name": ..., "description": ..., "results": {"bpp": [...], "psnr-rgb": [...],
"ms-ssim-rgb": [...]}}` (github.com/InterDigitalInc/CompressAI, folder results/); what reads it is
`python -m compressai.utils.plot`.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Metrics by our names; the first of each is written, all are read.
METRICS = {"psnr": ("psnr-rgb", "psnr"), "ms_ssim": ("ms-ssim-rgb", "ms-ssim")}


@dataclass(frozen=True)
class CodecResults:
    """A codec's points: rates in bits per pixel, PSNR in dB and MS-SSIM, empty or one a rate."""

    name: str
    description: str
    bpp: Sequence[float]
    psnr: Sequence[float] = ()
    ms_ssim: Sequence[float] = ()


def results_of(
    name: str,
    description: str,
    points: Iterable[tuple[float | None, float | None, float | None]],
) -> CodecResults:
    """Return the points that the form can hold, each (bpp, PSNR, MS-SSIM), by rising rate.

    JSON has no infinity: a point without a rate, or whose PSNR is not finite, is left out. MS-SSIM
    is there where all points have it.
    """
    finite = [
        (bpp, psnr, ms_ssim)
        for bpp, psnr, ms_ssim in points
        if bpp is not None and psnr is not None and math.isfinite(psnr)
    ]
    finite.sort(key=lambda point: point[:2])
    similar = [ms_ssim for _, _, ms_ssim in finite if ms_ssim is not None]
    return CodecResults(
        name,
        description,
        [bpp for bpp, _, _ in finite],
        [psnr for _, psnr, _ in finite],
        similar if len(similar) == len(finite) else (),
    )


def results_document(results: CodecResults) -> dict[str, Any]:
    """Return results as CompressAI writes them."""
    metrics = {names[0]: getattr(results, field) for field, names in METRICS.items()}
    return {
        "name": results.name,
        "description": results.description,
        "results": {
            "bpp": list(results.bpp),
            **{name: list(values) for name, values in metrics.items() if values},
        },
    }


def read_results(document: object) -> CodecResults:
    """Return the results in a document that JSON was read from; other metrics are passed over.

    Raises ValueError where it is of another form: numbers are not looked at any further.
    """
    results = document.get("results") if isinstance(document, Mapping) else None
    if not isinstance(document, Mapping) or not isinstance(results, Mapping):
        raise ValueError('It must be {"name": ..., "results": {"bpp": [...], "psnr-rgb": [...]}}.')
    found: dict[str, Any] = {
        field: next((results[name] for name in names if name in results), [])
        for field, names in {"bpp": ("bpp",), **METRICS}.items()
    }
    for field, values in found.items():
        if not isinstance(values, list):
            raise ValueError(f"The results' {field} must be a list of numbers.")
    return CodecResults(document.get("name", ""), document.get("description", ""), **found)


def results_json(results: CodecResults) -> str:
    """Return results as the text of a file."""
    return json.dumps(results_document(results), indent=2, allow_nan=False) + "\n"
