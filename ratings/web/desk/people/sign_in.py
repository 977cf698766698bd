"""Signing in to the desk, slowed down after failures."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ratings.challenge.access.limits import DESK_LOGIN, client_address, try_again
from ratings.challenge.access.permissions import Permission, may_anywhere
from ratings.http.waiting import asks_to_wait


class SignInForm(AuthenticationForm):
    """Name and password of an account; one without a role has no business at the desk."""

    error_messages = {
        "invalid_login": "Name and password do not match. Capital letters matter in both.",
        "inactive": "Name and password do not match. Capital letters matter in both.",
        "no_role": "This account has no role here any more. Ask an organizer.",
    }

    def clean(self) -> dict[str, Any]:
        """Check the password; after too many failures it is not even looked at."""
        now, name = timezone.now(), str(self.cleaned_data.get("username", ""))
        address = _address(self.request)
        if at := DESK_LOGIN.locked_until(name, address, now):
            words = f"Too many failures. {try_again(at, now)}"
            raise ValidationError(words, code="locked", params={"at": at, "now": now})
        try:
            return super().clean()
        except ValidationError:
            DESK_LOGIN.record(name, address, now)
            raise

    def confirm_login_allowed(self, user: Any) -> None:  # noqa: ANN401
        """Let in who is active and has a role."""
        super().confirm_login_allowed(user)
        if not may_anywhere(user, Permission.ENTER):
            raise ValidationError(self.error_messages["no_role"], code="no_role")


class SignIn(LoginView):
    """The form; after it the page that asked for it, or the desk."""

    template_name = "desk/login.html"
    authentication_form = SignInForm

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Show the form with what is wrong, and by the status where waiting helps."""
        page = super().form_invalid(form)
        for error in form.non_field_errors().as_data():
            if error.code == "locked":
                asks_to_wait(page, **(error.params or {}))
        return page


def _address(request: HttpRequest | None) -> str | None:
    return client_address(request.META) if request else None
