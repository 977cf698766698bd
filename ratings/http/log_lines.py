"""What belongs to each line of the log: the request or the job that wrote it, as JSON if wanted."""

import json
import logging
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType

# As a proxy makes them; anything else that is sent is not believed.
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
# Where OpenTelemetry runs beside the site and correlates logs, it says so of each record.
TRACE, NO_TRACE = "otelTraceID", "0"
_NOTHING: Mapping[str, object] = MappingProxyType({})
_origin: ContextVar[Mapping[str, object]] = ContextVar("origin", default=_NOTHING)


def request_id(sent: str) -> str:
    """Return the id that came with a request if it is one, else a new one."""
    return sent if REQUEST_ID.fullmatch(sent) else secrets.token_hex(16)


@contextmanager
def origin(**fields: object) -> Iterator[None]:
    """Let all lines that are written meanwhile, in this thread, have these fields."""
    token = _origin.set(fields)
    try:
        yield
    finally:
        _origin.reset(token)


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON: when, how grave, who, what, and its origin's fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a traceback is in `exception`, queued jobs by number in `jobs`."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_origin.get(),
            **getattr(record, "fields", {}),
        }
        if (trace := getattr(record, TRACE, NO_TRACE)) != NO_TRACE:
            line["trace"] = trace
        if jobs := getattr(record, "jobs", None):
            line["jobs"] = [f"{job['task_name']}[{job['id']}]" for job in jobs]
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class OfARequest(logging.Filter):
    """Lets lines through that a request caused; what comes by the clock would drown them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a request is under way."""
        return "request" in _origin.get()
