"""The check of a ranking by another implementation."""

from dataclasses import replace

import pytest

from ratings.psychometrics.counts.tally import Tally, tally_judgments
from ratings.psychometrics.files.judgments_csv import read_judgments
from ratings.psychometrics.inference.cross_check import cross_check
from ratings.psychometrics.inference.fitting import Settings, fit
from tests.psychometrics.golden.digits import FOLDER


@pytest.fixture
def tally() -> Tally:
    return read_judgments(FOLDER / "judgments.csv").tally()


def test_choix_finds_the_same_scores(tally: Tally) -> None:
    checked = cross_check(tally, fit(tally))
    assert checked is not None and checked.implementation.startswith("choix ")
    assert checked.methods == len(tally.methods)
    assert checked.largest_difference < 1e-6


def test_another_score_is_told(tally: Tally) -> None:
    fitted = fit(tally)
    first, *rest = fitted.rows
    assert first.score is not None
    wrong = replace(fitted, rows=(replace(first, score=first.score + 0.5), *rest))
    checked = cross_check(tally, wrong)
    assert checked is not None and checked.largest_difference == pytest.approx(0.5, abs=1e-6)


def test_there_is_nothing_to_compare_with_other_ties_or_without_two_placed(tally: Tally) -> None:
    assert cross_check(tally, fit(tally, Settings(ties="davidson"))) is None
    one_way = tally_judgments(["r"], ["p"], ["a"], ["b"], ["left"])
    assert cross_check(one_way, fit(one_way)) is None
