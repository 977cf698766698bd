"""Screening: attacks are found, honest crowds are left in peace."""

import re
from collections import Counter

import numpy as np
import pytest

from ratings.psychometrics.counts.judgment_arrays import JudgmentArrays, judgment_arrays
from ratings.psychometrics.design.simulation import RaterModel, SyntheticCrowd
from ratings.psychometrics.raters.answer_patterns import (
    impossible_speed,
    one_side,
    patterns,
    random_answers,
)
from ratings.psychometrics.raters.collusion import collusion
from ratings.psychometrics.raters.coordinated_newcomers import coordinated_newcomers
from ratings.psychometrics.raters.flags import Flag
from ratings.psychometrics.raters.promotion import promotion
from ratings.psychometrics.raters.rater_report import rater_report
from ratings.psychometrics.raters.residuals import leave_one_rater_out
from tests.psychometrics.crowds import changed, judged, of, once


def flags(judgments: JudgmentArrays) -> tuple[Flag, ...]:
    return rater_report(judgments).flags


@pytest.mark.parametrize("unsure", [0.0, 0.2])
def test_honest_crowds_get_few_flags(unsure: float) -> None:
    crowds: Counter[str] = Counter()
    for seed in range(20):
        judgments = judged(seed, raters=30, each=60, methods=5, pictures=10, unsure=unsure)
        crowds.update({flag.kind for flag in flags(judgments)})
    # At 1 % a kind, three of 20 crowds have a probability of about 1 in 1,000.
    assert all(count <= 2 for count in crowds.values()), crowds


@pytest.mark.parametrize("taste", ["heavy", "skewed"])
def test_strong_tastes_raise_no_flag(taste: str) -> None:
    crowds: Counter[str] = Counter()
    for seed in range(10):
        judgments = judged(seed, raters=40, each=300, taste_sd=0.5, taste=taste)
        crowds.update({flag.kind for flag in flags(judgments)})
    assert all(count <= 1 for count in crowds.values()), crowds


def test_uneven_activity_and_batches_by_picture_are_no_bursts() -> None:
    uneven = [judged(seed, raters=60, each=80, methods=10, activity_sd=1.2) for seed in range(10)]
    batches = [in_batches(judged(seed, raters=60), 6, seed) for seed in range(10)]
    for crowds in (uneven, batches):
        assert sum(bool(coordinated_newcomers(judgments)) for judgments in crowds) == 0


