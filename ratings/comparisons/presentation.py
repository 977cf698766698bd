"""What a rater gets to see of a trial: addresses that tell nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ratings.challenge.models import Phase
from ratings.challenge.visibility import originals_open
from ratings.comparisons.models import CropVersion, Trial


@dataclass(frozen=True)
class ShownTrial:
    """A trial and the addresses of its three pictures, each of crop's width x height pixels."""

    trial: Trial
    original: str
    left: str
    right: str


def present(trials: Sequence[Trial]) -> list[ShownTrial]:
    """Return the trials, in order, with the addresses of their pictures."""
    versions = CropVersion.objects.filter(crop__in={trial.crop_id for trial in trials})
    addresses: dict[tuple[int, int | None], str] = {
        (crop_id, entry_id): address
        for crop_id, entry_id, address in versions.values_list("crop_id", "entry_id", "address")
    }
    return [_show(trial, addresses) for trial in trials]


def identities_open(phase: Phase, now: datetime) -> bool:
    """Tell whether everyone may see which method made which version of a picture.

    That is when the originals are released and no study of the phase takes judgments: whoever
    knows the pictures of a method could favour it.
    """
    return originals_open(phase, now) and not phase.studies.filter(is_open=True).exists()


def _show(trial: Trial, addresses: dict[tuple[int, int | None], str]) -> ShownTrial:
    entries = [trial.pair.first_id, trial.pair.second_id]
    left, right = entries if trial.first_left else entries[::-1]
    crop = trial.crop_id
    return ShownTrial(trial, addresses[crop, None], addresses[crop, left], addresses[crop, right])
