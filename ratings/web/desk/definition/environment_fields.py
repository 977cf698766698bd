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
    is_misread = said[2] != "" and _last(said[2]) in (GPU, "")
    while said and not said[-1]:
        said.pop()
    if table.get("gpu"):
        return " | ".join([*said, GPU])
    return " | ".join(said) + (" |" if is_misread else "")


def _environment(line: str) -> dict[str, Any]:
    """Return what a line says; a bar at its end keeps the words before it a description."""
    slug, source, rest = (word.strip() for word in (*line.split("|", 2), "", "")[:3])
    last = _last(rest)
    described = rest.rpartition("|")[0].strip() if last in (GPU, "") else rest
    description = {"description": described} if described else {}
    return {"slug": slug, "source": source} | description | ({"gpu": True} if last == GPU else {})


def _last(text: str) -> str:
    return text.rpartition("|")[2].strip()
