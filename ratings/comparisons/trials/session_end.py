"""The end of a rater's session: on record before its code is handed out."""

from datetime import datetime

from ratings.comparisons.models import Rater
from ratings.comparisons.trials.rater_session import read_session
from ratings.comparisons.trials.session_progress import SessionProgress, State

ENDED_AT = {State.DONE: "finished_at", State.SCREENED_OUT: "screened_out_at"}


def finish_session(rater: Rater, now: datetime) -> SessionProgress:
    """Return how far a rater is; put on record that the session is done, or screened out."""
    session = read_session(rater.pk, rater.study.slug)
    if session is None:
        raise Rater.DoesNotExist
    progress = session.progress()
    if column := ENDED_AT.get(progress.state):
        Rater.objects.filter(pk=rater.pk, **{column: None}).update(**{column: now})
    return progress
