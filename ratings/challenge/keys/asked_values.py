"""Values that an address asks for by the keys of a dataclass: read, or told what is wrong."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from ratings.challenge.keys.tables import TomlTable, keys_of

_LONGEST = 20


def asked_values(
    shape: type, asked: Mapping[str, str], usual: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return each of the usual values, or what is asked for instead; and what is wrong, by key.

    `usual` names keys of `shape`, whose checks hold. What is empty asks for nothing.
    """
    names = [key.name for key in keys_of(shape) if key.name in usual]
    texts = {name: text for name in names if (text := asked.get(name, "").strip())}
    table = TomlTable({name: _typed(text) for name, text in texts.items()}, "")
    read: Any = table.read(shape)
    problems = dict(line.removeprefix(": ").split(": ", 1) for line in table.problems)
    return {**usual, **{name: getattr(read, name) for name in texts}}, problems


def _typed(text: str) -> object:
    """Return a number where a text is one; both marks of decimals are known."""
    if len(text) > _LONGEST:
        return text
    if re.fullmatch(r"[+-]?\d+", text, re.ASCII):
        return int(text)
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return text
    return number if number.is_finite() else text
