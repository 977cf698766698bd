"""What a rater has been shown so far, and the next trial that is added to it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import numpy as np
from django.db import DEFAULT_DB_ALIAS

from ratings.comparisons.models import Crop, Pair, Rater, Trial

Kind = Trial.Kind
# Checks keep away from the crops of so many last trials: a rater would remember them.
RECENT = 10


@dataclass(frozen=True, slots=True)
class ShownCrop:
    """A crop and the picture it is of; width and height in pixels."""

    pk: int
    original_id: int
    width: int
    height: int

    def as_crop(self, study: int) -> Crop:
        """Return the model, the rest of which is read when it is asked."""
        known = {"id": self.pk, "study_id": study, "original_id": self.original_id}
        known |= {"width": self.width, "height": self.height}
        return Crop.from_db(DEFAULT_DB_ALIAS, list(known), list(known.values()))


@dataclass(frozen=True, slots=True)
class ShownPair:
    """A pair and its two entries."""

    pk: int
    first_id: int
    second_id: int

    def as_pair(self, study: int) -> Pair:
        """Return the model, the rest of which is read when it is asked."""
        known = {"id": self.pk, "study_id": study}
        known |= {"first_id": self.first_id, "second_id": self.second_id}
        return Pair.from_db(DEFAULT_DB_ALIAS, list(known), list(known.values()))


@dataclass(frozen=True, slots=True)
class IssuedTrial:
    """A trial of one rater, with the names of `Trial`.

    `choice` is the answer that stands, if any, `dropped` tells that a rule lets it not count; so
    many others were `undone`. `flagged_at` is when the rater said that something is wrong with it.
    """

    pk: UUID
    kind: str
    crop: ShownCrop
    pair: ShownPair | None
    entry_id: int | None
    level: int
    first_left: bool
    number: int
    training_attempt: int
    version_id: int | None
    issued_at: datetime
    choice: str | None = None
    undone: int = 0
    dropped: bool = False
    flagged_at: datetime | None = None

    @property
    def missed(self) -> float:
        """Of an answered golden trial: 1 for a wrong answer, 0 for a right one, 1/2 for a tie."""
        if self.choice == "tie":
            return 0.5
        return float(self.choice != ("left" if self.first_left else "right"))

    @property
    def is_skipped(self) -> bool:
        """Whether the rater flagged the trial and gave no answer that stands."""
        return self.flagged_at is not None and self.choice is None

    def has_left(self, left: frozenset[int]) -> bool:
        """Tell whether one of the trial's entries is among those that have left the study."""
        entries = (self.pair.first_id, self.pair.second_id) if self.pair else (self.entry_id,)
        return not left.isdisjoint(entries)

    def as_trial(self, rater: Rater) -> Trial:
        """Return the model; of crop and pair, what is not known here is read when it is asked."""
        trial = Trial(
            id=self.pk,
            rater=rater,
            kind=self.kind,
            crop=self.crop.as_crop(rater.study_id),
            pair=self.pair.as_pair(rater.study_id) if self.pair else None,
            entry_id=self.entry_id,
            level=self.level,
            first_left=self.first_left,
            number=self.number,
            training_attempt=self.training_attempt,
            version_id=self.version_id,
            issued_at=self.issued_at,
        )
        trial._state.adding = False
        return trial


@dataclass
class TrialHistory:
    """One rater's trials, oldest first, the training's before the others.

    `version`, `now` and `rng` are those of the trials that are added.
    """

    rater: Rater
    trials: list[IssuedTrial]
    version_id: int
    now: datetime
    rng: np.random.Generator
    # Entries that have left the study: nothing is added of them.
    left: frozenset[int] = frozenset()
    # Those of the rater's own team: no more is added of them either.
    own: frozenset[int] = frozenset()

    def of_attempt(self, attempt: int) -> list[IssuedTrial]:
        """Return the trials of one training attempt, or of 0, which are all the others."""
        return [trial for trial in self.trials if trial.training_attempt == attempt]

    def skipped(self, attempt: int) -> list[IssuedTrial]:
        """Return the trials of an attempt, or of 0, that were flagged, in the order of flagging."""
        flagged = [(t.flagged_at, t) for t in self.of_attempt(attempt) if t.is_skipped]
        return [trial for _, trial in sorted(flagged, key=lambda one: (one[0], one[1].number))]

    def of_kind(self, kind: Kind) -> list[IssuedTrial]:
        """Return the trials of one kind."""
        return [trial for trial in self.trials if trial.kind == kind]

    def last_original(self) -> int | None:
        """Return the picture of the last trial."""
        return self.trials[-1].crop.original_id if self.trials else None

    def recent_crops(self) -> set[int]:
        """Return the crops of the last trials."""
        return {trial.crop.pk for trial in self.trials[-RECENT:]}

    def balanced_side(self, kind: Kind) -> bool:
        """Tell whether the first contender stands on the left, by chance.

        Of one kind the sides of one rater's trials differ in number by at most two.
        """
        lead = sum(1 if trial.first_left else -1 for trial in self.of_kind(kind))
        return lead < 0 if abs(lead) == 2 else bool(self.rng.integers(2))

    def next_number(self, attempt: int) -> int:
        """Return the number that the next trial of a training attempt, or of 0, has."""
        return len(self.of_attempt(attempt)) + 1

    def add(
        self,
        kind: Kind,
        crop: ShownCrop,
        *,
        first_left: bool,
        pk: UUID | None = None,
        attempt: int = 0,
        pair: ShownPair | None = None,
        entry_id: int | None = None,
        level: int = 0,
    ) -> IssuedTrial:
        """Add the next trial of a training attempt, or of all others, and return it."""
        trial = IssuedTrial(
            pk=pk or uuid4(),
            kind=kind,
            crop=crop,
            pair=pair,
            entry_id=entry_id,
            level=level,
            first_left=first_left,
            number=self.next_number(attempt),
            training_attempt=attempt,
            version_id=self.version_id,
            issued_at=self.now,
        )
        self.trials.append(trial)
        return trial
