"""The hot view: storing a judgment. Plain Django, because DRF would halve its rate."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from ratings.api.parts.errors import problem_response
from ratings.api.parts.json_views import json_number
from ratings.api.rating import facts
from ratings.comparisons.judgments.judging import Answer, JudgmentOutcome, JudgmentResult, judge
from ratings.comparisons.raters import rater_keys
from ratings.http.security_headers import PRIVATE

# Twice what the longest list of facts takes.
MOST_BYTES = 8192


@csrf_exempt
def judgment(request: HttpRequest, trial_id: UUID) -> HttpResponse:
    """Store the judgment of one trial by the rater in the cookie: PUT, and harmless to repeat.

    Forged requests of other sites are kept out by the content type, which they can't send without
    being asked first, and by what the browser says of their origin.
    """
    if request.method != "PUT":
        return _not_put()
    if refusal := _refuse(request):
        return refusal
    body, problems = _read(request.body)
    if problems:
        return problem_response(400, "invalid", *problems)
    attempt = body.get("attempt", 1)
    response_ms = facts.clipped(body["response_ms"])
    answer = Answer(body["choice"], response_ms, facts.stored_facts(body), attempt)
    known = rater_keys.identifiers(request.COOKIES)
    return _respond(trial_id, attempt, judge(trial_id, known, answer, timezone.now()))


def _not_put() -> HttpResponse:
    refusal = problem_response(405, "", "A judgment is put (PUT).")
    refusal.headers["Allow"] = "PUT"
    return refusal


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
        body = json.loads(data, parse_float=json_number)
    except (ValueError, RecursionError):
        return {}, ["The body is not valid JSON."]
    if not isinstance(body, dict):
        return {}, ["The body must be a JSON object."]
    return body, [f"{name}: {problem}" for name, problem in facts.problems(body)]


def _respond(trial_id: UUID, attempt: int, judged: JudgmentResult) -> HttpResponse:
    if judged.outcome in (JudgmentOutcome.STORED, JudgmentOutcome.REPEATED):
        record = {
            "trial": str(trial_id),
            "choice": judged.choice,
            "response_ms": judged.response_ms,
            "attempt": attempt,
        }
        record |= {} if judged.correct is None else {"correct": judged.correct}
        status = 201 if judged.outcome is JudgmentOutcome.STORED else 200
        return JsonResponse(record, status=status, headers={"Cache-Control": PRIVATE})
    status, code, problem = REFUSALS[judged.outcome]
    return problem_response(status, code, problem.format(choice=judged.choice, attempt=attempt))


REFUSALS = {
    JudgmentOutcome.CONTRADICTED: (
        409,
        "contradiction",
        "This trial was judged already: {choice}. That judgment stays.",
    ),
    JudgmentOutcome.UNDONE: (
        409,
        "undone",
        "Attempt {attempt} at this trial was {choice}, and is undone; send the next attempt.",
    ),
    JudgmentOutcome.NOT_UNDONE: (
        409,
        "not-undone",
        "Attempt {attempt} comes after an undo of the one before; undo that first.",
    ),
    JudgmentOutcome.TIE_NOT_ALLOWED: (
        400,
        "invalid",
        "choice: this study takes no ties; choose left or right.",
    ),
    JudgmentOutcome.UNKNOWN_TRIAL: (404, "unknown-trial", "There is no such trial of yours."),
}


def describe(result: dict[str, Any], **context: object) -> dict[str, Any]:
    """Add this call to the OpenAPI schema; a hook of drf-spectacular, which sees only its own."""
    identifier = {"type": "string", "format": "uuid"}
    answered = {"trial": identifier, **facts.REQUIRED, "attempt": facts.FIELDS["attempt"]}
    correct = {"type": "boolean", "description": "Of training trials alone"}
    stored = _json_of({**answered, "correct": correct}, *answered)
    sent = _json_of(facts.FIELDS, *facts.REQUIRED, additionalProperties=False)
    result["paths"]["/api/v1/trials/{trial_id}/judgment/"] = {
        "put": {
            "operationId": "put_judgment",
            "description": judgment.__doc__,
            "tags": ["trials"],
            "parameters": [
                {"in": "path", "name": "trial_id", "schema": identifier, "required": True}
            ],
            "requestBody": {"content": sent, "required": True},
            "responses": {
                "201": {"description": "Stored.", "content": stored},
                "200": {"description": "On record already, just so.", "content": stored},
            },
        }
    }
    return result


def _json_of(properties: Mapping[str, Any], *required: str, **more: object) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(required), **more}
    return {"application/json": {"schema": schema}}
