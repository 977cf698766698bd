"""Synthetic raters: repeatable, and as alike and as unlike as people."""

from typing import Any, get_args

import numpy as np
import pytest

from ratings.psychometrics.design.heterogeneity import Shape
from ratings.psychometrics.design.simulation import RaterModel, SyntheticCrowd
from ratings.psychometrics.model import davidson
from ratings.psychometrics.model.bradley_terry import scores

METHODS, PICTURES = ["avif", "jp2", "jpeg", "webp"], ["kodim01", "kodim02", "kodim03"]


def crowd(raters: int, seed: int = 1, **changes: Any) -> SyntheticCrowd:
    """Make a crowd of methods and pictures with familiar names."""
    return SyntheticCrowd(
        METHODS, PICTURES, raters, np.random.default_rng(seed), rater_model=RaterModel(**changes)
    )


def test_bad_casts_are_refused() -> None:
    rng = np.random.default_rng(0)
    for methods, pictures, raters, strengths in (
        (["a"], ["p"], 1, None),
        (["a", "a"], ["p"], 1, None),
        (["a", "b"], [], 1, None),
        (["a", "b"], ["p"], 0, None),
        (["a", "b"], ["p"], 1, [1.0]),
    ):
        with pytest.raises(ValueError, match="A crowd needs"):
            SyntheticCrowd(methods, pictures, raters, rng, strengths)


def test_the_same_seed_gives_the_same_answers() -> None:
    answers = [
        [one.answer(i % 5, "kodim02", "jpeg", "webp") for i in range(50)]
        for one in (crowd(5, 7), crowd(5, 7), crowd(5, 8))
    ]
    assert answers[0] == answers[1] != answers[2]
    assert {choice for choice, _ in answers[0]} <= {"left", "right"}


def test_pictures_go_by_name_or_number() -> None:
    by_name, by_number = crowd(3), crowd(3)
    assert by_name.answer(2, "kodim03", "avif", "jpeg") == by_number.answer(2, 2, "avif", "jpeg")


def test_response_times_are_human() -> None:
    simulated = crowd(300, careless=0).simulate(20_000)
    assert 4_800 < np.median(simulated.response_ms) < 6_500
    assert simulated.response_ms.min() > 100
    # Raters grow faster.
    assert np.median(simulated.response_ms[:2000]) > 1.1 * np.median(simulated.response_ms[-2000:])


def test_two_careful_raters_disagree_about_a_quarter_of_the_time() -> None:
    disagreed = []
    for seed in range(40):
        people, rng = crowd(40, seed, careless=0), np.random.default_rng(seed)
        rater, picture = rng.integers(0, 39, 2000), rng.integers(0, 3, 2000)
        left = rng.integers(0, 4, 2000)
        right = (left + rng.integers(1, 4, 2000)) % 4
        one, _ = people.answers(rater, picture, left, right)
        other, _ = people.answers(rater + 1, picture, left, right)
        disagreed.append((one != other).mean())
    assert 0.22 < np.mean(disagreed) < 0.32


def test_careless_raters_flip_a_coin_and_lean_to_a_side() -> None:
    people = crowd(400, careless=1)
    assert people.careless.all()
    rater = np.repeat(np.arange(400), 30)
    left, right, picture = np.zeros_like(rater), np.ones_like(rater), np.zeros_like(rater)
    once, response_ms = people.answers(rater, picture, left, right)
    mirrored, _ = people.answers(rater, picture, right, left)
    assert 0.45 < (once == 0).mean() < 0.55
    assert 0.39 <= (once != mirrored).mean() <= 0.48
    assert np.median(response_ms) < 4_000


def test_ties_come_where_they_are_allowed() -> None:
    equal = SyntheticCrowd(
        METHODS,
        PICTURES,
        50,
        np.random.default_rng(3),
        strengths=[0, 0, 0, 0],
        rater_model=RaterModel(taste_sd=0, picture_sd=0, unsure=0.25),
    )
    assert (equal.simulate(20_000).choice == 2).mean() == pytest.approx(0.25, abs=0.015)
    assert (crowd(9).simulate(5_000).choice < 2).all()


@pytest.mark.parametrize("taste", get_args(Shape))
def test_endless_judgments_would_give_the_population_scores(taste: Shape) -> None:
    people = SyntheticCrowd(
        METHODS,
        [f"p{i}" for i in range(3000)],
        6000,
        np.random.default_rng(4),
        strengths=[1.5, -1, 0.5, -1],
        rater_model=RaterModel(careless=0.2, unsure=0.2, taste_sd=0.6, taste=taste),
    )
    tally = people.simulate(400_000).tally()
    ours = scores(tally.wins())
    assert ours == pytest.approx(people.population_scores(), abs=0.03)
    by_davidson = davidson.fit_davidson(tally.wins() - tally.ties() / 2, tally.ties()).score
    assert by_davidson == pytest.approx(people.population_scores("davidson"), abs=0.035)
    # Averaging pulls scores together.
    assert np.ptp(ours) < 2.2


def test_raters_who_see_differences_unequally_well_blur_the_population_s_scores() -> None:
    model = RaterModel(0.3, 0.3, careless=0, lapse=0, sensitivity_sd=0.7)
    people = SyntheticCrowd(
        METHODS,
        [f"p{i}" for i in range(2000)],
        5000,
        np.random.default_rng(4),
        strengths=[1.5, -1, 0.5, -1],
        rater_model=model,
    )
    ours = scores(people.simulate(200_000).tally().wins())
    assert ours == pytest.approx(people.population_scores(), abs=0.04)


def test_unknown_tastes_are_refused() -> None:
    model = RaterModel(taste="sour")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"one of normal, .*, not 'sour'"):
        SyntheticCrowd(METHODS, PICTURES, 3, np.random.default_rng(0), None, model)


def test_plain_checks_are_right_but_for_slips() -> None:
    rater_model = RaterModel(careless=0, lapse=0.1)
    crowd = SyntheticCrowd(["a", "b"], ["p"], 20, np.random.default_rng(3), rater_model=rater_model)
    asked = [(number % 20, ("left", "right")[number % 2]) for number in range(2000)]
    right = [crowd.check(rater, side)[0] == side for rater, side in asked]
    # A slip is a coin flip, pulled a little to a rater's own side.
    assert np.mean(right) == pytest.approx(0.95, abs=0.02)
    careless = SyntheticCrowd(
        ["a", "b"], ["p"], 20, np.random.default_rng(3), rater_model=RaterModel(careless=1)
    )
    assert np.mean([careless.check(rater, side)[0] == side for rater, side in asked]) < 0.6


def test_careful_raters_flip_more_the_longer_they_look() -> None:
    crowd = SyntheticCrowd(["a", "b"], ["p"], 200, np.random.default_rng(4))
    careless = int(np.argmax(crowd.careless))
    careful = int(np.argmin(crowd.careless))
    assert crowd.careless[careless] and not crowd.careless[careful]
    short, long = ([crowd.flips(careful, ms) for _ in range(500)] for ms in (2000, 10_000))
    assert min(short) >= 1
    assert np.mean(short) == pytest.approx(2.2, abs=0.3)
    assert np.mean(long) == pytest.approx(7, abs=0.6)
    hasty = [crowd.flips(careless, 2000) for _ in range(500)]
    assert min(hasty) == 0
    assert np.mean(hasty) == pytest.approx(0.8, abs=0.2)
