"""Whether a study recruits: anybody new could begin now, in one of the ways that it has."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, F

from ratings.comparisons.models import Study
from ratings.comparisons.raters.recruiting import EntryRequest, Participant, foreseen

_SOMEBODY = "somebody-new"


def takes_raters(study: Study, now: datetime) -> bool:
    """Tell whether somebody new could begin now, freely, by an invitation or sent by a platform."""
    return any(foreseen(study, way, now) is None for way in _ways(study))


def _ways(study: Study) -> Iterator[EntryRequest]:
    yield EntryRequest()
    for platform in study.protocol.recruiting.platforms:
        yield EntryRequest(participant=Participant(platform.slug, _SOMEBODY))
    invitations = study.invitations.filter(revoked_at=None).annotate(used=Count("raters"))
    for invitation in invitations.filter(used__lt=F("most_raters"))[:1]:
        yield EntryRequest(invitation=invitation.token)
