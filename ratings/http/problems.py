"""The one shape of errors that programs read: problem documents (RFC 9457) listing all problems."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse, JsonResponse

MEDIA_TYPE = "application/problem+json"
NO_TYPE = "about:blank"  # the status says it all
Errors = Sequence[Mapping[str, str]]


def problem_body(
    status: int, errors: Errors, *, kind: str = NO_TYPE, title: str = ""
) -> dict[str, Any]:
    """Return the document.

    Each of `errors` has a `detail`, and may have a `pointer` to a field of the request. `kind` is
    the document's `type`, an address that explains it.
    """
    title = title or HTTPStatus(status).phrase
    lines = [{key: _encodable(text) for key, text in error.items()} for error in errors]
    return {
        "type": kind,
        "title": title,
        "status": status,
        "detail": "\n".join(line["detail"] for line in lines) or title,
        "errors": lines,
    }


def problem_answer(body: Mapping[str, Any], headers: Mapping[str, str]) -> HttpResponse:
    """Return a problem document as a plain Django answer."""
    return JsonResponse(body, status=body["status"], content_type=MEDIA_TYPE, headers=headers)


def _encodable(text: str) -> str:
    """Write half a surrogate pair, which JSON may carry and UTF-8 may not, as its number."""
    return text.encode(errors="backslashreplace").decode()
