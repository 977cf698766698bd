"""Numbers in words."""

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest

from ratings.web.parts.words import formatting


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (40, "40 s"),
        (61, "1 min 1 s"),
        (754, "12 min"),
        (3 * 3600 + 720, "3 h 12 min"),
        (2 * 86400, "2 d"),
        (29 * 86400 + 7200, "29 d 2 h"),
        (45 * 86400 + 7200, "45 d"),
        (400 * 86400, "1 y 35 d"),
        (4072 * 86400, "11 y"),
    ],
)
def test_span(seconds: int, text: str) -> None:
    assert plain(formatting.span(timedelta(seconds=seconds))) == text


def test_what_is_years_off_is_named_by_its_year() -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    zone = timezone(timedelta(hours=-8))
    assert plain(formatting.until(now + timedelta(days=3), now, zone)) == "in 3 d"
    assert formatting.until(datetime(2038, 1, 1, 1, tzinfo=UTC), now, zone) == "in 2037"


def test_a_deadline_is_shown_in_its_own_offset() -> None:
    at = datetime(2018, 4, 21, 7, 59, 59, tzinfo=UTC)
    shown = formatting.moment(at, timezone(timedelta(hours=-8)))
    assert shown.iso == "2018-04-20T23:59:59-08:00"
    assert plain(shown.text) == "Fri 20 Apr 2018, 23:59:59 UTC-8"


@pytest.mark.parametrize(
    ("hours", "text"), [(0, "UTC"), (-8, "UTC-8"), (5.5, "UTC+5:30"), (-3.5, "UTC-3:30")]
)
def test_offset(hours: float, text: str) -> None:
    zone = timezone(timedelta(hours=hours))
    assert plain(formatting.offset(datetime(2018, 4, 20, tzinfo=zone))) == text


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (None, "\N{EM DASH}"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (9_994, "9.99 kB"),
        (9_995, "10.0 kB"),
        (99_900, "99.9 kB"),
        (99_960, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.00 MB"),
        (13_326_518, "13.3 MB"),
        (97_043_988_000, "97.0 GB"),
    ],
)
def test_size(size_bytes: int | None, text: str) -> None:
    assert plain(formatting.file_size(size_bytes)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "\N{EM DASH}"), (math.inf, "\N{INFINITY}"), (-0.001, "0.00"), (-1.5, "-1.50")],
)
def test_decimal(value: float | None, text: str) -> None:
    assert plain(formatting.decimal(value, 2)) == text


def test_counts_and_ranks() -> None:
    assert plain(formatting.count(1, "rater")) == "1 rater"
    assert plain(formatting.count(1200, "entry", "entries")) == "1,200 entries"
    assert formatting.rank_range(2, 2, 2) == "2"
    assert formatting.rank_range(3, 2, 4) == "2\N{EN DASH}4"
    assert formatting.rank_range(None, None, None) == "\N{EM DASH}"
    assert formatting.rank_range(3, None, None) == "3"
    assert plain(formatting.percent(0.625)) == "63 %"
    assert [plain(formatting.percent(share)) for share in (0.245, 0.635, 0.005, 1.0)] == [
        *("25 %", "64 %", "1 %", "100 %")
    ]
    assert (
        formatting.decimal(0.285, 2) == "0.29"
        and formatting.decimal(-0.125, 2) == "\N{MINUS SIGN}0.13"
    )


@pytest.mark.parametrize(
    ("names", "text"), [(["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")]
)
def test_names_in_a_row(names: list[str], text: str) -> None:
    assert formatting.phrase(names) == text
