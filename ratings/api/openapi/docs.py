"""The API's documentation as one page, made by the server from the OpenAPI schema; no script."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator

from ratings.api.parts.errors import EXPLANATIONS, status_of
from ratings.http.problems import MEDIA_TYPE

Schema = Mapping[str, Any]
DEEPEST = 5


@dataclass(frozen=True)
class FieldLine:
    """One line of a table: a field or a parameter."""

    name: str
    kind: str
    required: bool
    description: str


@dataclass(frozen=True)
class Body:
    """A request's or an answer's body."""

    title: str
    fields: list[FieldLine]


@dataclass(frozen=True)
class Operation:
    """One call."""

    anchor: str
    method: str
    path: str
    description: str
    login: str
    parameters: list[FieldLine]
    bodies: list[Body]


def docs(request: HttpRequest) -> HttpResponse:
    """Show every call, and every type of problem."""
    generator: Any = SchemaGenerator
    schema = generator().get_schema(request=None, public=True)
    problems = [
        {"code": code, "status": status_of(code), "title": title}
        for code, title in sorted(EXPLANATIONS.items())
    ]
    context = {"operations": list(_operations(schema)), "problems": problems}
    return render(request, "api/docs.html", context)


def _operations(schema: Schema) -> Iterator[Operation]:
    for path, methods in schema["paths"].items():
        for method, call in methods.items():
            yield Operation(
                anchor=call["operationId"],
                method=method.upper(),
                path=path,
                description=call.get("description", ""),
                login=_login(call),
                parameters=[
                    FieldLine(
                        p["name"],
                        _kind(p["schema"]),
                        p.get("required", False),
                        p.get("description", ""),
                    )
                    for p in call.get("parameters", [])
                ],
                bodies=list(_bodies(call, schema)),
            )


def _login(call: Schema) -> str:
    schemes = [name for option in call.get("security", []) for name in option]
    return " or ".join(schemes) if schemes else ""


def _bodies(call: Schema, schema: Schema) -> Iterator[Body]:
    for media_type, body in call.get("requestBody", {}).get("content", {}).items():
        yield Body(f"Request: {media_type}", list(_fields(body.get("schema", {}), schema)))
    for status, answer in call["responses"].items():
        for media_type, body in answer.get("content", {}).items():
            if media_type == MEDIA_TYPE or status == "206":
                continue  # all alike: told once, below, or as the whole
            yield Body(
                f"Answer {status}: {media_type}", list(_fields(body.get("schema", {}), schema))
            )


def _fields(node: Schema, schema: Schema, prefix: str = "", depth: int = 0) -> Iterator[FieldLine]:
    """Yield an object's fields, those of objects within it under dotted names."""
    node = _resolved(node, schema)
    for name, value in node.get("properties", {}).items():
        inner = _resolved(value, schema)
        required = name in node.get("required", [])
        yield FieldLine(prefix + name, _kind(inner), required, value.get("description") or "")
        if depth < DEEPEST:
            below = inner.get("items", inner)
            dots = f"{prefix}{name}[]." if "items" in inner else f"{prefix}{name}."
            yield from _fields(below, schema, dots, depth + 1)


def _resolved(node: Schema, schema: Schema) -> Schema:
    """Follow a reference to a component, also one wrapped in allOf."""
    if "allOf" in node:
        node = node["allOf"][0]
    if "$ref" in node:
        component: Schema = schema["components"]["schemas"][node["$ref"].rsplit("/", 1)[-1]]
        return component
    return node


def _kind(node: Schema) -> str:
    if "enum" in node:
        return " | ".join(str(value) for value in node["enum"])
    kinds = node.get("type", "object")
    text = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return f"{text} ({node['format']})" if "format" in node else text
