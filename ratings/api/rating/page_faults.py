"""Faults of the rating page's own scripts, as raters' browsers tell them, for the server's log.

Anybody can send what they like, so each is one printable line of bounded length, and a process
writes `MOST` an hour; what is refused is logged as any refused request is. Nothing is stored, and
nothing says who the rater is.
"""

import logging
from collections import deque
from datetime import datetime, timedelta
from threading import Lock

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.json_views import ApiView, StrictSerializer, TextField
from ratings.challenge.refusals import Refused

MOST = 20
WINDOW = timedelta(hours=1)
_log = logging.getLogger(__name__)


class Budget:
    """At most `MOST` lines in any `WINDOW`, in this process."""

    def __init__(self) -> None:
        self._spent: deque[datetime] = deque(maxlen=MOST)
        self._lock = Lock()

    def spend(self, now: datetime) -> None:
        """Take one line. Raises Refused, code "too-many-faults", where none is left."""
        with self._lock:
            if len(self._spent) == MOST and (free := self._spent[0] + WINDOW) > now:
                problem = f"The log takes {MOST} faults an hour; this one is left out."
                raise Refused("too-many-faults", problem, retry_at=free)
            self._spent.append(now)


BUDGET = Budget()


class PageFaultSerializer(StrictSerializer):
    """What went wrong, and where in which script: words of the browser, never of the rater."""

    what = TextField(max_length=200)
    where = serializers.RegexField(r"\A[\w.-]{1,100}:\d{1,6}:\d{1,6}\Z|\A\Z", allow_blank=True)
    state = serializers.RegexField(r"\A[a-z-]{0,40}\Z", allow_blank=True)


@extend_schema(exclude=True)
class PageFaultView(ApiView):
    """Where the rating page tells of a fault of its own."""

    def post(self, request: Request) -> Response:
        """Write it into the log."""
        fault = PageFaultSerializer(data=request.data)
        fault.is_valid(raise_exception=True)
        BUDGET.spend(self.received_at)
        told = fault.validated_data
        _log.error("The rating page: %(what)s (in %(where)s, state %(state)s)", told)
        return Response(status=status.HTTP_204_NO_CONTENT)
