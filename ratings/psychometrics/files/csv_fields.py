"""Fields of CSV files: how texts are written so that they come back, and what a field may say.

Spreadsheets run a text that begins like a formula, and statistics programs drop one that reads as a
missing value. So an apostrophe stands before such texts, and is taken off again on reading.
"""

import math
from datetime import UTC, datetime

# What spreadsheets take for the beginning of a formula, or strip before they look for one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# What R, pandas, databases and spreadsheets write for no value, or read as none, in small letters.
MISSING = frozenset(
    [
        *("", "na", "n/a", "<na>", "#na", "#n/a", "#n/a n/a", "none", "null", "nil", "\\n"),
        *("nan", "-nan", "nat", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan"),
    ]
)
_BOOLEANS = {
    **dict.fromkeys(("true", "t", "1", "1.0", "yes"), True),
    **dict.fromkeys(("false", "f", "0", "0.0", "no"), False),
}
_MAX_FIELD_CHARACTERS = 1_000
_LONGEST_MS = 1e15  # some 30,000 years; larger ones are no times, and fit no integer


def quoted(text: str) -> str:
    """Return a text as it is written: with an apostrophe where it would be misread."""
    return f"'{text}" if _is_misread(text) else text


def unquoted(text: str) -> str:
    """Return what `quoted` was given; a text that it leaves as it is comes back as it is."""
    return text[1:] if text.startswith("'") and _is_misread(text) else text


def bare_field(text: str) -> str:
    """Return a field without spaces around it, empty for every usual spelling of "missing"."""
    bare = text.strip()
    return "" if bare.lower() in MISSING else bare


def truth(text: str) -> bool:
    """Return what a field that was written as a boolean says; an empty one says no.

    Raises ValueError for anything else.
    """
    known = _BOOLEANS.get(text.lower()) if text else False
    if known is None:
        raise ValueError(f"is {text[:40]!r}, but must be true or false")
    return known


def parse_instant(text: str) -> int:
    """Return an instant (ISO 8601; UTC where it doesn't say) in milliseconds since 1970.

    Raises ValueError for another text.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"is {text[:40]!r}, but must be an instant such as 2026-01-31T12:00:00Z"
        ) from None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1000)


def milliseconds(text: str) -> int:
    """Return a number as whole milliseconds. Raises ValueError for another text."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not abs(number) <= _LONGEST_MS:
        raise ValueError(f"is {text[:40]!r}, but must be a number of milliseconds")
    return round(number)


def label_problem(label: str, written: str) -> str:
    """Say what is wrong with a field that must name something; empty if nothing is.

    `label` is the field as it is read, `written` as it stands in the file, empty where the column
    holds no names.
    """
    if not label.strip():
        return "is empty"
    if label == written and not bare_field(written):
        return f"is {written!r}, which reads as missing; if it is a name, write '{written}"
    if label != label.strip() or not label.isprintable():
        return "has spaces around it or characters that can't be printed"
    if len(label) > _MAX_FIELD_CHARACTERS:
        return f"is longer than {_MAX_FIELD_CHARACTERS} characters"
    return ""


def _is_misread(text: str) -> bool:
    """Tell whether a text would be misread, quotes before it aside."""
    bare = text.lstrip("'")
    return bare.startswith(_FORMULA) or (bare != "" and not bare_field(bare))
