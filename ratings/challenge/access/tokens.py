"""Bearer tokens of organizers and scripts: shown once, kept only as their SHA-256."""

import hashlib
import secrets

from django.contrib.auth.models import User

from ratings.challenge.models import AccessToken

PREFIX = "clic_"  # lets a scanner for leaked secrets recognise a token


def issue_token(user: User, label: str) -> str:
    """Make a token for `user` (256 random bits) and return it; it can't be read back later."""
    token = PREFIX + secrets.token_urlsafe(32)
    AccessToken.objects.create(user=user, label=label, sha256=digest(token))
    return token


def owner(token: str) -> User | None:
    """Return the active user to whom `token` was issued, or None."""
    known = AccessToken.objects.filter(sha256=digest(token), user__is_active=True)
    issued = known.select_related("user").first()
    return issued.user if issued else None


def digest(token: str) -> str:
    """Return what is kept of a token that is shown once."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()
