"""The look ahead: what its formula promises, and what a simulated study then needs."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import special

from ratings.psychometrics.counts.tally import tally_judgments
from ratings.psychometrics.design.floor import Floor
from ratings.psychometrics.design.projection import Look, Neighbours, projection
from ratings.psychometrics.inference.fitting import Fit, fit

POSITIVE = st.floats(1e-3, 10)


def look(judgments: int, gaps: list[float], square: float) -> Look:
    """Return a ranking whose neighbours all have one squared error."""
    scores = -np.concatenate([[0.0], np.cumsum(gaps)])
    names = [f"m{number}" for number in range(len(scores))]
    return Look(judgments, names, scores.tolist(), np.eye(len(scores)) * square / 2)


@given(st.lists(POSITIVE, min_size=1, max_size=6), POSITIVE, POSITIVE, st.integers(20, 10_000))
def test_the_promised_number_brings_the_error_down_to_what_is_needed(
    gaps: list[float], a: float, b: float, judgments: int
) -> None:
    squares = {n: a + b / n for n in (judgments, judgments // 2)}
    assume(b / judgments > 1e-4 * a)  # else rounding alone decides
    earlier = look(judgments // 2, gaps, squares[judgments // 2])
    forecast = projection(look(judgments, gaps, squares[judgments]), [earlier], [])
    assert forecast.floor == pytest.approx(a / squares[judgments], rel=1e-3, abs=1e-6)
    z = special.ndtri(1 - 0.05 / len(gaps))
    for neighbour, gap in zip(forecast.neighbours, gaps, strict=True):
        assert neighbour.difference == pytest.approx(gap)
        if neighbour.more is None:
            assert gap / z <= math.sqrt(a) * 1.01 or b / ((gap / z) ** 2 - a) > 99 * judgments
        elif neighbour.more > 1:
            error = math.sqrt(a + b / (judgments + neighbour.more))
            assert gap / error == pytest.approx(z, rel=0.05)


def test_what_is_told_apart_needs_nothing_and_the_rest_decides() -> None:
    now = look(1000, [2.0, 0.1], 0.01)
    forecast = projection(now, [], [("m0", "m1")])
    assert [neighbour.more == 0 for neighbour in forecast.neighbours] == [True, False]
    z = special.ndtri(1 - 0.05 / 2)
    assert forecast.more == math.ceil(1000 * 0.01 / (0.1 / z) ** 2 - 1000)
    assert forecast.floor is None
    assert projection(now, [look(900, [2.0, 0.1], 0.02)], []).floor is None  # too near to tell


def test_equal_scores_are_never_told_apart() -> None:
    forecast = projection(look(100, [0.0, 1.0], 0.01), [], [])
    assert forecast.neighbours[0].more is None
    assert (forecast.equal, forecast.more) == (1, forecast.neighbours[1].more)


def test_a_number_beyond_what_can_be_meant_is_none() -> None:
    z = special.ndtri(0.95)
    for times, is_told in ((99, True), (101, False)):
        gap = z * math.sqrt(0.01 / times)
        (neighbours,) = projection(look(1000, [gap], 0.01), [], []).neighbours
        assert (neighbours.more is not None) == is_told


def test_what_raters_or_pictures_hide_is_said() -> None:
    now = look(1000, [0.2], 0.03)
    wanted = (0.2 / special.ndtri(0.95)) ** 2
    half, twice = wanted / 4, wanted

    def ahead(left: Floor, *earlier: Look) -> Neighbours:
        return projection(now, earlier, [], left=left).neighbours[0]

    by_pictures = ahead(Floor(raters=2 * twice, pictures=twice))
    assert (by_pictures.more, by_pictures.lacking) == (None, "pictures")
    # What these raters hide others may show, unless the errors have stopped to fall.
    assert ahead(Floor(raters=twice, pictures=half)).more
    still = look(400, [0.2], 0.03)
    for left, lacking in (
        (Floor(raters=twice, pictures=half), "raters"),
        (Floor(raters=half / 2, pictures=half), "pictures"),
        (Floor(), None),
    ):
        stuck = ahead(left, still)
        assert (stuck.more, stuck.lacking) == (None, lacking)
    told = projection(now, [still], [("m0", "m1")], left=Floor(twice, twice)).neighbours[0]
    assert (told.more, told.lacking) == (0, None)


def test_what_is_practically_equal_lacks_nothing() -> None:
    forecast = projection(look(100, [0.0, 1.0], 0.01), [], [], left=Floor(1.0, 1.0))
    assert [pair.lacking for pair in forecast.neighbours] == [None, "pictures"]
    assert (forecast.equal, forecast.lack("pictures"), forecast.lack("raters")) == (1, 1, 0)


def test_an_earlier_look_without_one_of_the_methods_tells_nothing() -> None:
    earlier = Look(40, ["m0", "other"], [0, -1], np.eye(2))
    assert projection(look(100, [1.0], 0.01), [earlier], []).floor is None


def test_fewer_than_two_methods_have_no_neighbours() -> None:
    forecast = projection(look(100, [], 0.01), [], [])
    assert forecast.neighbours == () and forecast.more == 0


def judged(judgments: int, gap: float, seed: int) -> Fit:
    """Return the fit of four methods, `gap` apart, judged by sixty raters on sixty pictures."""
    rng = np.random.default_rng(seed)
    pairs = rng.permuted(np.tile(np.arange(4), (judgments, 1)), axis=1)[:, :2]
    left = rng.random(judgments) < special.expit(gap * (pairs[:, 1] - pairs[:, 0]))
    names = [f"m{number}" for number in range(4)]
    return fit(
        tally_judgments(
            [f"r{n}" for n in rng.integers(0, 60, judgments)],
            [f"p{n}" for n in rng.integers(0, 60, judgments)],
            [names[n] for n in pairs[:, 0]],
            [names[n] for n in pairs[:, 1]],
            ["left" if won else "right" for won in left],
        )
    )


def test_studies_need_about_what_was_promised() -> None:
    """The median promise after 400 judgments, kept: then about half of the studies are there."""
    promised = []
    for seed in range(24):
        judgments = judged(400, 0.35, seed)
        rows = [row for row in judgments.rows if row.rank is not None]
        assert judgments.covariance is not None
        now = Look(
            400, [r.method for r in rows], [r.score or 0 for r in rows], judgments.covariance
        )
        ahead = projection(now, [], [])
        promised += [400 + (neighbour.more or 10**6) for neighbour in ahead.neighbours]
    needed = int(np.median(promised))
    apart = [
        difference.told_apart
        for seed in range(100, 124)
        for difference in judged(needed, 0.35, seed).differences
        if abs(int(difference.first[1]) - int(difference.second[1])) == 1
    ]
    assert 0.25 < np.mean(apart) < 0.85
