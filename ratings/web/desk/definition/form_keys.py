"""How the keys of a definition stand in the desk's form."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """How a key is filled in."""

    LINE = auto()
    TEXT = auto()
    NUMBER = auto()
    DECIMAL = auto()
    INSTANT = auto()
    SWITCH = auto()
    CHOICE = auto()
    # Values without commas, one beside the other; and values that may have any, a line each.
    LIST = auto()
    LINES = auto()
    # Tables with a line each: see `environment_fields`.
    ENVIRONMENTS = auto()
    # The same: see `scene_fields`.
    SCENES = auto()
    # Tables as the file's text has them: see `table_fields`.
    TABLES = auto()
    # A table that may be empty: whether it is there.
    PRESENT = auto()


@dataclass(frozen=True)
class FormKey:
    """A key that stands in a form; a dot in `path` leads into a table."""

    path: str
    label: str
    kind: Kind = Kind.LINE
    help: str = ""
    wide: bool = False
    options: tuple[tuple[str, str], ...] = ()

    @property
    def rows(self) -> int:
        """How many lines its field shows."""
        rows = {Kind.TEXT: 5, Kind.LINES: 3, Kind.ENVIRONMENTS: 3, Kind.SCENES: 3}
        return {**rows, Kind.TABLES: 8}.get(self.kind, 1)

    @property
    def is_switch(self) -> bool:
        """Whether its field is switched on or off."""
        return self.kind in (Kind.SWITCH, Kind.PRESENT)


def options(words: Sequence[str], **said: str) -> tuple[tuple[str, str], ...]:
    """Return values with what the form calls them."""
    return tuple((word, said.get(word, word)) for word in words)
