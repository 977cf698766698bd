"""A challenge as a TOML file: text to validated values and back, no database.

Every problem is listed at once, each with the table, the key and the mend.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from ratings.challenge.limits import read_limits
from ratings.challenge.refusals import Refused
from ratings.challenge.tables import Table
from ratings.codecs.baselines import NAMES as BASELINE_NAMES

# First path segments of the site's own pages.
RESERVED_SLUGS = {"api", "desk", "kit", "login", "logout", "rate", "static"}
BOARD_RULES = ("best", "latest")
DECODER_RULES = ("optional", "required", "registered")
MOST_SUBMISSIONS = 1_000_000
# Printable, the same on every file system, and needing no escape in an address.
PICTURE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,190}\.png")


@dataclass(frozen=True)
class CalendarDefinition:
    """A date that is shown and enforces nothing."""

    title: str
    at: datetime


@dataclass(frozen=True)
class AnnouncementDefinition:
    """News for the challenge's page."""

    title: str
    at: datetime
    text: str


@dataclass(frozen=True)
class DatasetDefinition:
    """A set of pictures; `originals` is a folder of PNGs, None where there are none yet."""

    slug: str
    name: str
    description: str
    opens: datetime | None
    originals: str | None


@dataclass(frozen=True)
class PhaseDefinition:
    """A phase; `closes` is the announced deadline, whose whole second is in time."""

    slug: str
    name: str
    datasets: tuple[str, ...]
    opens: datetime
    closes: datetime
    originals_open: datetime | None
    boards_open: datetime | None
    byte_budget: int | None
    max_bpp: Decimal | None
    board: str
    decoder: str
    decoders_from: str
    submissions_per_day: int | None
    submissions_in_all: int | None
    own_scores: bool
    factsheet_closes: datetime | None
    baselines: tuple[str, ...]
    limits: Mapping[str, int]


@dataclass(frozen=True)
class Definition:
    """The whole file; `studies` are the [[study]] tables as they were read."""

    slug: str
    name: str
    summary: str
    description: str
    forum: str
    calendar: tuple[CalendarDefinition, ...]
    announcements: tuple[AnnouncementDefinition, ...]
    datasets: tuple[DatasetDefinition, ...]
    phases: tuple[PhaseDefinition, ...]
    studies: list[dict[str, Any]]


def parse(text: str) -> Definition:
    """Read a definition file. Raises Refused, code "definition", with every problem."""
    try:
        raw = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Refused("definition", f"This is not TOML: {error}") from error
    table = Table(raw, "The challenge")
    definition = Definition(
        slug=table.slug("slug", reserved=RESERVED_SLUGS),
        name=table.text("name", longest=200),
        summary=table.text("summary", longest=500),
        description=table.text("description", default="", multiline=True),
        forum=table.url("forum"),
        calendar=tuple(map(_calendar_entry, table.tables("calendar"))),
        announcements=tuple(map(_announcement, table.tables("announcement"))),
        datasets=tuple(map(_dataset, table.tables("dataset"))),
        phases=tuple(map(_phase, table.tables("phase"))),
        studies=[study.raw for study in table.tables("study")],
    )
    table.refuse_unknown()
    problems = table.problems or _contradictions(definition)
    if problems:
        raise Refused("definition", *problems)
    return definition


def _calendar_entry(table: Table) -> CalendarDefinition:
    entry = CalendarDefinition(table.text("title", longest=300), table.instant("at"))
    table.refuse_unknown()
    return entry


def _announcement(table: Table) -> AnnouncementDefinition:
    announcement = AnnouncementDefinition(
        title=table.text("title", longest=200),
        at=table.instant("at"),
        text=table.text("text", multiline=True),
    )
    table.refuse_unknown()
    return announcement


def _dataset(table: Table) -> DatasetDefinition:
    dataset = DatasetDefinition(
        slug=table.slug("slug"),
        name=table.text("name", longest=200),
        description=table.text("description", default="", multiline=True),
        opens=table.optional_instant("opens"),
        originals=table.text("originals", default="") or None,
    )
    table.refuse_unknown()
    return dataset


def _phase(table: Table) -> PhaseDefinition:
    phase = PhaseDefinition(
        slug=table.slug("slug"),
        name=table.text("name", longest=200),
        datasets=table.texts("datasets"),
        opens=table.instant("opens"),
        closes=table.instant("closes", whole_second=True),
        originals_open=table.optional_instant("originals_open"),
        boards_open=table.optional_instant("boards_open"),
        byte_budget=table.positive_integer("byte_budget"),
        max_bpp=table.positive_number("max_bpp"),
        board=table.choice("board", BOARD_RULES, default="best"),
        decoder=table.choice("decoder", DECODER_RULES, default="optional"),
        decoders_from=table.text("decoders_from", default=""),
        submissions_per_day=table.positive_integer("submissions_per_day", most=MOST_SUBMISSIONS),
        submissions_in_all=table.positive_integer("submissions_in_all", most=MOST_SUBMISSIONS),
        own_scores=table.switch("own_scores", default=False),
        factsheet_closes=table.optional_instant("factsheet_closes", whole_second=True),
        baselines=table.texts("baselines", default=()),
        limits=read_limits(table.table("limits")),
    )
    table.refuse_unknown()
    return phase


