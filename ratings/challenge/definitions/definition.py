"""A challenge as a TOML file: text to validated values and back, no database.

Every problem is listed at once, each with the table, the key and the mend.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from ratings.challenge.definitions.changes import is_tables
from ratings.challenge.keys.checks import (
    doi_name,
    license_expression,
    names,
    one_of,
    positive,
    slug,
    text,
    url,
    whole,
    whole_second,
)
from ratings.challenge.keys.decoder_environments import MOST, EnvironmentTable
from ratings.challenge.keys.decoder_limits import GivenLimits
from ratings.challenge.keys.retention import GivenRetention
from ratings.challenge.keys.scene_keys import SceneTable
from ratings.challenge.keys.series_keys import SeriesTable, series_problems
from ratings.challenge.keys.tables import Headed, TomlTable, keys_of, written
from ratings.challenge.keys.toml_text import read_toml
from ratings.challenge.refusals import Refused
from ratings.codecs.baselines import NAMES as BASELINE_NAMES

# First path segments of the site's own pages.
RESERVED_SLUGS = {"api", "desk", "kit", "login", "logout", "mail", "rate", "static"}
BOARD_RULES = ("best", "latest")
DECODER_RULES = ("optional", "required", "registered")
ELSEWHERE_RULES = ("off", "tell", "require")
MOST_SUBMISSIONS = 1_000_000
BPP_DECIMALS = 12  # of the column
# Printable, the same on every file system, and needing no escape in an address.
PICTURE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,190}\.png")


Name = Annotated[str, text(longest=200)]
LongText = Annotated[str, text(multiline=True)]


@dataclass(frozen=True)
class CalendarDefinition:
    """A date that is shown and enforces nothing."""

    title: Annotated[str, text(longest=300)]
    at: datetime


@dataclass(frozen=True)
class AnnouncementDefinition:
    """News for the challenge's page."""

    title: Name
    at: datetime
    text: LongText


@dataclass(frozen=True)
class DatasetDefinition:
    """A set of pictures; `originals` is a folder of PNGs, empty where there are none yet.

    `license` is that of its pictures; "" where none is stated.
    """

    slug: Annotated[str, slug()]
    name: Name
    description: LongText = ""
    opens: datetime | None = None
    license: Annotated[str, license_expression] = ""
    originals: str = ""
    scenes: tuple[SceneTable, ...] = ()

    def check(self, table: TomlTable) -> None:
        """Note scenes that stand there twice."""
        table.refuse_repeated("scenes", (scene.name for scene in self.scenes))


