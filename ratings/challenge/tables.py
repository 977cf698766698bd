"""Reading one table of a definition file key by key; what is wrong is noted, all of it."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

SLUG = re.compile(r"[A-Za-z0-9_-]{1,50}")
LARGEST_INTEGER = 2**63 - 1  # of a bigint column
# Stands in for what could not be read; the file is refused anyway.
NO_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)


class Table:
    """A table whose keys are asked for one by one; `problems` is shared with its sub-tables."""

    def __init__(self, raw: dict[str, Any], where: str, problems: list[str] | None = None) -> None:
        self.raw = raw
        self.where = where
        self.problems: list[str] = [] if problems is None else problems
        self._asked: set[str] = set()

    def text(
        self,
        key: str,
        *,
        longest: int = 20_000,
        default: str | None = None,
        multiline: bool = False,
    ) -> str:
        """Return printable text; `default` None means that it must be there."""
        value = self._get(key, "a text", default)
        if value is None or value is default:
            return value or ""
        bare = value.replace("\n", "").replace("\t", "") if isinstance(value, str) else ""
        if not isinstance(value, str):
            self.note(key, f"it must be a text in quotes, not {value!r}.")
        elif not value.strip() and default is None:
            self.note(key, "it must not be empty.")
        elif len(value) > longest:
            self.note(key, f"it must have at most {longest} characters; these are {len(value)}.")
        elif any(ord(c) < 32 or ord(c) == 127 for c in (bare if multiline else value)):
            self.note(key, "it holds control characters; take them out.")
        else:
            return value
        return ""

    def slug(self, key: str, *, reserved: Collection[str] = ()) -> str:
        """Return a name that may stand in an address."""
        value = self.text(key)
        if value and not SLUG.fullmatch(value):
            self.note(key, f"{value!r} must be 1 to 50 letters, digits, - or _.")
        if value in reserved:
            self.note(key, f"{value!r} is an address of the site itself; take another.")
        return value

    def url(self, key: str) -> str:
        """Return a web address, or "" where the key is left out."""
        value = self.text(key, default="", longest=200)
        try:
            if value:
                URLValidator(["http", "https"])(value)
        except ValidationError:
            self.note(key, f"{value!r} must be an address that begins with https:// or http://.")
        return value

    def choice(self, key: str, options: Sequence[str], *, default: str) -> str:
        """Return one of `options`."""
        value = self.text(key, default=default)
        if value and value not in options:
            self.note(key, f"{value!r} must be one of: {', '.join(options)}.")
        return value

    def texts(self, key: str, *, default: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return a list of texts; `default` None means that it must be there."""
        value = self._get(key, 'a list such as ["P", "M"]', default)
        if value is None or value is default:
            return tuple(value or ())
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.note(key, 'it must be a list of texts such as ["P", "M"].')
            return ()
        return tuple(value)

    def instant(self, key: str, *, whole_second: bool = False) -> datetime:
        """Return an instant, which must carry its offset."""
        value = self._get(key, "an instant such as 2018-04-22T23:59:59-08:00", None)
        return NO_INSTANT if value is None else self._instant(key, value, whole_second)

    def optional_instant(self, key: str, *, whole_second: bool = False) -> datetime | None:
        """Return an instant with its offset, or None where the key is left out."""
        self._asked.add(key)
        return self._instant(key, self.raw[key], whole_second) if key in self.raw else None

    def _instant(self, key: str, value: object, whole_second: bool) -> datetime:
        if not isinstance(value, datetime):
            self.note(key, "it must be an instant such as 2018-04-22T23:59:59-08:00, no quotes.")
        elif value.tzinfo is None:
            self.note(key, f"{value.isoformat()} needs its offset at the end, such as -08:00.")
        elif not 1970 < value.year < 9999:
            self.note(key, f"the year {value.year} can't be meant.")
        elif whole_second and value.microsecond:
            self.note(key, "leave out the fraction: the whole last second is in time.")
        else:
            return value
        return NO_INSTANT

    def positive_integer(self, key: str, *, most: int = LARGEST_INTEGER) -> int | None:
        """Return a whole number from 1 to `most`, or None where the key is left out."""
        value = self._get(key, "", 0)
        if value == 0 and key not in self.raw:
            return None
        if type(value) is not int or not 0 < value <= most:
            self.note(key, f"it must be a whole number from 1 to {most}.")
            return None
        return value

    def whole(self, key: str, *, least: int = 0, most: int, default: int | None = None) -> int:
        """Return a whole number; `default` None means that it must be there."""
        value = self._get(key, "a whole number", default)
        if value is None:
            return least
        if type(value) is not int or not least <= value <= most:
            self.note(key, f"it must be a whole number from {least} to {most}.")
            return least if default is None else default
        return value

    def positive_number(self, key: str) -> Decimal | None:
        """Return a number above zero, or None where the key is left out."""
        value = self._get(key, "", 0)
        if value == 0 and key not in self.raw:
            return None
        number = (
            value if isinstance(value, Decimal) else Decimal(value if type(value) is int else 0)
        )
        if not (number.is_finite() and 0 < number <= 1000):
            self.note(key, "it must be a number above 0, such as 0.15.")
            return None
        return number

    def number(self, key: str, *, least: int | None = None, most: int) -> float | None:
        """Return a number from `least`, by default -`most`, to `most`; None if it is left out."""
        value = self._get(key, "", 0)
        if key not in self.raw:
            return None
        least = -most if least is None else least
        # As a float, because a Decimal that is not a number can't even be compared.
        if type(value) not in (int, float, Decimal) or not least <= float(value) <= most:
            self.note(key, f"it must be a number from {least} to {most}.")
            return None
        return float(value)

    def switch(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._get(key, "", default)
        if not isinstance(value, bool):
            self.note(key, f"it must be true or false, not {value!r}.")
            return default
        return value

    def size(self, key: str, *, default: tuple[int, int]) -> tuple[int, int]:
        """Return width and height in pixels."""
        value = self._get(key, "", list(default))
        sides = value if isinstance(value, list) else []
        if len(sides) != 2 or not all(type(side) is int and 1 <= side <= 65535 for side in sides):
            self.note(key, "it must be [width, height] in pixels, such as [768, 768].")
            return default
        return sides[0], sides[1]

    def table(self, key: str) -> "Table":
        """Return the table written as key = { ... } or under its own line; empty if left out."""
        value = self._get(key, "", {})
        if not isinstance(value, dict):
            self.note(key, f"write it as a table, such as {key} = {{ ... }}.")
            value = {}
        return Table(value, f"{self.where}: {key}", self.problems)

    def tables(self, key: str) -> list["Table"]:
        """Return the tables written as [[key]]; each is named by its slug, title or number."""
        value = self._get(key, "", [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.note(key, f"write it as tables, each under a line [[{key}]].")
            return []
        names = [raw.get("slug") or raw.get("title") or n for n, raw in enumerate(value, start=1)]
        return [
            Table(raw, f"[[{key}]] {name}", self.problems)
            for raw, name in zip(value, names, strict=True)
        ]

    def rows(self, key: str) -> list["Table"]:
        """Return the tables written as key = [{ ... }]; each is named by its slug or number."""
        value = self._get(key, "", [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.note(key, f"write it as a list of tables, such as {key} = [{{ ... }}].")
            return []
        return [
            Table(raw, f"{self.where}: {key} {raw.get('slug') or number}", self.problems)
            for number, raw in enumerate(value, 1)
        ]

    def refuse_unknown(self) -> None:
        """Note every key that nobody asked for."""
        for key in self.raw:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                self.note(key, f"this key is unknown; known are: {known}.")

    def _get(self, key: str, what: str, default: Any) -> Any:  # noqa: ANN401
        self._asked.add(key)
        if key not in self.raw and default is None:
            self.note(key, f"it is missing; write {what}.")
        return self.raw.get(key, default)

    def refuse_repeated(self, key: str, values: Iterable[str]) -> None:
        """Note every value that stands there more than once."""
        for value, times in Counter(values).items():
            if times > 1:
                self.note(key, f"{value!r} stands there {times} times.")

    def note(self, key: str, problem: str) -> None:
        """Note what is wrong with a key."""
        self.problems.append(f"{self.where}: {key}: {problem}")
