"""Signing in to the desk, slowed down after failures."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from ratings.challenge.models import SignInFailure

WINDOW = timedelta(minutes=15)
# Few from one address, so that guessing is slow; more over all addresses, so that a stranger
# can't easily lock an organizer out.
FAILURES_FROM_ADDRESS = 5
FAILURES_FROM_ANYWHERE = 50


class OrganizerForm(AuthenticationForm):
    """Name and password of an organizer; other users have no business at the desk."""

    error_messages = {
        "invalid_login": "Name and password do not match. Capital letters matter in both.",
        "inactive": "Name and password do not match. Capital letters matter in both.",
        "no_organizer": "This account is not an organizer's.",
        "locked": f"Too many failures. Try again in {WINDOW.seconds // 60} minutes.",
    }

    def clean(self) -> dict[str, Any]:
        """Check the password; after too many failures it is not even looked at."""
        now, name = timezone.now(), str(self.cleaned_data.get("username", ""))
        address = _address(self.request)
        if is_locked(name, address, now):
            raise ValidationError(self.error_messages["locked"], code="locked")
        try:
            return super().clean()
        except ValidationError:
            SignInFailure.objects.create(name_sha256=_digest(name), address=address, at=now)
            raise

    def confirm_login_allowed(self, user: Any) -> None:  # noqa: ANN401
        """Let active organizers in."""
        super().confirm_login_allowed(user)
        if not user.is_staff:
            raise ValidationError(self.error_messages["no_organizer"], code="no_organizer")


class SignIn(LoginView):
    """The form; after it the page that asked for it, or the desk."""

    template_name = "desk/login.html"
    authentication_form = OrganizerForm


def is_locked(name: str, address: str | None, now: datetime) -> bool:
    """Tell whether `name` failed so often within the window that it has to wait.

    A name that no user has is treated alike: the answer does not tell who exists.
    """
    SignInFailure.objects.filter(at__lt=now - WINDOW).delete()
    failures = SignInFailure.objects.filter(name_sha256=_digest(name))
    if failures.filter(address=address).count() >= FAILURES_FROM_ADDRESS:
        return True
    return failures.count() >= FAILURES_FROM_ANYWHERE


def _address(request: HttpRequest | None) -> str | None:
    return (request.META.get("REMOTE_ADDR") or None) if request else None


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode(errors="replace")).hexdigest()
