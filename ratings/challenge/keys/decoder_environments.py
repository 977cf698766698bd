"""The environments of a phase, in which its decoders find their packages; a submission picks one.

A source is a packaged environment's name, or an image by its digest: see `sandbox.sources`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from ratings.challenge.keys.checks import Wrong, slug, text
from ratings.sandbox.environments.recipes import RECIPES, USUAL
from ratings.sandbox.sources import is_source

MOST = 10  # of a phase


def source(value: object) -> str:
    """Check the source of an environment."""
    named: str = text(longest=300)(value)
    if not is_source(named):
        known = " or ".join(f'"{name}"' for name in RECIPES)
        raise Wrong(
            f"{named!r} is none; write {known}, or an image by its digest: NAME@sha256:DIGEST."
        )
    return named


@dataclass(frozen=True)
class EnvironmentTable:
    """An environment of a phase. With `gpu` its decoders wait for a worker that has one."""

    slug: Annotated[str, slug()]
    source: Annotated[str, source]
    description: Annotated[str, text(longest=500)] = ""
    gpu: bool = False


# What a phase has that names none.
DEFAULT = EnvironmentTable(USUAL, USUAL)


def environments_of(written: Sequence[Mapping[str, Any]]) -> tuple[EnvironmentTable, ...]:
    """Return the environments of a phase as its row has them written, the default first."""
    return tuple(EnvironmentTable(**table) for table in written) or (DEFAULT,)
