"""What loading a definition file changes, line by line: pure functions of before and after."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

Tables = Mapping[str, Any]  # a definition file as TOML reads it
# What a [[table]] is called by, where it has no slug; and what tells tables below one apart.
NAMED_BY = ("slug", "set", "platform", "language", "title", "name")
TOLD_APART_BY = ("slug", "set", "platform", "language", "attribute")
LONGEST = 60
MOST_NAMES = 5


def changes(before: Tables, after: Tables) -> list[str]:
    """Return what differs between two definition files; nothing for equal ones.

    Each line names the table, the key, the old value and the new one.
    """
    top = ({k: v for k, v in tables.items() if not is_tables(v)} for tables in (before, after))
    lines = list(_of_values("", *top))
    for kind in dict.fromkeys([*before, *after]):
        if is_tables(before.get(kind)) or is_tables(after.get(kind)):
            lines += _of_tables(f"[[{kind}]]", before.get(kind, []), after.get(kind, []))
    return lines


def picture_changes(
    before: Mapping[str, Mapping[str, str]], after: Mapping[str, Mapping[str, str]]
) -> list[str]:
    """Return which pictures come, go or change; both map data sets to names and digests."""
    lines = []
    for dataset in dict.fromkeys([*before, *after]):
        old, new = before.get(dataset, {}), after.get(dataset, {})
        lines += [f"[[dataset]] {dataset}: {line}" for line in dataset_changes(old, new)]
    return lines


def dataset_changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Return which pictures of one data set come, go or change; both map names to digests."""
    groups = {
        "new": [name for name in new if name not in old],
        "dropped": [name for name in old if name not in new],
        "changed": [name for name in new if name in old and old[name] != new[name]],
    }
    return [f"{_count(names)} {what}: {_few(names)}" for what, names in groups.items() if names]


def _of_tables(kind: str, before: Sequence[Tables], after: Sequence[Tables]) -> Iterator[str]:
    old, new = by_name(before), by_name(after)
    for name in old:
        if name not in new:
            yield f"{kind} {name}: dropped"
    for name, table in new.items():
        if name not in old:
            yield f"{kind} {name}: new"
        else:
            yield from _of_values(f"{kind} {name}: ", old[name], table)


def _of_values(where: str, before: Tables, after: Tables) -> Iterator[str]:
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _of_values(f"{where}{key}.", old, new)
        elif _are_told_apart(old or new) and _are_told_apart(new or old):
            yield from _of_tables(f"{where}{key}", old or (), new or ())
        elif old != new:
            yield f"{where}{key}: {said(old)} -> {said(new)}"


def is_tables(value: object) -> TypeGuard[list[Tables]]:
    """Tell whether a key's value is a list of [[tables]]."""
    return isinstance(value, list) and bool(value) and all(isinstance(v, Mapping) for v in value)


def _are_told_apart(value: object) -> TypeGuard[list[Tables]]:
    """Tell whether a key's value is a list of tables that are told apart, as environments are.

    Rows of a questionnaire may stand for a standard set, and are called by that; recruiters are
    called by their platform, translations by their language, quotas by whom they count.
    """
    return is_tables(value) and all(set(TOLD_APART_BY) & set(table) for table in value)


def by_name(tables: Sequence[Tables]) -> dict[str, Tables]:
    """Return the tables by what they are called; a second of one name gets a number."""
    by_name: dict[str, Tables] = {}
    for number, table in enumerate(tables, 1):
        name = next((str(table[key]) for key in NAMED_BY if table.get(key)), str(number))
        if "attribute" in table:
            name = f"{table['attribute']} {table.get('value', '')}".rstrip()
        by_name[f"{name} ({number})" if name in by_name else name] = table
    return by_name


def said(value: object) -> str:
    """Return a value on one line, as long as a line bears."""
    if value is None:
        return "not set"
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    text = " ".join(text.split())
    if isinstance(value, bool):
        text = text.lower()
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _count(names: Sequence[str]) -> str:
    return "1 picture" if len(names) == 1 else f"{len(names)} pictures"


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown
