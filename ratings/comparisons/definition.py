"""The `[[study]]` tables of a challenge's definition file, checked as a whole, then saved."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction

from ratings.challenge.models import Challenge
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Study

DEFAULT_QUESTION = "Which is closer to the original?"
REQUIRED = ("phase", "slug", "name", "consent")
# What the crops follow from: fixed as soon as there are crops.
PLACING = ("crop_width", "crop_height", "crops_per_picture", "seed")

_Check = Callable[[object], str | None]


def load_studies(challenge: Challenge, tables: Sequence[Mapping[str, Any]]) -> list[Study]:
    """Create or update a challenge's studies; all of them, or none.

    Raises Refused with every problem of every table, each naming the study and the field.
    """
    problems = [problem for number, table in enumerate(tables, 1) for problem in _check(
        challenge, table, _title(number, table))]
    slugs = [str(table.get("slug")) for table in tables]
    problems += [f"study {slug}: is there twice." for slug in sorted(set(slugs)) if slugs.count(slug) > 1]
    if problems:
        raise Refused("study-definition", *problems)
    with transaction.atomic():
        return [_save(challenge, table) for table in tables]


def _title(number: int, table: Mapping[str, Any]) -> str:
    return f"study {table['slug']}" if table.get("slug") else f"study number {number}"


def _check(challenge: Challenge, table: Mapping[str, Any], title: str) -> list[str]:
    problems = [f"{name}: is missing." for name in REQUIRED if name not in table]
    for name, value in table.items():
        if name not in _CHECKS:
            problems.append(f"{name}: is unknown; known are {', '.join(_CHECKS)}.")
        elif problem := _CHECKS[name](value):
            problems.append(f"{name}: {problem}")
    return [f"{title}: {problem}" for problem in problems or _check_context(challenge, table)]


def _check_context(challenge: Challenge, table: Mapping[str, Any]) -> list[str]:
    """Return the problems that a sound table has with what is already there."""
    problems = []
    phases = list(challenge.phases.values_list("slug", flat=True))
    if table["phase"] not in phases:
        known = ", ".join(phases) or "none"
        problems.append(f"phase: there is no phase {table['phase']!r}; there is {known}.")
    existing = Study.objects.filter(slug=table["slug"]).select_related("phase").first()
    if existing is None:
        return problems
    if existing.phase.challenge_id != challenge.pk:
        problems.append("slug: a study of another challenge has it; choose another one.")
    elif existing.phase.slug != table["phase"] and existing.entries.exists():
        problems.append("phase: can't change once there are entries; choose another slug.")
    fields = _fields(table)
    changed = [name for name in PLACING if getattr(existing, name) != fields[name]]
    if changed and existing.crops.exists():
        names = ", ".join(changed)
        problems.append(f"{names}: can't change once pictures are cropped; choose another slug.")
    return problems


def _save(challenge: Challenge, table: Mapping[str, Any]) -> Study:
    fields = _fields(table) | {"phase": challenge.phases.get(slug=table["phase"])}
    study, _ = Study.objects.update_or_create(slug=table["slug"], defaults=fields)
    return study


def _fields(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the model's fields; what the table leaves out has the model's default."""
    blank = Study()
    width, height = table.get("crop_size", (blank.crop_width, blank.crop_height))
    plain = ("crops_per_picture", "trials_per_rater", "seed", "ties_allowed")
    return {
        "name": table["name"],
        "question": table.get("question", DEFAULT_QUESTION),
        "consent": table["consent"].strip(),
        "crop_width": width,
        "crop_height": height,
    } | {name: table.get(name, getattr(blank, name)) for name in plain}


def _text(longest: int) -> _Check:
    def check(value: object) -> str | None:
        if isinstance(value, str) and 0 < len(value.strip()) and len(value) <= longest:
            return None
        return f"must be a text of 1 to {longest} characters."

    return check


def _whole(least: int, most: int) -> _Check:
    def check(value: object) -> str | None:
        if type(value) is int and least <= value <= most:
            return None
        return f"must be a whole number from {least} to {most}."

    return check


def _slug(value: object) -> str | None:
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,50}", value):
        return None
    return "must be 1 to 50 letters, digits, hyphens or underscores."


def _size(value: object) -> str | None:
    side = _whole(16, 8192)
    if isinstance(value, list) and len(value) == 2 and not any(side(one) for one in value):
        return None
    return "must be [width, height] in pixels, each from 16 to 8192, such as [768, 768]."


def _switch(value: object) -> str | None:
    return None if isinstance(value, bool) else "must be true or false."


_CHECKS: dict[str, _Check] = {
    "phase": _slug,
    "slug": _slug,
    "name": _text(200),
    "question": _text(200),
    "consent": _text(20_000),
    "crop_size": _size,
    "crops_per_picture": _whole(1, 100),
    "trials_per_rater": _whole(1, 10_000),
    "seed": _whole(0, 2**63 - 1),
    "ties_allowed": _switch,
}
