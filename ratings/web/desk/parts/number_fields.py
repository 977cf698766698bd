"""Numbers that a page lets one try: fields of a form that saves nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST = 20


@dataclass(frozen=True)
class NumberField:
    """A number as it was typed; `usual` is what it is else, `problem` what is wrong with it."""

    name: str
    label: str
    help: str
    value: str
    usual: str
    problem: str


def number_fields(
    labels: Mapping[str, tuple[str, str]],
    typed: Mapping[str, str],
    usual: Mapping[str, Any],
    problems: Mapping[str, str],
) -> list[NumberField]:
    """Return a field for each name in `labels`, which has its label and what else is said of it."""
    return [
        NumberField(
            name,
            label,
            help,
            typed.get(name, "").strip()[:LONGEST] or f"{usual[name]:g}",
            f"{usual[name]:g}",
            problems.get(name, ""),
        )
        for name, (label, help) in labels.items()
    ]
