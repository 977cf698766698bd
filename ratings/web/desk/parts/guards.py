"""Who may open the pages of the desk: asked of `permissions` before anything else is looked at."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache

from ratings.challenge.access.permissions import Permission, may_anywhere, may_there

SAFE = ("GET", "HEAD", "OPTIONS")
Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[HttpRequest, Arguments], HttpResponseBase]


def desk_page(view: View[Arguments]) -> View[Arguments]:
    """Let read whoever may read what the route is about, and change who may change it."""
    return guarded(view, reads=Permission.READ, changes=Permission.CHANGE)


def organizers_only(view: View[Arguments]) -> View[Arguments]:
    """Let in who may change what the route is about."""
    return guarded(view, reads=Permission.CHANGE, changes=Permission.CHANGE)


def read_only(view: View[Arguments]) -> View[Arguments]:
    """Let in who may read what the route is about, by any method: the view changes nothing."""
    return guarded(view, reads=Permission.READ, changes=Permission.READ)


def panel_page(view: View[Arguments]) -> View[Arguments]:
    """Let read whoever may read the panel's sheet, and act who may vote."""
    return guarded(view, reads=Permission.READ_PANEL, changes=Permission.VOTE)


def anywhere(
    reads: Permission, changes: Permission = Permission.CHANGE
) -> Callable[[View[Arguments]], View[Arguments]]:
    """Let in whoever has a permission in any challenge: for what is one's own, or is filtered."""

    def guard(view: View[Arguments]) -> View[Arguments]:
        return guarded(view, reads=reads, changes=changes, has=_anywhere)

    return guard


def guarded(
    view: View[Arguments],
    *,
    reads: Permission,
    changes: Permission,
    has: Callable[[HttpRequest, Permission], bool] | None = None,
) -> View[Arguments]:
    """Ask strangers to sign in; refuse users without the permission. Nothing is cached.

    `has` tells whether a request has a permission, by default for what its route is about.
    """
    permitted = has or _there

    @wraps(view)
    def asked(
        request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not permitted(request, reads if request.method in SAFE else changes):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return never_cache(asked)


def _there(request: HttpRequest, permission: Permission) -> bool:
    return may_there(request.user, permission, request.resolver_match)


def _anywhere(request: HttpRequest, permission: Permission) -> bool:
    return may_anywhere(request.user, permission)
