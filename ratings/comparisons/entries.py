"""Which submissions take part in a study, under which label, and the pairs they make."""

from collections.abc import Collection
from itertools import chain, count

from django.db import connection, transaction

from ratings.comparisons.models import Entry, Study
from ratings.comparisons.participation import has_method
from ratings.submissions.models import Submission

# Only entries that have a crop in common make a pair, and only such crops are counted.
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


def enter(study: Study, submission: Submission) -> Entry:
    """Let a submission into a study, not active yet; return its entry, the same one each time."""
    with transaction.atomic():
        _lock(study)
        found = Entry.objects.filter(study=study, submission=submission).first()
        return found or Entry.objects.create(
            study=study, submission=submission, label=_free_label(study, submission)
        )


def set_active(study: Study, submissions: Collection[Submission]) -> None:
    """Make exactly these scored submissions' entries active, with all pairs among them.

    Those whose methods take no part are left out. The others get no new trials; their pairs and
    judgments stay. Every one of `submissions` that takes part must have its crops made.
    """
    with transaction.atomic():
        study = _lock(study)
        submissions = [one for one in submissions if has_method(study, one)]
        chosen = Entry.objects.filter(study=study, submission__in=submissions)
        chosen.filter(active=False).update(active=True)
        study.entries.filter(active=True).exclude(submission__in=submissions).update(active=False)
        with connection.cursor() as cursor:
            cursor.execute(_MAKE_PAIRS, [study.pk])
            cursor.execute(_MAKE_COUNTS, [study.pk])


def _lock(study: Study) -> Study:
    return Study.objects.select_for_update(no_key=True).get(pk=study.pk)


def _free_label(study: Study, submission: Submission) -> str:
    """Return the method's name; with its team, and then a number, where that is taken."""
    taken = set(study.entries.values_list("label", flat=True))
    with_team = f"{submission.method} ({submission.team.name})"
    candidates = chain(
        [submission.method, with_team], (f"{with_team} #{number}" for number in count(2))
    )
    return next(label for label in candidates if label not in taken)
