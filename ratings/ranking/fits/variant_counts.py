"""The counts of all variants of a ranking at once, made of the judgments by the database."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ratings.comparisons.judgments.counting_rule import (
    NOT_UNDONE,
    TO_COMPARISON,
    adds_sql,
    counts_sql,
    fast_sql,
)
from ratings.comparisons.models import Pair, Study
from ratings.comparisons.participation import ranked_pairs
from ratings.database.copying import copy_rows, numbered_keys
from ratings.psychometrics.counts.tally import Tally
from ratings.ranking.fits.refitting import tally_of_pairs
from ratings.ranking.models import Ranking

Variant = Ranking.Variant
Rows = NDArray[np.void]

# Each answer is of one standing; a variant takes in those from its own on.
_DROPPED, _FAST, _SLOW = range(3)
_LEAST: Mapping[str, int] = {
    Variant.CAREFUL: _SLOW,
    Variant.USED: _FAST,
    Variant.ENTERED: _FAST,
    Variant.ALL: _DROPPED,
}
# Of these, answers about methods that have left are no part.
_RANKED = (Variant.CAREFUL, Variant.USED)

_NUMBERS = {
    **dict.fromkeys(["image", "dataset", "pair"], "i8"),
    "standing": "i1",
    **dict.fromkeys(["first", "second", "ties"], "i8"),
    "simulated": "i1",
}
_NOBODY = "00000000-0000-0000-0000-000000000000"


def variant_counts(study: Study) -> Rows:
    """Return the counts of a study's comparisons by standing, in rows of two kinds.

    Those of a rater and pair have the rater's `key` and the `image` 0; those of an image and pair
    no key. Both are by `dataset` too, and both of the same answers: they come in one statement.
    """
    query = f"""
        SELECT coalesce(rater_id, '{_NOBODY}'), coalesce(original_id, 0)::int8, dataset_id::int8,
            pair_id::int8, standing::int8, sum(first)::int8, sum(second)::int8, sum(tie)::int8,
            max(simulated)::int8
        FROM (
            SELECT t.rater_id, k.original_id, o.dataset_id, t.pair_id,
                CASE WHEN NOT ({counts_sql()}) THEN {_DROPPED}
                    WHEN {fast_sql(study.protocol)} THEN {_FAST} ELSE {_SLOW} END AS standing,
                r.simulated::int AS simulated, {adds_sql("j.choice", "t.first_left")}
            FROM ratings_rater r
            JOIN ratings_trial t ON t.rater_id = r.id
            JOIN ratings_judgment j ON j.trial_id = t.id
            JOIN ratings_crop k ON k.id = t.crop_id
            JOIN ratings_original o ON o.id = k.original_id
            WHERE r.study_id = %(study)s AND {NOT_UNDONE.sql("j")} AND {TO_COMPARISON.sql("t")}
        ) answer
        GROUP BY GROUPING SETS (
            (rater_id, dataset_id, pair_id, standing), (original_id, dataset_id, pair_id, standing)
        )
    """
    return copy_rows(query, {"study": study.pk}, _NUMBERS)


@dataclass(frozen=True)
class VariantTally:
    """What a variant is fitted to, and whether any of it is a synthetic rater's."""

    tally: Tally
    is_simulated: bool


def variant_tallies(study: Study, counts: Rows) -> dict[str, VariantTally]:
    """Return what each variant is of; each of the four takes in more, or the same.

    `counts` are those of `variant_counts`, of one data set or all.
    """
    made: dict[bytes, VariantTally] = {}
    tallies = {}
    for variant, least in _LEAST.items():
        pairs = ranked_pairs(study) if variant in _RANKED else Pair.objects.filter(study=study)
        known = pairs.order_by("pk").values_list("pk", "first_id", "second_id")
        table = np.array(known, np.int64).reshape(-1, 3)
        chosen = (counts["standing"] >= least) & np.isin(counts["pair"], table[:, 0])
        same = chosen.tobytes()
        if same not in made:
            made[same] = _tally(study, counts[chosen], table)
        tallies[variant] = made[same]
    return tallies


def _tally(study: Study, counts: Rows, pairs: NDArray[np.int64]) -> VariantTally:
    by_image = counts["image"] > 0
    raters, images = counts[~by_image], counts[by_image]
    halves = [_half(numbered_keys(raters["key"])[1], raters), _half(images["image"], images)]
    return VariantTally(tally_of_pairs(study, halves, pairs), bool(counts["simulated"].any()))


def _half(cluster: NDArray[np.int64], rows: Rows) -> NDArray[np.int64]:
    columns = (rows[name] for name in ("pair", "first", "second", "ties"))
    return np.column_stack([cluster, *columns]).astype(np.int64)
