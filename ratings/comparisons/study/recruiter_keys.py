"""The keys of a [[study.recruiter]]: from where places are bought, in which steps, up to what."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from ratings.challenge.keys.checks import Wrong, slug, text, whole, whole_second
from ratings.challenge.keys.tables import TomlTable, written
from ratings.comparisons.models import RecruiterAct, Recruitment, Study
from ratings.comparisons.protocol import Platform, Protocol

MOST_MONEY = 2**31 - 1  # of the column, in minor units
DEVICES = ("desktop", "tablet", "mobile")
# What a platform does not let change once its study is published.
FIXED = ("kind", "reward", "currency", "minutes", "title", "description", "devices")
CODES = ("completion_code", "screenout_code")  # of its platform, which its study there has


class RecruiterKind(StrEnum):
    """How places are bought: by Prolific's API, or not at all: people come by the plain link."""

    PROLIFIC = "prolific"
    LINK = "link"


def currency(value: object) -> str:
    """Check a currency by its three letters."""
    code: str = text(longest=3)(value)
    if not (len(code) == 3 and code.isascii() and code.isupper()):
        raise Wrong(f'{code!r} must be three capital letters, such as "GBP".')
    return code


@dataclass(frozen=True)
class RecruiterTable:
    """From which of the study's platforms people come, what each gets, and where it ends.

    `reward` and `money_limit` are minor units (pence, cents) of `currency`: what one person gets,
    and all that may be spent, with the platform's fee and VAT. At most `step` places are open or
    at work at once. With `approve` whoever finished is paid without a look.
    """

    platform: Annotated[str, slug()]
    reward: Annotated[int, whole(1, MOST_MONEY)]
    currency: Annotated[str, currency]
    money_limit: Annotated[int, whole(1, MOST_MONEY)]
    kind: RecruiterKind = RecruiterKind.PROLIFIC
    step: Annotated[int, whole(1, 1000)] = 10
    most_places: Annotated[int | None, whole(1, 100_000)] = None
    until: Annotated[datetime | None, whole_second] = None
    minutes: Annotated[int, whole(1, 600)] = 15
    title: Annotated[str, text(longest=120, stripped=True)] = ""
    description: Annotated[str, text(longest=5000, multiline=True, stripped=True)] = ""
    devices: tuple[str, ...] = ("desktop",)
    approve: bool = True

    def check(self, table: TomlTable) -> None:
        """Note what can't buy one place, or what the platform would refuse."""
        if self.money_limit < self.reward and table.sound("money_limit", "reward"):
            table.note("money_limit", f"one place costs more: {self.reward} and the fee.")
        if self.kind is RecruiterKind.PROLIFIC and not self.description:
            table.note("description", "say there what people are asked to do; Prolific wants it.")
        for device in self.devices:
            if device not in DEVICES:
                table.note("devices", f"{device!r} is not one of: {', '.join(DEVICES)}.")
        if not self.devices and table.sound("devices"):
            table.note("devices", 'name at least one, such as ["desktop"].')

    def fixed(self) -> dict[str, Any]:
        """Return what can't change once the study is published, as plain values."""
        plain = self.as_json()
        return {key: plain[key] for key in FIXED}

    def as_json(self) -> dict[str, Any]:
        """Return the table as plain values; `recruiter_of` gives it back."""
        plain: dict[str, Any] = written(self)
        return plain | ({"until": self.until.isoformat()} if self.until else {})


def recruiters_of(study: Study) -> list[RecruiterTable]:
    """Return the recruiters of a study, in the order of its file."""
    return [_from_json(raw) for raw in study.recruiters]


def recruiter_of(study: Study, platform: str) -> RecruiterTable | None:
    """Return the recruiter of a study for a platform; None where the file names none."""
    return next((one for one in recruiters_of(study) if one.platform == platform), None)


def most_by_link(study: Study, platform: str, now: datetime) -> int | None:
    """Return how many people may come by a recruiter's plain link; None where nothing says so."""
    table = recruiter_of(study, platform)
    if table is None or table.kind is not RecruiterKind.LINK:
        return None
    if table.until and now >= table.until:
        return 0
    by_money = table.money_limit // table.reward
    return by_money if table.most_places is None else min(by_money, table.most_places)


