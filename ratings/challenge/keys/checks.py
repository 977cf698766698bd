"""What a key of a definition file may hold: a check returns the value, or raises Wrong."""

import re
from collections import Counter
from collections.abc import Callable, Collection
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from ratings.challenge.names import address_problem, has_hidden

SLUG = re.compile(r"[A-Za-z0-9_-]{1,50}")
LARGEST_INTEGER = 2**63 - 1  # of a bigint column
AN_INSTANT = "an instant such as 2018-04-22T23:59:59-08:00"
# As Crossref says that a DOI looks, https://www.crossref.org/blog/dois-and-matching-regular-expressions/.
DOI = re.compile(r"10\.\d{4,9}/[-._;()/:A-Za-z0-9]{1,100}")
A_LIST = 'a list such as ["P", "M"]'

Check = Callable[[object], Any]


class Wrong(ValueError):
    """A value that can't be meant. Its text is the mend; `instead`, if any, stands in for it."""

    def __init__(self, problem: str, instead: object = None) -> None:
        super().__init__(problem)
        self.instead = instead


def text(longest: int = 20_000, *, multiline: bool = False, stripped: bool = False) -> Check:
    """Return a check for printable text; with `multiline` it may hold lines and tabs."""

    def check(value: object) -> str:
        if not isinstance(value, str):
            raise Wrong(f"it must be a text in quotes, not {_said(value)}.")
        if len(value) > longest:
            raise Wrong(f"it must have at most {longest} characters; these are {len(value)}.")
        bare = value.replace("\n", "").replace("\t", "") if multiline else value
        if any(ord(c) < 32 or ord(c) == 127 for c in bare):
            raise Wrong(
                "it holds control characters; take them out, and write paths with /: in "
                '"..." a backslash begins an escape.'
            )
        return value.strip() if stripped else value

    return check


def slug(reserved: Collection[str] = ()) -> Check:
    """Return a check for a name that may stand in an address, and is none of the reserved ones."""

    def check(value: object) -> str:
        name: str = text()(value)
        # What refers to a wrong name still means it.
        if not SLUG.fullmatch(name):
            raise Wrong(f"{name!r} must be 1 to 50 letters, digits, - or _.", name)
        if name in reserved:
            raise Wrong(f"{name!r} is an address of the site itself; take another.", name)
        return name

    return check


def url(value: object) -> str:
    """Check a web address, or nothing."""
    address: str = text(longest=200)(value)
    try:
        if address:
            URLValidator(["http", "https"])(address)
    except ValidationError as error:
        mend = "must be an address that begins with https:// or http://."
        raise Wrong(f"{address!r} {mend}") from error
    return address


def license_expression(value: object) -> str:
    """Check an SPDX licence expression, or nothing; it is returned as SPDX spells it."""
    expression: str = text(longest=200)(value)
    try:
        return canonicalize_license_expression(expression) if expression else ""
    except InvalidLicenseExpression as error:
        raise Wrong(
            f"{expression!r} must be a licence as https://spdx.org/licenses names it, such as "
            "CC-BY-4.0; or LicenseRef- and a name of your own."
        ) from error


def doi_name(value: object) -> str:
    """Check a DOI without an address before it, or nothing."""
    name: str = text(longest=200)(value)
    if name and not DOI.fullmatch(name):
        raise Wrong(
            f"{name!r} must be a DOI such as 10.5281/zenodo.1234, without https://doi.org/."
        )
    return name


def one_of(options: Collection[str]) -> Check:
    """Return a check for one of some words; of an enumeration it returns the member."""

    def check(value: object) -> str:
        word = text()(value)
        for option in options:
            if option == word:
                return option
        raise Wrong(f"{word!r} must be one of: {', '.join(map(str, options))}.")

    return check


def texts(value: object) -> tuple[str, ...]:
    """Check a list of texts."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Wrong('it must be a list of texts such as ["P", "M"].')
    return tuple(value)


def names(value: object) -> tuple[str, ...]:
    """Check a list of names, each of which says something and is no other one's or an address."""
    one = text(longest=200, stripped=True)
    said: tuple[str, ...] = tuple(map(one, texts(value)))
    for name in said:
        if not name:
            raise Wrong("a name must not be empty.")
        if has_hidden(name):
            raise Wrong(f"{name!r} holds characters that can't be seen; take them out.")
        if problem := address_problem(name):
            raise Wrong(problem)
    twice = [name for name, times in Counter(map(str.casefold, said)).items() if times > 1]
    if twice:
        shown = next(name for name in said if name.casefold() == twice[0])
        raise Wrong(f"{shown!r} stands there more than once; write it once.")
    return said


def _said(value: object) -> str:
    """Return a value as the file has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, dict):
        return "a table"
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


def instant(value: object) -> datetime:
    """Check an instant, which must carry its offset."""
    if not isinstance(value, datetime):
        raise Wrong(f"it must be {AN_INSTANT}, no quotes.")
    if value.tzinfo is None:
        raise Wrong(f"{value.isoformat()} needs its offset at the end, such as -08:00.")
    if not 1970 < value.year < 9999:
        raise Wrong(f"the year {value.year} can't be meant.")
    return value


def whole_second(value: object) -> datetime:
    """Check an instant without a fraction of a second."""
    at = instant(value)
    if at.microsecond:
        raise Wrong("leave out the fraction: the whole last second is in time.")
    return at


def whole(least: int = 0, most: int = LARGEST_INTEGER) -> Check:
    """Return a check for a whole number."""

    def check(value: object) -> int:
        if type(value) is not int or not least <= value <= most:
            raise Wrong(f"it must be a whole number from {least} to {most}.")
        return value

    return check


def number(least: int, most: int) -> Check:
    """Return a check for a number, which it returns as a float."""

    def check(value: object) -> float:
        # As a float, because a Decimal that is not a number can't even be compared.
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            number = float(value)
            if least <= number <= most:
                return number
        raise Wrong(f"it must be a number from {least} to {most}.")

    return check


def numbers(least: int, most: int, longest: int) -> Check:
    """Return a check for a list of numbers, which it returns as floats."""
    one = number(least, most)

    def check(value: object) -> tuple[float, ...]:
        if not isinstance(value, list) or len(value) > longest:
            raise Wrong(f"it must be a list of at most {longest} numbers such as [0.1, 0.2].")
        return tuple(map(one, value))

    return check


def positive(value: object) -> Decimal:
    """Check a number above zero; it is returned as it is written."""
    number = Decimal(value) if type(value) is int else value
    if not (isinstance(number, Decimal) and number.is_finite() and 0 < number <= 1000):
        raise Wrong("it must be a number above 0, such as 0.15.")
    return number


def switch(value: object) -> bool:
    """Check true or false."""
    if not isinstance(value, bool):
        raise Wrong(f"it must be true or false, not {_said(value)}.")
    return value


def size(value: object) -> tuple[int, int]:
    """Check width and height in pixels."""
    sides = value if isinstance(value, list) else []
    if len(sides) != 2 or not all(type(s) is int and 1 <= s <= 65535 for s in sides):
        raise Wrong("it must be [width, height] in pixels, such as [768, 768].")
    return sides[0], sides[1]
