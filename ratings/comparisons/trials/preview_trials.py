"""The trials of a walk through a study: drawn from its seed, each time anew, and never stored."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations
from typing import TypeVar
from uuid import UUID, uuid4

import numpy as np

from ratings.comparisons.models import CropVersion, Rater, Recruit, Study, Trial
from ratings.comparisons.participation import has_picture
from ratings.comparisons.session_plan import (
    GOLDEN_LEVEL,
    expected_total,
    plan_of,
    training_levels,
)
from ratings.comparisons.study.cropping import boxes
from ratings.comparisons.study.presentation import Version
from ratings.imaging.crops import Box

Kind = Trial.Kind
Shows = CropVersion.Kind
Option = TypeVar("Option")
# Two entries of a study that has none yet, by how degraded they are.
STAND_INS = (1, 2)


@dataclass(frozen=True)
class Walk:
    """How far somebody is; `seed` stands where a rater has their identifier, in hex.

    `training` has a text for each attempt: 1 for each answer that was right, 0 for the others.
    `judged` counts the answers to all other trials. `platform` is the short name of the one that is
    taken to have sent them, "" for none. `answered` has the questionnaire's cards that are done.
    """

    seed: str = field(default_factory=lambda: uuid4().hex)
    training: tuple[str, ...] = ()
    judged: int = 0
    platform: str = ""
    answered: tuple[str, ...] = ()

    def with_answers(self, when: str) -> "Walk":
        """Return the walk after a card of the questionnaire."""
        return replace(self, answered=(*self.answered, when))


@dataclass(frozen=True)
class StandIn:
    """A rectangle of an original, degraded or (level 0) not, that is made when it is looked at."""

    original: int
    x: int
    y: int
    level: int


Picture = str | StandIn  # an address of a crop's file, or what stands in for it


@dataclass(frozen=True)
class PreviewTrial:
    """One trial of a walk: its number in a training attempt, or (0) among all others.

    `closer` is the side of a training trial's original.
    """

    attempt: int
    number: int
    original: Picture
    left: Picture
    right: Picture
    width: int
    height: int
    closer: str


@dataclass(frozen=True)
class _Place:
    original: int
    box: Box
    crop: int | None


@dataclass(frozen=True)
class _Drawn:
    place: _Place
    first: Version
    second: Version
    first_left: bool


def preview_rater(study: Study, walk: Walk) -> Rater:
    """Return who the walk's rater would be, with how a platform sent them; never saved."""
    rater = Rater(pk=UUID(hex=walk.seed), study=study)
    if walk.platform:
        Recruit(rater=rater, study=study, platform=walk.platform)
    return rater