def platform_of(study: Study, slug: str) -> Platform:
    """Return a platform of a study. Raises StopIteration where the file names none of that slug."""
    return next(one for one in study.protocol.recruiting.platforms if one.slug == slug)


def fixed_there(table: RecruiterTable, platform: Platform) -> dict[str, Any]:
    """Return what can't change once a study is published at its platform, as plain values."""
    return table.fixed() | {key: getattr(platform, key) for key in CODES}


def dump_recruiters(study: Study) -> dict[str, Any]:
    """Return what stands under [[study.recruiter]], by that key; nothing where there is none."""
    return {"recruiter": [written(one) for one in recruiters_of(study)]} if study.recruiters else {}


def recruiter_problems(
    tables: Iterable[Mapping[str, Any]], protocol: Protocol, existing: Study | None
) -> list[str]:
    """Return what is wrong with recruiters beside the study's platforms and what was published."""
    known = {one.slug: one for one in protocol.recruiting.platforms}
    problems, seen = [], set()
    for raw in tables:
        slug, where = raw["platform"], f"recruiter: {raw['platform']}"
        if slug in seen:
            problems.append(f"{where}: it stands there more than once; leave one.")
        seen.add(slug)
        if slug not in known:
            problems.append(
                f"{where}: platform: there is no [[study.recruiting.platforms]] {slug!r}; add it."
            )
        elif raw["kind"] == RecruiterKind.PROLIFIC:
            problems += [f"{where}: {line}" for line in _unfit(known[slug])]
        if existing and slug in known:
            against = _against_published(existing, raw, known[slug])
            problems += [f"{where}: {line}" for line in against]
    return [*problems, *_left_out(existing, seen)]


def _left_out(existing: Study | None, kept: Container[str]) -> list[str]:
    """Return which recruiters are gone that have a study at their platform, or are making one."""
    if existing is None:
        return []
    rows = Recruitment.objects.filter(study=existing).prefetch_related("acts")
    made = (
        row
        for row in rows
        if row.remote_id or any(act.state in RecruiterAct.OPEN for act in row.acts.all())
    )
    return [
        f"recruiter: {row.platform}: there is a study of it at the platform, where people may "
        "wait to be paid; put it back. At the desk, Recruiters stops it for good."
        for row in made
        if row.platform not in kept
    ]


def _unfit(platform: Platform) -> list[str]:
    """Return what Prolific lacks of a platform: its links could not be filled, nobody paid."""
    problems = []
    usual = Platform("")
    if any(getattr(platform, name) != getattr(usual, name) for name in _NAMES):
        problems.append(
            f"platform {platform.slug!r} has other parameters than Prolific's; leave out "
            "participant, study and session there."
        )
    if not platform.completion_code or not platform.completion_url:
        problems.append(
            f"platform {platform.slug!r} needs its completion_code and completion_url, such as "
            '"https://app.prolific.com/submissions/complete?cc={code}".'
        )
    return problems


_NAMES = ("participant", "study", "session")


def _against_published(existing: Study, raw: Mapping[str, Any], now: Platform) -> list[str]:
    States = Recruitment.State
    found = Recruitment.objects.filter(study=existing, platform=raw["platform"])
    published = found.exclude(state__in=(States.NEW, States.DRAFT))
    before = recruiter_of(existing, raw["platform"])
    if before is None or not published.exists():
        return []
    there = fixed_there(before, platform_of(existing, before.platform))
    wanted = {**raw, **{key: getattr(now, key) for key in CODES}}
    return [
        f"{key}: the study at the platform has {value!r}, so this is fixed; put that back."
        for key, value in there.items()
        if value != wanted[key]
    ]


def _from_json(raw: Mapping[str, Any]) -> RecruiterTable:
    told = dict(raw)
    until = told.pop("until", None)
    return RecruiterTable(
        **told
        | {
            "kind": RecruiterKind(told["kind"]),
            "devices": tuple(told["devices"]),
            "until": datetime.fromisoformat(until) if until else None,
        }
    )
