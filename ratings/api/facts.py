"""What a judgment's body may hold, as JSON Schema: what is checked is what is documented."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ratings.comparisons.judging import MOST_ATTEMPTS
from ratings.comparisons.models import Judgment

A_DAY_MS = 24 * 3600 * 1000
LARGEST = 2**53 - 1  # that browsers know exactly
MOST_FLIP_TIMES = 200
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)

Schema = Mapping[str, Any]


def _whole(least: int, most: int, description: str = "") -> Schema:
    about = {"description": description} if description else {}
    return {"type": "integer", "minimum": least, "maximum": most, **about}


def _duration(description: str = "") -> Schema:
    """A time in ms: longer than a day counts as one, so that no answer is lost for its length."""
    about = f"{description}; more than a day is stored as one" if description else ""
    return _whole(0, LARGEST, about)


def _number(least: float, most: float, description: str) -> Schema:
    return {"type": "number", "minimum": least, "maximum": most, "description": description}


def _one_of(*values: str | int, description: str = "") -> Schema:
    about = {"description": description} if description else {}
    kind = "string" if isinstance(values[0], str) else "integer"
    return {"type": kind, "enum": list(values), **about}


def _list_of(items: Schema, most: int, description: str) -> Schema:
    return {"type": "array", "items": items, "maxItems": most, "description": description}


def _instant(description: str) -> Schema:
    return {
        "type": ["string", "number"],
        "format": "date-time",
        "minimum": 0,
        "maximum": int(LATEST.timestamp() * 1000),
        "description": f"{description}, by the browser's clock: RFC 3339, or ms since 1970",
    }


REQUIRED: Schema = {
    "choice": _one_of(*Judgment.Choice.values),
    "response_ms": _duration("From the pictures' first frame to the answer, in view"),
}
ATTEMPT = _whole(1, MOST_ATTEMPTS, "1 if absent; one more after each undo")
# How the pictures were shown and looked at: kept with the judgment, as far as the page tells.
DISPLAY_FACTS: Schema = {
    "device_pixel_ratio": _number(0.1, 20, "Device pixels to one CSS pixel"),
    "zoom": _number(0.05, 20, "The browser's zoom, 1 for 100 %"),
    "window_width": _whole(1, 100_000, "CSS pixels"),
    "window_height": _whole(1, 100_000, "CSS pixels"),
    "screen_width": _whole(1, 100_000, "CSS pixels"),
    "screen_height": _whole(1, 100_000, "CSS pixels"),
    "layout": _one_of("flip", "sides", "against"),
    "arrangement": _one_of("beside", "single", description="Whether the original had a place"),
    "enlarge": _whole(1, 20, "Device pixels to one picture pixel, each way"),
    "magnified": _one_of(1, 2, 4, description="The largest zoom that the rater used"),
    "pans": _whole(0, 100_000, "How often the pictures were moved"),
    "shown_first": _one_of("left", "right"),
    "flips": _whole(0, 100_000),
    "flip_ms": _list_of(_duration(), MOST_FLIP_TIMES, "Each flip, since the first frame"),
    "first_input_ms": _duration("The first key, click or touch, since the first frame"),
    "shown_at": _instant("When the first frame was shown"),
    "answered_at": _instant("When the answer was given"),
    "hidden_ms": _duration("How long the tab was out of sight with the pictures on it"),
    "hidden_count": _whole(0, 100_000, "How often it went out of sight so"),
    "covered_ms": _duration("How long the page showed a pause or the list of keys instead"),
    "covered_count": _whole(0, 100_000, "How often it did"),
    "input": _one_of("key", "mouse", "pen", "touch"),
}
# Which visit of the session it was; that visit has the browser.
VISIT: Schema = {"visit": _whole(1, 2**31 - 1, "The number of the visit, as the session told it")}
# What the page finds of the screen when a visit begins.
VISIT_FACTS: Schema = {
    **{
        name: DISPLAY_FACTS[name]
        for name in (
            *("window_width", "window_height", "screen_width", "screen_height"),
            *("device_pixel_ratio", "zoom"),
        )
    },
    "layout_fits": {"type": "boolean", "description": "Whether a trial fits into the window"},
}
KEPT: Schema = {**DISPLAY_FACTS, **VISIT}
FIELDS: Schema = {**REQUIRED, "attempt": ATTEMPT, **KEPT}


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


def kept(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a sound body as they are stored.

    Instants are in RFC 3339, in UTC, and no duration is longer than a day.
    """
    return {name: _stored(name, value) for name, value in body.items() if name in KEPT}


def clipped(duration_ms: int) -> int:
    """Return a duration as it is stored, a day at most."""
    return min(duration_ms, A_DAY_MS)


def _stored(name: str, value: Any) -> Any:  # noqa: ANN401
    if "format" in KEPT[name]:
        return _as_instant(value).isoformat()
    if name == "flip_ms":
        return [clipped(one) for one in value]
    return clipped(value) if name.endswith("_ms") else value


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
