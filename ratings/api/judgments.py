"""The hot view: storing a judgment. Plain Django, because DRF would halve its rate."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from ratings.api.errors import problem_response
from ratings.comparisons import raters
from ratings.comparisons.judging import Answer, Judged, Outcome, judge
from ratings.comparisons.models import Judgment

MOST_BYTES = 8192
A_DAY_MS = 24 * 3600 * 1000

Schema = Mapping[str, Any]


def _whole(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


def _number(least: float, most: float) -> Schema:
    return {"type": "number", "minimum": least, "maximum": most}


def _one_of(*names: str) -> Schema:
    return {"type": "string", "enum": list(names)}


# The body's fields, as JSON Schema: what is checked is what is documented.
REQUIRED: Mapping[str, Schema] = {
    "choice": _one_of(*Judgment.Choice.values),
    "response_ms": _whole(0, A_DAY_MS),
}
# How the pictures were shown: kept with the judgment, as far as the page tells.
DISPLAY_FACTS: Mapping[str, Schema] = {
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
FIELDS: Mapping[str, Schema] = {**REQUIRED, **DISPLAY_FACTS}
STORED: Mapping[str, Schema] = {"trial": {"type": "string", "format": "uuid"}, **REQUIRED}


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
        return problem_response(400, "invalid", *problems)
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
        return problem_response(415, "", "Send the judgment as application/json.")
    if not _is_same_origin(request):
        return problem_response(
            403, "cross-origin", "Judgments are taken from this site's own pages only."
        )
    length = request.META.get("CONTENT_LENGTH", "")
    if not length.isdecimal():
        return problem_response(411, "length-required", "Send a Content-Length.")
    if int(length) > MOST_BYTES:
        return problem_response(413, "too-large", f"A judgment has at most {MOST_BYTES} bytes.")
    return None


def _is_same_origin(request: HttpRequest) -> bool:
    site = request.META.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        return bool(site == "same-origin")
    origin = request.META.get("HTTP_ORIGIN")
    return origin is None or origin == f"{request.scheme}://{request.get_host()}"


def _read(data: bytes) -> tuple[dict[str, Any], list[str]]:
    """Return the body and its problems, one line for each field."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return {}, ["The body is not valid JSON."]
    if not isinstance(body, dict):
        return {}, ["The body must be a JSON object."]
    problems = [f"{name}: This field is required." for name in REQUIRED if name not in body]
    for name, value in body.items():
        if name not in FIELDS:
            known = ", ".join(FIELDS)
            problems.append(f"{name[:50]}: This field is unknown; known are: {known}.")
        elif not _fits(value, FIELDS[name]):
            problems.append(f"{name}: It must be {_wanted(FIELDS[name])}.")
    return body, problems


def _fits(value: object, schema: Schema) -> bool:
    if schema["type"] == "string":
        return isinstance(value, str) and value in schema["enum"]
    if isinstance(value, int) and not isinstance(value, bool):
        return bool(schema["minimum"] <= value <= schema["maximum"])
    if isinstance(value, float) and schema["type"] == "number":
        return bool(schema["minimum"] <= value <= schema["maximum"])  # false for NaN
    return False


def _wanted(schema: Schema) -> str:
    if schema["type"] == "string":
        return f"one of {', '.join(schema['enum'])}"
    kind = "a whole number" if schema["type"] == "integer" else "a number"
    return f"{kind} from {schema['minimum']} to {schema['maximum']}"


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
        return problem_response(409, "contradiction", problem)
    if judged.outcome is Outcome.TIE_NOT_ALLOWED:
        return problem_response(
            400, "invalid", "choice: this study takes no ties; choose left or right."
        )
    return problem_response(404, "unknown-trial", "There is no such trial of yours.")


def describe(result: dict[str, Any], **context: object) -> dict[str, Any]:
    """Add this call to the OpenAPI schema; a hook of drf-spectacular, which sees only its own."""

    def json_of(properties: Schema, *required: str) -> Schema:
        schema = {"type": "object", "properties": properties, "required": required}
        return {"application/json": {"schema": schema}}

    stored = json_of(STORED, *STORED)
    result["paths"]["/api/v1/trials/{id}/judgment/"] = {
        "put": {
            "operationId": "trials_judgment_update",
            "description": judgment.__doc__,
            "tags": ["trials"],
            "parameters": [
                {"in": "path", "name": "id", "schema": STORED["trial"], "required": True}
            ],
            "requestBody": {"content": json_of(FIELDS, *REQUIRED), "required": True},
            "responses": {
                "201": {"description": "Stored.", "content": stored},
                "200": {"description": "On record already, just so.", "content": stored},
                "409": {"description": "Judged otherwise before; that judgment stays."},
            },
        }
    }
    return result
