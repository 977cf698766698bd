"""What rankings are adjusted for is chosen before anybody knows what it changes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone

from ratings.challenge.access.visibility import boards_open
from ratings.challenge.definitions.definition import emit_table
from ratings.comparisons.models import Study
from ratings.comparisons.participation import phases_of

ADJUSTING = ("adjust", "strata")


def adjusting_is_fixed(study: Study) -> bool:
    """Tell whether it can't be changed any more: some board of the study is open."""
    return any(boards_open(phase, timezone.now()) for phase in phases_of(study))


def adjusting_problems(study: Study, fields: Mapping[str, Any], sound: Iterable[str]) -> list[str]:
    """Return which of the `sound` keys would change although they are fixed."""
    if not adjusting_is_fixed(study):
        return []
    return [
        f"{key}: the boards are open, so what rankings are adjusted for is fixed; "
        f"{_put_back(key, getattr(study, key))}."
        for key in sound
        if getattr(study, key) != fields[key]
    ]


def beside_judgments(study: Study) -> tuple[object, ...]:
    """Return what of a study's file its rankings follow from, beside the judgments.

    Groups of the platforms' raters, and what is taken out: who changes it asks for a refit.
    """
    platforms = study.protocol.recruiting.platforms
    groups = {one.slug: one.group for one in platforms if one.group}
    return groups, *(getattr(study, name) for name in ADJUSTING)


def _put_back(key: str, value: Sequence[Any]) -> str:
    """Say what to write, as it stands in a file."""
    if not value:
        return "leave it out"
    (line,) = emit_table("study", {key: value})[1:]
    return f"put back {line}"
