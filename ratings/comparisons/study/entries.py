"""Which submissions take part in a study, under which label, and the pairs they make."""

from collections.abc import Callable, Collection
from itertools import chain, count

from django.db import connection
from django.db.models import Q

from ratings.challenge.models import Phase
from ratings.comparisons.locking import lock_study, locking, note_change
from ratings.comparisons.models import Entry, Study
from ratings.comparisons.participation import left_entries, phases_of, takes_part
from ratings.submissions.models import Submission
from ratings.submissions.rulings.exclusion import Excluded, excluded

# Of an entry whose method the study's file names no more.
REMOVED = "removed"
# Why an entry has left, by its kind, in words that follow "is".
WHY_LEFT = {
    Submission.Exclusion.WITHDRAWN.value: "withdrawn",
    Submission.Exclusion.DISQUALIFIED.value: "disqualified",
    REMOVED: "not in the study any more",
}

# Only entries that have a crop in common make a pair, and only such crops are counted. Raw, because
# 50 entries on 80 crops have 98,000 counters: all are made where they are stored, and none travels.
_MAKE_PAIRS = """
INSERT INTO ratings_pair (study_id, first_id, second_id, issued, issued_first_left, planned)
SELECT a.study_id, a.id, b.id, 0, 0, 0
FROM ratings_entry a JOIN ratings_entry b ON b.study_id = a.study_id AND a.id < b.id
WHERE a.study_id = %s AND a.active AND b.active AND EXISTS (
    SELECT 1 FROM ratings_cropversion v JOIN ratings_cropversion w ON w.crop_id = v.crop_id
    WHERE v.entry_id = a.id AND w.entry_id = b.id)
ON CONFLICT (first_id, second_id) DO NOTHING
"""
_MAKE_COUNTS = """
INSERT INTO ratings_paircount
    (pair_id, crop_id, issued, wins_first, wins_second, ties, shuffle)
SELECT p.id, v.crop_id, 0, 0, 0, 0, random()
FROM ratings_pair p
JOIN ratings_entry a ON a.id = p.first_id AND a.active
JOIN ratings_entry b ON b.id = p.second_id AND b.active
JOIN ratings_cropversion v ON v.entry_id = a.id
JOIN ratings_cropversion w ON w.entry_id = b.id AND w.crop_id = v.crop_id
WHERE p.study_id = %s
ON CONFLICT (pair_id, crop_id) DO NOTHING
"""


def enter_submission(study: Study, submission: Submission) -> Entry:
    """Let a submission into a study, not active yet; return its entry, the same one each time."""
    with locking():
        lock_study(study.pk)
        entry = Entry.objects.filter(study=study, submission=submission).first()
        return entry or Entry.objects.create(
            study=study, submission=submission, label=_free_label(study, submission)
        )


def set_active(study: Study, submissions: Collection[Submission]) -> None:
    """Make exactly these scored submissions' entries active, with all pairs among them.

    Those that take no part are left out. The others get no new trials; their pairs and judgments
    stay. Every one of `submissions` that takes part must have its crops made.
    """
    with locking():
        study = lock_study(study.pk)
        submissions = [submission for submission in submissions if takes_part(study, submission)]
        chosen = Entry.objects.filter(study=study, submission__in=submissions)
        chosen.filter(active=False).update(active=True)
        study.entries.filter(active=True).exclude(submission__in=submissions).update(active=False)
        with connection.cursor() as cursor:
            cursor.execute(_MAKE_PAIRS, [study.pk])
            cursor.execute(_MAKE_COUNTS, [study.pk])


def settle(study: Study, boards: Callable[[Phase], Collection[Submission]]) -> None:
    """Let the study compare exactly what is on its phases' boards now, and takes part in it.

    `boards` tells what is on them. It is asked under the study's lock: whoever changed the boards
    before has come to an end.
    """
    with locking():
        lock_study(study.pk)
        set_active(study, [one for phase in phases_of(study) for one in boards(phase)])


def let_go(study: Study) -> None:
    """Issue nothing of entries that have left any more, and have the study's ranking fitted anew.

    It is for whatever changed who takes part. Judgments stay, whoever has left.
    """
    with locking():
        note_change(study.pk)
        left_entries(study).filter(active=True).update(active=False)


def left_study(study: Study) -> list[Excluded]:
    """Return the entries that were compared in the study and take no part any more, by label."""
    compared = Q(pairs_as_first__isnull=False) | Q(pairs_as_second__isnull=False)
    gone = (
        left_entries(study)
        .filter(compared)
        .distinct()
        .select_related("submission__team", "submission__phase")
    )
    return [excluded(entry.submission, REMOVED) for entry in gone.order_by("label")]


def forget(submission: Submission) -> None:
    """Delete the submission's entries that were never shown, with their crops."""
    never = submission.entries.filter(active=False, identical_trials=None)
    never.filter(pairs_as_first=None, pairs_as_second=None).delete()


def _free_label(study: Study, submission: Submission) -> str:
    """Return the method's name; with its team, and then a number, where that is taken.

    Where a study compares rates, the phase's name is part of it.
    """
    taken = set(study.entries.values_list("label", flat=True))
    method = f"{submission.method}, {submission.phase.name}" if study.series else submission.method
    with_team = f"{method} ({submission.team.name})"
    candidates = chain([method, with_team], (f"{with_team} #{number}" for number in count(2)))
    return next(label for label in candidates if label not in taken)
