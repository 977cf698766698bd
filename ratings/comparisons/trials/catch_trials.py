"""Training and checks: golden trials, repeats and identical pairs for one rater."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Func, Value

from ratings.comparisons.models import CropVersion
from ratings.comparisons.session_plan import GOLDEN_LEVEL, training_levels
from ratings.comparisons.trials.trial_history import IssuedTrial, Kind, ShownCrop, TrialHistory

# Of so many versions, drawn at random, the one is taken that the rater remembers least.
DRAWN = 200


@dataclass(frozen=True)
class _Version:
    """A version of a crop, of an entry or of the original."""

    crop: ShownCrop
    entry_id: int | None


Candidate = TypeVar("Candidate", _Version, IssuedTrial)


def next_training(history: TrialHistory, attempt: int) -> IssuedTrial | None:
    """Return the next trial of a training attempt; None where no crop has a degraded version.

    After the last one come others in place of those that were flagged, as degraded as these.
    """
    before = history.of_attempt(attempt)
    levels = training_levels(history.rater.study.protocol.training.trials)
    levels += [trial.level for trial in history.skipped(attempt)]
    return _against_degraded(history, Kind.TRAINING, levels[len(before)], attempt)


def next_catch_trial(history: TrialHistory, kind: Kind) -> IssuedTrial | None:
    """Return the next trial of this kind; None for a comparison, or where it is not possible.

    A golden trial needs a degraded version of a crop, a repeat a comparison that was long enough
    ago, an identical pair a twin.
    """
    if kind is Kind.GOLDEN:
        return _against_degraded(history, kind, GOLDEN_LEVEL)
    if kind is Kind.REPEAT:
        return _repeat(history)
    return _identical(history) if kind is Kind.IDENTICAL else None


def _against_degraded(
    history: TrialHistory, kind: Kind, level: int, attempt: int = 0
) -> IssuedTrial | None:
    versions = _draw(history, kind=CropVersion.Kind.DEGRADED, level=level)
    earlier = [trial for trial in history.of_kind(kind) if trial.training_attempt == attempt]
    version = _least_known(history, versions, earlier)
    if version is None:
        return None
    side = history.balanced_side(kind)
    return history.add(kind, version.crop, first_left=side, attempt=attempt, level=level)


def _identical(history: TrialHistory) -> IssuedTrial | None:
    versions = _draw(history, kind=CropVersion.Kind.TWIN, entry__active=True)
    versions = [version for version in versions if version.entry_id not in history.own]
    version = _least_known(history, versions, history.of_kind(Kind.IDENTICAL))
    if version is None:
        return None
    side = history.balanced_side(Kind.IDENTICAL)
    return history.add(Kind.IDENTICAL, version.crop, first_left=side, entry_id=version.entry_id)


def _repeat(history: TrialHistory) -> IssuedTrial | None:
    """Return an earlier comparison of the rater's own, mirrored; each is repeated once."""
    gap = history.rater.study.protocol.checks.repeat_gap
    number = history.next_number(0)
    repeated = {(trial.pair, trial.crop) for trial in history.of_kind(Kind.REPEAT)}
    paused = set(history.rater.study.crops.exclude(paused_at=None).values_list("pk", flat=True))
    candidates = [
        trial
        for trial in history.of_kind(Kind.COMPARISON)
        if number - trial.number >= gap
        and (trial.pair, trial.crop) not in repeated
        and not (trial.has_left(history.left | history.own) or trial.is_skipped)
        and trial.crop.pk not in paused
    ]
    history.rng.shuffle(candidates)
    earlier = _least_known(history, candidates, history.of_kind(Kind.REPEAT))
    if earlier is None:
        return None
    mirrored = not earlier.first_left
    return history.add(Kind.REPEAT, earlier.crop, first_left=mirrored, pair=earlier.pair)


def _draw(history: TrialHistory, **which: Any) -> list[_Version]:
    """Return versions of the study's crops in a random order that follows from the generator."""
    draw = Func("pk", Value(int(history.rng.integers(2**63))), function="hashint8extended")
    versions = CropVersion.objects.filter(
        crop__study=history.rater.study_id, crop__paused_at=None, **which
    )
    crop = ("crop", "crop__original", "crop__width", "crop__height")
    rows = versions.order_by(draw).values_list("entry", *crop)[:DRAWN]
    return [_Version(ShownCrop(*crop), entry) for entry, *crop in rows]


def _least_known(
    history: TrialHistory, candidates: Iterable[Candidate], earlier: Iterable[IssuedTrial]
) -> Candidate | None:
    """Return the candidate whose crop and picture the rater remembers least, the first of equals.

    No crop of the training, which told what is wrong with it, and none of the last crops if it can
    be helped, then not the last picture, then the picture that is rarest in `earlier` trials of the
    kind.
    """
    trained = {trial.crop.pk for trial in history.of_kind(Kind.TRAINING)}
    recent, last = history.recent_crops(), history.last_original()
    used = Counter(trial.crop.original_id for trial in earlier)

    def known(candidate: Candidate) -> tuple[bool, bool, bool, int]:
        crop = candidate.crop
        return (
            crop.pk in trained,
            crop.pk in recent,
            crop.original_id == last,
            used[crop.original_id],
        )

    return min(candidates, key=known, default=None)
