"""The stages of a study: from its pilot to the main one, and back until somebody has answered.

A rater stays in the stage in which they began; who began in the pilot goes on there after the
change. Only the main stage's answers count (see `judgments.counting_rule`).
"""

from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from ratings.challenge.access.audit_log import record
from ratings.challenge.models import AuditEntry
from ratings.challenge.refusals import Refused
from ratings.comparisons.locking import Level, lock_raters, lock_study, locking, take
from ratings.comparisons.models import Judgment, Rater, Stage, Study

# What was issued to raters of the main stage was issued in the pilot after all.
_FOLD_PAIRS = """
UPDATE ratings_pair SET pilot_issued = pilot_issued + issued, issued = 0, planned = 0,
    pilot_issued_first_left = pilot_issued_first_left + issued_first_left, issued_first_left = 0
WHERE study_id = %s AND (issued > 0 OR planned > 0)
"""
_FOLD_CELLS = """
UPDATE ratings_paircount c SET pilot_issued = c.pilot_issued + c.issued, issued = 0
FROM ratings_pair p WHERE p.id = c.pair_id AND p.study_id = %s AND c.issued > 0
"""


def go_over(study: Study, by: str, now: datetime) -> None:
    """Go over from a study's pilot to its main stage: who begins from now on counts.

    Raises Refused, code "stage".
    """
    with locking():
        if lock_study(study.pk).stage == Stage.MAIN:
            raise Refused("stage", _not_in_pilot(study))
        if not _main_raters(study).exists():
            _fold(study)
        _change(study, Stage.MAIN, AuditEntry.Kind.MAIN, by, now)


def go_back(study: Study, by: str, now: datetime) -> None:
    """Go back to the pilot, as long as nobody who began in the main stage has answered.

    Who began there and has not answered is a rater of the pilot from then on. An answer that comes
    meanwhile is waited for, or is the pilot's. Raises Refused, code "stage".
    """
    if study.pilot is None:
        raise Refused("stage", "The study has no pilot: it is in its only stage.")
    while not _went_back(study, by, now):
        pass  # Somebody began after the raters were locked: once more, with them.


def is_reversible(study: Study) -> bool:
    """Tell whether a study in its main stage can still go back to its pilot."""
    answers = Judgment.objects.filter(trial__rater__in=_main_raters(study))
    return study.pilot is not None and study.stage == Stage.MAIN and not answers.exists()


def _went_back(study: Study, by: str, now: datetime) -> bool:
    """Go back; or tell that there are raters whose locks are not held, and change nothing."""
    with locking():
        # Raters come before the study. Nobody begins while it is locked: see `begin_session`.
        locked = lock_raters(Q(study=study, stage=Stage.MAIN))
        if lock_study(study.pk).stage == Stage.PILOT:
            raise Refused("stage", "The study is in its pilot already.")
        if _main_raters(study).exclude(pk__in=locked).exists():
            return False
        answers = Judgment.objects.filter(trial__rater__in=locked)
        if answers.exists():
            raise Refused(
                "stage",
                "Somebody has answered in the main stage, so there is no way back to the pilot. To "
                "try something else out, pause the study and make another one with a pilot.",
            )
        _main_raters(study).update(stage=Stage.PILOT)
        _fold(study)
        _change(study, Stage.PILOT, AuditEntry.Kind.PILOT, by, now)
        return True


def _change(study: Study, stage: Stage, kind: AuditEntry.Kind, by: str, now: datetime) -> None:
    Study.objects.filter(pk=study.pk).update(stage=stage)
    study.stage = stage
    record(study.phase.challenge, kind, by, now, subject=study.name)


def _not_in_pilot(study: Study) -> str:
    if study.pilot is None:
        return "The study has no pilot: it is in its only stage."
    return "The study is in its main stage already."


def _main_raters(study: Study) -> QuerySet[Rater]:
    return study.raters.filter(stage=Stage.MAIN)


def _fold(study: Study) -> None:
    take(Level.PAIRS)
    with connection.cursor() as cursor:
        cursor.execute(_FOLD_PAIRS, [study.pk])
        cursor.execute(_FOLD_CELLS, [study.pk])
