"""What the server's log leaves out."""

import logging

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest

# Where a request keeps the id that its lines have.
KNOWN_BY = "ratings.request_id"


def route_of(request: HttpRequest) -> str:
    """Return the pattern of the address, or a word for all that there is none of.

    Addresses themselves are not for the log: some are secrets, as those of invitations.
    """
    return f"/{request.resolver_match.route}" if request.resolver_match else "none"


class RefusedInOneLine(logging.Filter):
    """Drops the traceback of a 400 or 403: nothing is broken, and the line names the route."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, without a traceback where a request was refused."""
        if record.exc_info and isinstance(record.exc_info[1], (BadRequest, PermissionDenied)):
            record.exc_info = None
        return True


class OfItsRequest(logging.Filter):
    """Names a request by its route and its id in the lines that Django writes of its answer."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, without the address of a request that it is about."""
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            known = {request.path, request.get_full_path()}
            if isinstance(record.args, tuple):
                record.args = tuple(route_of(request) if a in known else a for a in record.args)
            if KNOWN_BY in request.META:
                record.__dict__.setdefault("fields", {"request": request.META[KNOWN_BY]})
        return True
