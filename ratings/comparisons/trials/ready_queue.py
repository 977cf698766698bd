"""The ready queue of a study: how many trials of each pair its pairing policy wants.

A worker plans ahead of the raters, so that none of them ever waits for a computation: issuing
takes the pair of which most planned trials are left. The cost depends on the numbers of pairs and
crops and on what was issued lately, not on the number of judgments.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, Sum

from ratings.comparisons.locking import Level, lock_study, locking, take
from ratings.comparisons.models import Judgment, Pair, PairCount, Stage, Study, Trial
from ratings.psychometrics.arrays import FloatArray, IntArray
from ratings.psychometrics.design.floor import NO_FLOOR, Floor
from ratings.psychometrics.design.pairing import Policy, next_pairs

# What was issued longer ago and is still not answered is taken as given up.
PENDING = timedelta(hours=2)
# Who was issued a trial within this time is at work, and so many trials are kept ready for each:
# what the rating page fetches ahead, and what is judged until the next plan.
AT_WORK = timedelta(minutes=5)
READY_PER_RATER = 8

# Raw, because each pair gets a number of its own in one statement, whatever was issued meanwhile.
# Pairs of which nothing is wanted and nothing is left need no update.
_PLAN = """
UPDATE ratings_pair p SET planned = p.issued + w.wanted
FROM unnest(%s::bigint[], %s::int[]) w (id, wanted)
WHERE p.id = w.id AND (w.wanted > 0 OR p.planned > p.issued)
"""


def top_up(study: Study, now: datetime, rng: np.random.Generator, floor: Floor = NO_FLOOR) -> int:
    """Plan anew if trials of the last plan were issued; return how many trials are ready then.

    `floor` is what raters and pictures leave, see `next_pairs`. A balanced study has no plan. Safe
    beside raters who are being issued trials, and beside itself.
    """
    if study.pairing == Policy.BALANCED:
        _drop_plan(study)
        return 0
    with locking():
        lock_study(study.pk)
        pairs = list(Pair.objects.filter(study=study, first__active=True, second__active=True))
        ready = sum(max(0, pair.planned - pair.issued) for pair in pairs)
        wanted = _batch(study, pairs, now)
        if not pairs or ready >= wanted:
            return ready
        plan = _plan(study, pairs, wanted, now, rng, floor)
        take(Level.PAIRS)
        with connection.cursor() as cursor:
            cursor.execute(_PLAN, [[pair.pk for pair in pairs], plan])
        return wanted


def _drop_plan(study: Study) -> None:
    planned = Pair.objects.filter(study=study, planned__gt=0)
    if planned.exists():  # looked up first: hardly ever is there one
        with locking():
            lock_study(study.pk)
            take(Level.PAIRS)
            planned.update(planned=0)


def _batch(study: Study, pairs: Sequence[Pair], now: datetime) -> int:
    """Return how many trials to keep ready: enough for all entries, and for all at work."""
    of_main = study.raters.filter(stage=Stage.MAIN)
    at_work = of_main.filter(trials__issued_at__gt=now - AT_WORK)
    entries = {entry for pair in pairs for entry in (pair.first_id, pair.second_id)}
    return max(len(entries) - 1, READY_PER_RATER * at_work.distinct().count())


def _plan(
    study: Study,
    pairs: Sequence[Pair],
    wanted: int,
    now: datetime,
    rng: np.random.Generator,
    floor: Floor,
) -> list[int]:
    """Return how many more trials of each pair the study's policy wants."""
    entries = sorted({entry for pair in pairs for entry in (pair.first_id, pair.second_id)})
    place = {entry: number for number, entry in enumerate(entries)}
    cells = [(place[pair.first_id], place[pair.second_id]) for pair in pairs]
    cell_of = dict(zip((pair.pk for pair in pairs), cells, strict=True))
    size = len(entries)
    allowed = np.zeros((size, size), bool)
    for i, j in cells:
        allowed[i, j] = allowed[j, i] = True
    plan = next_pairs(
        Policy(study.pairing),
        _wins(study, cell_of, size),
        _pending(study, cell_of, size, now),
        wanted,
        rng,
        exploration=study.exploration,
        allowed=allowed,
        floor=floor,
    )
    return [int(plan[cell]) for cell in cells]


def _wins(study: Study, cell_of: dict[int, tuple[int, int]], size: int) -> FloatArray:
    """Return wins[i, j] of active entry i over j, ties as halves, from the counters."""
    wins = np.zeros((size, size))
    judged = Q(wins_first__gt=0) | Q(wins_second__gt=0) | Q(ties__gt=0)
    counts = PairCount.objects.filter(judged, pair__study=study).order_by().values_list("pair")
    half = Sum("ties") / 2.0
    for pair, first, second in counts.annotate(
        of_first=Sum("wins_first") + half, of_second=Sum("wins_second") + half
    ):
        if pair in cell_of:
            i, j = cell_of[pair]
            wins[i, j], wins[j, i] = first, second
    return wins


def _pending(
    study: Study, cell_of: dict[int, tuple[int, int]], size: int, now: datetime
) -> IntArray:
    """Return how many trials of each pair were issued lately and are not answered."""
    pending = np.zeros((size, size), np.int64)
    answers = Judgment.objects.filter(trial=OuterRef("pk"), undone_at=None)
    lately = Trial.objects.filter(
        ~Exists(answers),
        pair__study=study,
        rater__stage=Stage.MAIN,
        kind=Trial.Kind.COMPARISON,
        issued_at__gt=now - PENDING,
    )
    for pair, count in lately.values_list("pair").annotate(Count("pk")).order_by():
        if pair in cell_of:
            i, j = cell_of[pair]
            pending[i, j] = pending[j, i] = count
    return pending
