"""Quality: what a plain reading of each rater's checks says, whatever their order."""

from fractions import Fraction
from itertools import product
from math import comb
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.psychometrics.raters.quality import (
    LEVELS,
    Quality,
    RaterVerdict,
    qualities,
    shares,
    spreads,
)

Golden = tuple[int, float]
Repeat = tuple[int, float, float]
RATERS = 4
ANSWERS = st.sampled_from([0.0, 0.5, 1.0])
GOLDENS = st.lists(st.tuples(st.integers(0, RATERS - 1), ANSWERS), max_size=40)
REPEATS = st.lists(st.tuples(st.integers(0, RATERS - 1), ANSWERS, ANSWERS), max_size=40)
VALUES = st.lists(
    st.tuples(st.integers(0, RATERS - 1), st.floats(0, 1e6, width=32) | st.just(float("nan"))),
    max_size=60,
)


def found(goldens: list[Golden], repeats: list[Repeat]) -> list[Quality]:
    golden = np.array(goldens, float).reshape(-1, 2)
    repeat = np.array(repeats, float).reshape(-1, 3)
    return qualities(
        RATERS, golden[:, 0].astype(int), golden[:, 1], repeat[:, 0].astype(int), *repeat[:, 1:].T
    )


def coin_flips(before: float, again: float) -> Fraction:
    """Return how often two answers are the same when a coin decides each tie."""
    decided = {0.0: [0, 0], 1.0: [1, 1], 0.5: [0, 1]}
    pairs = list(product(decided[before], decided[again]))
    return Fraction(sum(a == b for a, b in pairs), len(pairs))


@given(GOLDENS, REPEATS)
def test_each_raters_checks_are_counted_as_a_plain_reading_does(
    goldens: list[Golden], repeats: list[Repeat]
) -> None:
    for rater, quality in enumerate(found(goldens, repeats)):
        right = [Fraction(answer) for who, answer in goldens if who == rater]
        alike = [coin_flips(a, b) for who, a, b in repeats if who == rater]
        assert (quality.goldens, quality.repeats) == (len(right), len(alike))
        assert (quality.right, quality.alike) == (sum(right), sum(alike))
        if right and alike:
            total = sum(right) / len(right) + sum(alike) / len(alike)
            assert quality.total == pytest.approx(float(total))
            for threshold in (total, total + Fraction(1, 1000)):
                assert quality.is_below(float(threshold), 1) is (total < threshold)
        else:
            assert quality.total is None and quality.is_below(2, 0) is None


@given(GOLDENS, REPEATS, st.randoms())
def test_the_order_of_answers_makes_no_difference(
    goldens: list[Golden], repeats: list[Repeat], random: Random
) -> None:
    before = found(goldens, repeats)
    random.shuffle(goldens)
    random.shuffle(repeats)
    assert found(goldens, repeats) == before


@given(REPEATS)
def test_calling_the_other_method_first_makes_no_difference(repeats: list[Repeat]) -> None:
    mirrored = [(who, 1 - before, 1 - again) for who, before, again in repeats]
    assert found([], mirrored) == found([], repeats)


def test_answering_at_random_and_never_deciding_both_earn_one() -> None:
    rng = np.random.default_rng(1)
    n = 40_000
    one = np.zeros(n, int)
    coin = qualities(1, one, rng.integers(0, 2, n) / 1, one, *rng.integers(0, 2, (2, n)) / 1)
    assert coin[0].total == pytest.approx(1, abs=0.02)
    ties = np.full(n, 0.5)
    assert qualities(1, one, ties, one, ties, ties)[0].total == 1
    assert qualities(1, one, ties + 0.5, one, one + 1.0, one + 1.0)[0].total == 2


def test_nobody_is_judged_by_too_few_checks() -> None:
    assert Quality(6, 2, 5, 2).is_below(1.2, 6) is None
    assert Quality(6, 2, 6, 2).is_below(1.2, 6) is True
    assert Quality(6, 6, 6, 5).is_below(1.2, 6) is False
    # 0.7 + 0.5 is 1.2 on paper, and the binary sum must not say otherwise.
    assert Quality(10, 7, 10, 5).is_below(1.2, 6) is False


@given(
    *[st.integers(0, 9)] * 2,
    st.fractions(0, 2, max_denominator=20),
    st.fractions(0, 1),
    st.booleans(),
)
def test_the_chance_of_so_few_is_the_binomial_sum(
    goldens: int, repeats: int, threshold: Fraction, part: Fraction, half: bool
) -> None:
    checks, p = goldens + repeats, threshold / 2
    passed = int(part * checks)
    quality = Quality(goldens, passed + half / 2, repeats, 0.0)
    if not checks:
        assert quality.chance(float(threshold)) is None
        return
    exact = sum(comb(checks, k) * p**k * (1 - p) ** (checks - k) for k in range(passed + 1))
    assert quality.chance(float(threshold)) == pytest.approx(float(exact), abs=1e-12)


@given(VALUES)
def test_spreads_are_numpys_quantiles(values: list[tuple[int, float]]) -> None:
    rater = np.array([who for who, _ in values], int)
    value = np.array([number for _, number in values], float)
    for who, row in enumerate(spreads(rater, RATERS, value)):
        mine = value[(rater == who) & ~np.isnan(value)]
        if len(mine):
            assert row == pytest.approx(np.quantile(mine, LEVELS), rel=1e-6, abs=1e-6)
            assert (np.diff(row) >= -1e-9 * mine.max()).all()
        else:
            assert np.isnan(row).all()


def test_shares_are_means_and_nothing_is_nan() -> None:
    means = shares(np.array([0, 0, 2]), 3, np.array([1.0, 0.5, 0.0]))
    assert means[0] == 0.75 and np.isnan(means[1]) and means[2] == 0


def test_a_verdict_is_by_the_quality_or_with_too_few_checks_by_chance() -> None:
    good, bad, early = Quality(6, 6, 6, 6), Quality(6, 2, 6, 2), Quality(4, 0, 0, 0)
    assert good.verdict(1.2, 6, 0.1) is RaterVerdict.ABOVE
    assert bad.verdict(1.2, 6, 0.1) is RaterVerdict.BELOW
    assert early.verdict(1.2, 6, 0.1) is RaterVerdict.UNLIKELY
    assert Quality(4, 4, 0, 0).verdict(1.2, 6, 0.1) is RaterVerdict.LIKELY
    assert early.verdict(1.2, 6, 0) is Quality().verdict(1.2, 6, 0.1) is RaterVerdict.UNKNOWN
    against = {verdict for verdict in RaterVerdict if verdict.is_against}
    assert against == {RaterVerdict.BELOW, RaterVerdict.UNLIKELY}
