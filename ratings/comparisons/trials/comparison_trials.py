"""Comparisons for one rater: planned pairs, balanced crops and sides, never the same one twice."""

from typing import Any

from django.db import connection
from django.db.models import F

from ratings.comparisons.locking import Level, take
from ratings.comparisons.models import Pair, PairCount, Trial
from ratings.comparisons.participation import most_crops
from ratings.comparisons.trials.trial_history import Kind, TrialHistory

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


class ComparisonTrials:
    """The comparisons that come next; at most `most` of them are asked for in one transaction."""

    def __init__(self, history: TrialHistory, most: int) -> None:
        self._history = history
        self._most = most
        self._pairs: list[Pair] | None = None

    def next(self) -> Trial | None:
        """Return one more comparison, counted and not saved yet; None when nothing is left."""
        if self._pairs is None:
            self._pairs = _lock_pairs(self._history, self._most)
        # With fewer pairs than trials wanted, the pairs take turns until no crop is left.
        while self._pairs:
            pair = self._pairs.pop(0)
            count = _next_crop(self._history, pair)
            if count is not None:
                self._pairs.append(pair)
                return _add(self._history, pair, count)
        return None


def _lock_pairs(history: TrialHistory, most: int) -> list[Pair]:
    """Return at most `most` pairs, locked; at least one if this rater has any left."""
    values: dict[str, Any] = {
        "study": history.rater.study_id,
        "rater": history.rater.pk,
        "seen": list({trial.pair_id for trial in history.trials if trial.pair_id}),
        "draw": int(history.rng.integers(2**63)),
    }
    take(Level.PAIRS)
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_PAIRS + "SKIP LOCKED", values | {"limit": most})
        rows = cursor.fetchall()
        if not rows:
            # All of them are being issued at this moment. Waiting for one, with no other one
            # held, can't deadlock.
            cursor.execute(_NEXT_PAIRS, values | {"limit": 1})
            rows = cursor.fetchall()
    pairs = Pair.objects.in_bulk([pair_id for (pair_id,) in rows])
    return [pairs[pair_id] for (pair_id,) in rows]


def _next_crop(history: TrialHistory, pair: Pair) -> PairCount | None:
    """Return the least issued crop of a locked pair that the rater has not seen with it.

    One more than a picture has crops are looked at, so that one of them is of another picture than
    the last trial's, if there is one.
    """
    unseen = (
        PairCount.objects.filter(pair=pair)
        .exclude(crop__in=history.crops_of(pair.pk))
        .select_related("crop")
        .order_by("issued", "shuffle")[: most_crops(history.rater.study) + 1]
    )
    crops = list(unseen)
    other = [crop for crop in crops if crop.crop.original_id != history.last_original()]
    return next(iter(other or crops), None)


def _add(history: TrialHistory, pair: Pair, count: PairCount) -> Trial:
    """Count one more trial of a locked pair on a crop."""
    first_left = _choose_side(history, pair)
    pair.issued += 1
    pair.issued_first_left += first_left
    pair.save(update_fields=["issued", "issued_first_left"])
    shuffle = history.rng.random()
    PairCount.objects.filter(pk=count.pk).update(issued=F("issued") + 1, shuffle=shuffle)
    return history.add(Kind.COMPARISON, count.crop, first_left=first_left, pair=pair)


def _choose_side(history: TrialHistory, pair: Pair) -> bool:
    """Tell whether the pair's first entry stands on the left: the rarer side, or by chance."""
    left, right = pair.issued_first_left, pair.issued - pair.issued_first_left
    return bool(history.rng.integers(2)) if left == right else left < right