@dataclass(frozen=True)
class PhaseDefinition:
    """A phase; `closes` is the announced deadline, whose whole second is in time."""

    slug: Annotated[str, slug()]
    name: Name
    datasets: tuple[str, ...]
    opens: datetime
    closes: Annotated[datetime, whole_second]
    originals_open: datetime | None = None
    boards_open: datetime | None = None
    boards_frozen_from: datetime | None = None
    boards_frozen_until: datetime | None = None
    byte_budget: Annotated[int | None, whole(1)] = None
    max_bpp: Annotated[Decimal | None, positive] = None
    board: Annotated[str, one_of(BOARD_RULES)] = "best"
    decoder: Annotated[str, one_of(DECODER_RULES)] = "optional"
    decoders_from: str = ""
    elsewhere: Annotated[str, one_of(ELSEWHERE_RULES)] = "off"
    submissions_per_day: Annotated[int | None, whole(1, MOST_SUBMISSIONS)] = None
    submissions_in_all: Annotated[int | None, whole(1, MOST_SUBMISSIONS)] = None
    own_scores: bool = False
    factsheet_closes: Annotated[datetime | None, whole_second] = None
    baselines: tuple[str, ...] = ()
    limits: GivenLimits = field(default_factory=GivenLimits)
    environments: Annotated[tuple[EnvironmentTable, ...], Headed("environment")] = ()

    def check(self, table: TomlTable) -> None:
        """Note what the keys of a phase say against one another."""
        table.refuse_repeated("datasets", self.datasets)
        if not self.datasets and table.sound("datasets"):
            table.note("datasets", "name at least one data set.")
        if table.sound("opens", "closes") and self.closes < self.opens:
            table.note("closes", "it must be later than `opens`.")
        due = self.factsheet_closes
        if due and table.sound("opens", "factsheet_closes") and due < self.opens:
            table.note("factsheet_closes", "it must be later than `opens`.")
        self._check_freeze(table)
        for name in self.baselines:
            if name not in BASELINE_NAMES:
                table.note("baselines", f"{name!r} is none of: {', '.join(BASELINE_NAMES)}.")
        if self.byte_budget and self.max_bpp:
            table.note("max_bpp", "leave it out, or leave out `byte_budget`; both say the same.")
        if self.max_bpp and self.max_bpp != round(self.max_bpp, BPP_DECIMALS):
            table.note("max_bpp", f"write at most {BPP_DECIMALS} decimals.")
        if self.decoders_from and self.decoder != "registered":
            table.note("decoders_from", 'it goes with decoder = "registered".')
        table.refuse_repeated("environment", (one.slug for one in self.environments))
        if len(self.environments) > MOST:
            table.note("environment", f"name {MOST} at most; these are {len(self.environments)}.")

    def _check_freeze(self, table: TomlTable) -> None:
        begin, end = self.boards_frozen_from, self.boards_frozen_until
        if end and not begin and table.sound("boards_frozen_from"):
            table.note("boards_frozen_until", "it goes with `boards_frozen_from`.")
        if begin and begin < self.opens and table.sound("boards_frozen_from", "opens"):
            table.note("boards_frozen_from", "it must not be earlier than `opens`.")
        if begin and end and end <= begin and table.sound("boards_frozen_from"):
            table.note("boards_frozen_until", "it must be later than `boards_frozen_from`.")


# Keys that hold tables with lines of their own: [[phase.environment]], [[study.questionnaire]].
BELOW = frozenset(key.name for key in keys_of(PhaseDefinition) if key.headed) | {"questionnaire"}


@dataclass(frozen=True)
class Definition:
    """The whole file; `studies` are the [[study]] tables as they were read.

    `license` and `doi` are of the results; data sets have licences of their own.
    """

    slug: Annotated[str, slug(reserved=RESERVED_SLUGS)]
    name: Name
    summary: Annotated[str, text(longest=500)]
    description: LongText = ""
    forum: Annotated[str, url] = ""
    license: Annotated[str, license_expression] = ""
    doi: Annotated[str, doi_name] = ""
    organizers: Annotated[tuple[str, ...], names] = ()
    sponsors: Annotated[tuple[str, ...], names] = ()
    draft: bool = False
    retention: GivenRetention = field(default_factory=GivenRetention)
    calendar: Annotated[tuple[CalendarDefinition, ...], Headed("calendar")] = ()
    announcements: Annotated[tuple[AnnouncementDefinition, ...], Headed("announcement")] = ()
    datasets: Annotated[tuple[DatasetDefinition, ...], Headed("dataset")] = ()
    phases: Annotated[tuple[PhaseDefinition, ...], Headed("phase")] = ()
    series: Annotated[tuple[SeriesTable, ...], Headed("series")] = ()
    studies: Annotated[tuple[dict[str, Any], ...], Headed("study")] = ()

    def check(self, table: TomlTable) -> None:
        """Note what no single table shows: repeated names, data sets and phases not there."""
        known = [dataset.slug for dataset in self.datasets]
        problems = _repeated("[[dataset]]: slug", known)
        problems += _repeated("[[dataset]]: name", [d.name for d in self.datasets])
        problems += _repeated("[[phase]]: slug", [phase.slug for phase in self.phases])
        problems += _repeated("[[phase]]: name", [phase.name for phase in self.phases])
        for number, phase in enumerate(self.phases):
            lines = _unknown_datasets(phase, known) if known or table.sound("dataset") else []
            lines += _unknown_phase(phase, [earlier.slug for earlier in self.phases[:number]])
            problems += [f"[[phase]] {phase.slug}: {line}" for line in lines]
        problems += _repeated("[[series]]: slug", [series.slug for series in self.series])
        problems += _repeated("[[series]]: name", [series.name for series in self.series])
        if table.sound("phase"):
            phases = {phase.slug: phase.datasets for phase in self.phases}
            problems += series_problems(self.series, phases)
        table.problems += problems


