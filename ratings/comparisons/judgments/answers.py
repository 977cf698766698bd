"""A study's answers one by one, in one pass over the database."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from ratings.comparisons.judgments.counting_rule import NOT_UNDONE, RATER_USED, stands_sql
from ratings.comparisons.models import Stage, Study, Trial
from ratings.comparisons.protocol import UNKNOWN
from ratings.database.copying import copy_rows, numbered_keys
from ratings.psychometrics.arrays import BoolArray, FloatArray, IntArray
from ratings.psychometrics.counts.judgment_arrays import TIE
from ratings.psychometrics.counts.tally import CHOICES

KINDS = tuple(Trial.Kind.values)

# In the bytes that they need: a study's answers may be a million.
_NUMBERS = {
    "kind": "i1",
    **dict.fromkeys(["pair", "first", "second", "crop", "image", "dataset"], "i8"),
    **dict.fromkeys(["first_left", "choice"], "i1"),
    **dict.fromkeys(["response_ms", "judged_at", "flips"], "i8"),
    **dict.fromkeys(["excluded", "used", "counts", "simulated"], "i1"),
}
_QUERY = f"""
    SELECT t.rater_id, array_position(ARRAY{list(KINDS)}::varchar[], t.kind)::int8 - 1,
        coalesce(t.pair_id, 0), coalesce(p.first_id, 0), coalesce(p.second_id, 0),
        t.crop_id, k.original_id, o.dataset_id, t.first_left::int::int8,
        array_position(ARRAY{list(CHOICES)}::varchar[], j.choice)::int8 - 1,
        j.response_ms::int8, (extract(epoch FROM j.judged_at) * 1000)::int8,
        coalesce((j.display->>'flips')::int8, {UNKNOWN}), j.excluded::int::int8,
        ({RATER_USED.sql("r")})::int::int8, ({stands_sql()})::int::int8, r.simulated::int::int8
    FROM ratings_rater r
    JOIN ratings_trial t ON t.rater_id = r.id
    JOIN ratings_judgment j ON j.trial_id = t.id
    JOIN ratings_crop k ON k.id = t.crop_id
    JOIN ratings_original o ON o.id = k.original_id
    LEFT JOIN ratings_pair p ON p.id = t.pair_id
    WHERE r.study_id = %(study)s AND {NOT_UNDONE.sql("j")} AND t.kind = ANY(%(kinds)s)
        AND CASE WHEN %(raters)s::uuid[] IS NULL THEN r.stage = %(stage)s
            ELSE r.id = ANY(%(raters)s::uuid[]) END
"""


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers that were not undone, one entry each, in any order.

    `raters` are identifiers in hex, sorted, which `rater` indexes; `rows` has the other fields as
    integers: keys of pair, entries, crop, image and data set, 0 where a trial has no pair.
    """

    raters: tuple[str, ...]
    rater: IntArray
    rows: NDArray[np.void]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: str) -> IntArray:
        return self.rows[name].astype(np.int64)

    def where(self, chosen: BoolArray) -> "Answers":
        """Return some of the answers; raters keep their numbers."""
        return replace(self, rater=self.rater[chosen], rows=self.rows[chosen])

    def are(self, kind: Trial.Kind) -> BoolArray:
        """Tell which answers are to trials of one kind."""
        return np.asarray(self.rows["kind"] == KINDS.index(kind), np.bool_)

    @property
    def left_won(self) -> FloatArray:
        """1 where the left was preferred, 0 where the right was, 1/2 for a tie."""
        return np.asarray(np.array([1.0, 0.0, 0.5])[self["choice"]], np.float64)

    @property
    def first_won(self) -> FloatArray:
        """The same of the trial's first contender (the original, in golden trials)."""
        return np.where(self.rows["first_left"] == 1, self.left_won, 1 - self.left_won)

    @property
    def decided(self) -> BoolArray:
        """Tell which answers are no ties."""
        return np.asarray(self.rows["choice"] != TIE, np.bool_)


def study_answers(
    study: Study,
    kinds: Collection[Trial.Kind],
    *,
    stage: str = Stage.MAIN,
    raters: Collection[UUID] | None = None,
) -> Answers:
    """Read the answers to trials of some kinds, of a stage or of some raters, in one statement.

    Those of a stage count, as their field has it, where they stand: see `counting_rule`.
    """
    values = {
        "study": study.pk,
        "stage": str(stage),
        "kinds": [kind.value for kind in kinds],
        "raters": None if raters is None else [str(rater) for rater in raters],
    }
    rows = copy_rows(_QUERY, values, _NUMBERS)
    names, rater = numbered_keys(rows["key"])
    return Answers(tuple(names), rater, rows)
