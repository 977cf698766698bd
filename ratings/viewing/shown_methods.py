"""Which methods of a phase are shown next to its originals."""

from django.db.models import Q

from ratings.challenge.models import Phase
from ratings.comparisons.models import Entry
from ratings.comparisons.participation import left_entries
from ratings.fidelity.psnr_board import board_submissions
from ratings.submissions.models import Submission


def shown_submissions(phase: Phase) -> list[Submission]:
    """Return the scored submissions on either board of the phase, by method and team.

    A replaced one that a study compared is among them; what has left is not.
    """
    studies = list(phase.studies.all())
    compared = Q(active=True) | Q(pairs_as_first__isnull=False) | Q(pairs_as_second__isnull=False)
    entries = Entry.objects.filter(compared, study__in=studies)
    entries = entries.exclude(pk__in=left_entries(*studies).values("pk")).distinct()
    wanted = {submission.pk for submission in board_submissions(phase)}
    wanted |= set(entries.values_list("submission", flat=True))
    scored = phase.submissions.filter(pk__in=wanted, state=Submission.State.SCORED, exclusion="")
    return list(scored.select_related("team").order_by("method", "team__name", "pk"))
