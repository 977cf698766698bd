"""What the API answers to each error: its status, and a problem document that names its type."""

import errno
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from ratings.challenge.refusals import Refused
from ratings.http import problems
from ratings.http.problems import Errors
from ratings.http.security_headers import PRIVATE
from ratings.http.waiting import retry_after
from ratings.storage.store import StoreAway

# Where each type is explained; a type is stable, its title and details may be reworded.
TYPES = "/api/v1/docs/#"
# Codes that are not 422: understood, but not to be done as it is.
STATUS = {
    "at-once": 429,
    "bitstream-name": 409,
    "closed-bytes": 409,
    "consent-changed": 409,
    "contradiction": 409,
    "cross-origin": 403,
    "definition-changed": 412,
    "device-unfit": 403,
    "digest-invalid": 400,
    "digest-mismatch": 400,
    "body-incomplete": 400,
    "invalid": 400,
    "length-required": 411,
    "in-use": 409,
    "invitation-used": 409,
    "kind-full": 409,
    "last-organizer": 409,
    "metrics-closed": 403,
    "metrics-sent": 409,
    # Not 401: to a request for a login browsers answer with a dialog of their own.
    "no-comments": 403,
    "no-rater": 403,
    "no-result": 403,
    "not-invited": 403,
    "lease-lost": 409,
    "link-unfilled": 403,
    "not-owner": 403,
    "not-the-last": 409,
    "not-undone": 409,
    "open": 409,
    "open-bytes": 409,
    "own-team-only": 403,
    "phase-not-open": 403,
    "precondition": 428,
    "quota": 429,
    "run": 409,
    "run-incomplete": 409,
    "questions-due": 409,
    "quota-reached": 409,
    "release-withheld": 403,
    "signed-out": 403,
    "stage": 409,
    "staged": 409,
    "standing": 409,
    "study-closed": 403,
    "study-paused": 403,
    "submitted": 409,
    "team-kind": 409,
    "team-taken": 409,
    "too-large": 413,
    "too-late": 403,
    "too-many-failures": 429,
    "too-often": 429,
    "too-many-faults": 429,
    "too-many-flags": 409,
    "training": 409,
    "undo-limit": 409,
    "undone": 409,
    "unknown-judgment": 404,
    "unknown-link": 404,
    "unknown-name": 404,
    "unknown-picture": 404,
    "unknown-trial": 404,
    "withdrawn": 410,
    "wrong-password": 401,
}
EXPLANATIONS = {
    "at-once": "The team sends as many files at the same time as it may; send this one again.",
    "account-link": "The invitation was not made; the line says why.",
    "account-name": "An account can't have this name or address; the line says why.",
    "closed-bytes": "Without a quota a team's closed submissions may hold only so many bytes.",
    "consent-changed": "The study's consent text has changed since this rater agreed to it.",
    "answers": "The questions take other answers; each line names one, and nothing is stored.",
    "archive": "The zip was not taken; nothing of it is stored. Each line names a member.",
    "baseline": "The baseline can't be made; each line names a codec and why.",
    "bitstream-name": "The picture has a bitstream of another name already.",
    "body-incomplete": "The body ended before the length that its header promised.",
    "contradiction": "The trial was judged otherwise before; the first judgment stays.",
    "cross-origin": "Judgments are taken from this site's own pages, and from no page of another.",
    "definition": "The definition was not taken; each line names a table, its key and the mend.",
    "definition-changed": "The definition is not the one that was changed: somebody else saved.",
    "device-unfit": "The study's rules leave this window, screen or browser out; each line says "
    "what to change.",
    "decoder": "The decoder was not taken; each line says how to mend it.",
    "digest-invalid": "Content-Digest must read sha-256=:BASE64: (RFC 9530).",
    "digest-mismatch": "What arrived is not what Content-Digest names; nothing is stored.",
    "factsheet": "The factsheet was not taken; the line says why.",
    "in-use": "What people did rests on what would be changed; each line says which.",
    "incomplete": "The submission stays open; each line says what is missing or too much.",
    "invalid": "Each line names a field of the request, in `pointer`, and what is wrong with it.",
    "invitation-used": "The invitation has been used by as many raters as it was made for.",
    "kind-full": "The study has as many raters of this kind as it takes; the line says of which.",
    "own-team-only": "All that is compared is compared with the pictures of the rater's own team.",
    "open": "Too many submissions are open: close or delete one before you begin another.",
    "open-bytes": "A team's open submissions to a phase may hold only so many bytes together.",
    "last-organizer": "Somebody must be left who can sign in as an organizer of the whole site.",
    "lease-lost": "The worker does not, or no longer, hold the lease of this run's attempt.",
    "length-required": "Send the body with a Content-Length; chunked bodies are not taken.",
    "link-expired": "The link to a new password is good once, for a few hours, the last one alone.",
    "mail": "This site sends no mail; organizers reset passwords at the desk.",
    "environment": "The phase has no such environment.",
    "no-comments": "The study takes no comment from this rater now.",
    "method-name": "The method's name can't be used.",
    "metric": "The metric was not taken; each line names what is wrong and the mend.",
    "metric-track": "Metrics can't take part so; the line says why.",
    "metrics-closed": "The phase takes no metrics from teams now; the line says when it does.",
    "metrics-sent": "The team has sent metrics as often as it may.",
    "note": "What an organizer does by hand goes on record with its reason.",
    "no-rater": "There is no rater's cookie of this study; begin with consent.",
    "no-result": "The study tells raters nothing of their own answers, or not yet.",
    "link-unfilled": "A platform sent the rater by a link whose placeholders are not filled: it "
    "names nobody.",
    "not-invited": "The study takes raters by invitation, and this request brings no valid one.",
    "not-owner": "Who joined the team first owns it, and alone does this, beside organizers.",
    "not-the-last": "Only a rater's last answer can be undone.",
    "originals": "The pictures can't be the data set's as they are; each line says why.",
    "not-undone": "Undo the attempt before this one first: it stands, or was never made.",
    "panel": "The panel's vote or award was not taken; the line says why.",
    "password": "The password was not set; each line says how to choose a better one.",
    "password-length": "A team's password is too short or too long.",
    "precondition": "Say by `If-Match` which definition you changed.",
    "phase-not-open": "The phase takes submissions from `opens_at` until before `closes_at`.",
    "picture": "The PNG was not taken; the line says exactly why.",
    "picture-name": "The file's name can't be kept; rename it.",
    "questions-due": "The study's questions before the first trial are to be answered first.",
    "quota": "The team has submitted as often as it may; the line says when it may again.",
    "quota-reached": "The study has as many raters as it takes, in all or from this platform.",
    "release": "The public release can't be made or withdrawn as it stands; each line says why.",
    "release-withheld": "Public releases are not served now; the line says until when.",
    "role": "The account can't be given this role, or does not have it.",
    "run": "The submission's decoder can't be stopped or run again as it stands.",
    "run-incomplete": "The record tells of pictures that were not sent; each line names one.",
    "run-record": "What came of a run can't be read; the line says what is wrong with it.",
    "signed-out": "The browser's session is not, or no longer, that of a team of the challenge.",
    "stage": "The study can't go to this stage; the line says why.",
    "staged": "Nothing is staged, or it changed since it was looked at.",
    "standing": "The submission can't leave the competition, or come back, as it stands.",
    "study-closed": "The study takes no new raters and issues no trials.",
    "study-paused": "The study takes no new raters and issues no trials for the time being.",
    "submitted": "The submission is closed, so its files can't change.",
    "team-kind": "A team of this name exists and is of another kind.",
    "team-name": "The team's name can't be used.",
    "team-taken": "There is a team of this name; another one is to be taken.",
    "too-large": "The body is larger than anything that could be taken there.",
    "too-late": "The deadline is over.",
    "too-many-failures": "Too many wrong passwords for this name; wait before the next try.",
    "too-often": "It was asked for too often from one address, or for one team; wait.",
    "too-many-faults": "The log takes no more faults of the rating page for the time being.",
    "too-many-flags": "The rater has flagged as many trials as one may.",
    "training": "A training trial's answer can't be undone, since its solution was shown.",
    "undo-limit": "The trial was undone as often as is allowed; its last answer stays.",
    "undone": "That attempt was undone; its choice stays on record, the next attempt may differ.",
    "unknown-judgment": "The trial has no answer of this attempt that could be undone.",
    "unknown-link": "The link was used, has expired, or was taken back.",
    "unknown-name": "The file belongs to no original of the phase.",
    "unknown-picture": "The data set has no picture of this name.",
    "unknown-trial": "No trial of this rater has this identifier.",
    "withdrawn": "It was published, and the organizers have withdrawn it.",
    "worker": "The worker can't be named so, or its token is not in use.",
    "worker-unfit": "Decoders of this site can't run there as they do here; the line says why.",
    "wrong-password": "The password is not the one that the team or the account has.",
}
# When a call is answered with each status; docs/api.md has a row for each, with its codes.
MEANINGS = {
    400: "The request can't be read, a field is wrong, or the content is not what its digest says.",
    401: "No login, or a wrong one.",
    403: "The rules do not allow it now, or not to whoever asks.",
    404: "There is nothing, or nothing that whoever asks may see.",
    405: "There is something, but not for this method; `Allow` says for which.",
    409: "It contradicts what is on record.",
    410: "It was here, and is withdrawn.",
    411: "The body came without a Content-Length.",
    412: "It is not the one that `If-Match` names.",
    413: "The body is larger than anything that could be taken there.",
    415: "The body is of a kind that is not taken there.",
    416: "The file has no such bytes; `Content-Range` says how many it has.",
    422: "Understood and refused; each line says why.",
    428: "Say by `If-Match` which one is changed.",
    429: "Too often; wait `Retry-After` seconds.",
    503: "The database is away; nothing was lost, send it again after `Retry-After` seconds.",
    507: "The server's disk is full; nothing of the request is stored.",
}
_log = logging.getLogger("django.request")


