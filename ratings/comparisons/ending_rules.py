"""When a session ends before its last trial, and how many raters of one kind there may be."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from ratings.challenge.keys.checks import Wrong, number, text, whole
from ratings.challenge.keys.tables import TomlTable

LARGEST_LEVEL = 0.1


class Away(StrEnum):
    """What becomes of the answers of a rater who stayed away too long."""

    USED = "used"
    NOT_USED = "not used"


class Attribute(StrEnum):
    """What is known of a rater before they consent, by which places may be counted."""

    PLATFORM = "platform"
    LANGUAGE = "language"
    GROUP = "group"


# Before the name of a question whose answer is meant.
QUESTION = "question."


def level(value: object) -> float:
    """Check a chance above 0."""
    checked: float = number(0, 1)(value)
    if not 0 < checked <= LARGEST_LEVEL:
        raise Wrong(f"it must be above 0 and at most {LARGEST_LEVEL:g}, such as 0.01.")
    return checked


@dataclass(frozen=True)
class Endings:
    """What ends a session early; what is None ends none.

    `hopeless` is the chance, at most, with which an honest rater's session is ended because of its
    checks: see `psychometrics.raters.early_end`. Who gave no answer for `away_minutes` can't go on;
    what they gave is used or not as `away` says, used where it says nothing.
    """

    hopeless: Annotated[float | None, level] = None
    away_minutes: Annotated[int | None, whole(5, 1_000_000)] = None
    away: Away | None = None

    def check(self, table: TomlTable) -> None:
        """Note what says something about a limit that there is not."""
        if self.away and not self.away_minutes and table.sound("away_minutes"):
            table.note("away", "nobody is away without away_minutes; add it, or leave this out.")


def attribute(value: object) -> str:
    """Check the name of what places are counted by."""
    name: str = text(100)(value)
    if name in tuple(Attribute) or (name.startswith(QUESTION) and name != QUESTION):
        return name
    known = ", ".join(Attribute)
    raise Wrong(f"{name!r} must be one of {known}, or {QUESTION} and the name of a question.")


@dataclass(frozen=True)
class RaterQuota:
    """How many raters there may be of whom `attribute` is `value`: at most `most_raters`."""

    attribute: Annotated[str, attribute]
    value: Annotated[str, text(200, stripped=True)]
    most_raters: Annotated[int, whole(0, 1_000_000)]


def endings_of(raw: Mapping[str, Any] | None) -> Endings | None:
    """Return the endings that `as_json` wrote, None where there are none."""
    if raw is None:
        return None
    away = raw.get("away")
    return Endings(raw.get("hopeless"), raw.get("away_minutes"), Away(away) if away else None)


def quotas_of(raw: Iterable[Mapping[str, Any]] | None) -> tuple[RaterQuota, ...] | None:
    """Return the quotas that `as_json` wrote, None where there are none."""
    return None if raw is None else tuple(RaterQuota(**quota) for quota in raw)


def check_endings(
    table: TomlTable, endings: Endings | None, *, golden: float, goes_on: bool
) -> None:
    """Note a level at which checks can end nobody: without any, or where sessions go on."""
    if endings is None or not endings.hopeless:
        return
    if not golden:
        table.note("endings", "hopeless: it looks at golden trials; raise checks.golden.")
    if goes_on:
        mend = 'hopeless: screening.after lets such raters go on; write "end" there.'
        table.note("endings", mend)


def check_quotas(
    table: TomlTable, quotas: Iterable[RaterQuota] | None, there: Mapping[str, Collection[str]]
) -> None:
    """Note quotas of a value that an attribute can't have; `there` has the values of some."""
    for quota in quotas or ():
        known = there.get(quota.attribute)
        if known is not None and quota.value not in known:
            named = ", ".join(known) or "none"
            table.note("recruiting", f"quotas: {quota.value!r} is none of: {named}.")
