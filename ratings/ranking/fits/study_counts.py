"""The counts that a study's published ranking is of, as the counters hold them."""

from collections.abc import Sequence

import numpy as np

from ratings.challenge.models import Dataset
from ratings.comparisons.models import Study
from ratings.comparisons.participation import ranked_pairs
from ratings.comparisons.raters.rater_groups import has_groups, numbered_raters
from ratings.database.copying import Columns, read_together
from ratings.psychometrics.arrays import IntArray, Numbers
from ratings.psychometrics.counts.cluster_levels import NOTHING_ABOVE, Members, clusters
from ratings.psychometrics.counts.tally import Tally, tally_counts
from ratings.ranking.fits.pair_methods import pair_methods
from ratings.ranking.fits.picture_levels import scene_numbers

_BY_RATER = """
    SELECT number AS cluster, above, pair_id AS pair, wins_first, wins_second, ties
    FROM ratings_ratercount JOIN ({raters}) rater ON rater.id = rater_id
    WHERE wins_first + wins_second + ties > 0
        AND (%(dataset)s::int8 IS NULL OR dataset_id = %(dataset)s)
"""
_BY_PICTURE = f"""
    SELECT k.original_id AS cluster, {NOTHING_ABOVE} AS above, c.pair_id AS pair,
        sum(c.wins_first) AS wins_first, sum(c.wins_second) AS wins_second, sum(c.ties) AS ties
    FROM ratings_paircount c
    JOIN ratings_pair p ON p.id = c.pair_id
    JOIN ratings_crop k ON k.id = c.crop_id
    JOIN ratings_original o ON o.id = k.original_id
    WHERE p.study_id = %(study)s AND c.wins_first + c.wins_second + c.ties > 0
        AND (%(dataset)s::int8 IS NULL OR o.dataset_id = %(dataset)s)
    GROUP BY k.original_id, c.pair_id
"""
_OUTCOMES = ("wins_first", "wins_second", "ties")
_COUNTS_TYPES = dict.fromkeys(["cluster", "pair", *_OUTCOMES], "i4")


def study_tally(study: Study, dataset: Dataset | None = None) -> Tally:
    """Return the study's counts per rater and per picture, on one data set or on all of them.

    Only judgments that count are in them (see `counting_rule`), of pairs that are ranked. Where
    raters have groups, or pictures scenes, the counts are per group and scene.
    """
    labels, by_rater, by_picture, members = _study_tables(study, dataset)
    return tally_counts(labels, by_rater, by_picture, members=members)


def _study_tables(
    study: Study, dataset: Dataset | None
) -> tuple[list[str], Numbers, Numbers, Members]:
    of = {"study": study.pk, "dataset": dataset.pk if dataset else None}
    grouped = has_groups(study)
    by_rater = _BY_RATER.format(raters=numbered_raters(grouped=grouped))
    types = _COUNTS_TYPES | ({"above": "i4"} if grouped else {})
    # Both halves see the same judgments, however many arrive meanwhile.
    halves = read_together([by_rater, _BY_PICTURE], of, types)
    # Read after the counts, so that no pair is missing.
    ranked = list(ranked_pairs(study).values_list("pk", flat=True))
    of_raters, of_pictures = (_among(counts, ranked) for counts in halves)
    labels, *sides = pair_methods(study, np.concatenate([of_raters["pair"], of_pictures["pair"]]))
    rows = len(of_raters["pair"])
    raters = _table(of_raters, [side[:rows] for side in sides])
    pictures = _table(of_pictures, [side[rows:] for side in sides])
    groups = _joined(raters, of_raters.get("above"))
    scenes = _joined(pictures, scene_numbers(study, pictures[:, 0]))
    return labels, raters, pictures, Members(groups, scenes)


def _joined(table: Numbers, above: Numbers | None) -> int | None:
    """Put the clusters of the level above in a table's place; return of how many they are.

    None where there is no such level, and the table stays as it is.
    """
    if above is None:
        return None
    members, own = np.unique(table[:, 0], return_inverse=True)
    table[:, 0] = clusters(own, above)
    return len(members)


def _among(counts: Columns, pairs: Sequence[int]) -> Columns:
    """Return the counts of some pairs."""
    chosen = np.isin(counts["pair"], pairs)
    return {name: column[chosen] for name, column in counts.items()}


def _table(counts: Columns, sides: Sequence[IntArray]) -> Numbers:
    """Return counts of pairs with these two sides as a table that is read by columns."""
    columns = [counts["cluster"], *sides, *(counts[name] for name in _OUTCOMES)]
    table = np.empty((len(columns[0]), len(columns)), np.int32, order="F")
    for place, column in enumerate(columns):
        table[:, place] = column
    return table
