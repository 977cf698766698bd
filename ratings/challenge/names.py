"""Names that teams and methods may take: what pages show, and tables carry to other programs."""

import unicodedata
from collections.abc import Collection, Sequence

from ratings.anonymity.leak_scan import without_addresses
from ratings.challenge.refusals import Refused
from ratings.psychometrics.files.csv_fields import bare_field

# Drawn as nothing, though Unicode counts them among letters, marks and symbols.
INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
VARIATION_SELECTORS = (range(0xFE00, 0xFE10), range(0x180B, 0x1810), range(0xE0100, 0xE01F0))


def normal_method(name: str) -> str:
    """Return a method's name as it is kept: composed (NFC), single spaces."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def has_hidden(name: str) -> bool:
    """Tell whether a name holds characters that can't be seen, or that turn others around."""
    return any(map(_is_hidden, name))


def name_problem(name: str) -> str:
    """Say why nothing new may be called so, and what to do; "" where it may."""
    if not name.strip() or has_hidden(name):
        return f"{name!r} holds characters that can't be seen; take them out."
    if not bare_field(name):
        return (
            f"{name!r} is what programs that read the results (pandas, R and others) take for a "
            f"missing value, and they would drop its rows; take another name, such as "
            f"{name.strip() + ' codec'!r}."
        )
    return ""


def require_name(name: str, code: str) -> None:
    """Raise Refused with this code where nothing new may be called so."""
    if problem := name_problem(name):
        raise Refused(code, problem)


def address_problem(name: str) -> str:
    """Say why everybody may not read a name, and what to do; "" where they may."""
    if without_addresses(name) == name:
        return ""
    return f"{name!r} holds an e-mail address, and everybody reads it: take it out."


def require_shown_name(name: str, code: str) -> None:
    """Raise Refused with this code where nothing new that boards show may be called so."""
    require_name(name, code)
    if problem := address_problem(name):
        raise Refused(code, problem)


def slug_problems(slugs: Sequence[str], there: Collection[str]) -> dict[str, str]:
    """Return what is wrong with new slugs that differ from another one only in case, by slug.

    `slugs` stand beside one another, with those that are `there`, which stay as they are.
    """
    problems = {}
    for slug in slugs:
        others = (one for one in (*there, *slugs) if one != slug)
        twin = next((one for one in others if one.casefold() == slug.casefold()), None)
        if twin is not None and slug not in there:
            problems[slug] = f"it differs from {twin!r} in capital letters alone; take another."
    return problems


def _is_hidden(character: str) -> bool:
    return (
        unicodedata.category(character).startswith("C")
        or character in INVISIBLE
        or any(ord(character) in selectors for selectors in VARIATION_SELECTORS)
    )
