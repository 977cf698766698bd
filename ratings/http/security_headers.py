"""Headers of every answer, also of static files and errors, that Django has no setting for."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# For one reader only, and never kept: what a team, a rater or an organizer is told. So is whatever
# does not say that it may be kept.
PRIVATE = "private, no-store"


class HeadersMiddleware:
    """Keeps other sites from embedding what is served here, and pages from asking for devices.

    Caches keep nothing that was not said to be for all.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers[name] = value
        if _is_private(request, response):
            response.headers["Cache-Control"] = PRIVATE
        return response


def _is_private(request: HttpRequest, response: HttpResponse) -> bool:
    """Tell whether nothing may keep an answer: it does not say so itself, or somebody is signed in.

    Those may see more than everybody does, whom a page that may be kept is meant for. What has an
    address of its own for good, and says so, is the same for all who know it.
    """
    said = response.headers.get("Cache-Control", "")
    is_for_all = "public" in said or "immutable" in said
    return not said or (settings.SESSION_COOKIE_NAME in request.COOKIES and not is_for_all)
