"""Which answers count, said once, in SQL: for the counters, and for the reasons in exports.

An answer stands if it is to a comparison, was not undone, is not excluded, and its rater is used.
It counts if it stands and its rater began in the main stage: a pilot's answers stand, and count
nowhere.
Counts, rankings and exports ask this module. A ranking then leaves out the pairs of entries that
have left (see `participation.ranked_pairs`), whose answers stay in the counters.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ratings.comparisons.models import Rater, Stage, Trial
from ratings.comparisons.protocol import Protocol


@dataclass(frozen=True)
class Condition:
    """That a column of an answer's `row`, which is its trial, rater or judgment, has a value."""

    row: str
    column: str
    value: str | bool | None

    def sql(self, alias: str) -> str:
        """Return the condition on the row that a query knows by this alias."""
        if self.value is None:
            return f"{alias}.{self.column} IS NULL"
        return f"{alias}.{self.column} = {_literal(self.value)}"


def _literal(value: str | bool) -> str:
    return str(value).upper() if isinstance(value, bool) else f"'{value}'"


TO_COMPARISON = Condition("trial", "kind", Trial.Kind.COMPARISON.value)
NOT_UNDONE = Condition("judgment", "undone_at", None)
NOT_EXCLUDED = Condition("judgment", "excluded", value=False)
RATER_USED = Condition("rater", "state", Rater.State.USED.value)
IN_MAIN = Condition("rater", "stage", Stage.MAIN.value)
STANDS = (TO_COMPARISON, NOT_UNDONE, NOT_EXCLUDED, RATER_USED)
RULE = (*STANDS, IN_MAIN)


def counts_sql(*, trial: str = "t", rater: str = "r", judgment: str = "j") -> str:
    """Return the rule as one SQL condition on rows that a query knows by these aliases."""
    return _sql(RULE, {"trial": trial, "rater": rater, "judgment": judgment})


def stands_sql(*, trial: str = "t", rater: str = "r", judgment: str = "j") -> str:
    """Return what `counts_sql` does, for answers of any stage: whether they stand."""
    return _sql(STANDS, {"trial": trial, "rater": rater, "judgment": judgment})


def _sql(conditions: Iterable[Condition], alias: Mapping[str, str]) -> str:
    return " AND ".join(condition.sql(alias[condition.row]) for condition in conditions)


def fast_sql(protocol: Protocol, judgment: str = "j") -> str:
    """Return `Protocol.is_fast` as one SQL condition on the judgment known by this alias."""
    flips = f"({judgment}.display->>'flips')::int8"
    few = f"coalesce({flips} >= 0 AND {flips} < {protocol.least_flips}, FALSE)"
    return f"({judgment}.response_ms < {protocol.screening.fast_under_ms} OR {few})"


def adds_sql(choice: str, first_left: str) -> str:
    """Return what an answer adds to wins of its pair's first entry, of the second, and to ties.

    These are the columns `first`, `second` and `tie` of a query that has the answer's choice, and
    whether the first entry stood on the left, by these terms.
    """
    return f"""
        ({choice} = CASE WHEN {first_left} THEN 'left' ELSE 'right' END)::int AS first,
        ({choice} = CASE WHEN {first_left} THEN 'right' ELSE 'left' END)::int AS second,
        ({choice} = 'tie')::int AS tie"""


# One row for each answer that counts: what it adds, and the columns by which counters are kept.
COUNTED = f"""
    SELECT j.id AS judgment_id, r.study_id, t.rater_id, t.pair_id, t.crop_id, o.dataset_id,
        {adds_sql("j.choice", "t.first_left")}
    FROM ratings_judgment j
    JOIN ratings_trial t ON t.id = j.trial_id
    JOIN ratings_rater r ON r.id = t.rater_id
    JOIN ratings_crop k ON k.id = t.crop_id JOIN ratings_original o ON o.id = k.original_id
    WHERE {counts_sql()}
"""