def parse(text: str) -> Definition:
    """Read a definition file. Raises Refused, code "definition", with every problem."""
    definition, problems = read_with_problems(text)
    if problems:
        raise Refused("definition", *problems)
    return definition


def read_with_problems(text: str) -> tuple[Definition, list[str]]:
    """Return a definition file as far as it can be read, and every problem of it.

    Something stands in for what could not be read. Raises Refused where the text is not TOML.
    """
    table = TomlTable(read_toml(text), "The challenge")
    definition = table.read(Definition)
    table.refuse_unknown()
    return definition, table.problems


def _unknown_datasets(phase: PhaseDefinition, known: Sequence[str]) -> list[str]:
    return [
        f"datasets: there is no [[dataset]] {slug!r}; define it or correct the name."
        for slug in phase.datasets
        if slug not in known
    ]


def _unknown_phase(phase: PhaseDefinition, earlier: Sequence[str]) -> list[str]:
    if phase.decoder != "registered" or phase.decoders_from in earlier:
        return []
    return [
        "decoders_from: name the earlier [[phase]] whose decoders are registered, "
        f"not {phase.decoders_from!r}."
    ]


def _repeated(what: str, values: Iterable[str]) -> list[str]:
    seen: dict[str, int] = {}
    for value in values:
        seen[value] = seen.get(value, 0) + 1
    return [f"{what}: {v!r} stands there {n} times." for v, n in seen.items() if v and n > 1]


def emit(definition: Definition) -> str:
    """Return the definition as TOML; `parse` gives the same definition back."""
    keys = keys_of(Definition)
    tables = {key.name: getattr(definition, key.field) for key in keys if key.headed}
    headed = {name: [_entry(one) for one in entries] for name, entries in tables.items()}
    top = {key: value for key, value in written(definition).items() if key not in headed}
    if not definition.draft:
        del top["draft"]  # hardly any file is one
    return emit_tables(top | headed)


def emit_tables(tables: Mapping[str, Any]) -> str:
    """Return tables as TOML reads them as a file again, sound or not."""
    headed = {name: rows for name, rows in tables.items() if is_tables(rows)}
    top = {key: value for key, value in tables.items() if key not in headed and value != []}
    lines = _lines(top)
    for name, rows in headed.items():
        for row in rows:
            lines += ["", *emit_table(name, row)]
    return "\n".join(lines) + "\n"


def _entry(entry: object) -> dict[str, Any]:
    if isinstance(entry, dict):
        return entry
    return {key: value for key, value in written(entry).items() if value != []}


def emit_table(name: str, table: Mapping[str, Any]) -> list[str]:
    """Return one [[table]] as lines of TOML, its values each on a line, tables below it last."""
    below = {key: rows for key, rows in table.items() if key in BELOW and is_tables(rows)}
    lines = [f"[[{name}]]", *_lines({key: table[key] for key in table if key not in below})]
    for key, rows in below.items():
        for row in rows:
            lines += ["", *emit_table(f"{name}.{key}", row)]
    return lines


def _lines(table: Mapping[str, Any]) -> list[str]:
    """Return `key = value` lines; what is empty is left out, as it may be in a file.

    But for a table: that there is one may say something by itself, as `pilot = {}` does.
    """
    return [f"{_key(key)} = {_value(v)}" for key, v in table.items() if v not in (None, "", ())]


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