def in_batches(judgments: JudgmentArrays, size: int, seed: int) -> JudgmentArrays:
    """Return answers of raters of whom so many in a row see the same two pictures."""
    rng, raters = np.random.default_rng([seed, 1]), len(judgments.raters)
    crowd = SyntheticCrowd(
        judgments.methods,
        judgments.images,
        raters,
        rng,
        strengths=np.linspace(-1.5, 1.5, len(judgments.methods)).tolist(),
        rater_model=RaterModel(careless=0, picture_sd=1.0),
    )
    rater, left, right = (
        column.astype(np.int64) for column in (judgments.rater, judgments.left, judgments.right)
    )
    image = (rater // size * 2 + rng.integers(0, 2, len(rater))) % 20
    choice, _ = crowd.answers(rater, image, left, right)
    return changed(judgments, image=image, shown=image, choice=choice)


def test_an_order_of_one_s_own_is_not_random() -> None:
    judgments = judged(1, raters=40, each=120)
    choice, mine = judgments.choice.copy(), of(judgments, 0)
    # This rater goes with the others about the worst method alone.
    liked = np.array([0, 5, 4, 3, 1, 2])
    left, right = liked[judgments.left[mine]], liked[judgments.right[mine]]
    choice[mine] = np.where(left > right, 0, 1)
    marked = random_answers(leave_one_rater_out(changed(judgments, choice=choice)))
    assert marked == []


def test_random_and_inverted_answers() -> None:
    judgments = judged(1, raters=40, each=120, random=3)
    choice = judgments.choice.copy()
    choice[of(judgments, 0)] = 1 - choice[of(judgments, 0)]
    marked = random_answers(leave_one_rater_out(changed(judgments, choice=choice)))
    assert {flag.raters for flag in marked} == {(0,), (37,), (38,), (39,)}
    assert all("would be usual" in flag.message and flag.statistic < -3 for flag in marked)
    said = {flag.raters[0]: flag.message for flag in marked}
    assert "go against them" in said[0] and "no order of their own" in said[37]


def test_always_one_side() -> None:
    judgments = judged(2)
    choice = judgments.choice.copy()
    choice[of(judgments, 4)] = 1
    (flag,) = one_side(leave_one_rater_out(changed(judgments, choice=choice)))
    assert flag.raters == (4,) and flag.statistic < -4 and flag.p_value < 1e-6
    assert flag.message.startswith(
        "Preferred the left in 0 % of trials, whatever stood there; half "
    )
    low, high = map(int, re.findall(r"in (\d+) to (\d+) %", flag.message)[0])
    assert 40 <= low <= high <= 60


@pytest.mark.parametrize(("cycle", "lag"), [([0, 1], 2), ([0, 0, 1], 3), ([0] * 15 + [1] * 15, 1)])
def test_patterns_of_sides(cycle: list[int], lag: int) -> None:
    judgments = judged(3)
    choice, mine = judgments.choice.copy(), of(judgments, 7)
    choice[mine] = np.resize(cycle, len(mine))
    marked = patterns(leave_one_rater_out(changed(judgments, choice=choice)))
    assert [flag.raters for flag in marked] == [(7,)]
    assert "follow a pattern" in marked[0].message
    # Rows in any order, since the times say what came first.
    order = np.random.default_rng(1).permutation(len(judgments))
    assert patterns(leave_one_rater_out(changed(judgments, choice=choice).where(order))) == marked


def test_impossible_speed() -> None:
    judgments = judged(4)
    assert judgments.response_ms is not None
    times = judgments.response_ms.copy()
    times[of(judgments, 9)] //= 30
    (flag,) = impossible_speed(leave_one_rater_out(changed(judgments, response_ms=times)))
    assert flag.raters == (9,) and flag.message.startswith("Half of the answers came within 0.2")
    # All being quick is how the pictures are, not what one of them does.
    assert not impossible_speed(
        leave_one_rater_out(changed(judgments, response_ms=judgments.response_ms // 30))
    )


def test_copies() -> None:
    judgments = judged(5, raters=20, each=80)
    one, other = of(judgments, 3), of(judgments, 11)
    shared = min(len(one), len(other))
    columns = {
        name: getattr(judgments, name).copy()
        for name in ("image", "shown", "left", "right", "choice")
    }
    for values in columns.values():
        values[other[:shared]] = values[one[:shared]]
    (flag,) = collusion(leave_one_rater_out(once(changed(judgments, **columns))))
    assert flag.raters == (3, 11)
    assert flag.message.startswith("r003 and r011 gave the same answer to")
    # The same with the sides of one of them changed over is a copy all the same.
    columns["left"][other], columns["right"][other] = (
        columns["right"][other].copy(),
        columns["left"][other].copy(),
    )
    columns["choice"][other] = 1 - columns["choice"][other]
    (turned,) = collusion(leave_one_rater_out(once(changed(judgments, **columns))))
    assert turned == flag


def test_copies_among_more_raters_than_have_all_their_pairs_compared() -> None:
    judgments = judged(6, raters=1_500, each=8)
    # Two of them answer sixty trials of others as well, alike and by chance.
    shown = judgments.shown * 100 + judgments.left * 10 + judgments.right
    trials = np.unique(shown, return_index=True)[1][::5][:60]
    choice = np.random.default_rng(1).integers(0, 2, len(trials))
    more = {
        name: np.concatenate([getattr(judgments, name), *[getattr(judgments, name)[trials]] * 2])
        for name in ("image", "shown", "left", "right", "response_ms", "judged_at")
    }
    more["choice"] = np.concatenate([judgments.choice, choice, choice])
    copiers = np.repeat([3, 1_400], len(trials))
    more["rater"] = np.concatenate([judgments.rater, copiers])
    marked = collusion(leave_one_rater_out(changed(judgments, **more)))
    assert (3, 1_400) in [flag.raters for flag in marked] and len(marked) <= 3


def stuffed(judgments: JudgmentArrays, raters: range, method: int) -> JudgmentArrays:
    """Return the judgments with one method preferred by some raters, whatever stood beside it."""
    choice, bad = judgments.choice.copy(), np.isin(judgments.rater, list(raters))
    choice[bad & (judgments.left == method)] = 0
    choice[bad & (judgments.right == method)] = 1
    return changed(judgments, choice=choice)


def test_one_rater_who_pushes_a_method() -> None:
    judgments = stuffed(judged(6, raters=60, each=300), range(8, 9), 1)
    (flag,) = promotion(leave_one_rater_out(judgments))
    assert flag.raters == (8,)
    assert flag.message.startswith("m01 was preferred ")


def test_random_raters_are_not_said_to_push() -> None:
    kinds = Counter(flag.kind for flag in flags(judged(7, raters=60, each=200, random=12)))
    assert kinds["random"] >= 10
    assert kinds["stuffing"] == 0


def test_a_burst_of_raters_none_of_whom_stands_out() -> None:
    judgments = stuffed(judged(8, raters=80, each=20), range(50, 60), 2)
    assert not promotion(leave_one_rater_out(judgments))
    (flag,) = coordinated_newcomers(judgments)
    assert set(flag.raters) & set(range(50, 60)) and len(flag.raters) == 10
    assert "came one after the other" in flag.message and "in other orders" in flag.message
    # The same raters, but arriving among all others, are no burst.
    assert judgments.judged_at is not None
    arrival = np.random.default_rng(1).permutation(80)
    assert not coordinated_newcomers(changed(judgments, judged_at=arrival[judgments.rater]))
    assert not coordinated_newcomers(changed(judgments, judged_at=None))


def test_tiny_data_raises_no_flags() -> None:
    tiny = [
        judgment_arrays(["r"], ["p"], ["a"], ["b"], ["left"]),
        judgment_arrays(*zip(*[("r", "p", "a", "b", c) for c in ("left", "right")], strict=True)),
        judgment_arrays(
            *zip(*[(f"r{i}", "p", "a", "b", "left") for i in range(30)], strict=True),
        ),
        judgment_arrays(
            *zip(*[(f"r{i}", "p", "a", "b", "tie") for i in range(30)], strict=True),
            response_ms=[5] * 30,
            judged_at=list(range(30)),
        ),
        judged(9, raters=1, each=60),
        judged(9, raters=2, each=20, methods=2, pictures=1),
        judged(9, raters=200, each=1),
    ]
    for judgments in tiny:
        assert flags(judgments) == ()
