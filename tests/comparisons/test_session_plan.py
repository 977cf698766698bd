"""The plan of kinds: shares, gaps, the first golden trial, and no pattern to count on."""

import uuid
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.comparisons.models import Rater, Study
from ratings.comparisons.protocol import Checks, Protocol, Training
from ratings.comparisons.session_plan import (
    Kind,
    degraded_levels,
    draw_plan,
    expected_total,
    plan_of,
    training_levels,
)

USUAL = Checks()


@st.composite
def checks(draw_: st.DrawFn, most: float = 0.99) -> Checks:
    """Draw shares that sum below 1."""
    weights = draw_(st.tuples(*[st.floats(0, 1)] * 3))
    total = draw_(st.floats(0, most))
    golden, repeats, identical = (total * w / max(1.0, sum(weights)) for w in weights)
    gap = draw_(st.integers(1, 60))
    return Checks(golden=golden, repeats=repeats, repeat_gap=gap, identical=identical)


def numbers(kinds: list[Kind], kind: Kind) -> list[int]:
    return [number for number, drawn in enumerate(kinds, 1) if drawn is kind]


def plan(trials: int = 80, rule: Checks = USUAL, seed: int = 1) -> list[Kind]:
    return draw_plan(trials, rule, np.random.default_rng(seed))


@given(st.integers(1, 300), checks(), st.integers(0, 2**32))
def test_any_study_s_plan_holds_its_rules(trials: int, rule: Checks, seed: int) -> None:
    kinds = plan(trials, rule, seed)
    assert len(kinds) == trials
    assert set(kinds) <= set(Kind) - {Kind.TRAINING}
    golden = numbers(kinds, Kind.GOLDEN)
    assert len(golden) == max(0, min(round(trials * rule.golden), trials - 2))
    assert not golden or 3 <= golden[0] <= 8
    repeats = numbers(kinds, Kind.REPEAT)
    assert len(repeats) <= round(trials * rule.repeats)
    # Oldest first, each repeat finds a comparison of its own far enough back.
    comparisons = numbers(kinds, Kind.COMPARISON)
    for original, repeat in zip(comparisons, repeats, strict=False):
        assert repeat - original >= rule.repeat_gap
    assert len(comparisons) >= len(repeats)
    assert len(numbers(kinds, Kind.IDENTICAL)) <= round(trials * rule.identical)


@given(st.integers(40, 300), checks(most=0.4), st.integers(0, 2**32))
def test_shares_are_met_where_there_is_room(trials: int, rule: Checks, seed: int) -> None:
    counted = Counter(plan(trials, Checks(**vars(rule) | {"repeat_gap": 10}), seed))
    assert counted[Kind.GOLDEN] == round(trials * rule.golden)
    assert counted[Kind.IDENTICAL] == round(trials * rule.identical)
    # Repeats crowd in late where they are many; a few of those drawn too early are dropped.
    assert counted[Kind.REPEAT] >= round(trials * rule.repeats) - 3


@given(st.integers(0, 2**32))
def test_the_usual_session_is_checked_evenly(seed: int) -> None:
    kinds = plan(seed=seed)
    golden, repeats = numbers(kinds, Kind.GOLDEN), numbers(kinds, Kind.REPEAT)
    assert (len(golden), len(repeats)) == (8, 8)
    assert max(b - a for a, b in pairwise(golden)) <= 25
    assert golden[-1] > 60 and repeats[-1] > 60 and repeats[0] <= 26


def test_the_seed_alone_decides() -> None:
    assert plan(seed=3) == plan(seed=3)
    assert len({tuple(plan(seed=seed)) for seed in range(20)}) == 20


def test_no_number_is_always_a_check() -> None:
    often = Counter(n for seed in range(300) for n in numbers(plan(seed=seed), Kind.GOLDEN))
    assert set(often) == set(range(3, 81))
    assert max(often[n] for n in range(9, 81)) < 90


@pytest.mark.parametrize("trials", [1, 2, 5])
def test_short_sessions_have_what_fits(trials: int) -> None:
    assert plan(trials, Checks(golden=0.5, repeats=0.4)).count(Kind.REPEAT) == 0
    assert plan(trials, Checks(golden=0.5))[:2] == [Kind.COMPARISON] * min(trials, 2)


def test_a_small_study_ends_before_the_comparison_it_lacks() -> None:
    kinds = [Kind.COMPARISON, Kind.GOLDEN, Kind.COMPARISON, Kind.REPEAT, Kind.COMPARISON]
    assert [expected_total(kinds, cells) for cells in range(5)] == [0, 2, 4, 5, 5]


def test_a_rater_s_plan_follows_from_the_identifier() -> None:
    study = Study(trials_per_rater=40, protocol_json=Protocol().as_json())
    first, second = (Rater(pk=uuid.UUID(int=number), study=study) for number in (1, 2))
    assert plan_of(first) == plan_of(first) != plan_of(second)
    assert len(plan_of(first)) == 40


@pytest.mark.parametrize(
    ("trials", "levels"),
    [(0, []), (1, [3]), (2, [3, 2]), (3, [3, 2, 1]), (5, [3, 3, 2, 2, 1]), (6, [3, 3, 2, 2, 1, 1])],
)
def test_training_goes_from_gross_to_subtle(trials: int, levels: list[int]) -> None:
    assert training_levels(trials) == levels


def test_versions_are_degraded_only_where_something_needs_them() -> None:
    none = Protocol(training=Training(trials=0), checks=Checks(golden=0))
    assert degraded_levels(none) == set()
    assert degraded_levels(Protocol(training=Training(trials=1), checks=Checks(golden=0))) == {3}
    assert degraded_levels(Protocol(training=Training(trials=0))) == {2}
    assert degraded_levels(Protocol()) == {1, 2, 3}
