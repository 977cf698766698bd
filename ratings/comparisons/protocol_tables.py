"""How a study is put to its raters, as keys and tables of its [[study]] and back."""

import re
from enum import StrEnum
from typing import Any, TypeVar

from django.conf import settings

from ratings.challenge.tables import Table
from ratings.comparisons.protocol import (
    Checks,
    Platform,
    Protocol,
    Recruiting,
    Screening,
    Training,
    Translation,
)

MOST_ENLARGE = 8
MOST_TRIALS = 10_000
MOST_TRAINING, MOST_ATTEMPTS = 100, 10
MOST_RATERS = 1_000_000
AN_HOUR_MS = 3_600_000
# Of golden accuracy and agreement with oneself together.
MOST_QUALITY = 2
# The names of parameters in an address, and those that the rating page has itself.
PARAMETER = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,49}")
OWN_PARAMETERS = ("rater", "invitation", "lang", "lost")

Choice = TypeVar("Choice", bound=StrEnum)


def read_protocol(table: Table) -> Protocol:
    """Return what a [[study]] says of its protocol; note its problems."""
    usual = Protocol()
    languages = _languages(table, usual.languages)
    protocol = Protocol(
        layout=_choice(table, "layout", usual.layout),
        enlarge=table.whole("enlarge", most=MOST_ENLARGE, default=usual.enlarge),
        small_window=_choice(table, "small_window", usual.small_window),
        break_every=table.whole("break_every", most=MOST_TRIALS, default=usual.break_every),
        languages=languages,
        translations=_translations(table, languages),
        training=_training(table.table("training")),
        checks=_checks(table.table("checks")),
        screening=_screening(table.table("screening")),
        recruiting=_recruiting(table.table("recruiting")),
    )
    _refuse_unpaid(table, protocol)
    return protocol


def write_protocol(protocol: Protocol) -> dict[str, Any]:
    """Return the keys and tables that `read_protocol` reads, all of them but those without."""
    written: dict[str, Any] = _plain(protocol.as_json())
    return written


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Return a value as TOML has it: lists for tuples, and nothing for None."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, StrEnum) else value


def _choice(table: Table, key: str, usual: Choice) -> Choice:
    options = type(usual)
    value = table.choice(key, [*map(str, options)], default=usual)
    return options(value) if value in list(options) else usual


def _languages(table: Table, usual: tuple[str, ...]) -> tuple[str, ...]:
    languages = table.texts("languages", default=usual)
    known = dict(settings.LANGUAGES)
    if table.raw.get("languages") == []:
        table.note("languages", 'name at least one, such as ["en"].')
    for language in languages:
        if language not in known:
            table.note("languages", f"{language!r} is not one of: {', '.join(known)}.")
    table.refuse_repeated("languages", languages)
    return languages


def _translations(table: Table, languages: tuple[str, ...]) -> tuple[Translation, ...]:
    """Return the study's own texts in each language but the first: no page mixes languages."""
    found = tuple(map(_translation, table.rows("translations")))
    named = [one.language for one in found]
    wanted = [code for code in dict.fromkeys(languages) if code in dict(settings.LANGUAGES)][1:]
    table.refuse_repeated("translations", named)
    for language in named:
        if language not in wanted:
            table.note("translations", f"{language!r} is not among the languages after the first.")
    for language in wanted:
        if language not in named:
            table.note("translations", f"add name, question and consent in {language!r}.")
    return found


def _translation(table: Table) -> Translation:
    translation = Translation(
        language=table.text("language"),
        name=table.text("name", longest=200),
        question=table.text("question", longest=200),
        consent=table.text("consent", multiline=True).strip(),
    )
    table.refuse_unknown()
    return translation


def _training(table: Table) -> Training:
    usual = Training()
    trials = table.whole("trials", most=MOST_TRAINING, default=usual.trials)
    right = table.whole("right", most=MOST_TRAINING, default=usual.right)
    attempts = table.whole("attempts", least=1, most=MOST_ATTEMPTS, default=usual.attempts)
    if right > trials:
        table.note("right", f"no more than all {trials} trials can be right; lower it.")
    table.refuse_unknown()
    return Training(trials, right, attempts)