def _contradictions(definition: Definition) -> list[str]:
    """Return what no single key shows: repeated names, unknown data sets, dates out of order."""
    known = [dataset.slug for dataset in definition.datasets]
    problems = _repeated("[[dataset]]: slug", known)
    problems += _repeated("[[dataset]]: name", [d.name for d in definition.datasets])
    problems += _repeated("[[phase]]: slug", [phase.slug for phase in definition.phases])
    problems += _repeated("[[phase]]: name", [phase.name for phase in definition.phases])
    for number, phase in enumerate(definition.phases):
        earlier = [one.slug for one in definition.phases[:number]]
        lines = [*_phase_problems(phase, known), *_decoder_problems(phase, earlier)]
        problems += [f"[[phase]] {phase.slug}: {line}" for line in lines]
    return problems


def _phase_problems(phase: PhaseDefinition, known: Sequence[str]) -> list[str]:
    problems = [
        f"datasets: there is no [[dataset]] {slug!r}; define it or correct the name."
        for slug in phase.datasets
        if slug not in known
    ]
    problems += _repeated("datasets", phase.datasets)
    if not phase.datasets:
        problems.append("datasets: name at least one data set.")
    if phase.closes < phase.opens:
        problems.append("closes: it must be later than `opens`.")
    problems += [
        f"baselines: {name!r} is none of: {', '.join(BASELINE_NAMES)}."
        for name in phase.baselines
        if name not in BASELINE_NAMES
    ]
    if phase.factsheet_closes and phase.factsheet_closes < phase.opens:
        problems.append("factsheet_closes: it must be later than `opens`.")
    if phase.byte_budget and phase.max_bpp:
        problems.append("max_bpp: leave it out, or leave out `byte_budget`; both say the same.")
    return problems


def _decoder_problems(phase: PhaseDefinition, earlier: Sequence[str]) -> list[str]:
    if phase.decoder != "registered":
        return (
            ['decoders_from: it goes with decoder = "registered".'] if phase.decoders_from else []
        )
    if phase.decoders_from not in earlier:
        return [
            "decoders_from: name the earlier [[phase]] whose decoders are registered, "
            f"not {phase.decoders_from!r}."
        ]
    return []


def _repeated(what: str, values: Iterable[str]) -> list[str]:
    seen: dict[str, int] = {}
    for value in values:
        seen[value] = seen.get(value, 0) + 1
    return [f"{what}: {v!r} stands there {n} times." for v, n in seen.items() if n > 1]


Entry = CalendarDefinition | AnnouncementDefinition | DatasetDefinition | PhaseDefinition


def emit(definition: Definition) -> str:
    """Return the definition as TOML; `parse` gives the same definition back."""
    top = ("slug", "name", "summary", "description", "forum")
    lines = _lines({key: getattr(definition, key) for key in top})
    tables: list[tuple[str, Iterable[Any]]] = [
        ("calendar", definition.calendar),
        ("announcement", definition.announcements),
        ("dataset", definition.datasets),
        ("phase", definition.phases),
        ("study", definition.studies),
    ]
    for name, entries in tables:
        for entry in entries:
            lines += ["", *emit_table(name, entry if isinstance(entry, dict) else _raw(entry))]
    return "\n".join(lines) + "\n"


def emit_table(name: str, table: Mapping[str, Any]) -> list[str]:
    """Return one [[table]] as lines of TOML, its values each on a line."""
    return [f"[[{name}]]", *_lines(table)]


def _raw(entry: Entry) -> dict[str, Any]:
    return {field.name: getattr(entry, field.name) for field in fields(entry)}


def _lines(table: Mapping[str, Any]) -> list[str]:
    """Return `key = value` lines; what is empty is left out, as it may be in a file."""
    return [f"{_key(key)} = {_value(v)}" for key, v in table.items() if v not in (None, "", (), {})]


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _value(key)


def _value(value: object) -> str:
    if isinstance(value, str):
        # JSON's escapes are TOML's; only DEL may stand bare in JSON.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, (Decimal, float)):
        number = f"{value:f}" if isinstance(value, Decimal) else repr(value)
        return number if {".", "e", "n"} & set(number) else f"{number}.0"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
