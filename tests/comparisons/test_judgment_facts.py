"""The facts of a judgment: one declaration, and all that follows from it."""

from pathlib import Path

import pytest

from ratings.api.rating import facts
from ratings.comparisons.judgment_facts import (
    BODY,
    CHOICE,
    DEVICE_NAMES,
    DISPLAY_FACTS,
    DISPLAY_NAMES,
    KEPT,
    Fact,
    FactKind,
)
from ratings.comparisons.models import Judgment
from ratings.ranking.evidence.judgment_query import JUDGMENT_COLUMNS
from ratings.ranking.evidence.judgment_rows import JUDGMENT_SCHEMA

API_DOCS = (Path(__file__).parents[2] / "docs" / "api.md").read_text()


def test_the_declared_choices_are_those_that_are_stored() -> None:
    assert list(CHOICE.options) == Judgment.Choice.values


def test_the_facts_are_the_last_columns_of_the_export_in_their_order() -> None:
    assert tuple(JUDGMENT_COLUMNS[-len(DISPLAY_FACTS) :]) == DISPLAY_NAMES
    assert {fact.name for fact in BODY} - {"attempt", "visit"} <= set(JUDGMENT_COLUMNS)


def test_the_schema_has_each_field_once_and_in_order() -> None:
    assert list(facts.FIELDS) == [fact.name for fact in BODY]
    assert list(facts.REQUIRED) == ["choice", "response_ms"]
    assert set(facts.VISIT_FACTS) - {"layout_fits"} <= set(DISPLAY_NAMES)


@pytest.mark.parametrize("fact", DISPLAY_FACTS, ids=lambda fact: fact.name)
def test_each_fact_is_described_in_the_docs(fact: Fact) -> None:
    assert f"| `{fact.name}` | {_kind(fact)} | {fact.description} |\n" in API_DOCS


def test_the_docs_describe_nothing_else() -> None:
    head = "| fact | what it may be | what it is |\n| --- | --- | --- |\n"
    table = API_DOCS.partition(head)[2].partition("\n\n")[0]
    assert [row.split("`")[1] for row in table.splitlines()] == [fact.name for fact in KEPT]


def test_what_could_tell_a_device_is_what_the_privacy_page_names() -> None:
    assert (
        *("device_pixel_ratio", "zoom", "window_width", "window_height"),
        *("screen_width", "screen_height", "shown_at", "answered_at"),
    ) == DEVICE_NAMES


def test_columns_of_parquet_have_the_types_of_the_facts() -> None:
    schema = JUDGMENT_SCHEMA
    types = {name: str(schema.field(name).type) for name in DISPLAY_NAMES}
    assert {name for name, kind in types.items() if kind == "double"} == {
        "device_pixel_ratio",
        "zoom",
    }
    texts = {"layout", "arrangement", "shown_first", "input"}
    assert {name for name, kind in types.items() if kind == "string"} == texts
    times = {"shown_at", "answered_at"}
    assert {name for name, kind in types.items() if kind.startswith("timestamp")} == times
    assert types.pop("flip_ms").startswith("list<")
    whole = {name for name, kind in types.items() if kind == "int64"}
    assert len(whole) == len(DISPLAY_FACTS) - 2 - len(texts) - len(times) - 1


def _kind(fact: Fact) -> str:
    """Say what a value may be, as the docs have it."""
    if fact.kind is FactKind.OPTION:
        *others, last = [
            f"`{option}`" if isinstance(option, str) else str(option) for option in fact.options
        ]
        return f"{', '.join(others)} or {last}"
    return {
        FactKind.WHOLE: f"whole number, {fact.least} to {fact.most:,}",
        FactKind.NUMBER: f"number, {fact.least:g} to {fact.most:g}",
        FactKind.DURATION: "ms",
        FactKind.DURATIONS: f"list of at most {fact.most} ms",
        FactKind.INSTANT: "instant",
    }[fact.kind]