def _refuse_unpaid(table: Table, protocol: Protocol) -> None:
    """Note platforms that would not know who fails the training."""
    for platform in protocol.recruiting.platforms:
        if protocol.training.right and platform.completion_url and not platform.screenout_code:
            table.note(
                "recruiting",
                f"platforms {platform.slug}: the training can be failed, so name the "
                "screenout_code too.",
            )


def _checks(table: Table) -> Checks:
    usual = Checks()
    golden, repeats, identical = (
        _share(table, key, getattr(usual, key)) for key in ("golden", "repeats", "identical")
    )
    gap = table.whole("repeat_gap", least=1, most=MOST_TRIALS, default=usual.repeat_gap)
    if golden + repeats + identical >= 1:
        table.note("golden", "with repeats and identical it must be below 1; lower one of them.")
    table.refuse_unknown()
    return Checks(golden, repeats, gap, identical)


def _share(table: Table, key: str, usual: float) -> float:
    share = table.number(key, least=0, most=1)
    return usual if share is None else share


def _screening(table: Table) -> Screening:
    usual = Screening()
    quality = table.number("quality", least=0, most=MOST_QUALITY)
    screening = Screening(
        quality=usual.quality if quality is None else quality,
        least_checks=table.whole(
            "least_checks", least=1, most=MOST_TRIALS, default=usual.least_checks
        ),
        drop_under_ms=table.whole("drop_under_ms", most=AN_HOUR_MS, default=usual.drop_under_ms),
        drop_unflipped=table.switch("drop_unflipped", default=usual.drop_unflipped),
        fast_under_ms=table.whole("fast_under_ms", most=AN_HOUR_MS, default=usual.fast_under_ms),
        fast_under_flips=table.whole(
            "fast_under_flips", most=MOST_TRIALS, default=usual.fast_under_flips
        ),
    )
    table.refuse_unknown()
    return screening


def _recruiting(table: Table) -> Recruiting:
    usual = Recruiting()
    rows = table.rows("platforms")
    recruiting = Recruiting(
        open=table.switch("open", default=usual.open),
        most_raters=_most_raters(table),
        one_session=table.switch("one_session", default=usual.one_session),
        platforms=tuple(map(_platform, rows)),
    )
    table.refuse_repeated("platforms", [one.slug for one in recruiting.platforms])
    # An address tells its platform by this parameter.
    participants = [one.participant for one in recruiting.platforms]
    table.refuse_repeated("platforms: participant", participants)
    table.refuse_unknown()
    return recruiting


def _platform(table: Table) -> Platform:
    parameters = {key: _parameter(table, key) for key in ("participant", "study", "session")}
    if not parameters["participant"]:
        table.note("participant", "name the parameter that holds who comes.")
    table.refuse_repeated("participant", [name for name in parameters.values() if name])
    code = table.text("completion_code", default="", longest=100)
    platform = Platform(
        slug=table.slug("slug"),
        **parameters,
        completion_code=code,
        screenout_code=table.text("screenout_code", default="", longest=100),
        completion_url=_completion_url(table, code),
        most_raters=_most_raters(table),
    )
    table.refuse_unknown()
    return platform


def _parameter(table: Table, key: str) -> str:
    """Return the name of a parameter in the addresses that a platform sends raters to."""
    name = table.text(key, default=getattr(Platform(""), key))
    if name in OWN_PARAMETERS:
        table.note(key, f"{name!r} is a parameter of the rating page itself; take another.")
    elif name and not PARAMETER.fullmatch(name):
        table.note(key, f"{name!r} must be 1 to 50 letters, digits, _, . or -, a letter first.")
    return name


def _completion_url(table: Table, code: str) -> str:
    url = table.url("completion_url")
    if not url:
        return url
    if url.startswith("http://"):
        table.note("completion_url", "it must begin with https://.")
    if "{code}" not in url:
        table.note("completion_url", "write {code} where the completion code belongs.")
    elif not code:
        table.note("completion_code", "it is missing; completion_url needs it.")
    return url


def _most_raters(table: Table) -> int | None:
    number = table.positive_integer("most_raters")
    if number is not None and number > MOST_RATERS:
        table.note("most_raters", f"it must be at most {MOST_RATERS}, or be left out.")
    return number
