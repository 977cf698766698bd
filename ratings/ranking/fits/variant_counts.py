"""The counts of all variants of a ranking, made of the judgments, which are read once for all."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ratings.challenge.models import Dataset
from ratings.comparisons.judgments.counting_rule import (
    NOT_UNDONE,
    TO_COMPARISON,
    adds_sql,
    counts_sql,
    fast_sql,
)
from ratings.comparisons.models import Pair, Study
from ratings.comparisons.participation import ranked_pairs
from ratings.comparisons.raters.rater_groups import has_groups, numbered_raters
from ratings.database.copying import Columns, read_columns
from ratings.psychometrics.counts.tally import Tally, tally_codes
from ratings.ranking.fits.pair_methods import pair_methods
from ratings.ranking.fits.picture_levels import scene_numbers
from ratings.ranking.models import Ranking

Variant = Ranking.Variant

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

_TYPES = {
    "rater": "i4",
    "crop": "i8",
    "pair": "i8",
    **dict.fromkeys(["standing", "outcome", "simulated"], "i2"),
}


def variant_answers(study: Study) -> Columns:
    """Return a study's answers to comparisons that were not undone, as columns of whole numbers.

    `rater` and `image` are numbers from 0 without meaning; `dataset` and `pair` are keys; `outcome`
    is 0 where the pair's first entry is preferred, 1 where its second is, 2 for a tie. Where there
    are any, `above` has the number of the rater's group and `scene` of the image's scene.
    """
    grouped = has_groups(study)
    query = f"""
        SELECT rater, above, crop, pair, standing, second + 2 * tie AS outcome, simulated
        FROM (
            SELECT r.number AS rater, r.above, t.crop_id AS crop, t.pair_id AS pair,
                CASE WHEN NOT ({counts_sql()}) THEN {_DROPPED}
                    WHEN {fast_sql(study.protocol)} THEN {_FAST} ELSE {_SLOW} END AS standing,
                r.simulated::int AS simulated, {adds_sql("j.choice", "t.first_left")}
            FROM ({numbered_raters(grouped=grouped)}) r
            JOIN ratings_trial t ON t.rater_id = r.id
            JOIN ratings_judgment j ON j.trial_id = t.id
            WHERE {NOT_UNDONE.sql("j")} AND {TO_COMPARISON.sql("t")}
        ) answer
    """
    types = _TYPES | ({"above": "i4"} if grouped else {})
    answers = dict(read_columns(query, {"study": study.pk}, types))
    crops = study.crops.order_by("pk").values_list("pk", "original_id", "original__dataset_id")
    keys, images, datasets = np.array(crops, np.int64).reshape(-1, 3).T
    place = np.searchsorted(keys, answers.pop("crop"))
    numbers = np.unique(images, return_inverse=True)[1]
    scenes = scene_numbers(study, images)
    if scenes is not None:
        answers["scene"] = scenes[place]
    return answers | {"image": numbers[place], "dataset": datasets[place]}


@dataclass(frozen=True)
class VariantTally:
    """What a variant is fitted to, and whether any of it is a synthetic rater's."""

    tally: Tally
    is_simulated: bool


def variant_tallies(
    study: Study, answers: Columns, dataset: Dataset | None = None
) -> dict[str, VariantTally]:
    """Return what each variant is of, on one data set or all; each takes in more, or the same.

    `answers` are those of `variant_answers`.
    """
    made: dict[bytes, VariantTally] = {}
    tallies = {}
    for variant, least in _LEAST.items():
        pairs = ranked_pairs(study) if variant in _RANKED else Pair.objects.filter(study=study)
        chosen = np.isin(answers["pair"], list(pairs.values_list("pk", flat=True)))
        chosen &= answers["standing"] >= least
        if dataset:
            chosen &= answers["dataset"] == dataset.pk
        same = chosen.tobytes()
        if same not in made:
            made[same] = _tally(study, {name: kept[chosen] for name, kept in answers.items()})
        tallies[variant] = made[same]
    return tallies


def _tally(study: Study, answers: Columns) -> VariantTally:
    labels, first, second = pair_methods(study, answers["pair"])
    tally = tally_codes(
        labels,
        answers["rater"],
        answers["image"],
        first,
        second,
        answers["outcome"],
        group=answers.get("above"),
        scene=answers.get("scene"),
    )
    return VariantTally(tally, bool(answers["simulated"].any()))
