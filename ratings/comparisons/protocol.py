"""How a study is put to its raters: the value behind the tables of its definition."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Annotated, Any, overload

from django.conf import settings

from ratings.challenge.keys.checks import Wrong, number, slug, text, url, whole
from ratings.challenge.keys.tables import TomlTable
from ratings.comparisons.ending_rules import (
    Attribute,
    Endings,
    RaterQuota,
    check_endings,
    check_quotas,
    endings_of,
    quotas_of,
)
from ratings.psychometrics.arrays import BoolArray, IntArray

AN_HOUR_MS = 3_600_000
# How many flips, where a script need not say it: that is not the same as none.
UNKNOWN = -1
# The names of parameters in an address.
PARAMETER = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,49}")

Share = Annotated[float, number(0, 1)]
Trials = Annotated[int, whole(0, 10_000)]
TrialsAtLeast1 = Annotated[int, whole(1, 10_000)]
Milliseconds = Annotated[int, whole(0, AN_HOUR_MS)]
MostRaters = Annotated[int | None, whole(1, 1_000_000)]
Consent = Annotated[str, text(multiline=True, stripped=True)]
Code = Annotated[str, text(longest=100)]


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


class After(StrEnum):
    """What becomes of a rater whose judgments are not used: their session ends, or goes on."""

    END = "end"
    GO_ON = "go on"


class OwnParameter(StrEnum):
    """What an address of the rating page says for the page itself; no platform's may be called so.

    Who comes, by a personal link or an invitation; the language; the team that somebody is a member
    of; that a personal link is unknown; that an organizer has said that they judge as a rater.
    """

    RATER = "rater"
    INVITATION = "invitation"
    LANGUAGE = "lang"
    TEAM = "own-team"
    LOST = "lost"
    COUNTED = "counted"


def parameter(value: object) -> str:
    """Check the name of a parameter in a platform's addresses, or nothing."""
    name: str = text()(value)
    if name in tuple(OwnParameter):
        raise Wrong(f"{name!r} is a parameter of the rating page itself; take another.")
    if name and not PARAMETER.fullmatch(name):
        raise Wrong(f"{name!r} must be 1 to 50 letters, digits, _, . or -, a letter first.")
    return name


Parameter = Annotated[str, parameter]


@dataclass(frozen=True)
class Training:
    """Trials with feedback at the start; with `right` above 0 they must be passed.

    A rater who gets fewer than `right` of `trials` right may try again, `attempts` times in all,
    and is then screened out.
    """

    trials: Annotated[int, whole(0, 100)] = 5
    right: Annotated[int, whole(0, 100)] = 0
    attempts: Annotated[int, whole(1, 10)] = 2

    def check(self, table: TomlTable) -> None:
        """Note that more trials can't be right than there are."""
        if self.right > self.trials:
            table.note("right", f"no more than all {self.trials} trials can be right; lower it.")


@dataclass(frozen=True)
class Checks:
    """Shares of a rater's trials that check the rater, never marked.

    `golden`: the original against an obviously degraded version. `repeats`: an earlier trial,
    mirrored, at least `repeat_gap` trials later. `identical`: a version against itself.
    """

    golden: Share = 0.1
    repeats: Share = 0.1
    repeat_gap: TrialsAtLeast1 = 15
    identical: Share = 0.0

    def check(self, table: TomlTable) -> None:
        """Note that checks leave no trial for anything else."""
        if self.golden + self.repeats + self.identical >= 1:
            mend = "with repeats and identical it must be below 1; lower one of them."
            table.note("golden", mend)


@dataclass(frozen=True)
class Screening:
    """Which answers and raters count.

    A rater whose golden accuracy plus agreement with their own repeats is below `quality` is paid
    but not used, once there are `least_checks` of each; with fewer, where a rater just at `quality`
    would pass so few with a chance below `early`. What comes `after` that, or after an organizer
    decided so, is the session's end at the next list of trials, or nothing.

    An answer faster than `drop_under_ms`, or without a flip where `drop_unflipped`, is kept and not
    counted. One faster than `fast_under_ms` or with fewer than `fast_under_flips` flips is counted,
    and a second fit is made without them.
    """

    quality: Annotated[float, number(0, 2)] = 1.2
    least_checks: TrialsAtLeast1 = 6
    early: Share = 0.1
    after: After = After.END
    drop_under_ms: Milliseconds = 1000
    drop_unflipped: bool = True
    fast_under_ms: Milliseconds = 3000
    fast_under_flips: Trials = 3


@dataclass(frozen=True)
class Platform:
    """A place that raters are recruited from, such as Prolific.

    `participant`, `study` and `session` are the names of its parameters in the address that it
    sends raters to; `completion_url` may hold `{code}`. `group` is that of all its raters.
    """

    slug: Annotated[str, slug()]
    participant: Parameter = "PROLIFIC_PID"
    study: Parameter = "STUDY_ID"
    session: Parameter = "SESSION_ID"
    completion_code: Code = ""
    screenout_code: Code = ""
    completion_url: Annotated[str, url] = ""
    most_raters: MostRaters = None
    group: Annotated[str | None, text(longest=100, stripped=True)] = None

    def check(self, table: TomlTable) -> None:
        """Note parameters that can't be told apart, and an address that lacks what it needs."""
        if not self.participant:
            table.note("participant", "name the parameter that holds who comes.")
        names = (self.participant, self.study, self.session)
        table.refuse_repeated("participant", filter(None, names))
        if self.completion_url.startswith("http://"):
            table.note("completion_url", "it must begin with https://.")
        if self.completion_url and "{code}" not in self.completion_url:
            table.note("completion_url", "write {code} where the completion code belongs.")
        elif self.completion_url and not self.completion_code:
            table.note("completion_code", "it is missing; completion_url needs it.")


