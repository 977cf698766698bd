"""Whether a study has fallen silent, by its own rhythm."""

import numpy as np
import pytest
from scipy.stats import nbinom

from ratings.psychometrics.arrays import FloatArray, IntArray
from ratings.psychometrics.raters.silence import DAY, HOUR, RARE, find_silence

MORNING, NIGHT = 9 * HOUR, 22 * HOUR


def days(count: int, raters: int) -> tuple[IntArray, FloatArray]:
    """Return one answer each of so many raters a day, between 9 and 22 h."""
    at = [
        day * DAY + MORNING + (NIGHT - MORNING) * (number + 0.5) / raters
        for day in range(count)
        for number in range(raters)
    ]
    return np.arange(len(at)), np.array(at)


def test_nothing_is_said_of_a_study_without_answers_or_in_its_first_quiet_hour() -> None:
    none = np.array([], np.int64), np.array([], np.float64)
    assert find_silence(*none, 0) is None
    rater, at = days(1, 500)
    assert find_silence(rater, at, at[-1] + HOUR - 1) is None
    assert find_silence(rater, at, at[-1] + 2 * HOUR) is not None


def test_nights_are_no_silence_and_a_quiet_morning_is_one() -> None:
    rater, at = days(7, 60)
    assert find_silence(rater, at, 7 * DAY + MORNING) is None
    found = find_silence(rater, at, 7 * DAY + MORNING + 2 * HOUR)
    assert found and found.usual_raters == pytest.approx(10, abs=2)
    assert found.seconds == pytest.approx(13 * HOUR, abs=HOUR)


def test_a_study_that_few_come_to_may_be_quiet_for_longer() -> None:
    rater, at = days(7, 3)
    assert find_silence(rater, at, 7 * DAY + NIGHT) is None
    found = find_silence(rater, at, 10 * DAY + NIGHT)
    assert found and found.seconds > 2 * DAY


def test_the_chance_is_the_negative_binomial_predictive_distributions() -> None:
    rater, at = days(7, 60)
    found = find_silence(rater, at, 7 * DAY + MORNING + 2 * HOUR)
    assert found
    count = round(found.usual_raters * 6)
    assert found.chance == pytest.approx(nbinom(count, 6 / 7).pmf(0), rel=1e-9)
    assert found.chance <= RARE


def test_one_rater_who_gave_all_answers_is_one_rater() -> None:
    _, at = days(1, 500)
    assert find_silence(np.zeros(500, np.int64), at, at[-1] + 5 * HOUR) is None
