"""Where methods stand: order, shared ranks, half-widths, and what has no error."""

import numpy as np
import pytest
from scipy import stats

from ratings.psychometrics.counts.tally import Tally, tally_counts, tally_judgments
from ratings.psychometrics.inference.intervals import uncertainty
from ratings.psychometrics.inference.standing import standing
from ratings.psychometrics.model import bradley_terry, davidson
from tests.psychometrics.crowds import judged


@pytest.fixture(scope="module")
def tally() -> Tally:
    """Return judgments of a crowd that sees much alike, so that most methods differ."""
    return judged(5, raters=30, each=80, unsure=0.2).tally()


def test_methods_come_by_score_with_their_covariance(tally: Tally) -> None:
    score = bradley_terry.scores(tally.wins())
    known = uncertainty(tally, score)
    assert known is not None
    order = np.argsort(-score)
    ours = standing(tally, 0.95)
    assert ours.methods == tuple(tally.methods[i] for i in order)
    assert ours.score == pytest.approx(score[order]) and ours.rank == [1, 2, 3, 4, 5, 6]
    variance = known.covariance[np.ix_(order, order)]
    own = np.diag(variance)
    assert np.diag(ours.se) == pytest.approx(np.sqrt(own))
    assert ours.se[0, 4] == pytest.approx(np.sqrt(own[0] + own[4] - 2 * variance[0, 4]))
    assert ours.dof == pytest.approx(np.diag(known.degrees_of_freedom)[order])


def test_half_widths_are_student_ts(tally: Tally) -> None:
    ours = standing(tally, 0.9)
    assert np.diag(ours.half_width) == pytest.approx(np.diag(ours.se) * stats.t.ppf(0.95, ours.dof))
    # Holding all scores at once takes more, and less than each alone at the shared error.
    shared = np.diag(ours.se) * stats.t.ppf(1 - 0.05 / 6, ours.dof)
    assert (ours.simultaneous_half_width > np.diag(ours.half_width)).all()
    assert (ours.simultaneous_half_width < 1.05 * shared).all()


def test_distinguishable_pairs_have_intervals_without_0_and_fewer_at_a_stricter_level(
    tally: Tally,
) -> None:
    ours = standing(tally, 0.95)
    assert ours.distinguishable.any() and (ours.distinguishable == ours.distinguishable.T).all()
    first, second = np.nonzero(np.triu(ours.distinguishable))
    lead = ours.score[first] - ours.score[second]
    assert (lead > ours.half_width[first, second]).all()
    strict = standing(tally, 0.95, pairwise_level=1 - 1e-9)
    assert (strict.distinguishable <= ours.distinguishable).all()
    assert strict.distinguishable.sum() < ours.distinguishable.sum()
    assert (strict.half_width == ours.half_width).all()


def test_equal_scores_share_the_best_rank_by_label() -> None:
    rows = [
        [cluster, i, j, 1 + (i == 0), 1, 0]
        for cluster in range(4)
        for i, j in ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))
    ]
    ours = standing(tally_counts(["best", "c", "b", "a"], rows, rows), 0.95)
    assert ours.methods == ("best", "a", "b", "c") and ours.rank == [1, 2, 2, 2]


def test_davidsons_tie_parameter_is_that_of_its_fit(tally: Tally) -> None:
    fitted = davidson.fit_davidson(tally.wins() - tally.ties() / 2, tally.ties())
    ours = standing(tally, 0.95, "davidson")
    assert ours.tie == pytest.approx(fitted.tie)
    assert ours.score == pytest.approx(np.sort(fitted.score)[::-1])
    assert standing(tally, 0.95).tie is None


def test_without_a_finite_tie_parameter_ties_are_half_wins() -> None:
    trials = [(r, p, "a", "b", "tie") for r in "uv" for p in "kl"]
    ours = standing(tally_judgments(*zip(*trials, strict=True)), 0.95, "davidson")
    assert ours.tie is None and "half wins" in ours.notes[0]


def test_a_single_rater_gives_no_error_and_a_note() -> None:
    trials = [("r", p, "a", "b", c) for p in "kl" for c in ("left", "right")]
    ours = standing(tally_judgments(*zip(*trials, strict=True)), 0.95)
    assert ours.uncertainty is None and "single rater" in ours.notes[0]
    assert np.isnan([*ours.se.ravel(), *ours.dof, *ours.simultaneous_half_width]).all()
    assert not ours.distinguishable.any()


def test_no_methods_stand_nowhere() -> None:
    ours = standing(judged(1).tally().keep(()), 0.95)
    assert ours.methods == () and ours.rank == [] and ours.notes == ()
