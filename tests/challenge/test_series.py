"""Series of phases in the definition file: every problem named, and both ways the same."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.challenge.definitions.definition import Definition, emit, parse
from ratings.challenge.exchange.dumping import challenge_toml
from ratings.challenge.exchange.loading import load_definition
from ratings.challenge.keys.series_keys import CURVES, ReferenceTable, SeriesTable
from ratings.challenge.models import Series
from ratings.challenge.refusals import Refused
from tests.challenge.definitions import GOOD

PHASE = GOOD[GOOD.index("[[phase]]") :]
OTHER = PHASE.replace('"test"', '"high"').replace('"Test"', '"High"')
SERIES = """
[[series]]
slug = "rates"
name = "All rates"
phases = ["test", "high"]
"""
REFERENCE = '{ name = "VTM", bpp = [0.1, 0.2], psnr = [30, 32.5] }'
TWO = GOOD + OTHER
MORE_DATA = TWO.replace("[[phase]]", '[[dataset]]\nslug = "M"\nname = "M"\n\n[[phase]]', 1)


def problems_of(text: str) -> list[str]:
    with pytest.raises(Refused) as refused:
        parse(text)
    return refused.value.problems


@pytest.mark.parametrize(
    ("line", "where", "mend"),
    [
        ('phases = ["test"]', "phases", "at least two"),
        ('phases = ["test", "test"]', "phases", "2 times"),
        ('phases = ["test", "low"]', "phases", "no [[phase]] 'low'"),
        ('curves = "all"', "curves", "methods, teams"),
        ("budgets = [1]", "budgets", "unknown"),
        ('slug = "board"', "slug", "address of the site"),
        ('references = "vtm"', "references", "list of tables"),
        (f"references = [{REFERENCE}, {REFERENCE}]", "references", "2 times"),
    ],
)
def test_a_wrong_key_of_a_series_is_named_with_its_mend(line: str, where: str, mend: str) -> None:
    key = line.split(" = ")[0]
    kept = [known for known in SERIES.splitlines() if not known.startswith(f"{key} =")]
    found = problems_of("\n".join([TWO, *kept, line]))
    named = "board" if key == "slug" else "rates"
    assert any(one.startswith(f"[[series]] {named}: {where}: ") and mend in one for one in found)


@pytest.mark.parametrize(
    ("curve", "key", "mend"),
    [
        ('name = "V", bpp = [nan, 1], psnr = [1, 2]', "bpp", "from 0 to 1000"),
        ('name = "V", bpp = [inf, 1], psnr = [1, 2]', "bpp", "from 0 to 1000"),
        ('name = "V", bpp = [0.0, 1], psnr = [1, 2]', "bpp", "above 0"),
        ('name = "V", bpp = [1, 1], psnr = [1, 2]', "bpp", "each another one"),
        ('name = "V", bpp = [], psnr = []', "bpp", "for each point"),
        ('name = "V", bpp = [1, 2], psnr = [1]', "psnr", "1 numbers for 2 rates"),
        ('name = "V", bpp = [1, 2], psnr = [1, "a"]', "psnr", "from 0 to 200"),
        ('name = "V", bpp = [1, 2], psnr = [1, inf]', "psnr", "from 0 to 200"),
        ('name = "V", bpp = [1, 2], psnr = [1, true]', "psnr", "from 0 to 200"),
        ('name = "V", bpp = [1, 2], ms_ssim = [0.9, 1.1]', "ms_ssim", "from 0 to 1"),
        ('name = "V", bpp = [1, 2]', "psnr", "or `ms_ssim`"),
        ('name = "", bpp = [1, 2], psnr = [1, 2]', "name", "not be empty"),
        ('name = "nan", bpp = [1, 2], psnr = [1, 2]', "name", "missing value"),
        (f'name = "V", bpp = [{"1," * 101}], psnr = [1]', "bpp", "at most 100 numbers"),
    ],
)
def test_a_hostile_reference_is_refused(curve: str, key: str, mend: str) -> None:
    found = problems_of(f"{TWO}{SERIES}references = [{{ {curve} }}]\n")
    assert any(f": {key}: " in problem and mend in problem for problem in found), found


def test_phases_of_other_pictures_are_no_rates_of_one_task() -> None:
    text = MORE_DATA.replace('datasets = ["P"]', 'datasets = ["P", "M"]', 1) + SERIES
    assert problems_of(text) == [
        "[[series]] rates: phases: all must have the same data sets: a curve is of the same "
        "pictures at each rate."
    ]
    parse(MORE_DATA.replace('["P"]', '["P", "M"]', 1).replace('["P"]', '["M", "P"]') + SERIES)


def test_series_of_one_name_or_slug_are_refused() -> None:
    assert [problem.split(" stands")[0] for problem in problems_of(TWO + SERIES + SERIES)] == [
        "[[series]]: slug: 'rates'",
        "[[series]]: name: 'All rates'",
    ]


NUMBERS = st.integers(1, 20_000).map(lambda n: n / 97)
NAMES = st.text(st.characters(exclude_categories=["C", "Z", "M"]), min_size=2, max_size=20).map(
    lambda name: f"x {name}"
)


@st.composite
def references(draw: st.DrawFn) -> ReferenceTable:
    bpp = tuple(draw(st.lists(NUMBERS, min_size=1, max_size=6, unique=True)))
    psnr = tuple(draw(st.lists(st.floats(0, 200), min_size=len(bpp), max_size=len(bpp))))
    similar = tuple(draw(st.lists(st.floats(0, 1), min_size=len(bpp), max_size=len(bpp))))
    return ReferenceTable(
        draw(NAMES), draw(NAMES | st.just("")), bpp, psnr, draw(st.sampled_from([(), similar]))
    )


SERIES_TABLES = st.builds(
    SeriesTable,
    slug=st.just("rates"),
    name=NAMES,
    phases=st.just(("test", "high")),
    curves=st.sampled_from(CURVES),
    references=st.lists(references(), max_size=3, unique_by=lambda one: one.name).map(tuple),
)


def with_series(series: SeriesTable) -> Definition:
    return replace(parse(TWO), series=(series,))


@given(SERIES_TABLES)
def test_any_series_reads_back_the_same(series: SeriesTable) -> None:
    definition = with_series(series)
    assert parse(emit(definition)) == definition


@pytest.mark.django_db
@pytest.mark.parametrize("curves", CURVES)
def test_a_series_is_loaded_written_out_and_dropped(tmp_path: Path, curves: str) -> None:
    table = SeriesTable("rates", "All", ("test", "high"), curves, (
        ReferenceTable("VTM", "VTM 23", (0.1, 0.25), (30.0, 1 / 3), (0.9, 1.0)),
    ))  # fmt: skip
    challenge = load_definition(emit(with_series(table)), tmp_path)
    assert parse(challenge_toml(challenge)).series == (table,)
    load_definition(challenge_toml(challenge), tmp_path)
    assert parse(challenge_toml(challenge)).series == (table,)
    load_definition(TWO, tmp_path)
    assert not Series.objects.exists()


@pytest.mark.django_db
def test_phases_are_written_in_the_order_of_the_challenge(tmp_path: Path) -> None:
    turned = SERIES.replace('["test", "high"]', '["high", "test"]')
    challenge = load_definition(TWO + turned, tmp_path)
    once = challenge_toml(challenge)
    assert parse(once).series[0].phases == ("test", "high")
    assert challenge_toml(load_definition(once, tmp_path)) == once


@pytest.mark.django_db
def test_a_phase_goes_with_its_place_in_a_series(tmp_path: Path) -> None:
    third = PHASE.replace('"test"', '"top"').replace('"Test"', '"Top"')
    series = SERIES.replace('"high"]', '"high", "top"]')
    load_definition(TWO + third + series, tmp_path)
    with pytest.raises(Refused, match=r"no \[\[phase\]\] 'top'"):
        load_definition(TWO + series, tmp_path)
    challenge = load_definition(TWO + SERIES, tmp_path)
    assert parse(challenge_toml(challenge)).series[0].phases == ("test", "high")


@pytest.mark.django_db
def test_series_that_differ_in_case_alone_are_refused(tmp_path: Path) -> None:
    twin = SERIES.replace('"rates"', '"Rates"').replace('"All rates"', '"Other"')
    with pytest.raises(Refused, match="capital letters alone"):
        load_definition(TWO + SERIES + twin, tmp_path)
