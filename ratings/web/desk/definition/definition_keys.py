"""Which keys of a definition stand in the desk's form, in which words and how."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ratings.challenge.definitions.definition import (
    BOARD_RULES,
    DECODER_RULES,
    ELSEWHERE_RULES,
    AnnouncementDefinition,
    CalendarDefinition,
    DatasetDefinition,
    Definition,
    PhaseDefinition,
)
from ratings.challenge.keys.series_keys import CURVES, SeriesTable
from ratings.challenge.keys.tables import Key, keys_of
from ratings.comparisons.protocol import Protocol
from ratings.comparisons.study.study_keys import StudyTable
from ratings.web.desk.definition.form_keys import FormKey, Kind, options
from ratings.web.desk.definition.key_help import A_LICENCE, AN_INSTANT
from ratings.web.desk.definition.study_form_keys import STUDY_KEYS


@dataclass(frozen=True)
class Section:
    """Keys that stand together; `table` is the [[table]] that they are of, "" for the top."""

    table: str
    title: str
    one: str
    keys: tuple[FormKey, ...]
    blank: Mapping[str, Any] = field(default_factory=dict)
    lead: str = ""


SECTIONS = (
    Section(
        "",
        "The challenge",
        "",
        (
            FormKey("name", "Name"),
            FormKey("slug", "Short name", help="It stands in addresses, and stays."),
            FormKey("summary", "In one sentence", help="At most 500 characters.", wide=True),
            FormKey("description", "What it is", Kind.TEXT, "Markdown."),
            FormKey("forum", "Forum", help="The address where people discuss, if there is one."),
            FormKey("organizers", "Organizers", Kind.LINES, "Who is cited; a line each."),
            FormKey("sponsors", "Sponsors", Kind.LINES, "A line each."),
            FormKey("license", "Licence of the results", help=A_LICENCE),
            FormKey("doi", "DOI of the results", help="Such as 10.5281/zenodo.1234."),
            FormKey(
                "draft",
                "Draft",
                Kind.SWITCH,
                "Organizers and viewers alone see it until this is off.",
            ),
        ),
    ),
    Section(
        "dataset",
        "Data sets",
        "a data set",
        (
            FormKey("slug", "Short name", help="It stands in addresses, such as P."),
            FormKey("name", "Name"),
            FormKey("description", "What it shows", Kind.TEXT),
            FormKey("opens", "Open to all", Kind.INSTANT, "Empty: with the first phase."),
            FormKey("license", "Licence of the pictures", help=A_LICENCE),
            FormKey(
                "scenes",
                "Pictures of one scene",
                Kind.SCENES,
                "A line each: a name for the scene: its pictures, a comma between, such as "
                "lake: lake-1.png, shore*.png. Rankings then take a scene for what a picture is.",
            ),
        ),
        {"slug": "", "name": ""},
    ),
    Section(
        "phase",
        "Phases",
        "a phase",
        (
            FormKey("slug", "Short name", help="It stands in addresses, such as test."),
            FormKey("name", "Name"),
            FormKey("datasets", "Data sets", Kind.LIST, "Their short names, a comma between."),
            FormKey("opens", "Takes submissions from", Kind.INSTANT, AN_INSTANT),
            FormKey("closes", "Deadline", Kind.INSTANT, "The last second in time."),
            FormKey("originals_open", "Originals open to all", Kind.INSTANT, "Empty: not yet."),
            FormKey("boards_open", "Boards open to all", Kind.INSTANT, "Empty: not yet."),
            FormKey("boards_frozen_from", "Boards frozen from", Kind.INSTANT, "Empty: never."),
            FormKey("boards_frozen_until", "Boards live again", Kind.INSTANT, "Empty: not yet."),
            FormKey("own_scores", "Teams see their own scores before that", Kind.SWITCH),
            FormKey("max_bpp", "Budget in bits per pixel", Kind.DECIMAL, "Or bytes, below."),
            FormKey("byte_budget", "Budget in bytes, of all bitstreams", Kind.NUMBER),
            FormKey(
                "board",
                "On the boards stands each team's",
                Kind.CHOICE,
                options=options(BOARD_RULES, best="best submission", latest="latest submission"),
            ),
            FormKey(
                "decoder",
                "A decoder is",
                Kind.CHOICE,
                options=options(
                    DECODER_RULES,
                    optional="optional",
                    required="required",
                    registered="one of an earlier phase",
                ),
            ),
            FormKey("decoders_from", "That earlier phase", help="Its short name."),
            FormKey(
                "elsewhere",
                "Decoding elsewhere, in another arithmetic, is",
                Kind.CHOICE,
                options=options(
                    ELSEWHERE_RULES,
                    off="not tried",
                    tell="tried and told to the team",
                    require="required",
                ),
            ),
            FormKey("submissions_per_day", "Submissions of a team in 24 hours", Kind.NUMBER),
            FormKey("submissions_in_all", "Submissions of a team in all", Kind.NUMBER),
            FormKey("factsheet_closes", "Deadline of the factsheet", Kind.INSTANT, "Empty: none."),
            FormKey("baselines", "Baselines", Kind.LIST, "Empty: all that are installed."),
            FormKey(
                "environment",
                "Environments of decoders",
                Kind.ENVIRONMENTS,
                "A line each: short name | source | description, and | gpu where it needs one. "
                "Sources are python, torch, or an image by its digest. Empty: python.",
            ),
            FormKey("limits.cpu_seconds", "A decoder's CPU seconds", Kind.NUMBER),
            FormKey("limits.memory_bytes", "A decoder's memory in bytes", Kind.NUMBER),
            FormKey("limits.scratch_bytes", "A decoder's room in /tmp in bytes", Kind.NUMBER),
        ),
        {"slug": "", "name": "", "datasets": []},
    ),
    Section(
        "series",
        "Series of rates",
        "a series",
        (
            FormKey("slug", "Short name", help="It stands in addresses, such as rates."),
            FormKey("name", "Name"),
            FormKey("phases", "Phases", Kind.LIST, "Their short names; each is a rate."),
            FormKey(
                "curves",
                "One curve is made of",
                Kind.CHOICE,
                options=options(
                    CURVES,
                    methods="a team's entries of one name",
                    teams="a team's entries, whatever their names",
                ),
            ),
        ),
        {"slug": "", "name": "", "phases": []},
        "Phases that are rates of one task. Curves of others' codecs stand in the text alone.",
    ),
    Section(
        "calendar",
        "Calendar",
        "a date",
        (FormKey("title", "What happens"), FormKey("at", "When", Kind.INSTANT, AN_INSTANT)),
        {"title": ""},
        "Dates that are shown and decide nothing. Those of phases stand there by themselves.",
    ),
    Section(
        "announcement",
        "Announcements",
        "an announcement",
        (
            FormKey("title", "Title"),
            FormKey("at", "Dated", Kind.INSTANT, AN_INSTANT),
            FormKey("text", "Text", Kind.TEXT, "Markdown."),
        ),
        {"title": "", "text": ""},
    ),
    Section(
        "study",
        "Studies",
        "a study",
        STUDY_KEYS,
        {"slug": "", "phase": "", "name": "", "consent": ""},
    ),
)
SHAPES: dict[str, tuple[type, ...]] = {
    "": (Definition,),
    "dataset": (DatasetDefinition,),
    "phase": (PhaseDefinition,),
    "series": (SeriesTable,),
    "calendar": (CalendarDefinition,),
    "announcement": (AnnouncementDefinition,),
    "study": (StudyTable, Protocol),
}
TABLES = {section.table: section for section in SECTIONS}


def usual(section: Section, key: FormKey) -> object:
    """Return what a key holds where it is left out, None where it must be there."""
    first, _, rest = key.path.partition(".")
    for shape in SHAPES[section.table]:
        for declared in keys_of(shape):
            if declared.name == first and not declared.missing:
                return _usual_below(declared, rest) if rest else declared.default
    return None


def _usual_below(table: Key, name: str) -> object:
    """Return what a key of a table holds where it, or the whole table, is left out."""
    if table.default is not None:
        return getattr(table.default, name)
    return next(key.default for key in keys_of(table.shape) if key.name == name)
