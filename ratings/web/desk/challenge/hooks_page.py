"""The desk's page of a challenge's hooks: where events are posted, and how that went."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ratings.challenge.access.permissions import Permission, may_there
from ratings.challenge.models import Challenge
from ratings.challenge.refusals import Refused
from ratings.notices import hook_rules
from ratings.notices.hook_rules import HOOK_KINDS
from ratings.outbox.dispatching import send_again
from ratings.outbox.models import Dispatch, Hook
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.paging import page_of

NEW_SECRET = "new_hook_secret"  # in the session, until the next page has shown it
LOG_ROWS = 20


@dataclass(frozen=True)
class HookLine:
    """A hook, and its address as whoever asks may see it."""

    hook: Hook
    address: str


@dataclass(frozen=True)
class DeliveryLine:
    """A delivery, and the host that it went to."""

    dispatch: Dispatch
    host: str


@desk_page
@require_safe
def hooks(request: HttpRequest, slug: str) -> HttpResponse:
    """List the hooks with their last deliveries, and show a secret that was made just now."""
    return _page(request, get_object_or_404(Challenge, slug=slug))


@desk_page
@require_POST
def act_on_hooks(request: HttpRequest, slug: str, what: str) -> HttpResponse:
    """Add a hook, or do something about one of them."""
    challenge = get_object_or_404(Challenge, slug=slug)
    if what not in _ACTS:
        raise Http404
    try:
        _ACTS[what](request, challenge)
    except Refused as refused:
        return _page(request, challenge, refused.problems)
    return redirect("web:desk-hooks", slug)


def _page(
    request: HttpRequest, challenge: Challenge, problems: list[str] | None = None
) -> HttpResponse:
    log = page_of(request, hook_rules.deliveries_of(challenge), size=LOG_ROWS)
    asked = request.POST.getlist("kind") if problems else [str(kind) for kind in HOOK_KINDS]
    page: dict[str, Any] = {
        "challenge": challenge,
        "lines": [HookLine(hook, _shown(request, hook)) for hook in hook_rules.hooks_of(challenge)],
        "kinds": [(kind, kind.label, kind in asked) for kind in HOOK_KINDS],
        "secret": request.session.pop(NEW_SECRET, ""),
        "page": log,
        "log": [DeliveryLine(row, hook_rules.host_of(row.hook.url)) for row in log.rows],
        "problems": problems or [],
        "asked": request.POST,
    }
    return render(request, "desk/hooks.html", page, status=422 if problems else 200)


def _shown(request: HttpRequest, hook: Hook) -> str:
    """Return a hook's address; its path is a secret of many a chat, so viewers see the host."""
    is_mine = may_there(request.user, Permission.CHANGE, request.resolver_match)
    return hook.url if is_mine else hook_rules.host_of(hook.url)


def _add(request: HttpRequest, challenge: Challenge) -> None:
    url, kinds = request.POST.get("url", "").strip(), request.POST.getlist("kind")
    hook = hook_rules.add_hook(challenge, url, kinds, _by(request), timezone.now())
    request.session[NEW_SECRET] = hook.secret


def _rotate(request: HttpRequest, challenge: Challenge) -> None:
    hook = _hook(request, challenge)
    request.session[NEW_SECRET] = hook_rules.rotate_secret(hook, _by(request), timezone.now())


def _remove(request: HttpRequest, challenge: Challenge) -> None:
    if "confirm" not in request.POST:
        raise Refused("hook", "Tick that what is on its way there goes too.")
    hook_rules.remove_hook(_hook(request, challenge), _by(request), timezone.now())


def _enable(request: HttpRequest, challenge: Challenge) -> None:
    hook_rules.enable_hook(_hook(request, challenge), _by(request), timezone.now())


def _try(request: HttpRequest, challenge: Challenge) -> None:
    hook_rules.try_hook(_hook(request, challenge), timezone.now())


def _send_again(request: HttpRequest, challenge: Challenge) -> None:
    rows = hook_rules.deliveries_of(challenge)
    send_again(get_object_or_404(rows, pk=_key(request, "delivery")), timezone.now())


def _hook(request: HttpRequest, challenge: Challenge) -> Hook:
    return get_object_or_404(hook_rules.hooks_of(challenge), pk=_key(request, "hook"))


def _key(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _by(request: HttpRequest) -> str:
    return request.user.get_username()


_ACTS: dict[str, Callable[[HttpRequest, Challenge], None]] = {
    "add": _add,
    "rotate": _rotate,
    "remove": _remove,
    "enable": _enable,
    "try": _try,
    "again": _send_again,
}
