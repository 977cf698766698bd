"""Answers 503 with Retry-After while the database or the files' store is away or full.

Answers 400 to what the database can't hold.
"""

import logging
from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from ratings.http.problems import problem_answer, problem_body

RETRY_AFTER_SECONDS = 2
_log = logging.getLogger(__name__)


def unavailable(request: HttpRequest, who: str = "The database is") -> HttpResponse:
    """Return the 503 answer: a problem document for the API, a page elsewhere."""
    detail = f"{who} not answering. Nothing was lost; send the same request again shortly."
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    if not request.path.startswith("/api/"):
        trouble = {"status": 503, "title": "Back in a moment", "text": detail}
        page = render_to_string("error.html", {"trouble": trouble})
        return HttpResponse(page, status=503, headers=headers)
    return problem_answer(problem_body(503, [{"detail": detail}]), headers)


class DatabaseUnavailableMiddleware:
    """Translates lost connections, a full disk and deadlocks into 503; the client tries again.

    So too where the files lie in a bucket that is away.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return 503 for errors of the database's operation, None for all others.

        Raises BadRequest for values that no database can hold, such as a text with NUL in it.
        """
        if isinstance(error, (OperationalError, InterfaceError)):
            return unavailable(request)
        if isinstance(error, ConnectionError):  # of the store of files, which is far away
            _log.error("Not answered: %s", error)
            return unavailable(request, "The store of files is")
        if isinstance(error, DataError):
            raise BadRequest(str(error)) from error
        return None
