"""Raters: random identifiers that a signed cookie carries, one for each study."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.core.signing import BadSignature, Signer

from ratings.comparisons.models import Rater, Study

COOKIE_PREFIX = "rater-"
COOKIE_AGE_SECONDS = 90 * 24 * 3600
_signer = Signer(salt="ratings.rater")


def begin(study: Study, now: datetime, *, simulated: bool = False) -> Rater:
    """Begin a session of someone who consented; the text consented to is kept with it."""
    return Rater.objects.create(
        study=study, consent=study.consent, consented_at=now, simulated=simulated
    )


def cookie_name(study: Study) -> str:
    """Return the name of the cookie that holds a rater of this study."""
    return COOKIE_PREFIX + study.slug


def cookie_value(rater: Rater) -> str:
    """Return the rater's identifier, signed."""
    return _signer.sign(rater.pk.hex)


def find(study: Study, cookies: Mapping[str, str]) -> Rater | None:
    """Return the rater of this study whom the cookies name, or None."""
    rater_id = _unsign(cookies.get(cookie_name(study), ""))
    return Rater.objects.filter(study=study, pk=rater_id).first() if rater_id else None


def identifiers(cookies: Mapping[str, str]) -> list[UUID]:
    """Return the identifiers of all raters whom the cookies name, in whatever study."""
    values = [value for name, value in cookies.items() if name.startswith(COOKIE_PREFIX)]
    return [rater_id for value in values if (rater_id := _unsign(value))]


def _unsign(value: str) -> UUID | None:
    try:
        return UUID(hex=_signer.unsign(value))
    except (BadSignature, ValueError):
        return None
