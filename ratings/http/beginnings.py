"""Few sessions begin at a time, so that whoever judges always finds a thread that serves them.

When a lecture hall is told to begin, hundreds do in the same second. Each costs several times what
an answer costs, so all threads would be at it for seconds, and answers wait. Here some begin, some
wait for their turn, and the rest are told when to come again, which the page does by itself.
"""

import math
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from django.http import HttpRequest, UnreadablePostError
from django.http.response import HttpResponseBase

from ratings.http.problems import problem_answer, problem_body

BEGINNING = re.compile(r"/api/v1/studies/[^/]+/raters/")
# Of the 16 threads of a process.
AT_ONCE, WAITING = 2, 6
# So many of those who are told to come again are told the same second; about what is served in one.
A_SECOND = 25
# A longer body is refused, and nobody shall wait for it to come.
LONGEST_BYTES = 1 << 16
DETAIL = "Many begin at this moment. Send the same request again after the seconds of Retry-After."


class BeginningsMiddleware:
    """Lets requests that begin a session through a few at a time; all others pass."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._places = threading.BoundedSemaphore(AT_ONCE + WAITING)
        self._lock = threading.Lock()
        self._due = 0.0

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not _begins(request):
            return self.get_response(request)
        with suppress(UnreadablePostError):
            request.body  # noqa: B018 - read first: no place is a slow one's that sends theirs
        if not self._places.acquire(blocking=False):
            return self._come_again()
        try:
            with self._turns:
                return self.get_response(request)
        finally:
            self._places.release()

    def _come_again(self) -> HttpResponseBase:
        """Return 429 and a time to come again, `A_SECOND` of them the same."""
        with self._lock:
            now = time.monotonic()
            self._due = max(now, self._due) + 1 / A_SECOND
            seconds = math.ceil(self._due - now)
        headers = {"Retry-After": str(seconds)}
        answer = problem_answer(problem_body(429, [{"detail": DETAIL}]), headers)
        # Django writes no line of it: hundreds in a second would say nothing.
        answer._has_been_logged = True  # type: ignore[attr-defined]
        return answer


def _begins(request: HttpRequest) -> bool:
    if request.method != "POST" or not BEGINNING.fullmatch(request.path):
        return False
    length = request.META.get("CONTENT_LENGTH") or "0"
    return length.isdigit() and int(length) <= LONGEST_BYTES
