"""A definition as a form: every key stands in it as it is declared, and comes back as it was."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.challenge.definitions.definition import emit_tables, parse, read_with_problems
from ratings.challenge.keys.tables import keys_of
from ratings.challenge.keys.toml_text import read_toml
from ratings.web.desk.definition.definition_form import (
    fields,
    sent,
    tables_of,
    with_one_more,
    without,
)
from ratings.web.desk.definition.definition_form import (
    read as read_field,
)
from ratings.web.desk.definition.definition_keys import SECTIONS, SHAPES
from ratings.web.desk.definition.form_keys import FormKey, Kind
from tests.challenge.definitions import RULES, STUDY, TEXT

WHOLE = TEXT + RULES + STUDY
CHOSEN = (Kind.SWITCH, Kind.PRESENT, Kind.CHOICE)
PST = timezone(timedelta(hours=-8))
# Keys that no form has: the text beside it does.
IN_THE_TEXT_ALONE = {
    "": {"retention"},
    "dataset": {"originals"},
    "series": {"references"},
    "study": {
        *("pictures", "crops", "crop_size", "seed", "tie_model", "scale_mean", "exploration"),
        *("strata", "enlarge", "small_window", "break_every", "translations"),
    },
}


def filled(text: str) -> dict[str, str]:
    """Return the form that a text is shown as, as a browser sends it."""
    tables = read_toml(text)
    return {
        field.name: field.shown
        if field.key.is_switch or field.key.kind is Kind.CHOICE
        else field.value
        for section in SECTIONS
        for number, table in enumerate(tables_of(tables, section))
        for field in fields(section, table, number).fields
    }


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.table or "top")
def test_each_key_is_declared_and_each_that_is_declared_has_its_place(section: Any) -> None:  # noqa: ANN401
    declared = {
        key.name: key
        for shape in SHAPES[section.table]
        for key in keys_of(shape)
        if section.table or not key.headed
    }
    assert {key.path.partition(".")[0] for key in section.keys} | IN_THE_TEXT_ALONE.get(
        section.table, set()
    ) == set(declared)
    for key in section.keys:
        first, _, rest = key.path.partition(".")
        if rest:
            assert rest in [below.name for below in keys_of(declared[first].shape)]
        if key.kind is Kind.CHOICE:
            below = {one.name: one for one in keys_of(declared[first].shape)} if rest else declared
            checked = below[rest or first].check
            assert checked and [checked(word) for word, _ in key.options]


def test_what_nobody_changed_means_the_same() -> None:
    tables = sent(read_toml(WHOLE), filled(WHOLE))

    before, after = parse(WHOLE), parse(emit_tables(tables))
    assert replace(after, studies=()) == replace(before, studies=())
    assert read_toml(WHOLE)["study"][0].items() <= after.studies[0].items()


def test_a_changed_field_changes_its_key_alone() -> None:
    form = filled(WHOLE) | {
        "phase-0-closes": "2018-04-29 23:59:59 -08:00",
        "phase-0-max_bpp": "0,2",
        "phase-0-datasets": "P , M,",
        "phase-1-limits.cpu_seconds": "7,200",
        "study-0-ties_allowed": "true",
        "forum": "",
    }
    tables = sent(read_toml(WHOLE), form)
    first, second = tables["phase"]
    assert first["closes"] == datetime(2018, 4, 29, 23, 59, 59, tzinfo=PST)
    assert first["max_bpp"] == Decimal("0.2") and first["datasets"] == ["P", "M"]
    assert second["limits"] == {"cpu_seconds": 7200}
    assert tables["study"][0]["ties_allowed"] is True
    assert "forum" not in tables and tables["retention"] == read_toml(WHOLE)["retention"]


NAMES = st.lists(
    st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1)
    .map(str.strip)
    .filter(lambda name: name and len(name.splitlines()) == 1),
    min_size=1,
)


@given(NAMES, NAMES, NAMES, st.booleans())
def test_lists_come_back_as_they_were_and_as_they_are_typed(
    organizers: list[str], methods: list[str], typed: list[str], crlf: bool
) -> None:
    tables: dict[str, Any] = {
        "organizers": organizers,
        "sponsors": ["ACME, Inc."],
        "study": [{"slug": "s", "methods": methods}],
    }
    form = {
        field.name: field.value.replace("\n", "\r\n") if crlf else field.value
        for section in SECTIONS
        for number, table in enumerate(tables_of(tables, section))
        for field in fields(section, table, number).fields
        if field.key.kind not in (Kind.SWITCH, Kind.CHOICE)
    }
    assert sent(tables, form) == tables
    changed = sent(tables, form | {"name": "Another", "sponsors": "\r\n".join(typed)})
    assert changed == tables | {"name": "Another", "sponsors": typed}


def test_a_list_that_no_form_can_show_stays_while_other_fields_change() -> None:
    tables = {"phase": [{"slug": "test", "datasets": ["a, b", "c"]}], "sponsors": ["a\nb"]}
    form = {"phase-0-datasets": "a, b, c", "sponsors": "a\r\nb", "phase-0-name": "Test"}
    changed = sent(tables, form)
    assert changed["phase"] == [{"slug": "test", "datasets": ["a, b", "c"], "name": "Test"}]
    assert changed["sponsors"] == ["a\nb"]


@pytest.mark.parametrize(
    ("kind", "typed", "meant"),
    [
        (Kind.NUMBER, "soon", "soon"),
        (Kind.NUMBER, "9" * 30, "9" * 30),
        (Kind.DECIMAL, "a lot", "a lot"),
        (Kind.DECIMAL, "1" * 50, "1" * 50),
        (Kind.DECIMAL, "nan", "nan"),
        (Kind.DECIMAL, "-Infinity", "-Infinity"),
        (Kind.INSTANT, "tomorrow", "tomorrow"),
        (Kind.INSTANT, "2018-02-30 10:00 +01:00", "2018-02-30 10:00 +01:00"),
        (Kind.INSTANT, "2018-02-03 10:00", datetime(2018, 2, 3, 10)),  # noqa: DTZ001  # for the check to refuse,
        (Kind.LINE, "  a \r\n b ", "a \n b"),
        (Kind.TEXT, "", None),
        (Kind.LIST, " , ", []),
        (Kind.LINES, " ACME, Inc. \r\n\r\nA fund\n", ["ACME, Inc.", "A fund"]),
    ],
)
def test_what_can_not_be_read_is_kept_for_the_check_to_refuse(
    kind: Kind, typed: str, meant: object
) -> None:
    assert read_field(FormKey("x", "X", kind), typed) == meant


def test_problems_stand_beside_the_field_that_they_name() -> None:
    text = WHOLE.replace("2018-04-22T23:59:59-08:00", "2018-04-01T23:59:59-08:00")
    text = text.replace('name = "Professional"', 'name = ""')
    text = text.replace('pictures = ["a.png"]', "pictures = []")
    _, problems = read_with_problems(text)
    tables = read_toml(text)
    told = {
        field.name: field.problems
        for section in SECTIONS
        for number, table in enumerate(tables_of(tables, section))
        for field in fields(section, table, number, problems).fields
        if field.problems
    }
    assert told == {
        "phase-0-closes": ("it must be later than `opens`.",),
        "dataset-0-name": ("it must not be empty.",),
        "dataset-0-scenes": ('1: pictures: write a list such as ["a.png", "b*"].',),
    }


def test_what_stands_in_two_tables_is_told_at_both() -> None:
    text = WHOLE.replace('slug = "M"', 'slug = "P"').replace('datasets = ["M"]', 'datasets = ["P"]')
    _, problems = read_with_problems(text)
    tables, section = read_toml(text), next(one for one in SECTIONS if one.table == "dataset")
    told = [
        (field.name, field.problems)
        for number, table in enumerate(tables_of(tables, section))
        for field in fields(section, table, number, problems).fields
        if field.problems
    ]
    twice = ("'P' stands there 2 times.",)
    assert told == [("dataset-0-slug", twice), ("dataset-1-slug", twice)]


def test_tables_come_and_go() -> None:
    tables = with_one_more(read_toml(TEXT), "phase")
    assert [row["slug"] for row in tables["phase"]] == ["test", ""]
    assert without(tables, "phase", 0)["phase"] == [tables["phase"][1]]
    assert without(tables, "phase", 7) == tables


def test_questions_are_edited_as_the_text_of_the_file() -> None:
    key = next(one for one in SECTIONS[-1].keys if one.path == "questionnaire")
    rows = [{"set": "display"}, {"slug": "q", "kind": "number", "least": Decimal("0.5")}]
    tables = {"study": [{"slug": "s", "questionnaire": rows}]}
    (field,) = [
        field for field in fields(SECTIONS[-1], tables["study"][0], 0).fields if field.key == key
    ]
    assert field.value.startswith('[[study.questionnaire]]\nset = "display"\n')
    assert read_field(key, field.value) == rows
    assert read_field(key, "") is None
    for wrong in ("set =", 'set = "display"', "[[study.questionnaire]]\n[other]"):
        assert read_field(key, wrong) == wrong


@pytest.mark.parametrize(
    ("pilot", "there", "raters", "meant"),
    [
        (None, "false", "", None),
        (None, "true", "", {}),
        (None, "true", "2", {"raters": 2}),
        (None, "false", "2", {"raters": 2}),  # who says how many wants one
        ({}, "true", "", {}),
        ({"raters": 2}, "true", "3", {"raters": 3}),
        ({"raters": 2}, "true", "", {}),
        ({"raters": 2}, "false", "2", None),
    ],
)
def test_a_pilot_is_there_or_not_with_a_number_or_without(
    pilot: dict[str, int] | None, there: str, raters: str, meant: dict[str, int] | None
) -> None:
    tables = {"study": [{"slug": "s"} | ({} if pilot is None else {"pilot": pilot})]}
    form = {"study-0-pilot": there, "study-0-pilot.raters": raters}
    assert sent(tables, form)["study"][0].get("pilot") == meant


def test_platforms_quotas_and_recruiters_are_edited_as_the_text_of_the_file() -> None:
    platforms = [{"slug": "prolific", "completion_code": "C1"}, {"slug": "lab"}]
    quotas = [{"attribute": "language", "value": "de", "most_raters": 40}]
    until = datetime(2037, 1, 1, tzinfo=PST)
    recruiters = [{"platform": "prolific", "reward": 150, "until": until}]
    study = {"recruiting": {"platforms": platforms, "quotas": quotas}, "recruiter": recruiters}
    shown = {
        field.name: field.value
        for field in fields(SECTIONS[-1], study, 0).fields
        if field.key.kind is Kind.TABLES
    }
    assert shown["study-0-recruiter"].startswith('[[study.recruiter]]\nplatform = "prolific"')
    assert sent({"study": [study]}, shown) == {"study": [study]}
    assert sent({"study": [{"slug": "s"}]}, shown) == {"study": [{"slug": "s"} | study]}


def test_a_switch_that_nobody_touched_says_nothing() -> None:
    switches = {
        field.name: field.shown or "false"
        for field in fields(SECTIONS[-1], {"slug": "s"}, 0).fields
        if field.key.is_switch
    }
    assert switches["study-0-recruiting.own_team"] == switches["study-0-pilot"] == "false"
    assert sent({"study": [{"slug": "s"}]}, switches) == {"study": [{"slug": "s"}]}
