"""The end of a rater's session: on record before its code is handed out."""

from datetime import datetime

from ratings.comparisons.models import Rater
from ratings.comparisons.progress import Progress, State, progress

ENDED_AT = {State.DONE: "finished_at", State.SCREENED_OUT: "screened_out_at"}


def settle(rater: Rater, now: datetime) -> Progress:
    """Return how far a rater is; who turns out to be done, or screened out, stays so."""
    found = progress(rater)
    if column := ENDED_AT.get(found.state):
        Rater.objects.filter(pk=rater.pk, **{column: None}).update(**{column: now})
    return found
