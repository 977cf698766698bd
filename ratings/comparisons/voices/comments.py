"""A rater's word at the end of their session."""

from datetime import datetime
from uuid import UUID

from ratings.challenge.refusals import Refused
from ratings.comparisons.locking import lock_rater, locking
from ratings.comparisons.models import Comment
from ratings.comparisons.study.voice_keys import voices_of
from ratings.comparisons.trials.completion_codes import OVER
from ratings.comparisons.trials.session_progress import State, progress_of_rater

LONGEST_COMMENT = 2000


def write_comment(rater_id: UUID, text: str, now: datetime) -> bool:
    """Keep what a rater says at the end, in place of what they said before; "" takes it back.

    Tell whether there is a comment then. Raises Refused, code "no-comments".
    """
    with locking():
        rater = lock_rater(rater_id)
        if not voices_of(rater.study).comments:
            raise Refused("no-comments", "This study takes no comments.")
        if rater.withdrawn_at or progress_of_rater(rater).state not in set(OVER) - {
            State.WITHDRAWN
        }:
            raise Refused("no-comments", "A comment is written at the end of the session.")
        if not text.strip():
            Comment.objects.filter(rater=rater).delete()
            return False
        said = {"text": text.strip(), "written_at": now}
        Comment.objects.update_or_create(rater=rater, defaults=said)
    return True
