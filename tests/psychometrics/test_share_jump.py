"""The alarm on dropped answers: its promise counted out, delays replayed, what must not ring."""

from itertools import product

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta, betabinom, binom

from ratings.psychometrics.arrays import BoolArray, IntArray
from ratings.psychometrics.raters.share_jump import (
    AFTER,
    ALIKE,
    LEAST_OFF,
    LEAST_SHARE,
    MOST_OFF,
    MOST_SHARE,
    THRESHOLD,
    WINDOW,
    Usual,
    find_jump,
    log_evidence,
    log_ratio,
    usual_shares,
)

USUAL = Usual(share=0.1, off=0.05)


def likelihood(dropped: int, answers: int, usual: Usual, off: float) -> float:
    """Return that of one order of a rater's answers, by integrals and scipy's own distribution."""
    weight = 1 / ALIKE - 1
    usual_rater = betabinom(answers, weight * usual.share, weight * (1 - usual.share))
    one_order = binom(answers, 0.5).pmf(dropped) * 2**answers  # how many orders there are
    integral = quad(lambda q: binom(answers, q).pmf(dropped), usual.limit, 1)[0]
    mean = integral / (1 - usual.limit)
    return float(((1 - off) * usual_rater.pmf(dropped) + off * mean) / one_order)


@pytest.mark.parametrize(("dropped", "answers"), [(0, 1), (1, 1), (2, 7), (9, 10), (0, 60)])
def test_a_rater_weighs_as_the_integrals_say(dropped: int, answers: int) -> None:
    ratio = log_ratio(np.array([dropped]), np.array([answers]), USUAL)
    before = likelihood(dropped, answers, USUAL, USUAL.off)
    wanted = [likelihood(dropped, answers, USUAL, after) / before for after in AFTER]
    assert np.exp(ratio[:, 0]) == pytest.approx(wanted, rel=1e-6)


def test_the_evidence_of_each_beginning_is_the_product_over_raters() -> None:
    rng = np.random.default_rng(3)
    rater, dropped = rng.integers(0, 4, 30), rng.random(30) < 0.4
    evidence = log_evidence(rater, dropped, USUAL)
    for first in range(30):
        seen = np.bincount(rater[first:], minlength=4)
        lost = np.bincount(rater[first:], dropped[first:], minlength=4).astype(int)
        each = np.exp(log_ratio(lost, seen, USUAL).sum(axis=1))
        assert np.exp(evidence[first]) == pytest.approx(each.mean())


def test_the_promise_counted_out_over_all_ways_that_answers_may_come() -> None:
    # Three raters in turn, nine answers: all 512 ways, each with its chance before a jump.
    rater = np.arange(9) % 3
    chances = np.zeros(2)
    mean = 0.0
    likelihoods = [likelihood(lost, 3, USUAL, USUAL.off) for lost in range(4)]
    for way in product([False, True], repeat=9):
        dropped = np.array(way)
        lost = np.bincount(rater, dropped, minlength=3).astype(int)
        chance = np.prod([likelihoods[one] for one in lost])
        highest = max(
            np.exp(log_evidence(rater[:n], dropped[:n], USUAL).max()) for n in range(1, 10)
        )
        chances += chance * np.array([highest >= 20, highest >= 100])
        mean += chance * np.exp(log_evidence(rater, dropped, USUAL)[0])
    assert mean == pytest.approx(1)  # an e-value's mean
    assert chances[0] <= 9 / 20 and chances[1] <= 9 / 100
    assert chances[0] > 0.01  # the bound is no empty one


@pytest.mark.parametrize("share", [LEAST_SHARE, 0.1, MOST_SHARE])
def test_more_dropped_answers_are_never_less_evidence(share: float) -> None:
    for answers in (1, 5, 40):
        ratio = log_ratio(np.arange(answers + 1), np.full(answers + 1, answers), Usual(share, 0.05))
        assert (np.diff(ratio, axis=1) >= -1e-9).all()


