"""What a rule would do, by the same verdicts as those that decide; nothing is decided."""

from dataclasses import replace

import pytest

from ratings.comparisons.judgments.screening import decide, screen
from ratings.comparisons.judgments.screening_outlook import (
    AnswerCounts,
    SoFar,
    screened_so_far,
    screening_outlook,
)
from ratings.comparisons.models import Decision, Rater, Study
from ratings.comparisons.protocol import Layout, Screening
from ratings.psychometrics.raters.quality import RaterVerdict
from tests.builders import NOW, build_organizer
from tests.comparisons.builders import PLAIN, build_filled_study, build_rater
from tests.comparisons.checks import build_answer, build_checked, build_goldens

pytestmark = pytest.mark.django_db
RULE = Screening(quality=1.2, least_checks=6, early=0.1, drop_under_ms=1000, fast_under_ms=3000)


@pytest.fixture
def study() -> Study:
    protocol = replace(PLAIN, screening=RULE)
    return build_filled_study(methods=3, pictures=4, protocol=protocol)


def test_it_counts_what_the_rule_then_decides(study: Study) -> None:
    build_checked(study)
    bad = build_checked(study, right=2, alike=2)
    early = build_rater(study)
    build_goldens(early, [False] * 4)
    build_answer(build_rater(study), "left", kind="identical", entry=study.entries.first())
    seen = screening_outlook(study, RULE)
    assert seen.verdicts == {
        RaterVerdict.ABOVE: 1,
        RaterVerdict.BELOW: 1,
        RaterVerdict.UNLIKELY: 1,
        RaterVerdict.UNKNOWN: 1,
    }
    assert (seen.set_aside, seen.taken_back, seen.against) == (2, 0, 2)
    assert seen.qualities == pytest.approx((2 / 3, 2.0))
    assert not Decision.objects.exists()
    assert {decision.rater for decision in screen(study, NOW)} == {bad, early}
    assert screening_outlook(study, RULE).set_aside == 0
    assert screened_so_far(study) == SoFar(4, 0, 2, 0)


def test_other_limits_take_back_but_whom_an_organizer_decided_about(study: Study) -> None:
    by_rule, by_hand = build_checked(study, right=2, alike=2), build_checked(study)
    screen(study, NOW)
    by_rule.refresh_from_db()
    assert by_rule.state == Rater.State.NOT_USED
    decide(by_hand, Rater.State.REJECTED, "No.", now=NOW, by=build_organizer())
    mild = screening_outlook(study, replace(RULE, quality=0.5))
    assert (mild.set_aside, mild.taken_back, mild.against) == (0, 1, 0)
    Rater.objects.filter(pk=by_hand.pk).update(screened_out_at=NOW)
    assert screened_so_far(study) == SoFar(2, 1, 1, 1)


def test_answers_are_counted_once_by_what_drops_them_or_doubts_them(study: Study) -> None:
    rater = build_rater(study)
    for response_ms, flips in ((900, 0), (999, 5), (1000, 0), (2999, 4), (3000, 2), (3000, 3)):
        display = {"flips": flips}
        given = {"judgment_response_ms": response_ms, "judgment_display": display}
        build_answer(rater, "left", kind="golden", **given)
    build_answer(rater, "left", kind="golden", judgment_display={})
    assert screening_outlook(study, RULE).answers == AnswerCounts(7, 2, 1, 2)
    lax = replace(RULE, drop_under_ms=0, drop_unflipped=False, fast_under_ms=0)
    assert screening_outlook(study, lax).answers == AnswerCounts(7, 0, 0, 3)
    study.protocol_json = replace(study.protocol, layout=Layout.SIDES).as_json()
    assert screening_outlook(study, RULE).answers == AnswerCounts(7, 2, 0, 2)


def test_a_study_without_answers_has_nothing_to_count(study: Study) -> None:
    seen = screening_outlook(study, RULE)
    assert (seen.verdicts, seen.qualities, seen.answers.answers) == ({}, (), 0)
