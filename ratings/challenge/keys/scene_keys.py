"""The scenes of a [[dataset]]: which of its pictures show one thing or place."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Annotated, Any

from ratings.challenge.keys.checks import A_LIST, text
from ratings.challenge.keys.tables import TomlTable

# Names of pictures, in which * stands for any signs.
_PATTERN = re.compile(r"[A-Za-z0-9_.*-]{1,200}")


@dataclass(frozen=True)
class SceneTable:
    """A scene: its name, and its pictures by their file names; * stands for any signs in one."""

    name: Annotated[str, text(longest=100, stripped=True)]
    pictures: tuple[str, ...]

    def check(self, table: TomlTable) -> None:
        """Note names of pictures that none can have."""
        if not self.pictures and table.sound("pictures"):
            table.note("pictures", f"write {A_LIST.replace('P', 'a.png').replace('M', 'b*')}.")
        for name in self.pictures:
            if not _PATTERN.fullmatch(name):
                table.note("pictures", f"{name[:40]!r} is no picture's name, such as a.png or a*.")


def read_scenes(tables: Sequence[dict[str, Any]]) -> tuple[SceneTable, ...]:
    """Return what `written` made tables of."""
    return tuple(SceneTable(table["name"], tuple(table["pictures"])) for table in tables)


def scene_of(picture: str, scenes: Sequence[SceneTable]) -> str:
    """Return the name of the first scene that a picture belongs to, "" if to none."""
    return next(iter(scene_finder(scenes)(picture)), "")


def scene_problems(pictures: Iterable[str], scenes: Sequence[SceneTable]) -> list[str]:
    """Return which pictures belong to several scenes."""
    names_of = scene_finder(scenes)
    found = {picture: names_of(picture) for picture in pictures}
    return [
        f"scenes: {picture} is in {' and '.join(names)}; let it be in one."
        for picture, names in found.items()
        if len(names) > 1
    ]


def scene_notes(pictures: Iterable[str], scenes: Sequence[SceneTable]) -> list[str]:
    """Return which names of pictures in scenes no picture has: a slip, or a picture to come."""
    names = list(pictures)
    there = set(names)
    return [
        f"scenes: {scene.name}: no picture is called like {name!r}."
        for scene in scenes
        for name in scene.pictures
        if not (("*" in name and any(fnmatchcase(one, name) for one in names)) or name in there)
    ]


def scene_finder(scenes: Sequence[SceneTable]) -> Callable[[str], list[str]]:
    """Return what gives the names of a picture's scenes, in their order.

    Whole names are looked up, so that many pictures and scenes take no longer than their sum.
    """
    whole, starred = defaultdict[str, set[int]](set), list[tuple[int, str]]()
    for number, scene in enumerate(scenes):
        for name in scene.pictures:
            if "*" in name:
                starred.append((number, name))
            else:
                whole[name].add(number)

    def names_of(picture: str) -> list[str]:
        found = {number for number, pattern in starred if fnmatchcase(picture, pattern)}
        return [scenes[number].name for number in sorted(found | whole.get(picture, set()))]

    return names_of
