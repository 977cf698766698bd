"""Crops that raters flagged: what they said of each, and what an organizer makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Count, F, Q

from ratings.comparisons.locking import lock_crop, locking
from ratings.comparisons.models import Crop, Rater, Study, TrialFlag
from ratings.comparisons.voices.flagging import counted_flags


@dataclass(frozen=True)
class FlaggedCrop:
    """A crop with its flags, the oldest first.

    `raters` are those whose flags count towards pausing it.
    """

    crop: Crop
    flags: Sequence[TrialFlag]
    raters: int

    @property
    def is_open(self) -> bool:
        """Whether an organizer has something to decide."""
        return self.crop.paused_at is not None or any(not f.dismissed_at for f in self.flags)


def flagged_crops(study: Study) -> list[FlaggedCrop]:
    """Return the crops that were flagged or are paused: paused ones first, then by raters."""
    flags: dict[int, list[TrialFlag]] = {}
    rows = TrialFlag.objects.filter(trial__rater__study=study).order_by("flagged_at", "pk")
    for flag in rows.select_related("trial__rater", "trial__pair", "dismissed_by"):
        flags.setdefault(flag.trial.crop_id, []).append(flag)
    counts = counted_flags(study).order_by().values_list("trial__crop")
    raters = dict(counts.annotate(Count("trial__rater", distinct=True)))
    which = Q(pk__in=flags) | Q(paused_at__isnull=False)
    crops = study.crops.filter(which).select_related("original__dataset", "paused_by")
    found = [FlaggedCrop(crop, flags.get(crop.pk, []), raters.get(crop.pk, 0)) for crop in crops]
    return sorted(
        found,
        key=lambda one: (one.crop.paused_at is None, not one.is_open, -one.raters, one.crop.pk),
    )


@dataclass(frozen=True)
class Flagger:
    """A rater who flagged trials: how many, and how many of them check the rater."""

    rater: Rater
    flags: int
    checks: int


def flaggers(study: Study) -> list[Flagger]:
    """Return the raters who flagged something, those with the most flagged checks first."""
    raters = study.raters.annotate(
        flags=Count("trials__flag"),
        of_others=Count("trials__flag", filter=Q(trials__kind="comparison")),
    ).filter(flags__gt=0)
    ordered = raters.order_by(F("of_others") - F("flags"), "-flags", "pk")
    return [Flagger(rater, rater.flags, rater.flags - rater.of_others) for rater in ordered]


def dismiss(crop: Crop, by: User | None, now: datetime) -> None:
    """Find that nothing is wrong with a crop: its flags count no more, its trials are issued."""
    with locking():
        lock_crop(crop.pk)
        open_flags = TrialFlag.objects.filter(trial__crop=crop, dismissed_at=None)
        open_flags.update(dismissed_at=now, dismissed_by=by)
        Crop.objects.filter(pk=crop.pk).update(paused_at=None, paused_by=None)


def pause_crop(crop: Crop, by: User | None, now: datetime) -> None:
    """Issue no more trials of a crop; what was issued may be judged, what was judged stays."""
    with locking():
        lock_crop(crop.pk)
        Crop.objects.filter(pk=crop.pk, paused_at=None).update(paused_at=now, paused_by=by)


def paused_crops(studies: Sequence[Study]) -> dict[int, int]:
    """Return the number of paused crops of each study that has any, by the study's key."""
    paused = Crop.objects.filter(study__in=studies, paused_at__isnull=False)
    return dict(paused.order_by().values_list("study").annotate(Count("pk")))
