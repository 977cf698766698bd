"""How a study is put to its raters: the value behind the tables of its definition."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any


class Layout(StrEnum):
    """Where the pictures of a trial stand.

    `flip`: A and B in one place, flipped, the original beside. `sides`: A, original, B side by
    side. `against`: A and B side by side, each flips with the original in its own place.
    """

    FLIP = "flip"
    SIDES = "sides"
    AGAINST = "against"


class SmallWindow(StrEnum):
    """What happens where the pictures don't fit into the window: they are panned, or refused."""

    PAN = "pan"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Training:
    """Trials with feedback at the start; with `right` above 0 they must be passed.

    A rater who gets fewer than `right` of `trials` right may try again, `attempts` times in all,
    and is then screened out.
    """

    trials: int = 5
    right: int = 0
    attempts: int = 2


@dataclass(frozen=True)
class Checks:
    """Shares of a rater's trials that check the rater, never marked.

    `golden`: the original against an obviously degraded version. `repeats`: an earlier trial,
    mirrored, at least `repeat_gap` trials later. `identical`: a version against itself.
    """

    golden: float = 0.1
    repeats: float = 0.1
    repeat_gap: int = 15
    identical: float = 0.0


@dataclass(frozen=True)
class Screening:
    """Which answers and raters count.

    A rater whose golden accuracy plus agreement with their own repeats is below `quality` is paid
    but not used, once there are `least_checks` of each. An answer faster than `drop_under_ms`, or
    without a flip where `drop_unflipped`, is kept and not counted. One faster than `fast_under_ms`
    or with fewer than `fast_under_flips` flips is counted, and a second fit is made without them.
    """

    quality: float = 1.2
    least_checks: int = 6
    drop_under_ms: int = 1000
    drop_unflipped: bool = True
    fast_under_ms: int = 3000
    fast_under_flips: int = 3


@dataclass(frozen=True)
class Platform:
    """A place that raters are recruited from, such as Prolific.

    `participant`, `study` and `session` are the names of its parameters in the address that it
    sends raters to; `completion_url` may hold `{code}`.
    """

    slug: str
    participant: str = "PROLIFIC_PID"
    study: str = "STUDY_ID"
    session: str = "SESSION_ID"
    completion_code: str = ""
    screenout_code: str = ""
    completion_url: str = ""
    most_raters: int | None = None


@dataclass(frozen=True)
class Recruiting:
    """Who may judge: anybody with the study's address (`open`), or only invited and sent ones.

    At most `most_raters` in all; with `one_session` a person of a platform judges once.
    """

    open: bool = True
    most_raters: int | None = None
    one_session: bool = True
    platforms: tuple[Platform, ...] = ()


@dataclass(frozen=True)
class Translation:
    """A study's own texts in a language."""

    language: str
    name: str
    question: str
    consent: str

    @property
    def consent_sha256(self) -> str:
        """What proves which text somebody consented to."""
        return hashlib.sha256(self.consent.encode()).hexdigest()


@dataclass(frozen=True)
class Protocol:
    """How a study is put to its raters.

    `enlarge`: how many device pixels, each way, one picture pixel covers; 0 means as many as the
    device pixel ratio rounds to. `break_every`: trials between two offers of a break, 0 for none.
    The study's own texts are in the first of its `languages`, and translated to the others.
    """

    layout: Layout = Layout.FLIP
    enlarge: int = 1
    small_window: SmallWindow = SmallWindow.PAN
    break_every: int = 25
    languages: tuple[str, ...] = ("en",)
    translations: tuple[Translation, ...] = ()
    training: Training = field(default_factory=Training)
    checks: Checks = field(default_factory=Checks)
    screening: Screening = field(default_factory=Screening)
    recruiting: Recruiting = field(default_factory=Recruiting)

    def is_fast(self, response_ms: int, flips: int | None) -> bool:
        """Tell whether an answer is fast; flips say nothing where they are not told (None).

        Nor do they where nothing is flipped (layout `sides`).
        """
        rule = self.screening
        few = flips is not None and flips < rule.fast_under_flips
        return response_ms < rule.fast_under_ms or (few and self.layout is not Layout.SIDES)

    def as_json(self) -> dict[str, Any]:
        """Return the protocol as plain values; `from_json` gives it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Protocol":
        """Return the protocol that `as_json` wrote; what is not there has its default."""
        recruiting = dict(raw.get("recruiting", {}))
        platforms = tuple(Platform(**one) for one in recruiting.pop("platforms", ()))
        parts: dict[str, Any] = {
            "training": Training(**raw.get("training", {})),
            "checks": Checks(**raw.get("checks", {})),
            "screening": Screening(**raw.get("screening", {})),
            "recruiting": replace(Recruiting(**recruiting), platforms=platforms),
            "translations": tuple(Translation(**one) for one in raw.get("translations", ())),
        }
        plain = {f.name: raw[f.name] for f in fields(cls) if f.name in raw and f.name not in parts}
        for name, kind in (("layout", Layout), ("small_window", SmallWindow), ("languages", tuple)):
            if name in plain:
                plain[name] = kind(plain[name])
        return cls(**plain, **parts)
