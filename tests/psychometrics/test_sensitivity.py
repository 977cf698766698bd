"""How much another fit changes: order by Kendall's count, moves by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ratings.psychometrics.inference.sensitivity import sensitivity

SCORES = st.dictionaries(st.sampled_from("ABCDEFG"), st.integers(-20, 20).map(lambda n: n / 4))


def test_an_example_by_hand() -> None:
    moved = sensitivity({"A": 1.0, "B": 0.5, "C": -1.5}, {"A": 0.25, "B": 0.75, "C": -1.0})
    assert (moved.methods, moved.swapped, moved.moved) == (3, 1, "A")
    assert moved.largest_move == 0.75


@given(SCORES, SCORES)
def test_swaps_are_kendalls_discordant_pairs(one: dict[str, float], two: dict[str, float]) -> None:
    both = sorted(one.keys() & two.keys())
    moved = sensitivity(one, two)
    assert moved == sensitivity(dict(reversed(one.items())), two)
    assert moved.methods == len(both)
    if len(both) < 2:
        assert moved.largest_move is None
        return
    x, y = [one[name] for name in both], [two[name] for name in both]
    tau_b = stats.kendalltau(x, y).statistic
    if tau_b == tau_b:  # nan where all are equal
        pairs = [(i, j) for j in range(len(both)) for i in range(j)]
        signs = [(x[i] > x[j]) - (x[i] < x[j]) for i, j in pairs]
        other = [(y[i] > y[j]) - (y[i] < y[j]) for i, j in pairs]
        decided = [(a, b) for a, b in zip(signs, other, strict=True) if a and b]
        untied = sum(map(abs, signs)) * sum(map(abs, other))
        assert len(decided) - 2 * moved.swapped == pytest.approx(tau_b * untied**0.5)


@given(SCORES, st.floats(-5, 5))
def test_only_differences_matter(scores: dict[str, float], shift: float) -> None:
    moved = sensitivity(scores, {name: score + shift for name, score in scores.items()})
    assert moved.swapped == 0
    assert moved.largest_move is None or moved.largest_move == pytest.approx(0, abs=1e-9)


def test_ranks_tell_of_methods_without_a_score_too() -> None:
    moved = sensitivity(
        {"a": 0.5, "b": -0.5},
        {"a": 0.6, "b": -0.6},
        ({"best": 1, "a": 2, "b": 3}, {"a": 1, "best": 2, "b": 3}),
    )
    assert (moved.methods, moved.swapped) == (2, 1)
