"""Bodies of requests and answers, as HTTP wants them on a connection that is kept."""

from collections.abc import Callable
from contextlib import suppress

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase

CHUNK_BYTES = 1 << 16
# What is left of a longer body is not worth waiting for: the server closes the connection.
MOST_UNREAD_BYTES = 64 << 20


class BodiesMiddleware:
    """Reads what a view left unread of a request, and answers HEAD without a body.

    An answer that comes before its request was read is lost by clients when the server closes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        _read_to_its_end(request)
        if request.method == "HEAD":
            _drop_body(response)
        return response


def _read_to_its_end(request: HttpRequest) -> None:
    # Where the server tells the end, a body without a Content-Length is read too.
    terminated = request.META.get("wsgi.input_terminated")
    stream = request.META["wsgi.input"] if terminated else request
    with suppress(OSError, UnreadablePostError):
        for _ in range(0, MOST_UNREAD_BYTES, CHUNK_BYTES):
            if not stream.read(CHUNK_BYTES):
                return


def _drop_body(response: HttpResponseBase) -> None:
    """Leave the headers; a body that comes piece by piece is not even begun."""
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = ()
    elif isinstance(response, HttpResponse):
        response.headers.setdefault("Content-Length", str(len(response.content)))
        response.content = b""
