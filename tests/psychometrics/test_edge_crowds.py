"""The crowds at the edges are what their names say, and intervals hold of them."""

import numpy as np
import pytest

from benchmarks.edge_crowds import Edge, Late, heavy, judged, normal, skewed, spiky, truth
from benchmarks.edges import held
from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.model.bradley_terry import scores

SMALL = Edge("small", 12, 10, 5, 3_000)


def by_cluster(tally: Tally, way: str, method: int | None = None) -> list[int]:
    """Return the judgments of raters or pictures, most first, of one method where it is given."""
    table = tally.by_rater if way == "rater" else tally.by_picture
    rows = table if method is None else table[(table[:, 1:3] == method).any(axis=1)]
    counts = np.bincount(rows[:, 0], rows[:, 3:].sum(axis=1)).tolist()
    return sorted((int(count) for count in counts if count), reverse=True)


@pytest.mark.parametrize("draw", [normal, heavy, skewed, spiky])
def test_effects_have_mean_0_and_variance_1(draw: object) -> None:
    assert callable(draw)
    effects = draw(np.random.default_rng(2), (1_000, 400))
    assert effects.mean() == pytest.approx(0, abs=0.01)
    assert effects.std() == pytest.approx(1, abs=0.05)


def test_shares_and_late_methods_are_as_asked() -> None:
    one = Edge("one", 10, 8, 5, 20_000, first_rater=0.3, first_picture=0.4)
    assert by_cluster(judged(one, 1), "rater")[0] == pytest.approx(6_000, abs=300)
    assert by_cluster(judged(one, 1), "picture")[0] == pytest.approx(8_000, abs=300)
    late = Edge("late", 40, 40, 6, 4_000, late=Late(200, raters=2, pictures=3))
    for way, clusters in (("rater", 2), ("picture", 3)):
        counts = by_cluster(judged(late, 1), way, method=5)
        assert len(counts) == clusters and sum(counts) == 200


def test_the_truth_is_what_endless_judgments_give() -> None:
    endless = Edge("endless", 600, 600, 5, 60_000, tastes=skewed)
    assert scores(judged(endless, 3).wins()) == pytest.approx(truth(endless), abs=0.1)


def test_what_is_held_is_counted_pair_by_pair() -> None:
    tally = judged(SMALL, 1)
    right = held(tally, scores(tally.wins()))
    assert right is not None
    assert right.holds.all() and right.single == 1 and right.band and not right.wrong
    reverse = held(tally, -10 * scores(tally.wins()))
    assert reverse is not None
    assert not reverse.holds.any() and not reverse.band and reverse.wrong
    assert reverse.error == pytest.approx(
        11 * np.subtract.outer(*[scores(tally.wins())] * 2)[np.triu_indices(5, 1)]
    )
