"""Links that work once, for a while; of each only the SHA-256 is kept."""

import secrets
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from ratings.challenge.access.tokens import digest
from ratings.challenge.models import AccountLink
from ratings.challenge.refusals import Refused

LASTS = timedelta(days=7)
LONGEST_LABEL = 100


def make_link(by: str, at: datetime, **fields: object) -> tuple[AccountLink, str]:
    """Make a link for what the fields of AccountLink say; return it with its token."""
    AccountLink.objects.filter(expires_at__lte=at).delete()
    token = _new_token()
    link = AccountLink.objects.create(
        sha256=digest(token), by=by, created_at=at, expires_at=at + LASTS, **fields
    )
    return link, token


def renew_token(link: AccountLink) -> str:
    """Return another token of a link; the one from before is worth nothing any more."""
    token = _new_token()
    link.sha256 = digest(token)
    link.save(update_fields=["sha256"])
    return token


def usable_links(at: datetime) -> QuerySet[AccountLink]:
    """Return the links that may still be used, the newest first."""
    of_somebody = Q(user=None) | Q(user__is_active=True)
    usable = AccountLink.objects.filter(of_somebody, expires_at__gt=at)
    return usable.select_related("user", "challenge", "team").order_by("-pk")


def find_usable(links: QuerySet[AccountLink], token: str) -> AccountLink:
    """Return the one of `links` that a token is of. Raises Refused, code "unknown-link"."""
    link = links.filter(sha256=digest(token)).first()
    if link is None:
        raise _gone()
    return link


def use_up(link: AccountLink) -> None:
    """Let a link be used once. Raises Refused, code "unknown-link", where it was used just now."""
    if not AccountLink.objects.filter(pk=link.pk).delete()[0]:
        raise _gone()


def require_label(label: str) -> str:
    """Return whom a link is for, trimmed. Raises Refused, code "account-link"."""
    label = label.strip()
    if not 0 < len(label) <= LONGEST_LABEL or not label.isprintable():
        raise Refused(
            "account-link", f"Say whom the invitation is for, in 1 to {LONGEST_LABEL} characters."
        )
    return label


def _new_token() -> str:
    return secrets.token_urlsafe(32)


def _gone() -> Refused:
    return Refused(
        "unknown-link",
        "This link was used, has expired, or was taken back. Ask whoever gave it for a new one.",
    )
