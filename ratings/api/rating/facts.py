"""What a judgment's body may hold, as JSON Schema: what is checked is what is documented.

The schema is made of `comparisons.judgment_facts`.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ratings.comparisons import judgment_facts
from ratings.comparisons.judgment_facts import Fact, FactKind

A_DAY_MS = 24 * 3600 * 1000
LARGEST = 2**53 - 1  # that browsers know exactly
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)

Schema = Mapping[str, Any]
# A time in ms: longer than a day counts as one, so that no answer is lost for its length.
_DURATION: Schema = {"type": "integer", "minimum": 0, "maximum": LARGEST}


def _schema(fact: Fact) -> Schema:
    """Return a fact's JSON Schema."""
    about = {"description": _description(fact)} if fact.description else {}
    return _shape(fact) | about


def _shape(fact: Fact) -> dict[str, Any]:
    kind = fact.kind
    if kind is FactKind.OPTION:
        text = isinstance(fact.options[0], str)
        return {"type": "string" if text else "integer", "enum": list(fact.options)}
    if kind is FactKind.DURATION:
        return dict(_DURATION)
    if kind is FactKind.DURATIONS:
        return {"type": "array", "items": _DURATION, "maxItems": fact.most}
    if kind is FactKind.INSTANT:
        latest = int(LATEST.timestamp() * 1000)
        types = ["string", "number"]
        return {"type": types, "format": "date-time", "minimum": 0, "maximum": latest}
    if kind is FactKind.TRUTH:
        return {"type": "boolean"}
    named = "integer" if kind is FactKind.WHOLE else "number"
    return {"type": named, "minimum": fact.least, "maximum": fact.most}


def _description(fact: Fact) -> str:
    if fact.kind is FactKind.DURATION:
        return f"{fact.description}; more than a day is stored as one"
    if fact.kind is FactKind.INSTANT:
        return f"{fact.description}, by the browser's clock: RFC 3339, or ms since 1970"
    return fact.description


def _schemas(facts: Iterable[Fact]) -> Schema:
    return {fact.name: _schema(fact) for fact in facts}


REQUIRED = _schemas(judgment_facts.REQUIRED)
VISIT_FACTS = _schemas(judgment_facts.VISIT_FACTS)
FIELDS = _schemas(judgment_facts.BODY)
_KEPT = {fact.name: fact.kind for fact in judgment_facts.KEPT}


def problems(
    body: Mapping[str, Any], fields: Schema = FIELDS, required: Iterable[str] = REQUIRED
) -> Iterator[tuple[str, str]]:
    """Yield each field that something is wrong with, by default of a judgment's body, and what."""
    for name in required:
        if name not in body:
            yield name, "This field is required."
    for name, value in body.items():
        if name not in fields:
            yield name[:50], f"This field is unknown; known are: {', '.join(fields)}."
        elif not _fits(value, fields[name]):
            yield name, f"It must be {_wanted(fields[name])}."


def stored_facts(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a sound body as they are stored.

    Instants are in RFC 3339, in UTC, and no duration is longer than a day.
    """
    return {name: _stored(_KEPT[name], value) for name, value in body.items() if name in _KEPT}


def clipped(duration_ms: int) -> int:
    """Return a duration as it is stored, a day at most."""
    return min(duration_ms, A_DAY_MS)


def _stored(kind: FactKind, value: Any) -> Any:  # noqa: ANN401
    if kind is FactKind.INSTANT:
        return _as_instant(value).isoformat()
    if kind is FactKind.DURATIONS:
        return [clipped(item) for item in value]
    return clipped(value) if kind is FactKind.DURATION else value


def _fits(value: object, schema: Schema) -> bool:
    if "enum" in schema:
        return type(value) in (str, int) and value in schema["enum"]
    if "format" in schema:
        return _is_instant(value, schema)
    if schema["type"] == "array":
        return (
            isinstance(value, list)
            and len(value) <= schema["maxItems"]
            and all(_fits(item, schema["items"]) for item in value)
        )
    if schema["type"] == "boolean" or isinstance(value, bool):
        return schema["type"] == "boolean" and isinstance(value, bool)
    if isinstance(value, int):
        return bool(schema["minimum"] <= value <= schema["maximum"])
    if isinstance(value, float) and schema["type"] == "number":
        return bool(schema["minimum"] <= value <= schema["maximum"])  # false for NaN
    return False


def _is_instant(value: object, schema: Schema) -> bool:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return bool(schema["minimum"] <= value <= schema["maximum"])
    try:
        return isinstance(value, str) and EARLIEST <= _as_instant(value) <= LATEST
    except (ValueError, OverflowError):
        return False


def _as_instant(value: str | float) -> datetime:
    """Return an instant in UTC. Raises ValueError for text that is none or has no offset."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value / 1000, UTC)
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError("An instant needs its offset from UTC.")
    return instant.astimezone(UTC)


def _wanted(schema: Schema) -> str:
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    if "format" in schema:
        return "an instant such as 2026-01-31T12:00:00.000Z, or milliseconds since 1970"
    if schema["type"] == "array":
        return f"a list of at most {schema['maxItems']}, each {_wanted(schema['items'])}"
    if schema["type"] == "boolean":
        return "true or false"
    kind = "a whole number" if schema["type"] == "integer" else "a number"
    return f"{kind} from {schema['minimum']} to {schema['maximum']}"
