"""Ties alone don't make an interval narrow, and stop no study."""

import numpy as np
import pytest

from ratings.psychometrics.counts.tally import Tally, tally_judgments
from ratings.psychometrics.design.stopping import Rule, verdict
from ratings.psychometrics.inference.fitting import Difference, Settings, fit
from ratings.psychometrics.inference.undecided import ENOUGH_DECIDED, undecided_variance


def ties(judgments: int, raters: int, pictures: int, decided: int = 0) -> Tally:
    """Return judgments of two methods, of which the first few are decided, sides in turn."""
    return tally_judgments(
        [f"r{n % raters}" for n in range(judgments)],
        [f"p{n % pictures}" for n in range(judgments)],
        ["a"] * judgments,
        ["b"] * judgments,
        [("left", "right")[n % 2] if n < decided else "tie" for n in range(judgments)],
    )


def difference(tally: Tally, settings: Settings | None = None) -> Difference:
    """Return the only pair."""
    (pair,) = fit(tally, settings).differences
    return pair


@pytest.mark.parametrize("ties_as", ["half", "davidson"])
@pytest.mark.parametrize(("raters", "pictures"), [(10, 12), (30, 40), (300, 300)])
def test_an_interval_reaches_as_far_as_the_rule_of_three(
    raters: int, pictures: int, ties_as: str
) -> None:
    pair = difference(ties(300, raters, pictures), Settings(ties=ties_as))  # type: ignore[arg-type]
    # A share of 1 - .05^(1/K) of raters may always decide for one side: half of it is its lead.
    share = 1 - 0.05 ** (1 / raters)
    lead = np.log((1 + share) / (1 - share))
    assert pair.ci_high is not None and pair.ci_low is not None
    assert lead < pair.ci_high < 3 * lead and pair.ci_low == pytest.approx(-pair.ci_high)


def test_it_narrows_as_judgments_are_decided() -> None:
    least = [undecided_variance(ties(300, 30, 40, decided)) for decided in range(8)]
    assert least[0] == pytest.approx(3 * 300 / 30**2)
    assert least == sorted(least, reverse=True) and least[ENOUGH_DECIDED:] == [0, 0]


def test_few_raters_who_decide_leave_no_doubt_of_that_kind() -> None:
    assert undecided_variance(ties(40, 3, 4, decided=40)) == 0
    assert undecided_variance(ties(40, 3, 4, decided=0)) > 0


def test_no_study_stops_on_ties_alone() -> None:
    rule, names = Rule(half_width=5.0), ["a", "b"]
    only = ties(300, 10, 12)
    assert difference(only).ci_high < 5  # type: ignore[operator]
    assert verdict(only, names, rule, 0).reason is None
    assert verdict(ties(300, 10, 12, decided=20), names, rule, 0).reason
