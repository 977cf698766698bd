"""Which trial comes next: planned pairs, balanced crops and sides, never the same one twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef

from ratings.comparisons.models import Judgment, Pair, PairCount, Rater, Trial

# Among active entries: the pairs of which most planned trials wait, then the least issued ones,
# that still have a crop this rater has not seen them on; in a random order among equals. A
# balanced study plans nothing, so its least issued pair comes first. Two sessions at once get
# different pairs: one that is being issued is passed over. The index of trial_unique answers what
# the rater has seen.
_NEXT_PAIRS = """
SELECT p.id
FROM ratings_pair p
JOIN ratings_entry a ON a.id = p.first_id AND a.active
JOIN ratings_entry b ON b.id = p.second_id AND b.active
WHERE p.study_id = %(study)s AND (p.id <> ALL(%(seen)s) OR EXISTS (
    SELECT 1 FROM ratings_paircount c WHERE c.pair_id = p.id AND NOT EXISTS (
        SELECT 1 FROM ratings_trial t
        WHERE t.rater_id = %(rater)s AND t.crop_id = c.crop_id AND t.pair_id = p.id)))
ORDER BY p.planned - p.issued DESC, p.issued, hashint8extended(p.id, %(draw)s)
LIMIT %(limit)s
FOR NO KEY UPDATE OF p
"""


@dataclass
class _Seen:
    """What one rater has been shown: crops by pair, and the picture of the last trial."""

    crops: dict[int, set[int]]
    last_original: int | None
    last_number: int


def issue(rater: Rater, count: int, now: datetime, rng: np.random.Generator) -> list[Trial]:
    """Return up to `count` trials for a rater: first those not judged yet, then new ones.

    There are fewer where the study's trials per rater are reached or everything has been seen, and
    may be fewer while others are being issued; the list is empty only when nothing is left. Safe
    for one rater in two windows and for many raters at once.
    """
    with transaction.atomic():
        rater = (
            Rater.objects.select_for_update(no_key=True, of=["self"])
            .select_related("study")
            .get(pk=rater.pk)
        )
        judged = Exists(Judgment.objects.filter(trial=OuterRef("pk")))
        trials = list(
            Trial.objects.filter(rater=rater)
            .select_related("crop", "pair")
            .annotate(judged=judged)
            .order_by("number")
        )
        waiting = [trial for trial in trials if not trial.judged][:count]
        room = min(count - len(waiting), rater.study.trials_per_rater - len(trials))
        new = _issue_new(rater, room, _seen(trials), now, rng) if room > 0 else []
    return waiting + new


def _seen(trials: Sequence[Trial]) -> _Seen:
    crops: dict[int, set[int]] = {}
    for trial in trials:
        if trial.pair_id:
            crops.setdefault(trial.pair_id, set()).add(trial.crop_id)
    last = trials[-1] if trials else None
    return _Seen(crops, last.crop.original_id if last else None, last.number if last else 0)


def _issue_new(
    rater: Rater, count: int, seen: _Seen, now: datetime, rng: np.random.Generator
) -> list[Trial]:
    pairs = _lock_pairs(rater, count, seen, rng)
    trials: list[Trial] = []
    # With fewer pairs than trials wanted, the pairs take turns until no crop is left.
    while pairs and len(trials) < count:
        pair = pairs.pop(0)
        crop_count = _next_crop(pair, seen, rater.study.crops_per_picture)
        if crop_count is not None:
            trials.append(_make_trial(rater, pair, crop_count, seen, now, rng))
            pairs.append(pair)
    return Trial.objects.bulk_create(trials)


def _lock_pairs(rater: Rater, count: int, seen: _Seen, rng: np.random.Generator) -> list[Pair]:
    """Return at most `count` pairs, locked; at least one if this rater has any left."""
    values: dict[str, Any] = {
        "study": rater.study_id,
        "rater": rater.pk,
        "seen": list(seen.crops),
        "draw": int(rng.integers(2**63)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_PAIRS + "SKIP LOCKED", values | {"limit": count})
        found = cursor.fetchall()
        if not found:
            # All of them are being issued at this moment. Waiting for one, with no other one
            # held, can't deadlock.
            cursor.execute(_NEXT_PAIRS, values | {"limit": 1})
            found = cursor.fetchall()
    pairs = Pair.objects.in_bulk([pair_id for (pair_id,) in found])
    return [pairs[pair_id] for (pair_id,) in found]


def _next_crop(pair: Pair, seen: _Seen, crops_per_picture: int) -> PairCount | None:
    """Return the least issued crop of a locked pair that the rater has not seen with it.

    One more than a picture has crops are looked at, so that one of them is of another picture than
    the last trial's, if there is one.
    """
    unseen = (
        PairCount.objects.filter(pair=pair)
        .exclude(crop__in=seen.crops.get(pair.pk, ()))
        .select_related("crop")
        .order_by("issued", "shuffle")[: crops_per_picture + 1]
    )
    found = list(unseen)
    other = [one for one in found if one.crop.original_id != seen.last_original]
    return next(iter(other or found), None)


def _make_trial(
    rater: Rater,
    pair: Pair,
    crop_count: PairCount,
    seen: _Seen,
    now: datetime,
    rng: np.random.Generator,
) -> Trial:
    """Count one more trial of a locked pair on a crop, and return it, not saved yet."""
    first_left = _choose_side(pair, rng)
    pair.issued += 1
    pair.issued_first_left += first_left
    pair.save(update_fields=["issued", "issued_first_left"])
    PairCount.objects.filter(pk=crop_count.pk).update(issued=F("issued") + 1, shuffle=rng.random())
    seen.crops.setdefault(pair.pk, set()).add(crop_count.crop_id)
    seen.last_original = crop_count.crop.original_id
    seen.last_number += 1
    return Trial(
        rater=rater,
        crop=crop_count.crop,
        pair=pair,
        first_left=first_left,
        number=seen.last_number,
        issued_at=now,
    )


def _choose_side(pair: Pair, rng: np.random.Generator) -> bool:
    """Tell whether the pair's first entry stands on the left: the rarer side, or by chance."""
    left, right = pair.issued_first_left, pair.issued - pair.issued_first_left
    return bool(rng.integers(2)) if left == right else left < right
