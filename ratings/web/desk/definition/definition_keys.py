"""Which keys of a definition stand in the desk's form, in which words and how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
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
from ratings.challenge.keys.tables import keys_of
from ratings.comparisons.models import Study
from ratings.comparisons.protocol import Layout, Protocol
from ratings.comparisons.study.study_keys import StudyTable
from ratings.psychometrics.design.pairing import Policy
from ratings.web.desk.definition.key_help import A_LICENCE, ADJUSTED, AN_INSTANT, QUESTIONS_HELP


class Kind(Enum):
    """How a key is filled in."""

    LINE = auto()
    TEXT = auto()
    NUMBER = auto()
    DECIMAL = auto()
    INSTANT = auto()
    SWITCH = auto()
    CHOICE = auto()
    # Values without commas, one beside the other; and values that may have any, a line each.
    LIST = auto()
    LINES = auto()
    # Tables with a line each: see `environment_fields`.
    ENVIRONMENTS = auto()
    # The same: see `scene_fields`.
    SCENES = auto()
    # Tables as the file's text has them: see `question_fields`.
    QUESTIONS = auto()


@dataclass(frozen=True)
class FormKey:
    """A key that stands in a form; a dot in `path` leads into a table."""

    path: str
    label: str
    kind: Kind = Kind.LINE
    help: str = ""
    wide: bool = False
    options: tuple[tuple[str, str], ...] = ()

    @property
    def rows(self) -> int:
        """How many lines its field shows."""
        rows = {Kind.TEXT: 5, Kind.LINES: 3, Kind.ENVIRONMENTS: 3, Kind.SCENES: 3}
        return {**rows, Kind.QUESTIONS: 8}.get(self.kind, 1)


@dataclass(frozen=True)
class Section:
    """Keys that stand together; `table` is the [[table]] that they are of, "" for the top."""

    table: str
    title: str
    one: str
    keys: tuple[FormKey, ...]
    blank: Mapping[str, Any] = field(default_factory=dict)
    lead: str = ""


def _options(words: Sequence[str], **said: str) -> tuple[tuple[str, str], ...]:
    return tuple((word, said.get(word, word)) for word in words)


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
                options=_options(BOARD_RULES, best="best submission", latest="latest submission"),
            ),
            FormKey(
                "decoder",
                "A decoder is",
                Kind.CHOICE,
                options=_options(
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
                options=_options(
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
                options=_options(
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
        (
            FormKey("slug", "Short name", help="It stands in the raters' address."),
            FormKey("phase", "Of the phase", help="Its short name."),
            FormKey("series", "Compares the rates of the series", help="Empty: its phase alone."),
            FormKey("name", "Name"),
            FormKey("question", "What raters are asked", wide=True),
            FormKey("consent", "What raters consent to", Kind.TEXT),
            FormKey("methods", "Methods", Kind.LINES, "A line each. Empty: all on the board."),
            FormKey("trials_per_rater", "Trials of a rater", Kind.NUMBER),
            FormKey("crops_per_picture", "Crops of a picture", Kind.NUMBER),
            FormKey(
                "layout",
                "The pictures stand",
                Kind.CHOICE,
                options=_options(
                    [one.value for one in Layout],
                    flip="in one place, flipped, the original beside",
                    sides="A, original, B side by side",
                    against="side by side, each flips with the original",
                ),
            ),
            FormKey("ties_allowed", "“Can't decide” is an answer", Kind.SWITCH),
            FormKey("languages", "Languages", Kind.LIST, "Such as en, de; texts are in the first."),
            FormKey("pairing", "Pairs come", Kind.CHOICE, options=_options(list(Policy))),
            FormKey("scale", "Scale", Kind.CHOICE, options=_options(Study.Scale.values)),
            FormKey("adjust", "A ranking beside it takes out", Kind.LIST, ADJUSTED, wide=True),
            FormKey("training.trials", "Practice trials", Kind.NUMBER),
            FormKey("training.right", "Of them right, at least", Kind.NUMBER),
            FormKey("checks.golden", "Share of golden checks", Kind.DECIMAL),
            FormKey("checks.repeats", "Share of repeats", Kind.DECIMAL),
            FormKey("screening.quality", "Quality from which a rater counts", Kind.DECIMAL),
            FormKey("screening.least_checks", "Checks of each kind before that", Kind.NUMBER),
            FormKey("questionnaire", "Questions to raters", Kind.QUESTIONS, QUESTIONS_HELP),
            FormKey("devices.least_width", "Window at least wide, in pixels", Kind.NUMBER),
            FormKey("devices.least_height", "Window at least high, in pixels", Kind.NUMBER),
            FormKey("devices.least_pixel_ratio", "Pixel ratio at least", Kind.DECIMAL),
            FormKey("devices.phones", "Phones may be used", Kind.SWITCH),
            FormKey("devices.browsers", "Browsers", Kind.LIST, "Such as firefox 115. Empty: any."),
            FormKey("recruiting.open", "Anybody with the address may judge", Kind.SWITCH),
            FormKey("recruiting.most_raters", "Raters at most", Kind.NUMBER),
        ),
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
                return getattr(declared.default, rest) if rest else declared.default
    return None
