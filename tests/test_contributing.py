"""What CONTRIBUTING.md says of the house is how the house stands."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text()
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
APART = {"migrations", "kit"}  # no room of the house


def packages(folder: Path) -> set[str]:
    """Return the names of the packages that lie in a folder."""
    return {path.parent.name for path in folder.glob("*/__init__.py")}


def told() -> dict[str, tuple[int, list[str]]]:
    """Return each room that the page lists, with its floor and the rooms inside."""
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| .+ \|(.*)\|$", PAGE, re.MULTILINE)
    assert len(rows) == len({room for _, room, _ in rows})
    return {room: (int(floor), re.findall(r"`(\w+)`", inside)) for floor, room, inside in rows}


def floors(package: str) -> dict[str, int]:
    """Return the floor that import-linter has for each room of a package, the lowest being 0."""
    contracts = PYPROJECT["tool"]["importlinter"]["contracts"]
    layers = next(
        contract["layers"] for contract in contracts if contract.get("containers") == [package]
    )
    return {
        room: number
        for number, layer in enumerate(reversed(layers))
        for room in re.findall(r"\w+", layer)
    }


def inside(room: str) -> set[str]:
    """Return the rooms of a room; Django's folder of commands, and a folder of models, are none."""
    return packages(ROOT / "ratings" / room) - {"commands"}


def test_every_room_is_listed_with_the_rooms_inside() -> None:
    on_disk = {room: inside(room) for room in packages(ROOT / "ratings") - APART}
    assert {room: set(rooms) for room, (_, rooms) in told().items()} == on_disk


def test_every_room_is_on_the_floor_that_its_imports_are_held_to() -> None:
    house = floors("ratings")
    assert {room: floor for room, (floor, _) in told().items()} == {
        room: house[room] for room in told()
    }


@pytest.mark.parametrize("room", [room for room, (_, rooms) in told().items() if rooms])
def test_rooms_inside_are_named_from_the_lowest_up(room: str) -> None:
    listed = [floors(f"ratings.{room}")[name] for name in told()[room][1]]
    assert listed == sorted(listed)


def test_rooms_within_rooms_inside_are_told() -> None:
    within = {
        f"{room}/{name}": packages(ROOT / "ratings" / room / name)
        for room in packages(ROOT / "ratings") - APART
        for name in inside(room)
    }
    lines = re.findall(r"^`([\w/]+)` has rooms of its own: (.+)$", PAGE, re.MULTILINE)
    assert {room: set(re.findall(r"`(\w+)`", rooms)) for room, rooms in lines} == {
        room: rooms for room, rooms in within.items() if rooms
    }


def test_rooms_stand_from_the_top_floor_down() -> None:
    listed = [floor for floor, _ in told().values()]
    assert listed == sorted(listed, reverse=True)


def test_the_hooks_of_commits_run_the_commands_of_make_check() -> None:
    hooks = re.findall(r"entry: (.+)", (ROOT / ".pre-commit-config.yaml").read_text())
    makefile = (ROOT / "Makefile").read_text().replace("$(BIN)", ".venv/bin")
    assert hooks and {hook for hook in hooks if f"\t{hook}\n" not in makefile} == set()
