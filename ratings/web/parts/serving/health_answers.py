"""What machines ask: /healthz, /readyz, and /metrics for who has the token.

They ask by address and without TLS, so these come before hosts are checked and requests redirected.
"""

import hmac
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from ratings.health.exposition import MEDIA_TYPE, render_metrics
from ratings.health.readiness import READINESS

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
TEXT = "text/plain; charset=utf-8"


class HealthMiddleware:
    """Answers for three addresses, and hands everything else on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = ANSWERS.get(request.path)
        if answer is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return answer(request)


def healthy(request: HttpRequest) -> HttpResponse:
    """Say that this process answers, whatever else does."""
    return _text("alive\n")


def ready(request: HttpRequest) -> HttpResponse:
    """Say whether this process can serve, in words that tell a stranger nothing."""
    if missing := READINESS.get():
        return _text(f"not ready: {', '.join(missing)}\n", status=503)
    return _text("ready\n")


def metrics(request: HttpRequest) -> HttpResponse:
    """Return the figures to who sends the token; without one on this site there are none."""
    token = settings.METRICS_TOKEN
    if not token:
        return _text("There are no metrics here.\n", status=404)
    sent = request.headers.get("Authorization", "").encode(errors="replace")
    if not hmac.compare_digest(sent, f"Bearer {token}".encode()):
        refused = _text("Send the token of metrics as a Bearer token.\n", status=401)
        refused.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return refused
    return HttpResponse(render_metrics(), content_type=MEDIA_TYPE, headers=HEADERS)


ANSWERS: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": healthy,
    "/readyz": ready,
    "/metrics": metrics,
}


def _text(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(text, status=status, content_type=TEXT, headers=HEADERS)
