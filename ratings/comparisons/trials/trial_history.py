"""What a rater has been shown so far, and the next trial that is added to it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from ratings.comparisons.models import Crop, Pair, Rater, StudyVersion, Trial

Kind = Trial.Kind
# Checks keep away from the crops of so many last trials: a rater would remember them.
RECENT = 10


def has_left(trial: Trial, left: Collection[int]) -> bool:
    """Tell whether one of the trial's entries is among those that have left the study."""
    pair = trial.pair
    return trial.entry_id in left or (
        pair is not None and (pair.first_id in left or pair.second_id in left)
    )


@dataclass
class TrialHistory:
    """One rater's trials, oldest first, the training's before the others.

    `version`, `now` and `rng` are those of the trials that are added. Nothing is added of pairs
    with one of the entries that have `left`.
    """

    rater: Rater
    trials: list[Trial]
    version: StudyVersion
    now: datetime
    rng: np.random.Generator
    left: Collection[int] = ()

    def of_attempt(self, attempt: int) -> list[Trial]:
        """Return the trials of one training attempt, or of 0, which are all the others."""
        return [trial for trial in self.trials if trial.training_attempt == attempt]

    def of_kind(self, kind: Kind) -> list[Trial]:
        """Return the trials of one kind."""
        return [trial for trial in self.trials if trial.kind == kind]

    def crops_of(self, pair: int) -> set[int]:
        """Return the crops on which this pair was shown."""
        return {trial.crop_id for trial in self.trials if trial.pair_id == pair}

    def last_original(self) -> int | None:
        """Return the picture of the last trial."""
        return self.trials[-1].crop.original_id if self.trials else None

    def recent_crops(self) -> set[int]:
        """Return the crops of the last trials."""
        return {trial.crop_id for trial in self.trials[-RECENT:]}

    def balanced_side(self, kind: Kind) -> bool:
        """Tell whether the first contender stands on the left, by chance.

        Of one kind the sides of one rater's trials differ in number by at most two.
        """
        lead = sum(1 if trial.first_left else -1 for trial in self.of_kind(kind))
        return lead < 0 if abs(lead) == 2 else bool(self.rng.integers(2))

    def add(
        self,
        kind: Kind,
        crop: Crop,
        *,
        first_left: bool,
        attempt: int = 0,
        pair: Pair | None = None,
        **which: Any,
    ) -> Trial:
        """Add the next trial of a training attempt, or of all others, and return it, not saved."""
        trial = Trial(
            rater=self.rater,
            kind=kind,
            crop=crop,
            pair=pair,
            first_left=first_left,
            number=len(self.of_attempt(attempt)) + 1,
            training_attempt=attempt,
            version=self.version,
            issued_at=self.now,
            **which,
        )
        self.trials.append(trial)
        return trial
