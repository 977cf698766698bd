"""What a rater gets to see of a trial: addresses that tell nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ratings.challenge.models import Phase
from ratings.challenge.visibility import boards_live, originals_open
from ratings.comparisons.models import CropVersion, Study, Trial
from ratings.comparisons.participation import of_phase

Kind = CropVersion.Kind
# What tells a version from all others: its crop, kind, entry and level.
Version = tuple[int, str, int | None, int]


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
    addresses: dict[Version, str] = {
        (crop, kind, entry, level): address
        for crop, kind, entry, level, address in versions.values_list(
            "crop_id", "kind", "entry_id", "level", "address"
        )
    }
    return [_show(trial, addresses) for trial in trials]


def contenders(trial: Trial) -> tuple[Version, Version]:
    """Return the version that stands on the left and the one on the right."""
    first, second = _contenders(trial)
    return (first, second) if trial.first_left else (second, first)


def _contenders(trial: Trial) -> tuple[Version, Version]:
    crop = trial.crop_id
    if trial.pair:
        entries = (trial.pair.first_id, trial.pair.second_id)
        return (crop, Kind.ENTRY, entries[0], 0), (crop, Kind.ENTRY, entries[1], 0)
    if trial.kind == Trial.Kind.IDENTICAL:
        return (crop, Kind.ENTRY, trial.entry_id, 0), (crop, Kind.TWIN, trial.entry_id, 0)
    return (crop, Kind.HIDDEN, None, 0), (crop, Kind.DEGRADED, None, trial.level)


def identities_open(phase: Phase, now: datetime) -> bool:
    """Tell whether everyone may see which method made which version of a picture.

    That is when boards are live, the originals are released, and no study that compares the phase
    takes judgments: whoever knows the pictures of a method could favour it. Pages, calls, tiles and
    what prepares them ask this and nothing else.
    """
    return (
        boards_live(phase, now)
        and originals_open(phase, now)
        and not Study.objects.filter(of_phase(phase), is_open=True).exists()
    )


def _show(trial: Trial, addresses: dict[Version, str]) -> ShownTrial:
    left, right = contenders(trial)
    reference: Version = (trial.crop_id, Kind.REFERENCE, None, 0)
    return ShownTrial(trial, addresses[reference], addresses[left], addresses[right])