def test_three_careless_raters_never_ring_whatever_they_do() -> None:
    most = log_ratio(np.full(3, 500), np.full(3, 500), Usual(LEAST_SHARE, LEAST_OFF)).sum(axis=1)
    assert np.exp(most).mean() < THRESHOLD
    rater, dropped = turns(12, 600)
    assert find_jump(rater, dropped | (rater < 3)) is None


def turns(raters: int, answers: int, *, seed: int = 1) -> tuple[IntArray, BoolArray]:
    """Return answers of so many raters at a time, who give 50 each, 3 % of which are dropped."""
    place = np.arange(answers)
    dropped = np.random.default_rng(seed).random(answers) < 0.03
    return place % raters + raters * (place // (50 * raters)), dropped


def delay(before: int, *, raters: int = 8, share: float = 1.0, slowly: int = 1) -> int:
    """Return after how many answers a jump rings that comes after so many."""
    rater, dropped = turns(raters, before + 500)
    grown = share * np.minimum(1, np.arange(1, 501) / slowly)
    dropped[before:] |= np.random.default_rng(9).random(500) < grown
    assert not any(find_jump(rater[:n], dropped[:n]) for n in range(0, before, 20))
    return next(n for n in range(1, 500) if find_jump(rater[: before + n], dropped[: before + n]))


@pytest.mark.parametrize("before", [0, 40, 300, 2500])
def test_a_check_that_fails_for_everybody_rings_within_30_answers(before: int) -> None:
    assert delay(before) <= 30


def test_half_of_the_answers_and_a_slow_start_ring_too() -> None:
    assert delay(300, share=0.5) <= 120
    assert delay(300, slowly=200) <= 150


def test_what_goes_on_for_long_never_becomes_usual() -> None:
    rater, dropped = turns(8, 6 * WINDOW)
    dropped[WINDOW:] = True
    found = find_jump(rater, dropped)
    assert found and found.share == 1 and found.usual <= MOST_SHARE


def test_it_is_over_when_answers_count_again_and_says_where_it_began() -> None:
    rater, dropped = turns(8, 400)
    dropped[200:260] = True
    found = find_jump(rater[:260], dropped[:260])
    assert found and abs(found.first - 200) <= 3 and found.raters == 8
    assert found.share > 0.9 and 0.05 <= found.usual < 0.15
    assert find_jump(rater[:320], dropped[:320]) is None


def test_numbers_of_raters_are_names_and_nothing_more() -> None:
    rater, dropped = turns(8, 230)
    dropped[200:] = True
    assert find_jump(1000 - 3 * rater, dropped) == find_jump(rater, dropped)


def test_what_is_usual_is_learned_and_careless_raters_are_set_apart() -> None:
    nothing = usual_shares(np.array([], np.int64), np.array([], np.bool_))
    assert (nothing.share, nothing.off) == (0.1, 0.04)
    rater = np.repeat(np.arange(100), 50)
    clean = np.zeros(5000, np.bool_)
    assert usual_shares(rater, clean) == Usual(LEAST_SHARE, LEAST_OFF)
    careless = usual_shares(rater, clean | (rater < 20))
    assert careless.share == LEAST_SHARE and careless.off == pytest.approx(20.8 / 120)
    assert usual_shares(rater, ~clean) == Usual(0.1, MOST_OFF)


def test_a_crowd_with_many_careless_raters_does_not_ring() -> None:
    rng = np.random.default_rng(4)
    rater, _ = turns(10, 3000)
    share = np.where(
        rng.random(rater.max() + 1) < 0.15,
        0.8,
        beta(0.27, 8.73).rvs(rater.max() + 1, random_state=rng),
    )
    dropped = rng.random(3000) < share[rater]
    assert not any(find_jump(rater[:n], dropped[:n]) for n in range(30, 3001, 30))
