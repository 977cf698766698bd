"""Locks on rows, in the one order in which they are taken, so that no two transactions deadlock.

The order is that of `Level`, and within a level that of primary keys. Submissions and teams, which
are another room's, come before all of these. A transaction that takes locks is opened by `locking`,
which knows what is held and raises `OutOfOrder` where the order is broken.

Statements that are transactions of their own keep to the order too. Storing a judgment
(`judgments.judging`) shares the rater's row, then changes one counter of each table. Issuing a
comparison (`trials.comparison_trials`) takes one pair, which it passes over where somebody holds
it, then changes one counter of it.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from ratings.comparisons.models import Crop, Pair, Rater, Study, Trial


class Level(IntEnum):
    """Rows that are locked, the first ones first.

    Who holds a rater changes what is stored of them: no judgment is stored beside, and of two
    windows one waits. Who holds a study changes what is compared and who takes part. Who holds a
    crop changes its files. Who holds a pair issues trials of it, or counts many judgments of it.
    """

    RATER = 1
    STUDY = 2
    CROP = 3
    PAIRS = 4


class OutOfOrder(RuntimeError):
    """A lock is taken after one that must be taken later, or outside of `locking`."""


_Lock = tuple[Level, Any]
_held: ContextVar[list[_Lock] | None] = ContextVar("held", default=None)


@contextmanager
def locking() -> Iterator[None]:
    """Open a transaction that takes locks, or join the open one; locks last until it ends."""
    outermost = _held.get() is None
    token = _held.set([]) if outermost else None
    try:
        with transaction.atomic(savepoint=outermost):
            yield
    finally:
        if token:
            _held.reset(token)


def take(level: Level, key: object = None) -> None:
    """Note that a statement locks rows of a level. Raises OutOfOrder."""
    held = _held.get()
    if held is None:
        raise OutOfOrder(f"{level.name} is locked outside of `locking`.")
    lock: _Lock = (level, key)
    if lock in held:
        return
    if held and held[-1] > lock:
        before = " ".join(map(str, held[-1]))
        raise OutOfOrder(f"{level.name} {key} is locked after {before}; see locking.Level.")
    held.append(lock)


def lock_rater(pk: UUID) -> Rater:
    """Return a rater with study and phase; only the rater's row is locked."""
    take(Level.RATER, pk)
    rows = Rater.objects.select_for_update(no_key=True, of=["self"])
    return rows.select_related("study__phase").get(pk=pk)


def lock_raters(which: Q) -> list[UUID]:
    """Return the raters that a filter names, in the order of their keys, locked in that order."""
    rows = Rater.objects.filter(which).order_by("pk").select_for_update(no_key=True, of=["self"])
    raters = list(rows.values_list("pk", flat=True))
    for pk in raters:
        take(Level.RATER, pk)
    return raters


def lock_rater_of(trial_id: UUID, raters: Collection[UUID]) -> Trial | None:
    """Return the trial of one of `raters`, whose row is locked; None if they have no such trial."""
    rows = Trial.objects.select_related("rater").filter(rater__in=raters)
    trial = rows.select_for_update(of=["rater"], no_key=True).filter(pk=trial_id).first()
    if trial:
        take(Level.RATER, trial.rater_id)
    return trial


def lock_study(pk: int) -> Study:
    """Return a study, locked."""
    take(Level.STUDY, pk)
    return Study.objects.select_for_update(no_key=True).get(pk=pk)


def lock_studies(which: Q) -> list[Study]:
    """Return the studies that a filter names, in the order of their keys, locked in that order."""
    studies = list(Study.objects.filter(which).order_by("pk").select_for_update(no_key=True))
    for study in studies:
        take(Level.STUDY, study.pk)
    return studies


def note_change(study: int) -> None:
    """Count one more change of a study, which asks for a refit; its row is locked from then on."""
    with locking():
        take(Level.STUDY, study)
        Study.objects.filter(pk=study).update(changes=F("changes") + 1)


def lock_crop(pk: int) -> Crop:
    """Return a crop with its original; only the crop's row is locked."""
    take(Level.CROP, pk)
    rows = Crop.objects.select_for_update(no_key=True, of=["self"])
    return rows.select_related("original").get(pk=pk)


def lock_pairs_of(rater: Rater) -> None:
    """Lock the pairs that a rater was issued comparisons of.

    Nobody issues trials of them meanwhile, which would change the same counters in another order.
    """
    take(Level.PAIRS)
    compared = rater.trials.filter(kind=Trial.Kind.COMPARISON).values("pair")
    pairs = Pair.objects.filter(pk__in=compared).order_by("pk").select_for_update(no_key=True)
    list(pairs.values_list("pk"))
