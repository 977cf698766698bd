"""Intervals: the covariance's properties, and whether the intervals cover the truth."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from ratings.psychometrics.counts.tally import Tally, tally_codes, tally_judgments
from ratings.psychometrics.design.simulation import RaterModel, SyntheticCrowd
from ratings.psychometrics.inference.intervals import Uncertainty, uncertainty
from ratings.psychometrics.model.bradley_terry import scores, win_probabilities


def crowd(seed: int, methods: int, pictures: int, raters: int, **changes: Any) -> SyntheticCrowd:
    """Make a crowd whose methods are evenly spread over 2 in log odds."""
    return SyntheticCrowd(
        [f"m{i}" for i in range(methods)],
        [f"p{i}" for i in range(pictures)],
        raters,
        np.random.default_rng(seed),
        strengths=np.linspace(-1, 1, methods).tolist(),
        rater_model=RaterModel(**changes),
    )


def known(tally: Tally) -> Uncertainty:
    """Return the uncertainty of a tally that has one."""
    result = uncertainty(tally, scores(tally.wins()))
    assert result is not None
    return result


def test_one_rater_or_one_picture_has_no_honest_interval() -> None:
    for pictures, raters in ((1, 9), (9, 1)):
        tally = crowd(1, 3, pictures, raters, careless=0).simulate(300).tally()
        assert uncertainty(tally, scores(tally.wins())) is None


@given(st.integers(0, 10**6), st.integers(2, 7), st.integers(2, 12), st.integers(2, 12))
@settings(max_examples=30)
def test_covariance_is_positive_with_rows_of_sum_zero(
    seed: int, methods: int, pictures: int, raters: int
) -> None:
    tally = crowd(seed, methods, pictures, raters, unsure=0.2).simulate(900).tally()
    covariance = known(tally).covariance
    assert covariance == pytest.approx(covariance.T)
    assert np.abs(covariance.sum(axis=0)).max() < 1e-9
    # One eigenvalue is 0, that of adding a constant to all scores.
    assert np.linalg.eigvalsh(covariance)[1] > 1e-6


def test_independent_judgments_have_the_information_s_covariance() -> None:
    people = crowd(2, 4, 300, 300, taste_sd=0, picture_sd=0, side_sd=0, careless=0)
    tally = people.simulate(40_000).tally()
    wins = tally.wins()
    p = win_probabilities(scores(wins))
    weight = (wins + wins.T) * p * (1 - p)
    inverse = np.linalg.pinv(np.diag(weight.sum(axis=1)) - weight)
    ours = known(tally)
    assert np.sqrt(np.diag(ours.covariance) / np.diag(inverse)) == pytest.approx(1, abs=0.12)
    assert ours.se()[0, 1] == pytest.approx(
        np.sqrt(inverse[0, 0] + inverse[1, 1] - 2 * inverse[0, 1]), rel=0.12
    )


def test_two_methods_agree_with_the_jackknife_by_hand() -> None:
    # 40 raters and 300 pictures, 2 methods: nearly all of it is what raters differ by.
    tally = crowd(3, 2, 300, 40, taste_sd=1.0, picture_sd=0, careless=0).simulate(8000).tally()
    ours = known(tally).se()[0, 1]
    won = np.bincount(tally.by_rater[:, 0], tally.by_rater[:, 3])
    lost = np.bincount(tally.by_rater[:, 0], tally.by_rater[:, 4])
    left_out = np.log((won.sum() - won) / (lost.sum() - lost))
    by_hand = np.sqrt(39 / 40 * ((left_out - left_out.mean()) ** 2).sum())
    assert ours == pytest.approx(by_hand, rel=0.06)


def test_repeating_every_judgment_does_not_narrow_what_raters_disagree_on() -> None:
    tally = crowd(4, 4, 30, 30, taste_sd=0.8, picture_sd=0.8).simulate(20_000)
    once = known(tally.tally()).se()
    raters = [f"r{i}" for i in tally.rater]
    picture, left, right = (list(map(str, c)) for c in (tally.picture, tally.left, tally.right))
    choice = [("left", "right")[i] for i in tally.choice]
    twice = tally_judgments(raters * 2, picture * 2, left * 2, right * 2, choice * 2)
    assert known(twice).se() == pytest.approx(once, rel=0.1)
    # The same judgments again, as if from raters and pictures of their own, do count.
    raters, picture = ([*column, *(f"{name}x" for name in column)] for column in (raters, picture))
    doubled = tally_judgments(raters, picture, left * 2, right * 2, choice * 2)
    assert known(doubled).se() == pytest.approx(once / np.sqrt(2), rel=0.1)


def test_a_copy_of_every_rater_counts_little_where_pictures_differ() -> None:
    alike = {"taste_sd": 0.0, "side_sd": 0.0, "careless": 0.0}
    tally = crowd(5, 4, 30, 30, picture_sd=0.8, **alike).simulate(20_000)
    once = known(tally.tally()).se()
    picture, left, right = (list(map(str, c)) for c in (tally.picture, tally.left, tally.right))
    raters = [f"{mark}{i}" for mark in "rs" for i in tally.rater]
    choice = [("left", "right")[i] for i in tally.choice]
    copied = tally_judgments(raters, picture * 2, left * 2, right * 2, choice * 2)
    i, j = np.triu_indices(4, 1)
    assert (known(copied).se() / once.clip(1e-9))[i, j].min() > 0.9


@given(st.integers(0, 10**6), st.permutations(range(5)))
@settings(max_examples=20)
def test_names_of_methods_change_nothing(seed: int, order: list[int]) -> None:
    data = crowd(seed, 5, 9, 12, unsure=0.2).simulate(700)
    plain = known(data.tally())
    renamed = known(
        tally_codes(
            [f"x{place}" for place in order],
            data.rater,
            data.picture,
            data.left,
            data.right,
            data.choice,
        )
    )
    same = np.ix_(order, order)
    assert renamed.covariance[same] == pytest.approx(plain.covariance, rel=1e-9, abs=1e-12)
    assert renamed.degrees_of_freedom[same] == pytest.approx(plain.degrees_of_freedom, rel=1e-9)


def test_all_ties_leave_a_doubt() -> None:
    raters, pictures = [r for r in "uvwxyz" for _ in range(6)], list("klmnop" * 6)
    tally = tally_judgments(raters, pictures, ["a"] * 36, ["b"] * 36, ["tie"] * 36)
    # By the rule of three a share of 1 - .05^(1/6) = .39 of raters may always decide for one side.
    assert 0.4 < known(tally).se()[0, 1] < 0.6


def test_unequal_shares_lower_the_degrees_of_freedom() -> None:
    trials = [(r, p, c) for r in "uvwxyz" for p in "klmnop" for c in ("left", "right")]
    trials += [("u", p, c) for p in "klmnop" for c in ("left", "right")] * 9
    rater, picture, choice = zip(*trials, strict=True)
    columns = (rater, picture, ["a"] * 180, ["b"] * 180, choice)
    tally = tally_judgments(*columns)
    result = known(tally)
    assert result.raters == pytest.approx(15**2 / (10**2 + 5))
    assert result.pictures == pytest.approx(6)
    assert result.degrees_of_freedom[0, 1] == pytest.approx(1, abs=0.3)
    assert known(tally_judgments(*(list(c)[:72] for c in columns))).degrees_of_freedom[0, 1] > 2


def test_differences_that_rest_on_one_rater_are_marked() -> None:
    trials = [
        (r, p, left, right, c)
        for r in "uvw"
        for p in "klm"
        for left, right in ("ab", "cd")
        for c in ("left", "right")
    ]
    trials += [("u", p, "b", "c", c) for p in "kl" for c in ("left", "right")]
    alone = known(tally_judgments(*zip(*trials, strict=True))).single_cluster
    assert alone[0].tolist() == [False, False, True, True]
    assert alone[2].tolist() == [True, True, False, False]


def _resting_on_one(tally: Tally) -> NDArray[np.bool_]:
    """Return which pairs are no longer linked without some one rater, or some one picture."""
    size = len(tally.methods)
    alone = np.zeros((size, size), bool)
    for table in (tally.by_rater, tally.by_picture):
        for cluster in np.unique(table[:, 0]):
            linked = np.eye(size, dtype=bool)
            for _, first, second, *_ in table[table[:, 0] != cluster]:
                linked[first, second] = linked[second, first] = True
            for _ in range(size):
                linked = linked @ linked
            alone |= ~linked
    return alone


@given(st.data())
@settings(max_examples=40)
def test_differences_that_rest_on_one_are_those_that_leaving_it_out_unlinks(
    data: st.DataObject,
) -> None:
    size = data.draw(st.integers(2, 6))
    number = st.integers(0, 2)
    row = st.tuples(number, number, st.integers(0, size - 1), st.integers(0, size - 1))
    rows = data.draw(st.lists(row.filter(lambda row: row[2] != row[3]), max_size=12))
    # A tie links both ways, and so the chain of all methods does.
    rows += [(data.draw(number), data.draw(number), i, i + 1) for i in range(size - 1)]
    rows += [(0, 0, 0, 1), (1, 1, 0, 1)]
    rater, picture, left, right = np.array(rows).T
    rater, picture = (np.unique(codes, return_inverse=True)[1] for codes in (rater, picture))
    names, ties = [f"m{i}" for i in range(size)], np.full(len(rows), 2)
    tally = tally_codes(names, rater, picture, left, right, ties)
    assert known(tally).single_cluster.tolist() == _resting_on_one(tally).tolist()


def _coverage(runs: int, judgments: int, make: dict[str, float]) -> NDArray[np.float64]:
    """Return the shares of covered differences: ours, and of naive intervals."""
    covered = np.zeros((runs, 2))
    for run in range(runs):
        people = crowd(
            1000 + run,
            8,
            int(make["pictures"]),
            int(make["raters"]),
            **{name: value for name, value in make.items() if name not in ("pictures", "raters")},
        )
        truth, tally = people.population_scores(), people.simulate(judgments).tally()
        score, ours = scores(tally.wins()), known(tally)
        i, j = np.triu_indices(8, 1)
        error = np.abs((score - truth)[i] - (score - truth)[j])
        wins, p = tally.wins(), win_probabilities(score)
        weight = (wins + wins.T) * p * (1 - p)
        inverse = np.linalg.pinv(np.diag(weight.sum(axis=1)) - weight)
        naive = np.sqrt(np.diag(inverse)[i] + np.diag(inverse)[j] - 2 * inverse[i, j])
        reach = stats.t.ppf(0.975, ours.degrees_of_freedom) * ours.se()
        covered[run, 0] = (error <= reach[i, j]).mean()
        covered[run, 1] = (error <= 1.96 * naive).mean()
    shares: NDArray[np.float64] = covered.mean(axis=0)
    return shares


@pytest.mark.parametrize(
    "make",
    [
        {"raters": 30, "pictures": 30, "taste_sd": 0.5, "picture_sd": 0.5},
        {"raters": 40, "pictures": 40, "taste_sd": 0.4, "picture_sd": 0.5, "unsure": 0.2},
        {"raters": 12, "pictures": 60, "taste_sd": 0.4, "picture_sd": 0.3, "careless": 0.0},
        {"raters": 30, "pictures": 30, "taste_sd": 0.0, "picture_sd": 0.0, "careless": 0.0},
    ],
    ids=["both ways", "with ties", "few raters", "independent"],
)
def test_nominal_95_percent_intervals_cover(make: dict[str, float]) -> None:
    ours, naive = _coverage(60, 4000, make)
    # 60 runs of 28 differences leave an error of about .012.
    assert 0.93 <= ours <= 0.99
    if make["taste_sd"]:
        assert naive < 0.85
