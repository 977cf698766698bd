"""Each request's id, time and outcome: for the log, and for Prometheus."""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from ratings.health.exposition import REQUESTS
from ratings.http.log_filters import KNOWN_BY, route_of
from ratings.http.log_lines import origin, request_id

HEADER = "X-Request-ID"
# What methods there are; whatever else a stranger sends is one.
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_log = logging.getLogger(__name__)


class RequestFiguresMiddleware:
    """Measures until the answer begins; the answer says by which id the log knows it.

    The log has routes, not addresses: some of those are secrets.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        begun, known_by = time.monotonic(), request_id(request.headers.get(HEADER, ""))
        request.META[KNOWN_BY] = known_by
        with origin(request=known_by):
            response = self.get_response(request)
            seconds = time.monotonic() - begun
            method = str(request.method) if request.method in METHODS else "other"
            status = str(response.status_code)
            route = route_of(request)
            if settings.METRICS_TOKEN:
                REQUESTS.labels(method, route, status).observe(seconds)
            fields = {"route": route, "status": response.status_code, "ms": round(seconds * 1000)}
            _log.info("%s %s %s", method, route, status, extra={"fields": fields})
        response.headers[HEADER] = known_by
        return response
