"""How an answer says when to come again."""

import math
from datetime import datetime

from django.http import HttpResponse


def retry_after(at: datetime, now: datetime) -> str:
    """Return the value of Retry-After: whole seconds until then."""
    return str(max(0, math.ceil((at - now).total_seconds())))


def asks_to_wait(response: HttpResponse, at: datetime, now: datetime) -> HttpResponse:
    """Let a page say by its status, too, that something was done too often."""
    response.status_code = 429
    response.headers["Retry-After"] = retry_after(at, now)
    return response
