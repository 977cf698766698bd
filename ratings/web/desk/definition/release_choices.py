"""What a definition releases, as choices in plain words: pure functions of its tables.

A choice stands for one key of the definition: from its value to what can be chosen, and from what
was chosen to the field of the definition's form that says so. Nothing is kept beside the file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from ratings.web.desk.definition.definition_form import Tables, filled_in
from ratings.web.desk.definition.release_words import BOARDS, FREEZE, ORIGINALS, THAW, Seen
from ratings.web.desk.parts.typed_instants import (
    FIRST_YEAR,
    LAST_YEAR,
    filled_instant,
    typed_instant,
)
from ratings.web.parts.words.formatting import Moment, moment, offset

NOT_YET, AT, NOW = "not-yet", "at", "now"
YES, NO = "true", "false"
NO_INSTANT = f"Give a day and a time, in the years {FIRST_YEAR} to {LAST_YEAR}."


@dataclass(frozen=True)
class ReleaseOption:
    """One answer, in words, and who sees what after it; `dated` where an instant goes with it."""

    value: str
    label: str
    words: str
    dated: bool = False


@dataclass(frozen=True)
class ReleaseChoice:
    """A key of the definition. `name` is that of its field in the definition's form.

    `local` is its instant as a field has it, in the zone `offset`; with no options it always has
    one.
    """

    name: str
    title: str
    chosen: str
    options: tuple[ReleaseOption, ...] = ()
    words: str = ""
    local: str = ""
    zone: tzinfo = UTC
    since: Moment | None = None
    problem: str = ""

    @property
    def field(self) -> str:
        """The name of the field for its instant."""
        return f"{self.name}.at"

    @property
    def offset(self) -> str:
        """The zone in words, such as "UTC-8"."""
        return offset(datetime(2000, 1, 1, tzinfo=self.zone))

    @property
    def iso_offset(self) -> str:
        """The zone as an instant ends with it, such as "-08:00"."""
        return datetime(2000, 1, 1, tzinfo=self.zone).isoformat()[-6:]


@dataclass(frozen=True)
class ReleasePart:
    """Choices that stand together."""

    title: str
    choices: tuple[ReleaseChoice, ...]


@dataclass(frozen=True)
class Opening:
    """Something that is released at an instant."""

    what: str
    at: datetime


def parts(tables: Tables, now: datetime) -> list[ReleasePart]:
    """Return all that a definition releases, as it is chosen now."""
    phases = [_phase(number, phase, now) for number, phase in enumerate(_rows(tables, "phase"))]
    sets = _rows(tables, "dataset")
    choices = tuple(_dataset(number, row, tables, now) for number, row in enumerate(sets))
    return [
        ReleasePart("The challenge", (_draft(tables),)),
        *phases,
        *([ReleasePart("Data sets", choices)] if choices else []),
    ]


def openings(tables: Tables) -> list[Opening]:
    """Return what opens at an instant, in the order of time."""
    found = [
        Opening(f"{row['name']}: {words}", at)
        for kind, key, words in (
            ("phase", "opens", "takes submissions"),
            ("phase", "originals_open", "originals open"),
            ("phase", "boards_open", "boards open"),
            ("phase", "boards_frozen_from", "boards freeze"),
            ("phase", "boards_frozen_until", "boards are live again"),
            ("dataset", "opens", "pictures open"),
        )
        for row in _rows(tables, kind)
        if (at := _instant(row, key))
    ]
    return sorted(found, key=lambda opening: opening.at)


def as_sent(choices: Sequence[ReleaseChoice], form: Mapping[str, str]) -> list[ReleaseChoice]:
    """Return the choices as a form says them, each with what is wrong with it."""
    return [_as_sent(choice, form) for choice in choices]


def _as_sent(choice: ReleaseChoice, form: Mapping[str, str]) -> ReleaseChoice:
    chosen = form.get(choice.name, choice.chosen)
    local = form.get(choice.field, choice.local)
    wrong = chosen == AT and typed_instant(local, choice.zone) is None
    return replace(choice, chosen=chosen, local=local, problem=NO_INSTANT if wrong else "")


def fields(
    was: Sequence[ReleaseChoice], became: Sequence[ReleaseChoice], now: datetime
) -> dict[str, str]:
    """Return the fields of the definition's form that say what is chosen otherwise.

    Nothing may be wrong with what it became.
    """
    return {
        new.name: _field(new, now)
        for old, new in zip(was, became, strict=True)
        if new.chosen != old.chosen or (new.chosen == AT and new.local != old.local)
    }


def _field(choice: ReleaseChoice, now: datetime) -> str:
    if choice.chosen == NOW:
        return filled_in(now.replace(microsecond=0).astimezone(choice.zone))
    if choice.chosen == AT:
        return filled_in(typed_instant(choice.local, choice.zone))
    return "" if choice.chosen == NOT_YET else choice.chosen


def _draft(tables: Tables) -> ReleaseChoice:
    options = (
        ReleaseOption(
            YES, "It is a draft", "Organizers and viewers alone see it, whatever is chosen below."
        ),
        ReleaseOption(
            NO,
            "It is public",
            "Everyone finds it on the start page, with its texts, dates and rules; the rest opens"
            " as is chosen below.",
        ),
    )
    return ReleaseChoice(
        "draft", "Who finds it", YES if tables.get("draft") is True else NO, options
    )


def _phase(number: int, phase: Tables, now: datetime) -> ReleasePart:
    name = f"phase-{number}-"
    opens = _instant(phase, "opens")
    zone = (opens and opens.tzinfo) or UTC
    takes = "Teams submit from then on, in this phase."
    last = "The last second in time: nothing is taken after it."
    originals, boards = (_instant(phase, key) for key in ("originals_open", "boards_open"))
    frozen, thawed = (_instant(phase, f"boards_frozen_{end}") for end in ("from", "until"))
    freeze = [_opens(f"{name}boards_frozen_from", "Boards frozen", FREEZE, frozen, zone, now)]
    if frozen:
        until = f"{name}boards_frozen_until"
        freeze.append(_opens(until, "Boards live again", THAW, thawed, zone, now))
    return ReleasePart(
        str(phase.get("name") or phase.get("slug") or number + 1),
        (
            _date(f"{name}opens", "Takes submissions from", takes, opens, zone),
            _date(f"{name}closes", "Deadline", last, _instant(phase, "closes"), zone),
            _opens(f"{name}originals_open", "Originals", ORIGINALS, originals, zone, now),
            _opens(f"{name}boards_open", "Boards", BOARDS, boards, zone, now),
            *freeze,
            _own_scores(f"{name}own_scores", phase),
        ),
    )


def _own_scores(name: str, phase: Tables) -> ReleaseChoice:
    options = (
        ReleaseOption(NO, "With the boards", "Until the boards open a team sees no scores."),
        ReleaseOption(
            YES, "At once", "Each team sees the scores of its own submissions, of no others."
        ),
    )
    chosen = YES if phase.get("own_scores") is True else NO
    return ReleaseChoice(name, "Own scores of a team", chosen, options)


def _dataset(number: int, row: Tables, tables: Tables, now: datetime) -> ReleaseChoice:
    slug, at = row.get("slug"), _instant(row, "opens")
    phases = [p for p in _rows(tables, "phase") if slug in (p.get("datasets") or ())]
    zones = [opens.tzinfo for p in phases if (opens := _instant(p, "opens")) and opens.tzinfo]
    zone = (at and at.tzinfo) or next(iter(zones), UTC)
    return _opens(
        f"dataset-{number}-opens",
        str(row.get("name") or slug or number + 1),
        Seen(
            _with_phases(phases, now),
            "Everyone sees its pictures and downloads them, whatever the phases say.",
            "With a phase" if phases else "Not yet",
        ),
        at,
        zone,
        now,
    )


def _with_phases(phases: Sequence[Tables], now: datetime) -> str:
    """Say who sees a data set that has no instant of its own."""
    dated = [(at, str(p.get("name"))) for p in phases if (at := _instant(p, "originals_open"))]
    if not dated:
        return "Organizers and viewers alone see its pictures."
    at, name = min(dated)
    if at <= now:
        return f"Everyone sees its pictures, since the originals of {name} are open."
    when = moment(at, at.tzinfo or UTC).text
    return f"Everyone sees its pictures with the originals of {name}, from {when} on."


def _opens(
    name: str, title: str, seen: Seen, at: datetime | None, zone: tzinfo, now: datetime
) -> ReleaseChoice:
    """Return the choice of when something opens: not yet, at an instant, or now."""
    is_open = at is not None and at <= now
    back = seen.back if is_open else ""
    until = "" if is_open else f" Until then as with “{seen.not_yet}”."
    options = [
        ReleaseOption(NOT_YET, seen.not_yet, back + seen.closed),
        ReleaseOption(AT, seen.since if is_open else "From", seen.opened + until, dated=True),
    ]
    if not is_open:
        options.append(ReleaseOption(NOW, "Now", f"As soon as it is saved: {_lower(seen.opened)}"))
    local = filled_instant(at, zone) if at else ""
    since = moment(at, zone) if at and is_open else None
    chosen = AT if at else NOT_YET
    return ReleaseChoice(name, title, chosen, tuple(options), local=local, zone=zone, since=since)


def _date(name: str, title: str, words: str, at: datetime | None, zone: tzinfo) -> ReleaseChoice:
    """Return the choice of an instant that is always there."""
    return ReleaseChoice(
        name, title, AT, words=words, local=filled_instant(at, zone) if at else "", zone=zone
    )


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


def _instant(table: Tables, key: str) -> datetime | None:
    value = table.get(key)
    return value if isinstance(value, datetime) and value.tzinfo else None


def _rows(tables: Tables, kind: str) -> list[dict[str, Any]]:
    rows = tables.get(kind)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
