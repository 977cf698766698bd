"""Scores with covariates: the likeliest ones, and honest where nothing can be told."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special

from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.counts.circumstances import (
    Circumstances,
    Confounded,
    adjustable,
    classes,
    mix_weights,
)
from ratings.psychometrics.counts.judgment_arrays import JudgmentArrays
from ratings.psychometrics.inference.adjusting import Adjusted, fit_adjusted
from ratings.psychometrics.inference.fitting import fit, ranking_table
from ratings.psychometrics.model.adjusted import Rows, maximum, untangled
from tests.psychometrics.crowds import changed, judged

METHODS, PICTURES = 4, 12
START = np.linspace(-0.5, 0.5, METHODS)


def rows(seed: int, size: int = 150, sides: int = 1, states: int = 1) -> Rows:
    """Return judgments whose covariates act on them, ties among them."""
    rng = np.random.default_rng(seed)
    left = rng.integers(0, METHODS, size)
    right = (left + rng.integers(1, METHODS, size)) % METHODS
    known = rng.normal(0, 1, (size, sides)), rng.normal(0, 1, (size, states))
    score = np.linspace(-1, 1, METHODS)
    odds = np.exp(known[1] @ np.full(states, 0.3)) * (score[left] - score[right])
    won = rng.random(size) < special.expit(odds + known[0] @ np.full(sides, 0.5))
    points = np.asarray(np.where(rng.random(size) < 0.1, 0.5, won), np.float64)
    weight = np.asarray(rng.integers(1, 4, size), np.float64)
    return Rows(METHODS, left, right, points, weight, *known)


@given(st.integers(0, 10_000), st.integers(0, 2), st.integers(0, 1))
@settings(max_examples=8, deadline=None)
def test_the_maximum_is_that_of_a_general_optimizer(seed: int, sides: int, states: int) -> None:
    some = rows(seed, sides=sides, states=states)

    def loss(free: FloatArray) -> float:
        score = np.append(free[: METHODS - 1], -free[: METHODS - 1].sum())
        side, state = np.split(free[METHODS - 1 :], [sides])
        apart = score[some.left] - score[some.right]
        odds = np.exp(some.states @ state) * apart + some.sides @ side
        return float(some.weight @ (np.logaddexp(0, odds) - some.points * odds))

    free = np.zeros(METHODS - 1 + sides + states)
    found = optimize.minimize(loss, free, method="BFGS", options={"gtol": 1e-7})
    point = maximum(some, START)
    assert np.delete(point, METHODS - 1) == pytest.approx(found.x, abs=2e-4)
    assert some.log_likelihood(point) >= -found.fun - 1e-9


def test_a_weight_is_that_many_judgments() -> None:
    some = rows(1)
    times = some.weight.astype(int)
    names = ("left", "right", "points", "sides", "states")
    each = {name: np.repeat(getattr(some, name), times, axis=0) for name in names}
    apart = Rows(methods=METHODS, weight=np.ones(times.sum()), **each)
    assert maximum(apart, START) == pytest.approx(maximum(some, START), abs=1e-8)


def test_sides_and_labels_change_nothing() -> None:
    some, start = rows(2), START
    point = maximum(some, start)
    lost = np.asarray(1 - some.points, np.float64)
    mirrored = replace(some, left=some.right, right=some.left, points=lost, sides=-some.sides)
    assert maximum(mirrored, start) == pytest.approx(point, abs=1e-8)
    other = np.array([2, 0, 3, 1])
    renamed = maximum(replace(some, left=other[some.left], right=other[some.right]), start[::-1])
    assert renamed[other] == pytest.approx(point[:METHODS], abs=1e-8)
    assert renamed[METHODS:] == pytest.approx(point[METHODS:], abs=1e-8)


def test_what_methods_say_of_a_covariate_is_taken_off() -> None:
    some = rows(3, sides=2, states=0)
    own = np.array([0.5, -1, 2, 0.3])
    tied = own[some.left] - own[some.right]
    shares = untangled(
        replace(some, sides=np.column_stack([tied, some.sides[:, 0]])), np.zeros(METHODS)
    )
    assert shares[0] == pytest.approx(0, abs=1e-9) and shares[1] > 0.8


def test_a_likelihood_without_a_maximum_is_refused() -> None:
    some = rows(4, states=0)
    with pytest.raises(ArithmeticError, match="without end"):
        maximum(
            replace(some, points=np.asarray(some.sides[:, 0] > 0, np.float64)), np.zeros(METHODS)
        )


@pytest.fixture(scope="module")
def judgments() -> JudgmentArrays:
    return judged(1, raters=12, each=40, methods=METHODS, pictures=PICTURES)


def spent(judgments: JudgmentArrays, bytes_of: FloatArray) -> Circumstances:
    """Return lengths of bitstreams by picture and method."""
    whole = np.rint(bytes_of).astype(np.int64)
    left, right = (whole[judgments.image, side] for side in (judgments.left, judgments.right))
    return Circumstances(left_bytes=left, right_bytes=right)


def known(judgments: JudgmentArrays) -> Circumstances:
    """Return circumstances that go with nothing."""
    rng = np.random.default_rng(5)
    there = spent(judgments, 1000 * 2 ** rng.normal(0, 0.5, (PICTURES, METHODS)))
    stratum = np.where(judgments.image < 3, "d/drawing", "d/photo")
    return replace(
        there,
        number=rng.integers(1, 80, len(judgments)),
        layout=classes(rng.choice(["flip beside", "flip single"], len(judgments))),
        device=classes(np.where(judgments.rater < 4, "phone", "larger")),
        stratum=classes(stratum),
        stratum_pictures=np.where(judgments.image < 3, 3, 9),
        dataset_pictures=np.full(len(judgments), 12),
    )


def figures(made: Adjusted) -> list[float]:
    effects = [(one.estimate, one.se or 0, one.ci_low or 0) for one in made.effects]
    rows = [(row.score or 0, row.se or 0, row.band_low or 0) for row in made.fit.rows]
    return np.ravel([*effects, *rows]).tolist()


def test_adjusted_for_nothing_it_is_the_published_ranking(judgments: JudgmentArrays) -> None:
    plain, made = fit(judgments.tally()), fit_adjusted(judgments, Circumstances(), ())
    assert ranking_table(made.fit) == ranking_table(plain)
    said = [
        [(one.first, one.second, one.told_apart) for one in result.differences]
        for result in (made.fit, plain)
    ]
    assert said[0] == said[1]


def test_the_order_of_judgments_changes_nothing(judgments: JudgmentArrays) -> None:
    there, names = known(judgments), adjustable(["device", "rate", "fatigue", "strata", "layout"])
    mixed = np.random.default_rng(6).permutation(len(judgments))
    made = fit_adjusted(judgments, there, names)
    again = fit_adjusted(judgments.where(mixed), there.where(mixed), names)
    assert figures(again) == pytest.approx(figures(made), abs=1e-7)
    assert again.fit.input_sha256 == made.fit.input_sha256
    assert [one.name for one in made.effects] == [
        *("rate", "fatigue", "layout flip single", "device phone"),
    ]
    assert fit_adjusted(judgments, there, ("rate",)).fit.input_sha256 != made.fit.input_sha256


def test_a_liking_for_bytes_is_taken_out(judgments: JudgmentArrays) -> None:
    rng = np.random.default_rng(7)
    own = np.array([0.8, 0.3, -0.3, -0.8]) + rng.normal(0, 0.7, (PICTURES, METHODS))
    there = spent(judgments, 5000 * 2**own)
    place, sides = judgments.image, (judgments.left, judgments.right)
    odds = 2 * (own[place, sides[0]] - own[place, sides[1]])
    won = rng.random(len(judgments)) < special.expit(odds)
    liked = changed(judgments, choice=1 - won.astype(np.int64))
    made = fit_adjusted(liked, there, ("rate",))
    (effect,) = made.effects
    assert effect.estimate == pytest.approx(2, abs=0.4) and (effect.p_value or 1) < 1e-3
    plain = [row.score or 0 for row in fit(liked.tally()).rows]
    assert np.ptp(plain) > 1.5 and np.ptp([row.score or 0 for row in made.fit.rows]) < 0.8


def cluster_robust_error(judgments: JudgmentArrays, side: FloatArray) -> float:
    """Return the error of what `side` adds to the log odds, by the sandwich (CR2) of two ways."""
    among = np.eye(METHODS)
    x = np.column_stack([(among[judgments.left] - among[judgments.right])[:, 1:], side])
    point = np.zeros(METHODS)
    for _ in range(30):
        chance = special.expit(x @ point)
        noise = chance * (1 - chance)
        surprise = (judgments.choice == 0) - chance
        information = x.T @ (noise[:, None] * x)
        point += np.linalg.solve(information, x.T @ surprise)
    z = np.linalg.solve(np.linalg.cholesky(information), x.T).T
    meat = -(z * surprise[:, None] ** 2).T @ z
    for clusters in (judgments.rater, judgments.image):
        for one in np.unique(clusters):
            some = clusters == one
            pull, vectors = np.linalg.eigh(z[some].T @ (noise[some, None] * z[some]))
            moved = vectors @ (vectors.T @ z[some].T @ surprise[some] / np.sqrt(1 - pull))
            meat += np.outer(moved, moved)
    back = np.linalg.inv(np.linalg.cholesky(information))[:, -1]
    return float(np.sqrt(back @ meat @ back))


def test_an_effect_is_as_sure_as_clusters_show_whatever_their_tastes_are() -> None:
    # Strong tastes about methods say nothing about how raters differ in their liking for the left.
    crowd = judged(3, raters=12, each=60, methods=METHODS, pictures=PICTURES)
    tastes = np.random.default_rng(4).normal(0, 1.5, (12, METHODS))
    place = crowd.rater
    odds = tastes[place, crowd.left] - tastes[place, crowd.right] + 0.5
    lost = np.random.default_rng(5).random(len(crowd)) > special.expit(odds)
    sided = changed(crowd, choice=lost.astype(np.int64))
    (effect,) = fit_adjusted(sided, Circumstances(), ("position",)).effects
    assert effect.se == pytest.approx(cluster_robust_error(sided, np.ones(len(sided))), rel=1e-6)


def test_taking_out_what_goes_with_nothing_leaves_scores_as_sure() -> None:
    # Each judgment once more with its sides swapped: nobody likes a side, nor does it go with any
    # method. There are few clusters, so that errors rest on what tastes are, pooled.
    crowd = judged(3, raters=12, each=60, methods=METHODS, pictures=PICTURES, taste_sd=1.5)
    left, right = crowd.left, crowd.right
    swapped = changed(crowd, left=right, right=left, choice=1 - crowd.choice)
    columns = ("rater", "image", "shown", "left", "right", "choice")
    twice = {
        name: np.append(getattr(crowd, name), getattr(swapped, name)).astype(np.int64)
        for name in columns
    }
    both = changed(crowd, **twice, response_ms=None, judged_at=None)
    plain = fit(both.tally())
    made = fit_adjusted(both, Circumstances(), ("position",)).fit
    for one, other in zip(made.rows, plain.rows, strict=True):
        assert one.score == pytest.approx(other.score, abs=1e-8)
        assert one.se == pytest.approx(other.se, rel=0.03)


def test_confounded_designs_are_refused_with_words(judgments: JudgmentArrays) -> None:
    there, size = known(judgments), len(judgments)
    budget = np.linspace(1e6, 9e6, PICTURES)
    tied = spent(judgments, np.outer(budget, [1.0, 2.0, 3.0, 5.0]))
    first = np.minimum(judgments.left, judgments.right)
    pair = changed(judgments, left=first, right=np.maximum(judgments.left, judgments.right))
    two = pair.among([0, 1])
    alone = classes(["phone" if rater == 3 else "larger" for rater in judgments.rater])
    gap = replace(there, stratum_pictures=np.where(judgments.image < 3, 3, 8))
    assert there.number is not None
    missing = np.where(np.arange(size) < 5, 0, there.number)
    cases = [
        (judgments, tied, "rate", "the same share more bytes"),
        (judgments, spent(judgments, np.full((PICTURES, METHODS), 9.0)), "rate", "equally many"),
        (judgments, Circumstances(), "rate", "is not known"),
        (two, Circumstances(), "position", "stands on the same side"),
        (judgments, replace(there, number=missing), "fatigue", f"missing in 5 of {size}"),
        (judgments, replace(there, layout=classes(["flip"] * size)), "layout", "too few"),
        (judgments, replace(there, device=alone), "device", "only one rater has phone"),
        (judgments, gap, "strata", "hold 1 of the 12 pictures of data set 'd'"),
        (judgments, replace(there, stratum=classes(["d/a"] * size)), "strata", "one stratum"),
    ]
    for judged_, circumstances, name, words in cases:
        with pytest.raises(Confounded, match=words) as refused:
            fit_adjusted(judged_, circumstances, (name,))
        assert refused.value.name == name


def test_one_rater_has_effects_without_errors() -> None:
    alone = judged(1, raters=1, each=400, methods=3, pictures=8, random=1)
    made = fit_adjusted(alone, Circumstances(), ("position",))
    assert made.effects[0].se is None and made.fit.covariance is None


def test_strata_get_the_pictures_mix(judgments: JudgmentArrays) -> None:
    weight = mix_weights(known(judgments))
    drawn = judgments.image < 3
    assert weight[drawn].sum() / weight.sum() == pytest.approx(3 / 12)
    assert weight.mean() == pytest.approx(1)


def test_names_are_known_and_in_one_order() -> None:
    assert adjustable(["strata", "rate", "rate"]) == ("rate", "strata")
    with pytest.raises(ValueError, match="adjusted for 'bytes'; it can for rate, position"):
        adjustable(["bytes"])
