"""Merging two people's changes: nothing that only one of them changed is lost."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ratings.challenge.definitions.merging import merge

VALUES = st.integers(0, 3) | st.sampled_from(["a", "b"])
ROW = st.dictionaries(st.sampled_from("xyz"), VALUES)
PHASES = st.dictionaries(st.sampled_from(["one", "two", "three"]), ROW)
FILES = st.builds(
    lambda top, limits, phases: (
        top
        | ({"limits": limits} if limits else {})
        | ({"phase": [{"slug": slug, **row} for slug, row in phases.items()]} if phases else {})
    ),
    st.dictionaries(st.sampled_from("abc"), VALUES),
    ROW,
    PHASES,
)


def flat(file: dict[str, Any]) -> dict[tuple[str, ...], Any]:
    """Return a file key by key: the order of tables says nothing here."""
    found: dict[tuple[str, ...], Any] = {}
    for key, value in file.items():
        if key == "phase":
            for row in value:
                found |= {("phase", row["slug"], name): row[name] for name in row}
        elif isinstance(value, dict):
            found |= {(key, name): value[name] for name in value}
        else:
            found[(key,)] = value
    return found


@given(FILES, FILES, FILES)
def test_each_key_is_as_whoever_changed_it_has_it(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    merged, conflicts = merge(base, mine, theirs)
    old, left, right, both = map(flat, (base, mine, theirs, merged))
    whole = [kind for kind in ("limits",) if (kind in mine) != (kind in theirs)]
    whole += [
        row["slug"]
        for file in (base, mine, theirs)
        for row in file.get("phase", [])
        if any(
            row["slug"] not in [other["slug"] for other in each.get("phase", [])]
            for each in (mine, theirs)
        )
    ]
    for key in {*old, *left, *right, *both}:
        if set(key) & set(whole) or (
            (not mine.get("phase") or not theirs.get("phase")) and (key[0] == "phase")
        ):
            continue  # a table that one of them dropped is a matter of the whole table
        was, is_mine, is_theirs, now = (each.get(key) for each in (old, left, right, both))
        if is_mine == is_theirs or is_theirs == was:
            assert now == is_mine
        elif is_mine == was:
            assert now == is_theirs
        else:
            assert now == is_mine and conflicts


@given(FILES, FILES)
def test_who_changed_nothing_is_in_no_way(base: dict[str, Any], other: dict[str, Any]) -> None:
    assert merge(base, base, other)[1] == merge(base, other, base)[1] == []
    assert flat(merge(base, base, other)[0]) == flat(merge(base, other, base)[0]) == flat(other)


def test_two_people_at_one_phase_and_one_key() -> None:
    base = {"name": "x", "phase": [{"slug": "main", "name": "Main", "opens": 1, "closes": 2}]}
    mine = {"name": "x", "phase": [{"slug": "main", "name": "Main", "opens": 1, "closes": 5}]}
    theirs = {
        "name": "y",
        "phase": [
            {"slug": "main", "name": "The main one", "opens": 1, "closes": 9},
            {"slug": "late", "name": "Late"},
        ],
    }
    merged, conflicts = merge(base, mine, theirs)
    assert merged == {
        "name": "y",
        "phase": [
            {"slug": "main", "name": "The main one", "opens": 1, "closes": 5},
            {"slug": "late", "name": "Late"},
        ],
    }
    assert conflicts == ["[[phase]] main.closes: yours is 5, theirs is 9; yours stands here"]


def test_a_table_that_one_drops_and_the_other_changes_is_told() -> None:
    base = {"phase": [{"slug": "a", "name": "A"}, {"slug": "b", "name": "B"}]}
    dropped = {"phase": [{"slug": "b", "name": "B"}]}
    changed = {"phase": [{"slug": "a", "name": "AA"}, {"slug": "b", "name": "B"}]}
    merged, conflicts = merge(base, dropped, changed)
    assert merged == dropped and len(conflicts) == 1
    merged, conflicts = merge(base, changed, dropped)
    assert merged == changed and len(conflicts) == 1
