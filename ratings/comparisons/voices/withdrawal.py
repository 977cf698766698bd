"""A rater's own withdrawal: all that they answered and said is deleted.

Where a ranking that counts the answers is published already, they stay on record as taken back by
the rater, under the random identifier alone and outside of all counts, so that it can still be
checked. Deleting is for good, and the end that the rater had come to keeps its code. A platform's
names for the person stay until an organizer erases them: without them nobody is paid, and one could
take part, withdraw and take part again.
"""

from datetime import datetime

from ratings.comparisons.judgments.screening import decide
from ratings.comparisons.locking import lock_rater, locking
from ratings.comparisons.models import Comment, Decision, Judgment, Rater, TrialFlag
from ratings.comparisons.raters.privacy import erase_rater
from ratings.comparisons.trials.completion_codes import is_out
from ratings.comparisons.trials.session_end import finish_session
from ratings.comparisons.trials.session_progress import State

REASON = "The rater withdrew: their answers are deleted."
RULE = "withdrawal"


def withdraw(rater: Rater, now: datetime, *, keep: bool) -> bool:
    """Delete what a rater answered and said, and what leads to them; tell whether it is done now.

    With `keep` the answers stay, marked as undone; harmless to repeat.
    """
    ended = finish_session(rater, now).state
    with locking():
        locked = lock_rater(rater.pk)
        if locked.withdrawn_at:
            return False
        # Their code stays that of the end they had come to.
        ended_at = "screened_out_at" if is_out(locked, ended) else "finished_at"
        erase_rater(locked, unpaid=True)
        # Out of the counts; whoever is not used, or rejected, stays so.
        state = Rater.State.NOT_USED if locked.state == Rater.State.USED else locked.state
        made = decide(locked, state, REASON, now=now)
        # Noted afterwards: no rule could overrule an organizer, and the rater may.
        Decision.objects.filter(pk__in=[made.pk] if made else []).update(rule=RULE)
        _delete_answers(locked, now, keep=keep)
        Comment.objects.filter(rater=locked).delete()
        TrialFlag.objects.filter(trial__rater=locked).delete()
        fields: dict[str, object] = {"withdrawn_at": now}
        if ended is State.ENDED:
            fields[ended_at] = now
        Rater.objects.filter(pk=locked.pk).update(**fields)
    return True


def _delete_answers(rater: Rater, now: datetime, *, keep: bool) -> None:
    rater.counts.all().delete()
    rater.visits.all().delete()
    if keep:
        Judgment.objects.filter(trial__rater=rater, undone_at=None).update(undone_at=now)
        rater.trials.filter(judgments=None).delete()
    else:
        rater.trials.all().delete()
