"""Where a rater is: read anew for each call, in two statements, however much was judged.

What follows from a study's definition alone is kept from call to call, under a digest of the rows
that it is made of; the first statement reads that digest along.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import CharField, QuerySet
from django.db.models.expressions import RawSQL

from ratings import __version__
from ratings.comparisons.models import Rater, Study
from ratings.comparisons.participation import left_entries
from ratings.comparisons.study.study_tables import study_digest
from ratings.comparisons.trials.session_progress import (
    SessionProgress,
    TrialCounts,
    comparable_cells,
    progress_given,
)
from ratings.comparisons.trials.trial_history import IssuedTrial, ShownCrop, ShownPair
from ratings.database.prepared_statements import PreparedStatement

# All that a study's definition is written from.
_DIGEST = "md5(concat(ratings_study::text, ratings_phase.slug, ratings_series.slug))"
_RATER = f"""
SELECT {_DIGEST}, r.id, r.study_id, r.consented_at, r.state, r.stage, r.finished_at,
    r.screened_out_at, r.ending, r.own_team_id, r.withdrawn_at,
    (SELECT v.id FROM ratings_studyversion v
     WHERE v.study_id = r.study_id AND v.sha256 = %s AND v.software_version = %s),
    (SELECT count(*) FROM ({{cells}}) cell), ARRAY({{left}}),
    CASE WHEN r.own_team_id IS NULL THEN ARRAY[]::bigint[] ELSE ARRAY(
        SELECT e.id FROM ratings_entry e JOIN ratings_submission s ON s.id = e.submission_id
        WHERE e.study_id = r.study_id AND s.team_id = r.own_team_id) END
FROM ratings_rater r
JOIN ratings_study ON ratings_study.id = r.study_id
JOIN ratings_phase ON ratings_phase.id = ratings_study.phase_id
LEFT JOIN ratings_series ON ratings_series.id = ratings_study.series_id
WHERE r.id = %s AND ratings_study.slug = %s
"""
# In the model's order.
_FIELDS = [
    *("id", "study_id", "consented_at", "state", "stage", "finished_at"),
    *("screened_out_at", "ending", "own_team_id", "withdrawn_at"),
]
_TRIALS = PreparedStatement(
    "ratings_trials",
    "uuid",
    """
    SELECT t.id, t.kind, t.entry_id, t.level, t.first_left, t.number, t.training_attempt,
        t.version_id, t.issued_at, k.id, k.original_id, k.width, k.height,
        p.id, p.first_id, p.second_id,
        (SELECT j.choice FROM ratings_judgment j
         WHERE j.trial_id = t.id AND j.undone_at IS NULL),
        (SELECT count(*) FROM ratings_judgment j
         WHERE j.trial_id = t.id AND j.undone_at IS NOT NULL),
        EXISTS (SELECT 1 FROM ratings_judgment j
         WHERE j.trial_id = t.id AND j.undone_at IS NULL AND j.excluded),
        (SELECT f.flagged_at FROM ratings_trialflag f WHERE f.trial_id = t.id)
    FROM ratings_trial t
    JOIN ratings_crop k ON k.id = t.crop_id
    LEFT JOIN ratings_pair p ON p.id = t.pair_id
    WHERE t.rater_id = $1
    ORDER BY t.training_attempt = 0, t.training_attempt, t.number
    """,
)


@dataclass(frozen=True)
class RaterSession:
    """A rater, with the study as it is, and what was issued, the training's trials first.

    `left` are entries that have left the study, `own` those of the rater's own team. `version_id`
    is the version that the study's definition has already, if any. There are at least `cells`
    comparisons, or as many as a rater is shown at most.
    """

    rater: Rater
    trials: list[IssuedTrial]
    version_id: int | None
    cells: int
    left: frozenset[int]
    own: frozenset[int] = frozenset()

    def counts(self) -> dict[int, TrialCounts]:
        """Return the answers by training attempt; 0 are those to all other trials.

        Trials that were dropped, because an entry has left or the rater flagged them, are none of
        those issued.
        """
        attempts: dict[int, TrialCounts] = {}
        for trial in self.trials:
            before = attempts.get(trial.training_attempt, TrialCounts())
            judged = trial.choice is not None
            is_dropped = trial.is_skipped or (not judged and trial.has_left(self.left))
            attempts[trial.training_attempt] = TrialCounts(
                before.issued + (not is_dropped),
                before.judged + judged,
                before.right + (trial.choice == ("left" if trial.first_left else "right")),
                before.skipped + trial.is_skipped,
            )
        return attempts

    def progress(self) -> SessionProgress:
        """Return how far the rater is."""
        return progress_given(self.rater, self.counts(), self.cells)


def read_session(rater: UUID, study: str) -> RaterSession | None:
    """Return where a rater of the study of this slug is; None where it has no such rater."""
    known = _known.get(study) or _learn(study)
    while known:
        row = _first(known.statement, [*known.values, rater, study])
        if row is None:
            return None
        digest, *fields, version, cells, left, own = row
        if digest == known.digest:
            read = Rater.from_db(DEFAULT_DB_ALIAS, _FIELDS, fields)
            read.study = known.study
            trials = [_trial(*values) for values in _TRIALS.rows([rater])]
            return RaterSession(read, trials, version, cells, frozenset(left), frozenset(own))
        known = _learn(study)
    return None


@dataclass(frozen=True)
class _KnownStudy:
    """A study, the digest of its rows, and the statement that reads a rater of it."""

    study: Study
    digest: str
    statement: str
    values: list[Any]


# By slug. A study that has changed is read anew, so it does not matter which process has it.
_known: dict[str, _KnownStudy] = {}


def _learn(slug: str) -> _KnownStudy | None:
    rows = Study.objects.select_related("phase", "series").filter(slug=slug)
    study = rows.annotate(digest=RawSQL(_DIGEST, [], CharField())).first()
    if study is None:
        return None
    cells, cells_values = _sql(comparable_cells(study))
    left, left_values = _sql(left_entries(study).values("pk"))
    statement = _RATER.format(cells=cells, left=left)
    values = [study_digest(study), __version__, *cells_values, *left_values]
    _known[slug] = _KnownStudy(study, study.digest, statement, values)
    return _known[slug]


def _sql(rows: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]]:
    statement, values = rows.query.sql_with_params()
    return statement, values


def _first(statement: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def _trial(
    pk: UUID,
    kind: str,
    entry_id: int | None,
    level: int,
    first_left: bool,
    number: int,
    attempt: int,
    version_id: int | None,
    issued_at: Any,  # noqa: ANN401
    crop: int,
    original: int,
    width: int,
    height: int,
    pair: int | None,
    first: int,
    second: int,
    choice: str | None,
    undone: int,
    dropped: bool,
    flagged_at: Any,  # noqa: ANN401
) -> IssuedTrial:
    return IssuedTrial(
        pk,
        kind,
        ShownCrop(crop, original, width, height),
        None if pair is None else ShownPair(pair, first, second),
        entry_id,
        level,
        first_left,
        number,
        attempt,
        version_id,
        issued_at,
        choice,
        undone,
        dropped,
        flagged_at,
    )