@dataclass(frozen=True)
class Recruiting:
    """Who may judge: anybody with the study's address (`open`), or only invited and sent ones.

    At most `most_raters` in all, and as many of a kind as the `quotas` say; with `one_session` a
    person of a platform judges once. With `own_team` raters say of which team they are a member,
    and don't judge its pictures.
    """

    open: bool = True
    most_raters: MostRaters = None
    one_session: bool = True
    platforms: tuple[Platform, ...] = ()
    quotas: tuple[RaterQuota, ...] | None = None
    own_team: bool | None = None

    def check(self, table: TomlTable) -> None:
        """Note platforms that can't be told apart; an address does it by `participant`."""
        kinds = [f"{quota.attribute} {quota.value}" for quota in self.quotas or ()]
        table.refuse_repeated("quotas", kinds)
        table.refuse_repeated("platforms", [platform.slug for platform in self.platforms])
        participants = [platform.participant for platform in self.platforms]
        table.refuse_repeated("platforms: participant", participants)


@dataclass(frozen=True)
class Translation:
    """A study's own texts in a language."""

    language: str
    name: Annotated[str, text(longest=200)]
    question: Annotated[str, text(longest=200)]
    consent: Consent

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
    enlarge: Annotated[int, whole(0, 8)] = 1
    small_window: SmallWindow = SmallWindow.PAN
    break_every: Trials = 25
    languages: tuple[str, ...] = ("en",)
    translations: tuple[Translation, ...] = ()
    training: Training = Training()
    checks: Checks = Checks()
    screening: Screening = Screening()
    recruiting: Recruiting = Recruiting()
    endings: Endings | None = None

    def check(self, table: TomlTable) -> None:
        """Note languages without texts, and platforms that wouldn't know who fails the training."""
        self._check_languages(table)
        check_endings(
            table,
            self.endings,
            golden=self.checks.golden,
            goes_on=self.screening.after is After.GO_ON,
        )
        check_quotas(
            table,
            self.recruiting.quotas,
            {
                Attribute.LANGUAGE: self.languages,
                Attribute.PLATFORM: [platform.slug for platform in self.recruiting.platforms],
            },
        )
        for platform in self.recruiting.platforms:
            if self.training.right and platform.completion_url and not platform.screenout_code:
                table.note(
                    "recruiting",
                    f"platforms {platform.slug}: the training can be failed, so name the "
                    "screenout_code too.",
                )

    def _check_languages(self, table: TomlTable) -> None:
        """Note what the study's own texts lack: no page mixes languages."""
        known = dict(settings.LANGUAGES)
        if not self.languages and table.sound("languages"):
            table.note("languages", 'name at least one, such as ["en"].')
        for language in self.languages:
            if language not in known:
                table.note("languages", f"{language!r} is not one of: {', '.join(known)}.")
        table.refuse_repeated("languages", self.languages)
        named = [translation.language for translation in self.translations]
        wanted = [code for code in dict.fromkeys(self.languages) if code in known][1:]
        table.refuse_repeated("translations", named)
        for language in named:
            if language not in wanted:
                mend = f"{language!r} is not among the languages after the first."
                table.note("translations", mend)
        for language in wanted:
            if language not in named:
                mend = (
                    f"add name, question and consent in {language!r}: on the study's page Texts,"
                    " which adds the language too, or as [[study.translations]] in the file's text."
                )
                table.note("translations", mend)

    @property
    def hopeless(self) -> float | None:
        """The level at which hopeless checks end a session; None: they end none."""
        return self.endings.hopeless if self.endings else None

    @property
    def least_flips(self) -> int:
        """Fewer flips make an answer fast; 0 where nothing is flipped (layout `sides`)."""
        return 0 if self.layout is Layout.SIDES else self.screening.fast_under_flips

    @overload
    def is_fast(self, response_ms: int, flips: int) -> bool: ...
    @overload
    def is_fast(self, response_ms: IntArray, flips: IntArray) -> BoolArray: ...
    def is_fast(self, response_ms: Any, flips: Any) -> Any:
        """Tell of one answer, or of each, whether it is fast: too soon, or after too few flips.

        Flips say nothing where they are not told (UNKNOWN).
        """
        few = (flips != UNKNOWN) & (flips < self.least_flips)
        return (response_ms < self.screening.fast_under_ms) | few

    def as_json(self) -> dict[str, Any]:
        """Return the protocol as plain values; `from_json` gives it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Protocol":
        """Return the protocol that `as_json` wrote; what is not there has its default."""
        recruiting = dict(raw.get("recruiting", {}))
        platforms = tuple(Platform(**platform) for platform in recruiting.pop("platforms", ()))
        quotas = quotas_of(recruiting.pop("quotas", None))
        screening = Screening(**raw.get("screening", {}))
        parts: dict[str, Any] = {
            "training": Training(**raw.get("training", {})),
            "checks": Checks(**raw.get("checks", {})),
            "screening": replace(screening, after=After(screening.after)),
            "recruiting": replace(Recruiting(**recruiting), platforms=platforms, quotas=quotas),
            "endings": endings_of(raw.get("endings")),
            "translations": tuple(
                Translation(**translation) for translation in raw.get("translations", ())
            ),
        }
        plain = {f.name: raw[f.name] for f in fields(cls) if f.name in raw and f.name not in parts}
        for name, kind in (("layout", Layout), ("small_window", SmallWindow), ("languages", tuple)):
            if name in plain:
                plain[name] = kind(plain[name])
        return cls(**plain, **parts)
