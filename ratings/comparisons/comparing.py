"""Comparisons for one rater: planned pairs, balanced crops and sides, never the same one twice."""

from typing import Any

from django.db import connection
from django.db.models import F

from ratings.comparisons.models import Pair, PairCount, Trial
from ratings.comparisons.participation import most_crops
from ratings.comparisons.shown import Kind, Shown

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


class Comparisons:
    """The comparisons that come next; at most `most` of them are asked for in one transaction."""

    def __init__(self, shown: Shown, most: int) -> None:
        self._shown = shown
        self._most = most
        self._pairs: list[Pair] | None = None

    def next(self) -> Trial | None:
        """Return one more comparison, counted and not saved yet; None when nothing is left."""
        if self._pairs is None:
            self._pairs = _lock_pairs(self._shown, self._most)
        # With fewer pairs than trials wanted, the pairs take turns until no crop is left.
        while self._pairs:
            pair = self._pairs.pop(0)
            count = _next_crop(self._shown, pair)
            if count is not None:
                self._pairs.append(pair)
                return _add(self._shown, pair, count)
        return None


def _lock_pairs(shown: Shown, most: int) -> list[Pair]:
    """Return at most `most` pairs, locked; at least one if this rater has any left."""
    values: dict[str, Any] = {
        "study": shown.rater.study_id,
        "rater": shown.rater.pk,
        "seen": list({trial.pair_id for trial in shown.trials if trial.pair_id}),
        "draw": int(shown.rng.integers(2**63)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_PAIRS + "SKIP LOCKED", values | {"limit": most})
        found = cursor.fetchall()
        if not found:
            # All of them are being issued at this moment. Waiting for one, with no other one
            # held, can't deadlock.
            cursor.execute(_NEXT_PAIRS, values | {"limit": 1})
            found = cursor.fetchall()
    pairs = Pair.objects.in_bulk([pair_id for (pair_id,) in found])
    return [pairs[pair_id] for (pair_id,) in found]


def _next_crop(shown: Shown, pair: Pair) -> PairCount | None:
    """Return the least issued crop of a locked pair that the rater has not seen with it.

    One more than a picture has crops are looked at, so that one of them is of another picture than
    the last trial's, if there is one.
    """
    unseen = (
        PairCount.objects.filter(pair=pair)
        .exclude(crop__in=shown.crops_of(pair.pk))
        .select_related("crop")
        .order_by("issued", "shuffle")[: most_crops(shown.rater.study) + 1]
    )
    found = list(unseen)
    other = [one for one in found if one.crop.original_id != shown.last_original()]
    return next(iter(other or found), None)


def _add(shown: Shown, pair: Pair, count: PairCount) -> Trial:
    """Count one more trial of a locked pair on a crop."""
    first_left = _choose_side(shown, pair)
    pair.issued += 1
    pair.issued_first_left += first_left
    pair.save(update_fields=["issued", "issued_first_left"])
    shuffle = shown.rng.random()
    PairCount.objects.filter(pk=count.pk).update(issued=F("issued") + 1, shuffle=shuffle)
    return shown.add(Kind.COMPARISON, count.crop, first_left=first_left, pair=pair)


def _choose_side(shown: Shown, pair: Pair) -> bool:
    """Tell whether the pair's first entry stands on the left: the rarer side, or by chance."""
    left, right = pair.issued_first_left, pair.issued - pair.issued_first_left
    return bool(shown.rng.integers(2)) if left == right else left < right
