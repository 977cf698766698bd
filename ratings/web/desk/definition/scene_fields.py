"""A data set's scenes in one field of the form, a line each: name: picture, picture.

Pure functions, back and forth.
"""

from collections.abc import Mapping, Sequence
from typing import Any


def scene_lines(tables: Sequence[Mapping[str, Any]]) -> str:
    """Return a line for each scene, as `read_scene_lines` takes it back."""
    return "\n".join(
        f"{table.get('name', '')}: {', '.join(map(str, table.get('pictures', ())))}"
        for table in tables
    )


def read_scene_lines(text: str) -> list[dict[str, Any]]:
    """Return a scene for each line that says something; its pictures have no colon."""
    lines = [line.rpartition(":") for line in text.split("\n") if line.strip()]
    return [
        {
            "name": name.strip(),
            "pictures": [word.strip() for word in pictures.split(",") if word.strip()],
        }
        for name, _, pictures in lines
    ]
