"""What is published of pairs: rounded once, stored and read back the same, seen from both sides."""

import json

import numpy as np
import pytest
from scipy import stats

from ratings.psychometrics.counts.tally import tally_codes
from ratings.psychometrics.inference.fitting import Fit, fit
from ratings.psychometrics.report.published import (
    chances,
    chances_of,
    covariance,
    ends_from_json,
    ends_to_json,
    from_columns,
    interval_at_level,
    to_columns,
)


@pytest.fixture(scope="module")
def fitted() -> Fit:
    """Fit 600 judgments of four methods by 10 raters on 12 pictures."""
    rng = np.random.default_rng(3)
    left = rng.integers(0, 4, 600)
    right = (left + rng.integers(1, 4, 600)) % 4
    choice = (rng.random(600) < 1 / (1 + np.exp(-(left - right)))).astype(int)
    who, where = rng.integers(0, 10, 600), rng.integers(0, 12, 600)
    return fit(tally_codes(list("abcd"), who, where, left, right, choice))


def test_pairs_come_in_order_of_rank_better_one_first(fitted: Fit) -> None:
    names = [row.method for row in fitted.rows]
    pairs = chances(fitted)
    assert [(pair.first, pair.second) for pair in pairs] == [
        (a, b) for i, a in enumerate(names) for b in names[i + 1 :]
    ]
    for one, difference in zip(pairs, fitted.differences, strict=True):
        assert one.probability == round(difference.probability, 4) >= 0.5
        assert one.low is not None and one.high is not None
        assert one.low < one.probability < one.high


def test_pairs_survive_being_stored(fitted: Fit) -> None:
    names = [row.method for row in fitted.rows]
    kept = json.loads(json.dumps(to_columns(names, chances(fitted)), allow_nan=False))
    assert from_columns(kept) == chances(fitted)
    assert from_columns({}) == []


def test_a_method_s_pairs_are_seen_from_its_side(fitted: Fit) -> None:
    pairs = chances(fitted)
    last = fitted.rows[-1].method
    mine = chances_of(pairs, last)
    assert [one.second for one in mine] == [row.method for row in fitted.rows[:-1]]
    assert all(one.first == last and one.probability <= 0.5 for one in mine)
    assert all(one.low is not None and one.low < one.probability for one in mine)
    assert [one.turned() for one in mine] == [pair for pair in pairs if pair.second == last]


def test_an_interval_restated_is_that_of_a_fit_at_the_other_level(fitted: Fit) -> None:
    low, high = interval_at_level(-1.0, 3.0, 7, 0.95, 0.99)
    reach = 2 * stats.t.ppf(0.995, 7) / stats.t.ppf(0.975, 7)
    assert [low, high] == pytest.approx([1 - reach, 1 + reach])
    assert interval_at_level(-1.0, 3.0, 7, 0.95, 0.95) == (-1.0, 3.0)


def test_the_covariance_is_rounded_and_symmetric(fitted: Fit) -> None:
    kept = np.array(covariance(fitted))
    assert fitted.covariance is not None
    assert np.abs(kept - fitted.covariance).max() <= 5e-7
    assert (kept == kept.T).all()


def test_pairs_and_ends_without_a_distance_survive_being_stored() -> None:
    # a is ahead of b and c, which a tie links; d lost to a alone, so b, c and d have no order.
    winners, losers = [0] * 9 + [1, 0], [1, 2, 3] * 3 + [2, 1]
    ties = [0] * 9 + [2, 0]
    who, where = [0, 1, 2] * 3 + [0, 1], [0, 1, 2] * 3 + [1, 2]
    fitted = fit(tally_codes(list("abcd"), who, where, winners, losers, ties))
    assert [row.rank for row in fitted.rows] == [1, 2, 2, 2]
    names = [row.method for row in fitted.rows]
    pairs = chances(fitted)
    assert [pair.first + pair.second for pair in pairs] == ["ab", "ac", "ad", "bc"]
    assert [pair.probability for pair in pairs] == [1.0, 1.0, 1.0, 0.5]
    kept = json.loads(json.dumps(to_columns(names, pairs), allow_nan=False))
    assert from_columns(kept) == pairs
    ends = json.loads(json.dumps(ends_to_json(fitted.open_ends), allow_nan=False))
    assert ends_from_json(ends).keys() == fitted.open_ends.keys() == {"a", "d"}
    assert ends["a"] == {"direction": "above", "next_to": "b", "at_least": None}
    assert ends["d"]["direction"] == "below"
