"""What the columns of a file say of what judgments were made under."""

from collections.abc import Mapping

import numpy as np

from ratings.anonymity.device_classes import device_class
from ratings.psychometrics.arrays import Numbers, narrow
from ratings.psychometrics.counts.circumstances import (
    DEVICE,
    FATIGUE,
    LAYOUT,
    POSITION,
    RATE,
    STRATA,
    Circumstances,
    Classes,
    joined,
)
from ratings.psychometrics.files.file_forms import DATASET
from ratings.psychometrics.files.judgment_columns import Judgments

# The columns that each covariate asks for, and those that it uses where a file has them.
NEEDED_COLUMNS: Mapping[str, tuple[str, ...]] = {
    RATE: ("left_bytes", "right_bytes"),
    POSITION: (),
    FATIGUE: ("number",),
    LAYOUT: ("layout",),
    DEVICE: (),
    STRATA: ("stratum", "stratum_pictures", "dataset_pictures"),
}
HELPFUL_COLUMNS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys((RATE, POSITION, FATIGUE), ()),
    LAYOUT: ("arrangement",),
    DEVICE: ("device", "screen_width", "screen_height"),
    STRATA: (DATASET,),
}


def file_circumstances(judgments: Judgments) -> Circumstances:
    """Return what judgments were made under, in their order; None of what the file doesn't tell."""
    facts = judgments.facts
    return Circumstances(
        left_bytes=facts.get("left_bytes"),
        right_bytes=facts.get("right_bytes"),
        number=facts.get("number"),
        layout=joined(_words(judgments, "layout"), _words(judgments, "arrangement"), " "),
        device=_devices(judgments) or screens(facts),
        stratum=_strata(judgments),
        stratum_pictures=facts.get("stratum_pictures"),
        dataset_pictures=facts.get("dataset_pictures"),
    )


def screens(facts: Mapping[str, Numbers]) -> Classes | None:
    """Return classes of devices by `screen_width` and `screen_height`, 0 where not known."""
    if "screen_width" not in facts or "screen_height" not in facts:
        return None
    sides = np.column_stack([facts["screen_width"], facts["screen_height"]]).astype(np.int64)
    sizes, number = np.unique(sides, axis=0, return_inverse=True)
    of_size = [device_class(width or None, height or None) for width, height in sizes.tolist()]
    labels = tuple(sorted(set(of_size)))
    place = np.array([labels.index(label) for label in of_size], np.int64)
    return Classes(labels, narrow(place[number]))


def _devices(judgments: Judgments) -> Classes | None:
    """Return classes of devices as the file names them, with the site's word for none."""
    found = _words(judgments, "device")
    if found is None or "" not in found.labels:
        return found
    named = [label or device_class(None, None) for label in found.labels]
    labels = tuple(sorted(set(named)))
    place = np.array([labels.index(label) for label in named], np.int64)
    return Classes(labels, narrow(place[found.number]))


def _strata(judgments: Judgments) -> Classes | None:
    """Return data sets and strata; where a file names no data sets, all are of one without name."""
    dataset, stratum = _words(judgments, DATASET), _words(judgments, "stratum")
    if dataset is None and stratum is not None:
        return Classes(tuple(f"/{label}" for label in stratum.labels), stratum.number)
    return joined(dataset, stratum, "/")


def _words(judgments: Judgments, name: str) -> Classes | None:
    if name not in judgments.facts:
        return None
    return Classes(judgments.words[name], judgments.facts[name])
