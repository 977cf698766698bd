"""The report on raters: everything in one place, and never an error on valid judgments."""

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ratings.psychometrics.arrays import narrow
from ratings.psychometrics.counts.judgment_arrays import JudgmentArrays, judgment_arrays
from ratings.psychometrics.model.bradley_terry import scores
from ratings.psychometrics.raters.rater_report import rater_report
from tests.psychometrics.crowds import changed, judged, of

NAMES = st.sampled_from("abc")
ROWS = st.lists(st.tuples(NAMES, NAMES, NAMES, NAMES, st.sampled_from(["left", "right", "tie"])))


@given(ROWS, st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_judgments_have_a_report(rows: list[tuple[str, ...]], timed: bool) -> None:
    rows = [row for row in rows if row[2] != row[3]]
    columns: list[Any] = [[row[place] for row in rows] for place in range(5)]
    times: dict[str, Any] = (
        {"response_ms": [0] * len(rows), "judged_at": [1] * len(rows)} if timed else {}
    )
    report = rater_report(judgment_arrays(*columns, **(times if timed else {})))
    assert sum(row.judgments for row in report.raters) == len(rows)
    assert sum(row.judgments for row in report.pictures) == len(rows)
    for row in report.raters:
        if row.reliability is not None:
            assert row.reliability_low is not None and row.reliability_high is not None
            assert 0 <= row.reliability_low <= row.reliability_high <= 1
        assert (row.influence is None) == (row.moved is None)


def test_flagged_raters_come_first_then_the_influential() -> None:
    judgments = judged(1)
    choice = judgments.choice.copy()
    choice[of(judgments, 4)] = 0
    report = rater_report(changed(judgments, choice=choice))
    assert report.raters[0].rater == "r004" and report.raters[0].left_share == 1
    others = [row.influence or 0.0 for row in report.raters if not row.flags]
    assert others == sorted(others, reverse=True)
    pictures = [row.influence or 0.0 for row in report.pictures]
    assert pictures == sorted(pictures, reverse=True)
    assert report.position_bias is not None and report.agreement is not None and report.notes == ()


def test_the_second_fit_stands_beside_the_plain_one() -> None:
    judgments = judged(2, random=10)
    report = rater_report(judgments)
    plain = scores(judgments.tally().wins())
    assert [row.score for row in report.second] == pytest.approx(sorted(plain, reverse=True))
    assert [row.rank for row in report.second] == [1, 2, 3, 4, 5, 6]
    # Random answers pull scores together; taken out, they lie farther apart.
    assert report.stretch is not None and report.stretch > 1.1


def test_golden_answers_tell_of_reliability_and_of_nothing_else() -> None:
    judgments = judged(2)
    plain = {row.rater: row for row in rater_report(judgments).raters}
    goldens = {"r000": (30.0, 0.0), "r001": (15.0, 15.0), "nobody": (1.0, 0.0)}
    told = {row.rater: row for row in rater_report(judgments, goldens).raters}
    assert (told["r000"].reliability or 0) > (plain["r000"].reliability or 1)
    assert (told["r001"].reliability or 1) < 0.5 * (plain["r001"].reliability or 0)
    assert told.keys() == plain.keys()
    for name, row in told.items():
        assert (row.flags, row.influence) == (plain[name].flags, plain[name].influence)


def test_methods_without_a_place_leave_the_rest_as_it_is() -> None:
    rows = [("r", "p", "a", "b", c) for c in ("left", "right")] * 9
    rows += [("s", "q", "a", "b", "left"), ("t", "q", "a", "z", "left")]
    report = rater_report(judgment_arrays(*zip(*rows, strict=True)))
    assert [row.method for row in report.second] == ["a", "b"]
    stranger = next(row for row in report.raters if row.rater == "t")
    assert stranger.judgments == 1 and stranger.reliability is None
    assert report.notes[0].startswith("Of 20 judgments 19 are among methods with a score")


def test_names_and_orders_change_nothing() -> None:
    judgments = judged(3, raters=15, random=2)
    report = rater_report(judgments)
    order = np.random.default_rng(1).permutation(len(judgments))
    assert rater_report(judgments.where(order)) == report


def test_methods_must_be_sorted() -> None:
    nobody = np.zeros(0, np.int64)
    with pytest.raises(ValueError, match="sorted order"):
        JudgmentArrays(("b", "a"), (), (), *[nobody] * 6)


def test_columns_of_judgments_must_fit() -> None:
    with pytest.raises(ValueError, match="one entry per judgment"):
        judgment_arrays(["r"], ["p"], ["a"], ["b"], ["left"], response_ms=[1, 2])
    with pytest.raises(ValueError, match="'best'"):
        judgment_arrays(["r"], ["p"], ["a"], ["b"], ["best"])


def test_narrow_numbers_tell_the_same() -> None:
    judgments = judged(4, raters=150, each=30, methods=12, unsure=0.1)
    columns = ("rater", "image", "shown", "left", "right", "choice")
    narrowed = {name: narrow(getattr(judgments, name)) for name in columns}
    assert narrowed["rater"].itemsize == 2 and narrowed["left"].itemsize == 1
    assert rater_report(changed(judgments, **narrowed)) == rater_report(judgments)


def test_many_judgments_take_little_memory() -> None:
    judgments = judged(5, raters=60, each=3_000)
    columns = ("rater", "image", "shown", "left", "right", "choice")
    narrowed = {name: narrow(getattr(judgments, name)) for name in columns}
    judgments = changed(judgments, **narrowed, response_ms=None, judged_at=None)
    tracemalloc.start()
    rater_report(judgments)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50 * len(judgments), peak / len(judgments)
