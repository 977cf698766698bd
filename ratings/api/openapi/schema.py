"""The OpenAPI schema: what drf-spectacular can't see, said once for all calls."""

from collections.abc import Iterator, Mapping
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema

import ratings.api.openapi.security_schemes  # noqa: F401  (tells drf-spectacular of them)
from ratings.api.parts.errors import MEANINGS
from ratings.api.parts.json_views import PasswordField, StrictSerializer, TextField
from ratings.challenge.teams.team_logins import LONGEST_PASSWORD, SHORTEST_PASSWORD
from ratings.http.problems import MEDIA_TYPE

JSON = "application/json"
UNSAFE = {"post", "put", "patch", "delete"}
# At least one visible character and, as far as a pattern can say it, none that can't be printed.
TEXT = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
TEXT_OR_EMPTY = r"^[^\x00-\x1f\x7f]*$"
PROBLEM = {
    "type": "object",
    "description": "An RFC 9457 problem document; `errors` lists every problem.",
    "properties": {
        "type": {"type": "string", "description": "A stable address, or about:blank."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "All problems, a line each."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "detail": {"type": "string"},
                    "pointer": {"type": "string", "description": "The field, as RFC 6901."},
                },
                "required": ["detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "errors"],
}
Call = Mapping[str, Any]


class Schema(AutoSchema):
    """Tells which calls need no login, and that bodies with unknown fields are refused."""

    def get_auth(self) -> list[dict[str, Any]]:
        """Return the ways to log in; an empty one where nobody has to."""
        schemes: list[dict[str, Any]] = super().get_auth()
        return [*schemes, {}] if schemes and getattr(self.view, "public", False) else schemes

    def _map_basic_serializer(self, serializer: Any, direction: str) -> dict[str, Any]:  # noqa: ANN401
        schema: dict[str, Any] = super()._map_basic_serializer(  # type: ignore[no-untyped-call]
            serializer, direction
        )
        strict = isinstance(serializer, StrictSerializer)
        return schema | ({"additionalProperties": False} if strict else {})


class TextScheme(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """How the schema describes TextField."""

    target_class = TextField

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        """Return the field's JSON Schema."""
        text: dict[str, Any] = auto_schema._map_serializer_field(  # type: ignore[no-untyped-call]
            self.target, direction, bypass_extensions=True
        )
        return text | {"pattern": TEXT_OR_EMPTY if self.target.allow_blank else TEXT}


class PasswordScheme(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """How the schema describes PasswordField."""

    target_class = PasswordField

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        """Return the field's JSON Schema."""
        return {
            "type": "string",
            "format": "password",
            "pattern": r"^[^\x00]*$",
            "minLength": SHORTEST_PASSWORD,
            "maxLength": LONGEST_PASSWORD,
        }


def complete(result: dict[str, Any], **context: object) -> dict[str, Any]:
    """Add to every call the errors that it can be answered with; a hook of drf-spectacular.

    Which these are follows from what the call is: whether it logs in, has a body, names things.
    And a body that is a file is never left out.
    """
    result["components"]["schemas"]["Problem"] = PROBLEM
    for path, calls in result["paths"].items():
        for method, call in calls.items():
            if "requestBody" in call:
                call["requestBody"]["required"] = True
            call["responses"] |= _partial(method, call)
            for status in sorted(_errors(path, method, call)):
                call["responses"][str(status)] = _problem(MEANINGS[status])
    return result


def _errors(path: str, method: str, call: Call) -> Iterator[int]:
    yield from (400, 503)
    logins = [name for option in call.get("security", ()) for name in option]
    if logins:
        yield 401
    if "team" in logins or path.endswith("/password/") or (method in UNSAFE and not logins):
        yield 429
    if "{" in path or "cursor" in _parameters(call):
        yield 404
    if "{number}" in path:
        yield 410  # a release that is withdrawn
    if _files(method, call):
        yield from (412, 416)
    if "If-Match" in _parameters(call):
        yield from (412, 428)
    yield 403  # by one's role, as a rater's cookie is wanted, or the study is closed
    if method in UNSAFE:
        yield from (409, 422)
    if body := call.get("requestBody"):
        yield from (411, 413, 415)
        if set(body["content"]) != {JSON}:
            yield 507


def _parameters(call: Call) -> set[str]:
    return {parameter["name"] for parameter in call.get("parameters", ())}


def _files(method: str, call: Call) -> dict[str, Any]:
    """Return what a call sends as files, by media type."""
    sent: dict[str, Any] = call["responses"].get("200", {}).get("content", {})
    return {kind: body for kind, body in sent.items() if method == "get" and kind != JSON}


def _partial(method: str, call: Call) -> dict[str, Any]:
    """Return the further answers of a call that sends files."""
    if not (sent := _files(method, call)):
        return {}
    return {
        "206": {"description": "The part that Range asks for.", "content": sent},
        "304": {"description": "It is what If-None-Match names."},
    }


def _problem(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}}
