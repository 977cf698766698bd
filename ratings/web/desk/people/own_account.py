"""One's own account: its roles and password, and the links by which a password is chosen."""

from datetime import datetime

from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ratings.challenge.access.account_links import find_link, follow_link
from ratings.challenge.access.accounts import HeldRole, change_password, roles_held
from ratings.challenge.access.limits import client_address
from ratings.challenge.access.permissions import Permission, may_anywhere
from ratings.challenge.refusals import Refused
from ratings.challenge.teams.lost_passwords import mail_is_set_up
from ratings.http.waiting import asks_to_wait
from ratings.notices.addressees import receiver_of
from ratings.web.desk.parts.guards import anywhere
from ratings.web.parts.mail_switches import set_switches, switches

LONGEST_ADDRESS = 254
NOT_ALIKE = "The two new passwords are not alike."


@anywhere(Permission.ENTER, Permission.ENTER)
@require_http_methods(["GET", "HEAD", "POST"])
def own_account(request: HttpRequest) -> HttpResponse:
    """Show one's roles; change one's password, after which this session alone goes on."""
    user, now = get_object_or_404(User, pk=request.user.pk), timezone.now()
    problems, retry_at = [], None
    if request.method == "POST" and "mail" in request.POST:
        try:
            _set_mail(request, user)
            return redirect("web:own-account")
        except Refused as refused:
            problems = refused.problems
    elif request.method == "POST":
        try:
            _change(request, user, now)
        except Refused as refused:
            problems, retry_at = refused.problems, refused.retry_at
        else:
            request.session["password_changed"] = True
            return redirect("web:own-account")
    page = {
        "mails": mail_is_set_up(),
        "email": request.POST.get("email", user.email),
        "switches": switches(receiver_of(user)),
        "organizes": may_anywhere(user, Permission.CHANGE),
        "roles": roles_held(user),
        "rules": password_validators_help_texts(),
        "problems": problems,
        "changed": request.session.pop("password_changed", False),
    }
    shown = render(request, "desk/own_account.html", page, status=422 if problems else 200)
    return asks_to_wait(shown, retry_at, now) if retry_at else shown


def _set_mail(request: HttpRequest, user: User) -> None:
    """Set where mail to an account goes, and which. Raises Refused, code "account-name"."""
    email = request.POST.get("email", "").strip()
    try:
        if email:
            validate_email(email)
    except ValidationError as error:
        raise Refused("account-name", f"{email!r} is no e-mail address.") from error
    user.email = email[:LONGEST_ADDRESS]
    user.save(update_fields=["email"])
    set_switches(request, receiver_of(user))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account_link(request: HttpRequest, token: str) -> HttpResponse:
    """Let whoever has the link choose name and password, or a new password; then sign them in."""
    now, problems = timezone.now(), []
    try:
        link = find_link(token, now)
    except Refused as refused:
        left = {"problems": refused.problems}
        return render(request, "desk/account_link.html", left, status=404)
    if request.method == "POST":
        try:
            login(request, follow_link(token, request.POST.get("name", ""), _new(request), now))
        except Refused as refused:
            problems = refused.problems
        else:
            return redirect("web:desk")
    page = {
        "link": link,
        "held": None if link.user else HeldRole(link.role, link.challenge),
        "rules": password_validators_help_texts(),
        "name": request.POST.get("name", ""),
        "problems": problems,
    }
    return render(request, "desk/account_link.html", page, status=422 if problems else 200)


def _change(request: HttpRequest, user: User, now: datetime) -> None:
    address = client_address(request.META)
    change_password(user, request.POST.get("old", ""), _new(request), address, now)
    update_session_auth_hash(request, user)


def _new(request: HttpRequest) -> str:
    """Return the new password. Raises Refused, code "password", where it was mistyped."""
    new = request.POST.get("new", "")
    if new != request.POST.get("again", ""):
        raise Refused("password", NOT_ALIKE)
    return new