class WalkTrials:
    """What a walk's trials are made of: the study's own entries and crops, or stand-ins."""

    def __init__(self, study: Study, walk: Walk) -> None:
        self._study = study
        self._seed = UUID(hex=walk.seed).int
        self._kinds = plan_of(preview_rater(study, walk))

    @cached_property
    def _pairs(self) -> list[tuple[int, int]]:
        """Pairs of entries; those of stand-ins are their levels below zero."""
        active = self._study.entries.filter(active=True).order_by("pk").values_list("pk", flat=True)
        entries = list(active) if len(active) > 1 else [-level for level in STAND_INS]
        return list(combinations(entries, 2))

    @cached_property
    def _places(self) -> list[_Place]:
        """Where pictures are cropped, or will be."""
        crops = self._study.crops.order_by("pk")
        if self._pairs[0][0] > 0:
            return [
                _Place(crop.original_id, Box(crop.x, crop.y, crop.width, crop.height), crop.pk)
                for crop in crops
            ]
        return [
            _Place(original.pk, box, None)
            for original in self._study.phase.originals()
            if has_picture(self._study, original)
            for box in boxes(self._study, original)
        ]

    @property
    def _cells(self) -> int:
        return len(self._pairs) * len(self._places)

    @property
    def total(self) -> int:
        """How many trials there are after the training."""
        return expected_total(self._kinds, self._cells)

    def show(self, attempt: int, numbers: Sequence[int]) -> list[PreviewTrial]:
        """Return trials by their numbers; none where the study has no pictures."""
        if not self._places:
            return []
        drawn = [self._trained(attempt, n) if attempt else self._drawn(n) for n in numbers]
        versions = CropVersion.objects.filter(crop__in={trial.place.crop for trial in drawn})
        stored: dict[Version, str] = {
            (crop, kind, entry, level): address
            for crop, kind, entry, level, address in versions.values_list(
                "crop_id", "kind", "entry_id", "level", "address"
            )
        }
        return [
            _shown(trial, attempt, number, stored)
            for trial, number in zip(drawn, numbers, strict=True)
        ]

    def _rng(self, *where: int) -> np.random.Generator:
        return np.random.default_rng([self._seed, *where])

    def _trained(self, attempt: int, number: int) -> _Drawn:
        level = training_levels(self._study.protocol.training.trials)[number - 1]
        return self._against_degraded(self._rng(attempt, number), level)

    def _drawn(self, number: int) -> _Drawn:
        """Return the trial that the session plan has at a number, which is 1 or more."""
        kind, rng = self._kinds[number - 1], self._rng(0, number)
        if kind is Kind.GOLDEN:
            return self._against_degraded(rng, GOLDEN_LEVEL)
        if kind is Kind.REPEAT:
            earlier = self._drawn(self._repeated(number))
            return replace(earlier, first_left=not earlier.first_left)
        if kind is Kind.IDENTICAL:
            place, (entry, _) = _one_of(self._places, rng), _one_of(self._pairs, rng)
            same = _entry_version(place, entry)
            return _Drawn(place, same, same, True)
        cell = self._order[self._before(number, Kind.COMPARISON)]
        pair, at = divmod(cell, len(self._places))
        place = self._places[at]
        first, second = (_entry_version(place, method) for method in self._pairs[pair])
        return _Drawn(place, first, second, bool(rng.integers(2)))

    @cached_property
    def _order(self) -> list[int]:
        """The pairs on crops that are compared, none twice, in the order in which they are."""
        most = min(self._cells, len(self._kinds))
        return [int(cell) for cell in self._rng().choice(self._cells, most, replace=False)]

    def _before(self, number: int, kind: Kind) -> int:
        return self._kinds[: number - 1].count(kind)

    def _repeated(self, number: int) -> int:
        """Return the number of the comparison that a repeat repeats."""
        early = self._kinds[: number - self._study.protocol.checks.repeat_gap]
        comparisons = [at for at, kind in enumerate(early, start=1) if kind is Kind.COMPARISON]
        return comparisons[self._before(number, Kind.REPEAT)]

    def _against_degraded(self, rng: np.random.Generator, level: int) -> _Drawn:
        place = _one_of(self._places, rng)
        hidden: Version = (place.crop or 0, Shows.HIDDEN, None, 0)
        degraded: Version = (place.crop or 0, Shows.DEGRADED, None, level)
        return _Drawn(place, hidden, degraded, bool(rng.integers(2)))


def _one_of(options: Sequence[Option], rng: np.random.Generator) -> Option:
    return options[int(rng.integers(len(options)))]


def _entry_version(place: _Place, entry: int) -> Version:
    if entry < 0:
        return (place.crop or 0, Shows.DEGRADED, None, -entry)
    return (place.crop or 0, Shows.ENTRY, entry, 0)


def _shown(drawn: _Drawn, attempt: int, number: int, stored: dict[Version, str]) -> PreviewTrial:
    place, box = drawn.place, drawn.place.box

    def picture(version: Version) -> Picture:
        level = version[3]
        return stored.get(version) or StandIn(place.original, box.x, box.y, level)

    sides = (picture(drawn.first), picture(drawn.second))
    left, right = sides if drawn.first_left else sides[::-1]
    reference = picture((place.crop or 0, Shows.REFERENCE, None, 0))
    answer = "left" if drawn.first_left else "right"
    return PreviewTrial(attempt, number, reference, left, right, box.width, box.height, answer)
