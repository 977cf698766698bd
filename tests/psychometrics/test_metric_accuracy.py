"""Accuracy of metrics against brute force, and bounds of what is attainable against the truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ratings.psychometrics.report.metric_accuracy import (
    PairAnswers,
    accuracy,
    accuracy_difference,
    ceiling,
)


def answers_of(seed: int, raters: int, pictures: int, per_rater: int, ties: bool) -> PairAnswers:
    """Return judgments of three pairs a picture, each rater's of different units."""
    rng = np.random.default_rng(seed)
    units = [rng.permutation(3 * pictures)[:per_rater] for _ in range(raters)]
    unit = np.concatenate(units)
    rater = np.repeat(np.arange(raters), [len(one) for one in units])
    preferred = rng.choice([0.0, 1.0, 0.5] if ties else [0.0, 1.0], len(unit))
    return PairAnswers(rater, unit // 3, unit, preferred)


def decisions_of(seed: int, pictures: int) -> np.ndarray:
    return np.random.default_rng([seed, 1]).choice([0.0, 0.5, 1.0], 3 * pictures)


def credit_of(preferred: float, decision: float) -> float:
    """Return what a judgment is worth, by the words of the docs."""
    if 0.5 in (preferred, decision):
        return 0.5
    return float(preferred == decision)


def brute_interval(credit: list[float], answers: PairAnswers) -> tuple[float, float]:
    """Return the interval from all pairs of judgments that share rater or picture."""
    residual = np.array(credit) - np.mean(credit)
    count = len(credit)
    sums = {"rater": 0.0, "picture": 0.0, "either": 0.0}
    for j in range(count):
        for k in range(count):
            same_rater = answers.rater[j] == answers.rater[k]
            same_picture = answers.picture[j] == answers.picture[k]
            product = residual[j] * residual[k]
            sums["rater"] += product * same_rater
            sums["picture"] += product * same_picture
            sums["either"] += product * (same_rater or same_picture)
    worth = min(
        count**2 / sum(int((cluster == one).sum()) ** 2 for one in set(cluster.tolist()))
        for cluster in (answers.rater, answers.picture)
    )
    error = np.sqrt(max(sums.values()) * worth / (worth - 1)) / count
    margin = float(stats.t.ppf(0.975, worth - 1) * error)
    return float(np.mean(credit)) - margin, float(np.mean(credit)) + margin


SHAPES = (st.integers(0, 10**6), st.integers(3, 7), st.integers(3, 6), st.integers(4, 9))


@settings(max_examples=60)
@given(*SHAPES, st.booleans())
def test_accuracy_is_that_of_brute_force(
    seed: int, raters: int, pictures: int, each: int, ties: bool
) -> None:
    answers = answers_of(seed, raters, pictures, each, ties)
    decisions = decisions_of(seed, pictures)
    credit = [
        credit_of(one, decisions[unit])
        for one, unit in zip(answers.preferred, answers.unit, strict=True)
    ]
    found = accuracy(answers, decisions)
    assert found.value == pytest.approx(np.mean(credit))
    if len(set(credit)) == 1:
        assert found.low is None and found.high is None
        return
    low, high = brute_interval(credit, answers)
    assert (found.low, found.high) == pytest.approx((max(0, low), min(1, high)))


@settings(max_examples=60)
@given(*SHAPES, st.booleans())
def test_a_difference_is_that_of_brute_force_and_turns_round(
    seed: int, raters: int, pictures: int, each: int, ties: bool
) -> None:
    answers = answers_of(seed, raters, pictures, each, ties)
    one, other = decisions_of(seed, pictures), decisions_of(seed + 1, pictures)
    apart = [
        credit_of(p, one[unit]) - credit_of(p, other[unit])
        for p, unit in zip(answers.preferred, answers.unit, strict=True)
    ]
    found = accuracy_difference(answers, one, other)
    turned = accuracy_difference(answers, other, one)
    assert found.value == pytest.approx(np.mean(apart)) == pytest.approx(-turned.value)
    if found.low is None or found.high is None:
        return
    low, high = brute_interval(apart, answers)
    assert (found.low, found.high) == pytest.approx((max(-1, low), min(1, high)))
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))


@settings(max_examples=60)
@given(*SHAPES, st.booleans())
def test_agreement_is_that_of_all_pairs_of_raters(
    seed: int, raters: int, pictures: int, each: int, ties: bool
) -> None:
    answers = answers_of(seed, raters, pictures, each, ties)
    total, weight = 0.0, 0
    for unit in set(answers.unit.tolist()):
        of_unit = answers.preferred[answers.unit == unit]
        pairs = [
            credit_of(of_unit[i], of_unit[j])
            for i in range(len(of_unit))
            for j in range(len(of_unit))
            if i != j
        ]
        if pairs:
            total += len(of_unit) * float(np.mean(pairs))
            weight += len(of_unit)
    found = ceiling(answers)
    if not weight:
        assert found is None
        return
    assert found is not None and found.judgments == weight
    assert found.low == pytest.approx(max(0.5, total / weight))
    assert found.high == pytest.approx(0.5 + np.sqrt(max(0, total / weight - 0.5) / 2))


def test_who_knows_what_most_people_prefer_lies_between_the_bounds() -> None:
    rng = np.random.default_rng(3)
    shares = rng.uniform(0.1, 0.9, 400)
    unit = np.repeat(np.arange(400), 25)
    preferred = (rng.random(len(unit)) < shares[unit]).astype(float)
    answers = PairAnswers(np.tile(np.arange(25), 400), unit // 4, unit, preferred)
    found = ceiling(answers)
    best = accuracy(answers, (shares > 0.5).astype(float)).value
    assert found is not None and found.low < best < found.high
    assert found.high - found.low < 0.15


def test_one_rater_or_one_picture_has_no_interval() -> None:
    rater, unit = np.zeros(6, int), np.arange(6)
    preferred = np.array([1.0, 0, 1, 0, 1, 1])
    for answers in (
        PairAnswers(rater, unit, unit, preferred),
        PairAnswers(unit, rater, unit, preferred),
    ):
        assert accuracy(answers, np.ones(6)).low is None


def test_without_judgments_there_is_no_accuracy() -> None:
    nobody = np.zeros(0, int)
    with pytest.raises(ValueError, match="There are no judgments"):
        accuracy(PairAnswers(nobody, nobody, nobody, np.zeros(0)), np.zeros(0))
