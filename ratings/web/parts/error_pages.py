"""Designed pages for what went wrong; none asks the database, but for who was refused."""

import sys
from dataclasses import dataclass, replace

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string

from ratings.http.unavailable import unavailable
from ratings.web.parts.viewpoint import Preview, preview_of
from ratings.web.parts.words.formatting import Moment


@dataclass(frozen=True)
class Trouble:
    """What happened and what to do about it; `at` ends the text, `back` is (address, words)."""

    status: int
    title: str
    text: str
    at: Moment | None = None
    back: tuple[str, str] | None = None
    signed_in: str = ""  # as whom, where to sign out is a way on


class NotYet(Http404):
    """What everybody knows of and may not see yet: a 404 that says when, and leads back."""

    def __init__(self, title: str, text: str, at: Moment | None, back: tuple[str, str]) -> None:
        super().__init__(title)
        self.trouble = Trouble(404, title, text, at, back)


BAD_REQUEST = Trouble(
    400, "This request makes no sense to the server", "Go back, reload the page and try again."
)
FORBIDDEN = Trouble(
    403,
    "This is not open to you",
    "The page is for organizers, or the form was open for too long. Reload the page that you came"
    " from and try again; sign in first if you are an organizer.",
)
NO_ROLE = (
    "You are signed in as {name}, and no role of this account permits this. An organizer of the"
    " whole site can give it one. Or sign out, and use an account that has it."
)
NOT_FOUND = Trouble(
    404,
    "There is no page here",
    "The address may be mistyped, or what stood here is not public yet. The start page lists"
    " everything that is.",
)
NO_ACTS = Trouble(
    403,
    "A preview changes nothing",
    "You look at these pages as somebody else will see them. Nothing was sent, nothing is changed."
    " Leave the preview to act for yourself.",
)
BROKEN = Trouble(
    500,
    "The server made a mistake",
    "It is on record. Nothing that was acknowledged before is lost. Try again; if it happens"
    " twice, tell the organizers what you did and when.",
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400."""
    return _page(BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403; to who is signed in, with as whom, and a way to sign out."""
    user = getattr(request, "user", None)  # not there where a middleware refused
    if user is None or not user.is_authenticated:
        return _page(FORBIDDEN)
    name = user.get_username()
    trouble = replace(FORBIDDEN, text=NO_ROLE.format(name=name), signed_in=name)
    html = render_to_string("error.html", {"trouble": trouble}, request)
    return HttpResponse(html, status=trouble.status)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form without its token."""
    return _page(FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404, the same for what is hidden and for what is not there."""
    trouble = exception.trouble if isinstance(exception, NotYet) else NOT_FOUND
    return _page(trouble, preview_of(request))


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 500; or 503 where the database went away while a session was saved, say."""
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        return unavailable(request)
    return _page(BROKEN)


def no_acts(preview: Preview) -> HttpResponse:
    """Answer 403 to an act in a preview."""
    return _page(replace(NO_ACTS, back=(preview.leave, "Leave the preview")), preview)


def _page(trouble: Trouble, preview: Preview | None = None) -> HttpResponse:
    html = render_to_string("error.html", {"trouble": trouble, "preview": preview})
    return HttpResponse(html, status=trouble.status)
