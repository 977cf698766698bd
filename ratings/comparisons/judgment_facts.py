"""What an answer to a trial may tell, declared once: its name, kind, range and what it means.

The API's schema, the columns of exports, what is erased of a rater, the answers of simulated raters
and the table in docs/api.md follow from here.
"""

from dataclasses import dataclass
from enum import Enum, auto

from ratings.comparisons.protocol import Layout
from ratings.psychometrics.counts.tally import CHOICES

# More answers to one trial than anybody takes back; it keeps a script from filling the disk.
MOST_ATTEMPTS = 100
MOST_FLIP_TIMES = 200


class FactKind(Enum):
    """What a value is; durations are whole ms, instants by the browser's clock."""

    WHOLE = auto()
    NUMBER = auto()
    OPTION = auto()
    DURATION = auto()
    DURATIONS = auto()
    INSTANT = auto()
    TRUTH = auto()


@dataclass(frozen=True)
class Fact:
    """One field of an answer: `least` to `most`, or one of `options`, as its kind has them.

    `most` of durations is how many there are at most. What is `of_device` could tell a device from
    others, and is erased when a rater asks for it. Simulated raters tell one of the `usual` values.
    """

    name: str
    kind: FactKind
    description: str = ""
    least: float = 0
    most: float = 0
    options: tuple[str | int, ...] = ()
    of_device: bool = False
    usual: tuple[str | float, ...] = ()


def _option(
    name: str, *options: str | int, description: str = "", usual: tuple[str | int, ...] = ()
) -> Fact:
    return Fact(name, FactKind.OPTION, description, options=options, usual=usual)


def _duration(name: str, description: str, usual: tuple[int, ...] = ()) -> Fact:
    return Fact(name, FactKind.DURATION, description, usual=usual)


def _count(name: str, description: str) -> Fact:
    return Fact(name, FactKind.WHOLE, description, 0, 100_000)


def _pixels(name: str, usual: tuple[int, ...]) -> Fact:
    return Fact(name, FactKind.WHOLE, "CSS pixels", 1, 100_000, of_device=True, usual=usual)


def _instant(name: str, description: str) -> Fact:
    return Fact(name, FactKind.INSTANT, description, of_device=True)


CHOICE = _option("choice", *CHOICES)
RESPONSE_MS = _duration("response_ms", "From the pictures' first frame to the answer, in view")
ATTEMPT = Fact("attempt", FactKind.WHOLE, "1 if absent; one more after each undo", 1, MOST_ATTEMPTS)
# How the pictures were shown and looked at, as far as the page tells: kept with the judgment, and
# each a column of the export, in this order.
DISPLAY_FACTS = (
    Fact(
        "device_pixel_ratio",
        FactKind.NUMBER,
        "Device pixels to one CSS pixel",
        0.1,
        20,
        of_device=True,
        usual=(1.0, 1.25, 1.5, 2.0),
    ),
    Fact(
        "zoom",
        FactKind.NUMBER,
        "The browser's zoom, 1 for 100 %",
        0.05,
        20,
        of_device=True,
        usual=(1.0,),
    ),
    # Any of these windows has room on any of these screens.
    _pixels("window_width", usual=(1180, 1280, 1366)),
    _pixels("window_height", usual=(680, 720, 790)),
    _pixels("screen_width", usual=(1366, 1536, 1920)),
    _pixels("screen_height", usual=(864, 900, 1080)),
    _option("layout", *(layout.value for layout in Layout), description="Where the pictures stood"),
    _option(
        "arrangement",
        *("beside", "single"),
        description="Whether the original had a place",
        usual=("beside",),
    ),
    Fact("enlarge", FactKind.WHOLE, "Device pixels to one picture pixel, each way", 1, 20),
    _option("magnified", 1, 2, 4, description="The largest zoom that the rater used", usual=(1,)),
    _count("pans", "How often the pictures were moved"),
    _option("shown_first", "left", "right", description="Which version was seen first"),
    _count("flips", "How often the rater flipped between versions"),
    Fact(
        "flip_ms",
        FactKind.DURATIONS,
        "Each flip, since the first frame",
        most=MOST_FLIP_TIMES,
    ),
    _duration("first_input_ms", "The first key, click or touch, since the first frame"),
    _instant("shown_at", "When the first frame was shown"),
    _instant("answered_at", "When the answer was given"),
    _duration("hidden_ms", "How long the tab was out of sight with the pictures on it", usual=(0,)),
    _count("hidden_count", "How often the tab went out of sight"),
    _duration(
        "covered_ms", "How long the page showed a pause or the list of keys instead", usual=(0,)
    ),
    _count("covered_count", "How often the page showed one of them"),
    _option(
        "input",
        *("key", "mouse", "pen", "touch"),
        description="What the answer was given with",
        usual=("key",),
    ),
)
# Which visit of the session it was; that visit has the browser.
VISIT = Fact(
    "visit", FactKind.WHOLE, "The number of the visit, as the session told it", 1, 2**31 - 1
)
KEPT = (*DISPLAY_FACTS, VISIT)
REQUIRED = (CHOICE, RESPONSE_MS)
BODY = (*REQUIRED, ATTEMPT, *KEPT)

DISPLAY_NAMES = tuple(fact.name for fact in DISPLAY_FACTS)
DEVICE_NAMES = tuple(fact.name for fact in DISPLAY_FACTS if fact.of_device)

_BY_NAME = {fact.name: fact for fact in DISPLAY_FACTS}
# What the page finds of window and screen when a visit begins.
VISIT_FACTS = (
    *(_BY_NAME[f"{what}_{side}"] for what in ("window", "screen") for side in ("width", "height")),
    _BY_NAME["device_pixel_ratio"],
    _BY_NAME["zoom"],
    Fact("layout_fits", FactKind.TRUTH, "Whether a trial fits into the window"),
)
