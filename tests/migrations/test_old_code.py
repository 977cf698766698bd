"""While a site is upgraded, the last release's code runs beside the new one, on the new tables."""

import json

import pytest

from tests.management.sites import ROOT
from tests.migrations.released import RECORD, Tables, tables_now, tables_released, unbearable

# Types that take and give what the one before did: wider, with the same rows in them.
BORNE: set[str] = set()
OLD: Tables = {"one": {"id": ("bigint", False), "name": ("text", True)}}


@pytest.mark.django_db
def test_the_last_release_s_code_bears_the_tables() -> None:
    assert set(unbearable(tables_released(), tables_now())) == BORNE


def test_the_record_is_of_the_last_release() -> None:
    """A release that leaves the record of the one before would let it be broken unseen."""
    version = json.loads(RECORD.read_text())["version"]
    headings = [
        line.split()[1]
        for line in (ROOT / "CHANGELOG.md").read_text().splitlines()
        if line.startswith("## ") and line[3].isdigit()
    ]
    assert version == headings[0]
    assert len(tables_released()) > 60


@pytest.mark.parametrize(
    ("new", "problem"),
    [
        ({}, "one is gone"),
        ({"one": {"id": ("bigint", False)}}, "one.name is gone"),
        ({"one": OLD["one"] | {"name": ("integer", True)}}, "one.name was text and is integer"),
        ({"one": OLD["one"] | {"id": ("bigint", True)}}, "one.id must be given now"),
        (
            {"one": OLD["one"] | {"more": ("text", True)}},
            "one.more is new, and must be given: give it a db_default",
        ),
    ],
)
def test_what_old_code_can_t_bear_is_said(new: Tables, problem: str) -> None:
    assert unbearable(OLD, new) == [problem]


def test_what_is_only_more_is_borne() -> None:
    more: Tables = {"one": OLD["one"] | {"more": ("text", False)}, "two": {"id": ("text", True)}}
    assert unbearable(OLD, more) == []
