"""A phase's environments in one field of the form, a line each: slug | source | description | gpu.

Pure functions, back and forth.
"""

from collections.abc import Mapping, Sequence
from typing import Any

GPU = "gpu"


def environment_lines(tables: Sequence[Mapping[str, Any]]) -> str:
    """Return a line for each environment, as `read_environments` takes it back."""
    return "\n".join(map(_line, tables))


def read_environments(text: str) -> list[dict[str, Any]]:
    """Return an environment for each line that says something."""
    return [_environment(line) for line in text.split("\n") if line.strip()]


def _line(table: Mapping[str, Any]) -> str:
    said = [str(table.get(key, "")) for key in ("slug", "source", "description")]
    while said and not said[-1]:
        said.pop()
    return " | ".join([*said, GPU] if table.get("gpu") else said)


def _environment(line: str) -> dict[str, Any]:
    said = [word.strip() for word in line.split("|")]
    gpu = {"gpu": True} if len(said) > 2 and said[-1] == GPU else {}
    slug, source, *described = said[:-1] if gpu else [*said, ""][: max(2, len(said))]
    description = {"description": " | ".join(described)} if described else {}
    return {"slug": slug, "source": source} | description | gpu
