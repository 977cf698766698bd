"""Agreement: published values of Krippendorff's alpha, and what names must not change."""

import numpy as np
import pytest

from ratings.psychometrics.counts.judgment_arrays import judgment_arrays
from ratings.psychometrics.raters.agreement import krippendorff_alpha, rater_agreement, with_others
from tests.psychometrics.crowds import answered, changed, judged, once


def alpha(*observers: str) -> float | None:
    """Return alpha of observers' values; a dot is a missing one."""
    pairs = [
        (unit, int(value))
        for values in observers
        for unit, value in enumerate(values)
        if value != "."
    ]
    counts = np.zeros((len(observers[0]), 6), np.int64)
    np.add.at(counts, tuple(zip(*pairs, strict=True)), 1)
    return krippendorff_alpha(counts)


def test_the_published_examples() -> None:
    # K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), examples A and C.
    assert alpha("0100000010", "1110010000") == pytest.approx(0.095, abs=5e-4)
    four = ("12332141 2...", "12332241 25.3", ".3332342 251.", "12332441 251.")
    assert alpha(*(row.replace(" ", "") for row in four)) == pytest.approx(0.743, abs=5e-4)


def test_nothing_shared_or_all_alike_has_no_alpha() -> None:
    assert krippendorff_alpha(np.array([[1, 0], [0, 1], [1, 0]])) is None
    assert krippendorff_alpha(np.array([[0, 2]])) is None
    assert krippendorff_alpha(np.zeros((0, 3), int)) is None


def test_full_agreement_is_1_and_chance_is_0() -> None:
    raters = [f"r{i}" for i in range(40)]
    same = judgment_arrays(raters, ["p"] * 40, ["a"] * 40, ["b"] * 40, ["left"] * 40)
    agreed = rater_agreement(same)
    assert agreed is not None and agreed.alpha == 1 and agreed.units == 1
    rng = np.random.default_rng(1)
    coins = judged(1, raters=40, each=400)
    coins = changed(coins, choice=rng.integers(0, 2, len(coins)))
    agreed = rater_agreement(coins)
    assert agreed is not None and abs(agreed.alpha) < 0.02


def test_which_method_is_called_first_or_stands_left_changes_nothing() -> None:
    judgments = once(judged(2, unsure=0.2))
    turned = changed(
        judgments,
        left=5 - judgments.right,
        right=5 - judgments.left,
        choice=np.array([1, 0, 2])[judgments.choice],
    )
    one, other = rater_agreement(judgments), rater_agreement(turned)
    assert one is not None and other is not None
    assert one.alpha == pytest.approx(other.alpha, abs=1e-12) and one.units == other.units
    assert 0.1 < one.alpha < 0.7


def test_a_rater_does_not_agree_with_themself() -> None:
    twice = judgment_arrays(["r", "r"], ["p", "p"], ["a", "a"], ["b", "b"], ["left", "left"])
    assert rater_agreement(twice) is None
    crops = judgment_arrays(
        *(["r", "s"], ["p", "p"], ["a", "a"], ["b", "b"], ["left", "left"]), shown=["1", "2"]
    )
    assert rater_agreement(crops) is None


def test_agreement_with_the_others() -> None:
    answers = answered([0, 0, 0, 0, 2], [1, 0, 1, 0.5, 0.5], times=[1, 1, 2, 1, 1])
    agreed, usual = with_others(answers, 3, np.array([0.8, 0.4, 0.3, 0.9, 0.9]))
    assert agreed[0] == 2 / 4 and usual[0] == pytest.approx((0.8 + 0.6 + 2 * 0.7) / 4)
    assert np.isnan(agreed[1]) and np.isnan(agreed[2])
