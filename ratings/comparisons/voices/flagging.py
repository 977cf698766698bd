"""Flags on trials: stored once, and a crop that enough raters flagged is paused.

What the rater's browser gets to know is the same for a comparison and a check, and so is the work
that is done for it: a flag tells nobody which is which.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from ratings.challenge.refusals import Refused
from ratings.comparisons.locking import lock_crop, lock_rater_of, locking
from ratings.comparisons.models import Crop, Rater, Study, Trial, TrialFlag
from ratings.comparisons.study.voice_keys import voices_of
from ratings.outbox.recording import call_for_a_person

# So many trials of one rater may be flagged: each is replaced, and who flags all is not judging.
MOST_FLAGS = 20
# Checks and practice show pictures that are damaged, or the same, on purpose.
PAUSING = (Trial.Kind.COMPARISON, Trial.Kind.REPEAT)
PAUSED = (
    "raters say that something is wrong with a crop, and it is paused: look at it, and let it go "
    "on or leave it out."
)


@dataclass(frozen=True)
class Said:
    """What a rater says of a trial, and when."""

    reason: str
    text: str
    at: datetime


def flag(trial_id: UUID, raters: Sequence[UUID], said: Said) -> bool:
    """Keep a flag of one of `raters` on a trial; tell whether it is new. The first one stays.

    Pauses the trial's crop where that makes it enough. Raises Refused, code "unknown-trial" or
    "too-many-flags".
    """
    with locking():
        trial = lock_rater_of(trial_id, raters)
        if trial is None or trial.rater.withdrawn_at:
            raise Refused("unknown-trial", "There is no such trial of yours.")
        if TrialFlag.objects.filter(trial=trial).exists():
            return False
        if TrialFlag.objects.filter(trial__rater=trial.rater_id).count() >= MOST_FLAGS:
            raise Refused(
                "too-many-flags",
                f"{MOST_FLAGS} trials are flagged already; answer this one, or tell the organizers"
                " what is wrong.",
            )
        TrialFlag.objects.create(
            trial=trial, reason=said.reason, text=said.text, flagged_at=said.at
        )
        _pause_if_enough(trial, said.at)
    return True


def counted_flags(study: Study) -> QuerySet[TrialFlag]:
    """Return the flags that count towards pausing a crop.

    Those on comparisons and repeats by raters who are used, which no organizer dismissed.
    """
    return TrialFlag.objects.filter(
        trial__rater__study=study,
        trial__rater__state=Rater.State.USED,
        trial__kind__in=PAUSING,
        dismissed_at=None,
    )


def _pause_if_enough(trial: Trial, now: datetime) -> None:
    study = Study.objects.get(pk=trial.rater.study_id)
    # Whoever flags the same crop at this moment waits, and then sees this flag.
    crop = lock_crop(trial.crop_id)
    flags = counted_flags(study).filter(trial__crop=crop)
    raters = flags.order_by().values("trial__rater").distinct().count()
    if raters >= voices_of(study).pause_after:
        _pause(study, crop, now)


def _pause(study: Study, crop: Crop, now: datetime) -> None:
    """Pause a crop that is not paused, and call for a person."""
    if not Crop.objects.filter(pk=crop.pk, paused_at=None).update(paused_at=now):
        return
    call_for_a_person(
        f"{study.name}: {PAUSED}",
        now,
        single=f"crop {crop.pk} {now.isoformat()}",
        challenge=study.phase.challenge_id,
        path=reverse("web:desk-voices", args=[study.slug]),
    )
