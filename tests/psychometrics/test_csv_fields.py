"""Fields of CSV files: whatever a text is, it comes back, and no program misreads it."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.psychometrics.files.csv_fields import (
    MISSING,
    bare_field,
    milliseconds,
    parse_instant,
    quoted,
    truth,
    unquoted,
)

# What pandas 2 takes for missing by default (pandas._libs.parsers.STR_NA_VALUES).
PANDAS = (
    *("-1.#IND", "1.#QNAN", "1.#IND", "-1.#QNAN", "#N/A N/A", "#N/A", "N/A", "n/a", "NA", "<NA>"),
    *("#NA", "NULL", "null", "NaN", "-NaN", "nan", "-nan", "None"),
)
odd = st.one_of(
    st.text(),
    st.text("'=+-@\t\r\n a", max_size=6),
    st.sampled_from([*PANDAS, *sorted(MISSING)]).flatmap(
        lambda word: st.sampled_from(
            [word, f"'{word}", f"''{word}", f"{word} ", f" {word}", f" '{word}", word.upper()]
        )
    ),
)


@given(odd)
def test_every_text_comes_back(text: str) -> None:
    assert unquoted(quoted(text)) == text


@given(odd)
def test_no_program_misreads_what_is_written(text: str) -> None:
    written = quoted(text)
    assert written[:1] not in tuple("=+-@\t\r\n")
    assert written in ("", text) or written not in (*PANDAS, "NA")
    assert written not in PANDAS


@given(odd)
def test_no_text_is_written_as_one_that_is_read_as_missing(text: str) -> None:
    assert text == "" or bare_field(quoted(text))


@given(st.lists(odd, min_size=1))
def test_texts_of_a_file_come_back(texts: list[str]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerow(map(quoted, texts))
    (row,) = csv.reader(io.StringIO(out.getvalue(), newline=""), strict=True)
    assert list(map(unquoted, row)) == texts


@pytest.mark.parametrize("text", ["AVIF", "'s Gravenhage", "rock'n'roll", "'", "a=b", "none of it"])
def test_what_nobody_misreads_stays_as_it_is(text: str) -> None:
    assert quoted(text) == unquoted(text) == text


def test_every_usual_spelling_of_missing_is_empty() -> None:
    for text in (*PANDAS, "", " ", "NaT", "\\N", "nil", " na "):
        assert bare_field(text) == ""
    assert [bare_field(text) for text in (" x ", "0", "false", "nano")] == [
        "x",
        "0",
        "false",
        "nano",
    ]


def test_booleans_as_programs_write_them() -> None:
    assert all(truth(text) for text in ("true", "TRUE", "T", "1", "1.0", "Yes"))
    assert not any(truth(text) for text in ("", "false", "FALSE", "F", "0", "0.0", "no"))
    for text in ("maybe", "2", "wahr", "NA"):
        with pytest.raises(ValueError, match=f"is '{text}', but must be true or false"):
            truth(text)


@pytest.mark.parametrize(
    "text",
    [
        *("2026-01-31T12:00:00Z", "2026-01-31T12:00:00+00:00", "2026-01-31 13:00:00+01:00"),
        *("2026-01-31 12:00:00", "2026-01-31T12:00:00.000000+0000", "2026-01-31 12:00:00+00"),
        "2026-01-31 12:00:00.000000000+00:00",
    ],
)
def test_instants_as_programs_write_them(text: str) -> None:
    assert parse_instant(text) == datetime(2026, 1, 31, 12, tzinfo=UTC).timestamp() * 1000


@pytest.mark.parametrize("text", ["0", "noon", "31.01.2026 12:00", "1769860800000", "true"])
def test_what_is_no_instant_is_said(text: str) -> None:
    with pytest.raises(ValueError, match=f"is '{text}', but must be an instant such as"):
        parse_instant(text)


def test_milliseconds_are_finite_numbers() -> None:
    assert [milliseconds(text) for text in ("1500", "1500.0", "1.5e3", " 7 ")] == [
        *(1500, 1500, 1500, 7)
    ]
    for text in ("soon", "inf", "nan", "1e400", "1e300"):
        with pytest.raises(ValueError, match="must be a number of milliseconds"):
            milliseconds(text)
