"""Numbers as people round them: of the digits that are there, halves away from 0."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.psychometrics.rounding import counted, fixed, per_cent


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (0.285, 2, "0.29"),
        (1.005, 2, "1.01"),
        (0.125, 2, "0.13"),
        (-0.125, 2, "-0.13"),
        (1960.5, 0, "1961"),
        (1961.5, 0, "1962"),
        (1e-7, 2, "0.00"),
        (2e16, 0, "20000000000000000"),
    ],
)
def test_a_number(value: float, places: int, text: str) -> None:
    assert fixed(value, places) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0.625, "63"), (0.635, "64"), (0.245, "25"), (0.565, "57"), (0, "0")]
)
def test_a_share(share: float, text: str) -> None:
    assert per_cent(share) == text


@given(st.integers(-(10**6), 10**6))
def test_four_decimals_are_rounded_by_their_digits(ten_thousandths: int) -> None:
    exact = Decimal(ten_thousandths) / 10_000
    two = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert fixed(ten_thousandths / 10_000, 2) == f"{two:f}"
    whole = (100 * exact).quantize(Decimal(1), ROUND_HALF_UP)
    assert per_cent(ten_thousandths / 10_000) == f"{whole:f}"


def test_one_thing_is_no_things() -> None:
    assert [counted(n, "rater") for n in (0, 1, 2400)] == ["0 raters", "1 rater", "2,400 raters"]
    assert counted(2400, "rater", grouped=False) == "2400 raters"
