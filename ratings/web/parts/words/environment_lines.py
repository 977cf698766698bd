"""The environments of phases as pages show them, with what each holds: teams build the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ratings.challenge.keys.decoder_environments import EnvironmentTable, environments_of
from ratings.challenge.models import Phase
from ratings.sandbox.environments.recipes import RECIPES
from ratings.sandbox.sources import is_image
from ratings.submissions.runs.site_sources import absence, contents_of
from ratings.web.parts.words.formatting import phrase


@dataclass(frozen=True)
class EnvironmentLine:
    """An environment: what it is and holds, and why decoders would wait for it, if they would.

    `phases` are the names of those that have it, `image` its image, where it is one.
    """

    slug: str
    phases: str
    words: str
    holds: str
    image: str
    gpu: bool
    absence: str


def environment_lines(phases: Iterable[Phase], now: datetime) -> list[EnvironmentLine]:
    """Return the environments of phases, each once with the phases that have it."""
    having: dict[EnvironmentTable, list[Phase]] = {}
    for phase in phases:
        for one in environments_of(phase.environments):
            having.setdefault(one, []).append(phase)
    return [_line(one, having[one], now) for one in having]


def _line(one: EnvironmentTable, phases: list[Phase], now: datetime) -> EnvironmentLine:
    versions = contents_of(one.source)
    packaged = RECIPES[one.source].words if versions else ""
    return EnvironmentLine(
        slug=one.slug,
        phases=phrase([phase.name for phase in phases]),
        words=one.description or packaged,
        holds=", ".join(f"{name} {version}" for name, version in versions.items()),
        image=one.source if is_image(one.source) else "",
        gpu=one.gpu,
        absence=absence(one, now),
    )
