"""The hot view: storing a judgment. Plain Django, because DRF would halve its rate."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from ratings.comparisons import raters
from ratings.comparisons.judging import Answer, Judged, Outcome, judge
from ratings.comparisons.models import Judgment

MOST_BYTES = 8192
A_DAY_MS = 24 * 3600 * 1000

_Check = Callable[[object], str | None]


def _whole(least: int, most: int) -> _Check:
    problem = f"must be a whole number from {least} to {most}."
    return lambda value: None if type(value) is int and least <= value <= most else problem


def _number(least: float, most: float) -> _Check:
    problem = f"must be a number from {least} to {most}."
    return lambda value: (
        None if type(value) in (int, float) and least <= value <= most else problem  # type: ignore[operator]
    )


def _one_of(*names: str) -> _Check:
    problem = f"must be one of {', '.join(names)}."
    return lambda value: None if isinstance(value, str) and value in names else problem


REQUIRED: Mapping[str, _Check] = {
    "choice": _one_of(*Judgment.Choice.values),
    "response_ms": _whole(0, A_DAY_MS),
}
# How the pictures were shown: kept with the judgment, as far as the page tells.
DISPLAY_FACTS: Mapping[str, _Check] = {
    "device_pixel_ratio": _number(0.1, 20),
    "window_width": _whole(1, 100_000),
    "window_height": _whole(1, 100_000),
    "screen_width": _whole(1, 100_000),
    "screen_height": _whole(1, 100_000),
    "layout": _one_of("beside", "single"),
    "shown_first": _one_of("left", "right"),
    "flips": _whole(0, 100_000),
    "input": _one_of("key", "mouse", "pen", "touch"),
}
_CHECKS = {**REQUIRED, **DISPLAY_FACTS}


@csrf_exempt
def judgment(request: HttpRequest, trial_id: UUID) -> HttpResponse:
    """Store the judgment of one trial by the rater in the cookie: PUT, and harmless to repeat.

    Forged requests of other sites are kept out by the content type, which they can't send without
    being asked first, and by what the browser says of their origin.
    """
    if request.method != "PUT":
        return HttpResponseNotAllowed(["PUT"])
    if refusal := _refuse(request):
        return refusal
    body, problems = _read(request.body)
    if problems:
        return _problem(400, "invalid", *problems)
    answer = Answer(
        choice=body["choice"],
        response_ms=body["response_ms"],
        display={name: value for name, value in body.items() if name in DISPLAY_FACTS},
    )
    known = raters.identifiers(request.COOKIES)
    return _respond(trial_id, judge(trial_id, known, answer, timezone.now()))


def _refuse(request: HttpRequest) -> HttpResponse | None:
    """Return the answer to a request whose body is not worth reading, else None."""
    if request.content_type != "application/json":
        return _problem(415, "unsupported-media-type", "Send the judgment as application/json.")
    if not _is_same_origin(request):
        return _problem(403, "cross-origin", "Judgments are taken from this site's own pages only.")
    length = request.headers.get("Content-Length", "")
    if not length.isdigit():
        return _problem(411, "length-required", "Send a Content-Length.")
    if int(length) > MOST_BYTES:
        return _problem(413, "too-large", f"A judgment has at most {MOST_BYTES} bytes.")
    return None


def _is_same_origin(request: HttpRequest) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is None or origin == f"{request.scheme}://{request.get_host()}"


def _read(data: bytes) -> tuple[dict[str, Any], list[str]]:
    """Return the body and its problems, one line for each field."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return {}, ["The body is not valid JSON."]
    if not isinstance(body, dict):
        return {}, ["The body must be a JSON object."]
    problems = [f"{name}: is missing." for name in REQUIRED if name not in body]
    for name, value in body.items():
        if name not in _CHECKS:
            problems.append(f"{name[:50]}: is unknown; known are {', '.join(_CHECKS)}.")
        elif problem := _CHECKS[name](value):
            problems.append(f"{name}: {problem}")
    return body, problems


def _respond(trial_id: UUID, judged: Judged) -> HttpResponse:
    if judged.outcome in (Outcome.STORED, Outcome.REPEATED):
        record = {
            "trial": str(trial_id),
            "choice": judged.choice,
            "response_ms": judged.response_ms,
        }
        status = 201 if judged.outcome is Outcome.STORED else 200
        return JsonResponse(record, status=status, headers={"Cache-Control": "no-store"})
    if judged.outcome is Outcome.CONTRADICTED:
        problem = f"This trial was judged already: {judged.choice}. That judgment stays."
        return _problem(409, "contradiction", problem)
    if judged.outcome is Outcome.TIE_NOT_ALLOWED:
        return _problem(400, "invalid", "choice: this study takes no ties; choose left or right.")
    return _problem(404, "unknown-trial", "There is no such trial of yours.")


def _problem(status: int, code: str, *problems: str) -> HttpResponse:
    """Return an RFC 9457 problem document."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": " ".join(problems),
        "problems": list(problems),
    }
    return JsonResponse(body, status=status, content_type="application/problem+json")
