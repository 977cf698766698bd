"""What the server's log leaves out."""

import logging

from django.core.exceptions import BadRequest, PermissionDenied


class RefusedInOneLine(logging.Filter):
    """Drops the traceback of a 400 or 403: nothing is broken, and the line names the address."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, without a traceback where a request was refused."""
        if record.exc_info and isinstance(record.exc_info[1], (BadRequest, PermissionDenied)):
            record.exc_info = None
        return True
