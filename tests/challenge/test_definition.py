"""The definition file: every problem at once, and what is written out reads back the same."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.challenge.definitions.definition import emit, parse
from ratings.challenge.refusals import Refused
from tests.challenge.definitions import GOOD


def problems_of(text: str) -> list[str]:
    with pytest.raises(Refused) as refused:
        parse(text)
    assert refused.value.code == "definition"
    return refused.value.problems


def with_line(line: str) -> str:
    """Return GOOD with one line of the phase replaced or added."""
    key = line.split(" = ")[0]
    kept = [known for known in GOOD.splitlines() if not known.startswith(f"{key} =")]
    return "\n".join([*kept, line])


@pytest.mark.parametrize(
    ("line", "key", "mend"),
    [
        ("opens = 2018-04-15T00:00:00", "opens", "offset"),
        ("closes = 2018-04-22", "closes", "must be an instant"),
        ('closes = "2018-04-22T23:59:59-08:00"', "closes", "no quotes"),
        ("closes = 2018-04-22T23:59:59.5-08:00", "closes", "fraction"),
        ("closes = 2018-04-14T23:59:59-08:00", "closes", "later than `opens`"),
        ("closes = 0001-01-01T00:00:00+14:00", "closes", "can't be meant"),
        ("closes = 9999-12-31T23:59:59-08:00", "closes", "can't be meant"),
        ("byte_budget = 0", "byte_budget", "whole number from 1"),
        ("byte_budget = true", "byte_budget", "whole number from 1"),
        ("byte_budget = 9223372036854775808", "byte_budget", "whole number from 1"),
        ("max_bpp = -0.1", "max_bpp", "above 0"),
        ("max_bpp = nan", "max_bpp", "above 0"),
        ('board = "worst"', "board", "best, latest"),
        ('board = ""', "board", "best, latest"),
        ('closes = ""', "closes", "no quotes"),
        ('datasets = ["Q"]', "datasets", "no [[dataset]] 'Q'"),
        ('datasets = ["P", "P"]', "datasets", "2 times"),
        ('datasets = "P"', "datasets", "list of texts"),
        ("datasets = []", "datasets", "at least one"),
        ("colour = 1", "colour", "unknown"),
        ("board_open = 1", "board_open", "Did you mean boards_open?"),
        ('decoder = "any"', "decoder", "optional, required, registered"),
        ('decoder = "registered"', "decoders_from", "name the earlier"),
        ('decoder = "registered"\ndecoders_from = "test"', "decoders_from", "not 'test'"),
        ('decoders_from = "test"', "decoders_from", 'goes with decoder = "registered"'),
        ("submissions_per_day = 0", "submissions_per_day", "from 1 to 1000000"),
        ("submissions_in_all = 1000001", "submissions_in_all", "from 1 to 1000000"),
        ('baselines = ["BPG"]', "baselines", "none of: JPEG, WebP"),
        ("factsheet_closes = 2018-01-01T00:00:00Z", "factsheet_closes", "later than"),
        ("factsheet_closes = 2018-05-01T00:00:00.5Z", "factsheet_closes", "fraction"),
        ('own_scores = "yes"', "own_scores", "true or false"),
        ('elsewhere = "on"', "elsewhere", "require"),
        ("limits = 5", "limits", "as a table"),
        ("limits = { cpu_seconds = 0 }", "limits: cpu_seconds", "from 1 to"),
        ("limits = { memory_bytes = 1024 }", "limits: memory_bytes", "from 67108864 to"),
        ("limits = { network = true }", "limits: network", "unknown"),
    ],
)
def test_a_wrong_key_of_a_phase_is_named_with_its_mend(line: str, key: str, mend: str) -> None:
    (problem,) = problems_of(with_line(line))
    assert problem.startswith(f"[[phase]] test: {key}: ")
    assert mend in problem


@pytest.mark.parametrize(
    ("value", "key", "mend"),
    [
        ("5", "retention", "as a table"),
        ("{ failed_days = -1 }", "retention: failed_days", "from 0 to 36500"),
        ("{ open_days = 1.5 }", "retention: open_days", "from 0 to 36500"),
        ("{ scored_days = 1 }", "retention: scored_days", "unknown"),
    ],
)
def test_a_wrong_retention_is_named_with_its_mend(value: str, key: str, mend: str) -> None:
    (problem,) = problems_of(f"retention = {value}\n{GOOD}")
    assert problem.startswith(f"The challenge: {key}: ")
    assert mend in problem


@pytest.mark.parametrize(
    ("line", "mend"),
    [
        ('license = "CC-BY"', "such as CC-BY-4.0"),
        ('license = "CC-BY-4.0 OR"', "such as CC-BY-4.0"),
        ('doi = "https://doi.org/10.5281/zenodo.1"', "without https://doi.org/"),
        ('doi = "10.5281/<b>"', "such as 10.5281/zenodo.1234"),
    ],
)
def test_a_wrong_licence_or_doi_is_named_with_its_mend(line: str, mend: str) -> None:
    (problem,) = problems_of(f"{line}\n{GOOD}")
    assert problem.startswith(f"The challenge: {line.split()[0]}: ")
    assert mend in problem


@pytest.mark.parametrize(
    ("lines", "key", "mend"),
    [
        ("boards_frozen_until = 2018-05-01T00:00:00Z", "boards_frozen_until", "goes with"),
        ("boards_frozen_from = 2001-05-01T00:00:00Z", "boards_frozen_from", "earlier than `opens`"),
        (
            "boards_frozen_from = 2018-05-01T00:00:00Z\nboards_frozen_until = 2018-05-01T00:00:00Z",
            "boards_frozen_until",
            "later than `boards_frozen_from`",
        ),
    ],
)
def test_a_freeze_that_can_t_be_meant_is_named(lines: str, key: str, mend: str) -> None:
    (problem,) = problems_of(with_line(lines))
    assert problem.startswith(f"[[phase]] test: {key}: ") and mend in problem


@pytest.mark.parametrize("key", ["organizers", "sponsors"])
@pytest.mark.parametrize(
    ("value", "mend"),
    [
        ('[" "]', "must not be empty"),
        ('"Jane Doe"', "a list of texts"),
        ("[1]", "a list of texts"),
        ('["Jane Doe", "jane doe "]', "write it once"),
        ('["Jane \\u202eDoe"]', "can't be seen"),
        ('["Jane\\u2066Doe"]', "can't be seen"),
        ('["Jane\\u0085Doe"]', "can't be seen"),
        ('["Jane Doe <jane@uni.example>"]', "e-mail address"),
    ],
)
def test_organizers_and_sponsors_are_lists_of_names(key: str, value: str, mend: str) -> None:
    (problem,) = problems_of(f"{key} = {value}\n{GOOD}")
    assert problem.startswith(f"The challenge: {key}: ") and mend in problem


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("doi = 10.5", "10.5"),
        ("doi = true", "true"),
        ("draft = 2018-05-01", "2018-05-01"),
        ("draft = [1.5]", "a list"),
    ],
)
def test_a_value_is_said_as_the_file_has_it(line: str, said: str) -> None:
    (problem,) = problems_of(f"{line}\n{GOOD}")
    assert problem.endswith(f", not {said}.")


def test_a_licence_is_kept_as_spdx_spells_it() -> None:
    assert parse(f'license = "cc-by-4.0"\n{GOOD}').license == "CC-BY-4.0"
    pictures = GOOD.replace('name = "Professional"', 'name = "Professional"\nlicense = "cc0-1.0"')
    assert parse(pictures).datasets[0].license == "CC0-1.0"


def test_every_problem_is_listed_at_once() -> None:
    text = """
    slug = "no/slash"
    summary = 3
    forum = "javascript:alert(1)"
    phase = 4
    study = [1]
    [[dataset]]
    name = "\\u0000"
    """
    problems = problems_of(text)
    starts = [problem.split(": ")[1] for problem in problems]
    assert starts == ["slug", "name", "summary", "forum", "slug", "name", "phase", "study"]


def test_text_that_is_not_toml_is_refused_with_its_place() -> None:
    (problem,) = problems_of("slug = \n")
    assert "not TOML" in problem
    assert "line 1" in problem


def test_deeply_nested_values_are_refused() -> None:
    assert problems_of("slug = " + "[" * 100_000)


@pytest.mark.parametrize("slug", ["api", "rate", "desk"])
def test_the_sites_own_addresses_are_reserved(slug: str) -> None:
    (problem,) = problems_of(GOOD.replace('"small"', f'"{slug}"'))
    assert "address of the site" in problem


def test_repeated_slugs_and_names_are_refused() -> None:
    phase = GOOD[GOOD.index("[[phase]]") :]
    dataset = GOOD[GOOD.index("[[dataset]]") : GOOD.index("[[phase]]")]
    problems = problems_of(GOOD + phase + dataset)
    assert [problem.split(" stands")[0] for problem in problems] == [
        "[[dataset]]: slug: 'P'",
        "[[dataset]]: name: 'Professional'",
        "[[phase]]: slug: 'test'",
        "[[phase]]: name: 'Test'",
    ]


def test_budget_in_bytes_and_in_bpp_contradict() -> None:
    (problem,) = problems_of(with_line("byte_budget = 5\nmax_bpp = 0.15"))
    assert "both say the same" in problem


def test_study_tables_are_kept_as_they_are() -> None:
    definition = parse(GOOD + '[[study]]\nslug = "s"\nanything = [1, 2.5]\n')
    assert definition.studies[0]["anything"][0] == 1
    assert parse(emit(definition)) == definition


@pytest.mark.parametrize("name", ["clic2018.toml", "demo.toml"])
def test_the_definitions_that_ship_read_back_the_same(name: str) -> None:
    text = (Path(__file__).parents[2] / "fixtures" / name).read_text()
    definition = parse(text)
    assert parse(emit(definition)) == definition


def test_clic_2018_is_what_its_call_says() -> None:
    text = (Path(__file__).parents[2] / "fixtures" / "clic2018.toml").read_text()
    definition = parse(text)
    validation, test = definition.phases
    assert (validation.byte_budget, test.byte_budget) == (4_722_341, 13_328_248)
    assert (validation.decoder, test.decoder, test.decoders_from) == (
        "required",
        "registered",
        "validation",
    )
    assert {"WebP", "JPEG 2000", "HEVC intra (x265)"} <= set(test.baselines)
    assert (validation.board, test.board) == ("best", "latest")
    assert validation.boards_open == validation.opens
    assert {dataset.slug for dataset in definition.datasets} == {
        f"{name}-{part}" for name in "PM" for part in ("train", "validation", "test")
    }


def test_clic_2018_has_every_date_of_its_call() -> None:
    """All deadlines are 23:59:59 PST, which is UTC-8, the last second in time."""
    text = (Path(__file__).parents[2] / "fixtures" / "clic2018.toml").read_text()
    definition = parse(text)
    validation, test = definition.phases
    zone = timezone(timedelta(hours=-8))

    def day(*date: int) -> datetime:
        return datetime(*date, tzinfo=zone)  # type: ignore[arg-type,misc]

    assert [entry.at for entry in definition.calendar] == [
        day(2017, 12, 24),
        day(2018, 1, 15),
        day(2018, 4, 14, 23, 59, 59),
        day(2018, 4, 15),
        day(2018, 4, 22, 23, 59, 59),
        day(2018, 4, 26, 23, 59, 59),
        day(2018, 5, 29),
    ]
    assert (validation.opens, validation.closes) == (
        day(2018, 1, 15),
        day(2018, 4, 14, 23, 59, 59),
    )
    assert (test.opens, test.closes) == (day(2018, 4, 15), day(2018, 4, 22, 23, 59, 59))
    assert test.factsheet_closes == datetime(2018, 4, 27, 7, 59, 59, tzinfo=UTC)
    assert test.boards_open == day(2018, 5, 29)
    assert all(entry.at.utcoffset() == timedelta(hours=-8) for entry in definition.calendar)
    assert {d.opens for d in definition.datasets if d.slug.endswith("train")} == {day(2017, 12, 24)}


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=200))
def test_any_printable_text_survives_the_round_trip(text: str) -> None:
    definition = parse(GOOD)
    titled = emit(definition).replace('"One line."', "SUMMARY")
    quoted = emit(type(definition)(**{**vars(definition), "summary": text}))
    assert titled.count("SUMMARY") == 1
    if text.strip():
        assert parse(quoted).summary == text
