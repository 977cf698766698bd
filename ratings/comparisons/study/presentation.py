"""What a rater gets to see of a trial: addresses that tell nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ratings.challenge.access.visibility import boards_live, originals_open
from ratings.challenge.models import Phase
from ratings.comparisons.models import CropVersion, Study, Trial
from ratings.comparisons.participation import of_phase
from ratings.database.prepared_statements import PreparedStatement

Kind = CropVersion.Kind
# What tells a version from all others: its crop, kind, entry and level.
Version = tuple[int, str, int | None, int]


_ADDRESSES = PreparedStatement(
    "ratings_addresses",
    "bigint[], text[], bigint[], int[]",
    """
    SELECT v.crop_id, v.kind, v.entry_id, v.level, v.address
    FROM unnest($1, $2, $3, $4) w (crop, kind, entry, level)
    JOIN ratings_cropversion v ON v.crop_id = w.crop AND v.kind = w.kind AND v.level = w.level
        AND v.entry_id IS NOT DISTINCT FROM w.entry
    """,
)


@dataclass(frozen=True)
class ShownTrial:
    """A trial and the addresses of its three pictures, each of crop's width x height pixels."""

    trial: Trial
    original: str
    left: str
    right: str


def present(trials: Sequence[Trial]) -> list[ShownTrial]:
    """Return the trials, in order, with the addresses of their pictures."""
    wanted = [version for trial in trials for version in (_reference(trial), *contenders(trial))]
    if not wanted:
        return []
    rows = _ADDRESSES.rows([list(column) for column in zip(*wanted, strict=True)])
    addresses: dict[Version, str] = {tuple(version): address for *version, address in rows}
    return [
        ShownTrial(trial, addresses[_reference(trial)], *(addresses[v] for v in contenders(trial)))
        for trial in trials
    ]


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


def _reference(trial: Trial) -> Version:
    return (trial.crop_id, Kind.REFERENCE, None, 0)
