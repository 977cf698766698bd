"""What a rater is told of their own answers at the end, where the study allows it.

Checks are no part of it. Agreement is told in tenths, and of first answers alone: whoever takes
their last answer back and gives another one learns nothing from it. Methods are named, and what was
thought of each, once everybody may see the boards and which method made which picture.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from ratings.comparisons.judgments.counting_rule import counts_sql
from ratings.comparisons.models import Judgment, Rater, Trial
from ratings.comparisons.participation import left_entries, phases_of
from ratings.comparisons.study.presentation import identities_open
from ratings.comparisons.study.voice_keys import OwnResult, voices_of
from ratings.comparisons.trials.session_progress import State, progress_of_rater

# With fewer comparisons that others answered too, nothing is said.
LEAST = 10
# Of each of the rater's comparisons: whether the first of the pair was preferred at first, and how
# many of the other raters who count preferred the first, and the second, on the same crop. What the
# rater's own standing answer counts is taken out; ties are on neither side.
_BESIDE = f"""
SELECT j.choice = CASE WHEN t.first_left THEN 'left' ELSE 'right' END,
    c.wins_first - (own.counts AND own.choice = CASE WHEN t.first_left THEN 'left' ELSE 'right' END)
        ::int,
    c.wins_second - (own.counts AND own.choice = CASE WHEN t.first_left THEN 'right' ELSE 'left'
        END)::int
FROM ratings_trial t
JOIN ratings_rater r ON r.id = t.rater_id
JOIN ratings_judgment j ON j.trial_id = t.id AND j.attempt = 1 AND j.choice <> 'tie'
JOIN ratings_paircount c ON c.pair_id = t.pair_id AND c.crop_id = t.crop_id
CROSS JOIN LATERAL (
    SELECT count(*) > 0 AS counts, max(s.choice) AS choice FROM ratings_judgment s
    WHERE s.trial_id = t.id AND {counts_sql(judgment="s")}
) own
WHERE t.rater_id = %s AND t.kind = 'comparison'
"""


@dataclass(frozen=True)
class Agreement:
    """In how many tenths of so many comparisons the rater answered like most of the others."""

    tenths: int
    comparisons: int


@dataclass(frozen=True)
class OwnMethod:
    """How often a rater preferred a method, ties as halves, in how many comparisons of it."""

    method: str
    preferred: float
    compared: int


@dataclass(frozen=True)
class OwnAnswers:
    """What is told; None where there is too little to tell it.

    `ranking` is in the order of the rater's own preferences, and `ranking_later` tells that it is
    told once the results are published.
    """

    agreement: Agreement | None
    ranking: list[OwnMethod] | None
    ranking_later: bool


def own_result(rater: Rater, now: datetime) -> OwnAnswers | None:
    """Return what a rater is told at the end of their session; None where nothing is."""
    wanted = voices_of(rater.study).own_result
    if wanted is OwnResult.NONE or progress_of_rater(rater).state is not State.DONE:
        return None
    if wanted is OwnResult.AGREEMENT:
        return OwnAnswers(agreement(rater), None, ranking_later=False)
    is_public = all(identities_open(phase, now) for phase in phases_of(rater.study))
    ranking = own_ranking(rater) if is_public else None
    return OwnAnswers(agreement(rater), ranking, ranking_later=not is_public)


def agreement(rater: Rater) -> Agreement | None:
    """Return how often a rater's first answers were those of most others, on the same crops."""
    with connection.cursor() as cursor:
        cursor.execute(_BESIDE, [rater.pk])
        rows = [row for row in cursor.fetchall() if row[1] != row[2]]
    if len(rows) < LEAST:
        return None
    alike = sum(chose_first == (first > second) for chose_first, first, second in rows)
    return Agreement(round(10 * alike / len(rows)), len(rows))


def own_ranking(rater: Rater) -> list[OwnMethod]:
    """Return the methods by how often the rater preferred them; those that have left are out."""
    left = set(left_entries(rater.study).values_list("pk", flat=True))
    judgments = Judgment.objects.filter(trial__rater=rater, undone_at=None, excluded=False)
    comparisons = judgments.filter(trial__kind=Trial.Kind.COMPARISON)
    preferred: Counter[int] = Counter()  # in halves
    compared: Counter[int] = Counter()
    pair = ("trial__pair__first", "trial__pair__second")
    for first_left, choice, first, second in comparisons.values_list(
        "trial__first_left", "choice", *pair
    ):
        sides = {"left": first if first_left else second, "right": second if first_left else first}
        compared.update((first, second))
        preferred.update([sides[choice]] * 2 if choice in sides else (first, second))
    labels = dict(rater.study.entries.values_list("pk", "label"))
    rows = [
        OwnMethod(labels[entry], preferred[entry] / 2, compared[entry])
        for entry in compared
        if entry not in left
    ]
    return sorted(rows, key=lambda row: (-row.preferred / row.compared, row.method))
