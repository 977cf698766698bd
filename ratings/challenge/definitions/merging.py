"""Merging two people's changes of one definition: pure functions of tables as TOML reads them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ratings.challenge.definitions.changes import Tables, by_name, is_tables, said


def merge(base: Tables, mine: Tables, theirs: Tables) -> tuple[dict[str, Any], list[str]]:
    """Return both changes of `base` in one, and a line for each key that both changed otherwise.

    What only one of them changed is as they have it; what both changed is as `mine` has it.
    """
    conflicts: list[str] = []
    return _merged("", base, mine, theirs, conflicts), conflicts


def _merged(
    where: str, base: Tables, mine: Tables, theirs: Tables, conflicts: list[str]
) -> dict[str, Any]:
    keys = dict.fromkeys([*mine, *theirs])
    pairs = (
        (key, _value(f"{where}{key}", base.get(key), mine.get(key), theirs.get(key), conflicts))
        for key in keys
    )
    return {key: value for key, value in pairs if value is not None}


def _value(where: str, base: Any, mine: Any, theirs: Any, conflicts: list[str]) -> Any:  # noqa: ANN401
    """Return what a key holds in the end, None where it goes."""
    if mine == theirs or theirs == base:
        return mine
    if mine == base:
        return theirs
    if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
        old = base if isinstance(base, Mapping) else {}
        return _merged(f"{where}.", old, mine, theirs, conflicts)
    if is_tables(mine) and is_tables(theirs):
        return list(_rows(where, base if is_tables(base) else [], mine, theirs, conflicts))
    conflicts.append(f"{where}: yours is {said(mine)}, theirs is {said(theirs)}; yours stands here")
    return mine


def _rows(
    kind: str,
    base: Sequence[Tables],
    mine: Sequence[Tables],
    theirs: Sequence[Tables],
    conflicts: list[str],
) -> Iterator[dict[str, Any]]:
    """Yield the [[tables]] of one kind, in my order, theirs that are new at the end."""
    old, left, right = by_name(base), by_name(mine), by_name(theirs)
    for name in dict.fromkeys([*left, *right]):
        where = f"[[{kind}]] {name}"
        row = _value(where, old.get(name), left.get(name), right.get(name), conflicts)
        if row is not None:
            yield row