def status_of(code: str) -> int:
    """Return the HTTP status with which problems of this code are answered."""
    return STATUS.get(code, 422)


def problem_body(status: int, code: str, errors: Errors) -> dict[str, Any]:
    """Return the document; `code` is "" where the status says it all (type about:blank)."""
    kind = f"{TYPES}{code}" if code else problems.NO_TYPE
    return problems.problem_body(status, errors, kind=kind, title=EXPLANATIONS.get(code, ""))


def problem_response(status: int, code: str, *lines: str) -> HttpResponse:
    """Return a problem document as a plain Django answer."""
    body = problem_body(status, code, [{"detail": line} for line in lines])
    return problems.problem_answer(body, {"Cache-Control": PRIVATE})


def problem(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Turn whatever a view raised into a problem document; REST framework's exception handler.

    Returns None for a lost database or store, which its middleware answers with 503.
    """
    if isinstance(error, (OperationalError, InterfaceError, StoreAway)):
        return None
    set_rollback()
    if isinstance(error, Refused):
        status = status_of(error.code)
        headers = {"WWW-Authenticate": CHALLENGES} if status == 401 else {}
        if error.retry_at:
            headers["Retry-After"] = retry_after(error.retry_at, timezone.now())
        errors = [{"detail": line} for line in error.problems]
        return _response(status, error.code, errors, headers)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, SuspiciousOperation):
        error = exceptions.ParseError("The request is not one for this server; check its Host.")
    elif isinstance(error, DataError):
        error = exceptions.ParseError(
            "The request holds a value that can't be stored, such as NUL."
        )
    elif isinstance(error, UnreadablePostError):
        error = exceptions.ParseError("The body could not be read to its end; send it again.")
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        _log.error("No room left: %s", error)
        detail = "The server has no room left for this; nothing of it is stored. Tell an organizer."
        return _response(507, "", [{"detail": detail}], {})
    return _unforeseen(error, context)


# What a client may log in with.
CHALLENGES = 'Basic realm="team", charset="UTF-8", Bearer realm="organizer"'


def _of_framework(error: exceptions.APIException) -> Response:
    headers = {}
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if error.status_code == 401:
        headers["WWW-Authenticate"] = CHALLENGES
    code = "invalid" if isinstance(error, exceptions.ValidationError) else ""
    return _response(error.status_code, code, list(_flatten(error.detail)), headers)


def _unforeseen(error: Exception, context: Mapping[str, Any]) -> Response:
    request = context["request"]
    _log.error("Unforeseen error: %s %s", request.method, request.path, exc_info=error)
    got_request_exception.send(sender=None, request=request)
    detail = "The server made a mistake, and logged it. Send the request again later."
    return _response(500, "", [{"detail": detail}], {})


def _response(status: int, code: str, errors: Errors, headers: dict[str, str]) -> Response:
    body = problem_body(status, code, errors)
    return Response(body, status=status, headers=headers, content_type=problems.MEDIA_TYPE)


def _flatten(detail: object, pointer: str = "") -> Iterator[dict[str, str]]:
    """Yield each message of a validation error with the JSON pointer of its field."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            escaped = str(key).replace("~", "~0").replace("/", "~1")  # RFC 6901
            own = pointer if key == "non_field_errors" else f"{pointer}/{escaped}"
            yield from _flatten(value, own)
    elif isinstance(detail, Sequence) and not isinstance(detail, str):
        for value in detail:
            yield from _flatten(value, pointer)
    elif pointer:
        yield {"detail": f"{pointer.strip('/')}: {detail}", "pointer": f"#{pointer}"}
    else:
        yield {"detail": str(detail)}


@csrf_exempt
def not_found(request: HttpRequest) -> HttpResponse:
    """Answer every address under the API that there is not."""
    return problem_response(404, "", "There is nothing at this address.")
