"""Which raters are used: figures, the study's rule, decisions, and what they do to the counters."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.db.models import F, Sum
from django.test.utils import CaptureQueriesContext

from ratings.comparisons.judgments.counter_tables import rebuild_counts
from ratings.comparisons.judgments.judging import Answer, judge, undo
from ratings.comparisons.judgments.screening import NOTHING, decide, rater_figures, screen
from ratings.comparisons.models import (
    Decision,
    Judgment,
    PairCount,
    Rater,
    RaterCount,
    Study,
    Trial,
)
from ratings.comparisons.protocol import After, Protocol, Screening
from ratings.comparisons.trials.scheduling import issue
from tests.builders import NOW, build_organizer
from tests.comparisons.builders import PLAIN, build_filled_study, build_rater
from tests.comparisons.checks import build_answer, build_checked, build_goldens, build_repeats
from tests.ranking.builders import build_two_datasets, judge_all

pytestmark = pytest.mark.django_db
State, Kind = Rater.State, Trial.Kind
MINUTE = timedelta(minutes=1)


@pytest.fixture
def study() -> Study:
    return build_filled_study(methods=3, pictures=4, ties_allowed=True)


def test_figures_count_checks_and_leave_out_training_and_what_was_undone(study: Study) -> None:
    rater = build_rater(study)
    build_goldens(rater, [True, True, False])
    build_goldens(rater, [False], judgment_undone_at=NOW)
    build_goldens(rater, [True], judgment_excluded=True)
    build_repeats(rater, [True, False, True, True])
    build_answer(rater, "right", kind=Kind.TRAINING, training_attempt=1)
    build_checked(build_filled_study())
    figures = rater_figures(study)
    assert set(figures) == {rater.pk}
    quality = figures[rater.pk].quality
    assert (quality.goldens, quality.right) == (4, 3)
    assert (quality.repeats, quality.alike) == (4, 3)
    assert (figures[rater.pk].answers, figures[rater.pk].dropped) == (12, 1)


def test_a_tie_is_half_right_and_half_alike(study: Study) -> None:
    rater = build_rater(study)
    build_answer(rater, "tie", kind=Kind.GOLDEN, level=1)
    pair = study.pairs.order_by("pk")[0]
    build_answer(rater, "tie", pair=pair)
    build_answer(rater, "left", pair=pair, kind=Kind.REPEAT)
    quality = rater_figures(study)[rater.pk].quality
    assert (quality.right, quality.alike) == (0.5, 0.5)


def test_a_repeat_of_an_answer_that_was_undone_is_no_check(study: Study) -> None:
    rater = build_rater(study)
    pair = study.pairs.order_by("pk")[0]
    before = build_answer(rater, "left", pair=pair, judgment_undone_at=NOW)
    build_answer(rater, "right", pair=pair, kind=Kind.REPEAT)
    assert rater_figures(study)[rater.pk].quality.repeats == 0
    Judgment.objects.create(
        trial=before.trial, attempt=2, choice="right", response_ms=1, judged_at=NOW
    )
    quality = rater_figures(study)[rater.pk].quality
    assert (quality.repeats, quality.alike) == (1, 1)


def test_times_flips_and_sides(study: Study) -> None:
    rater, silent = build_rater(study), build_rater(study)
    for ms in (1000, 2000, 3000, 4000, 5000):
        display = {"flips": ms // 1000}
        build_answer(
            rater, "left", kind=Kind.GOLDEN, judgment_response_ms=ms, judgment_display=display
        )
    build_answer(silent, "tie", kind=Kind.GOLDEN, judgment_display={})
    figures = rater_figures(study)
    assert figures[rater.pk].response_ms == (1200, 2000, 3000, 4000, 4800)
    assert figures[rater.pk].flips == (1.2, 2, 3, 4, 4.8)
    assert figures[rater.pk].left_share == 1
    assert (figures[silent.pk].flips, figures[silent.pk].left_share) == ((), 0.5)


def test_identical_pairs_show_a_liking_for_a_side(study: Study) -> None:
    rater, other = build_rater(study), build_rater(study)
    entry = study.entries.first()
    for choice in ("left", "left", "tie", "right"):
        build_answer(rater, choice, kind=Kind.IDENTICAL, entry=entry)
    build_answer(rater, "right", kind=Kind.GOLDEN)
    build_answer(other, "right", kind=Kind.GOLDEN)
    figures = rater_figures(study)
    assert (figures[rater.pk].identical, figures[rater.pk].identical_left) == (4, 0.625)
    assert (figures[other.pk].identical, figures[other.pk].identical_left) == (0, None)


def test_figures_are_read_in_one_statement(study: Study) -> None:
    build_checked(study)
    with CaptureQueriesContext(connection) as queries:
        assert len(rater_figures(study)) == 1
    assert len(queries) == 0  # it is a COPY, which Django does not count
    assert rater_figures(build_filled_study()) == {}


def totals(study: Study) -> tuple[int, int]:
    """Return how many judgments the two counters hold."""
    judged = Sum(F("wins_first") + F("wins_second") + F("ties"))
    by_picture = PairCount.objects.filter(pair__study=study).aggregate(n=judged)["n"]
    by_rater = RaterCount.objects.filter(pair__study=study).aggregate(n=judged)["n"]
    return by_picture or 0, by_rater or 0


def test_a_decision_moves_judgments_out_of_the_counts_and_back() -> None:
    study = build_filled_study(phase=build_two_datasets())
    judge_all(study, raters=3, judgments=8)
    rater, other = study.raters.order_by("pk")[:2]
    before = list(PairCount.objects.order_by("pk").values_list("wins_first", "wins_second"))
    organizer = build_organizer()
    made = decide(rater, State.NOT_USED, "Was interrupted.", by=organizer, now=NOW)
    assert made is not None and rater.state == State.NOT_USED
    assert totals(study) == (16, 16) and rebuild_counts(study, repair=False) == []
    decide(rater, State.REJECTED, "A script.", by=organizer, now=NOW)
    assert totals(study) == (16, 16)
    decide(rater, State.USED, "No script after all.", by=organizer, now=NOW)
    assert totals(study) == (24, 24) and rebuild_counts(study, repair=False) == []
    assert before == list(PairCount.objects.order_by("pk").values_list("wins_first", "wins_second"))
    history = rater.decisions.order_by("pk").values_list("state", "reason", "decided_by")
    assert list(history) == [
        ("not_used", "Was interrupted.", organizer.pk),
        ("rejected", "A script.", organizer.pk),
        ("used", "No script after all.", organizer.pk),
    ]
    study.refresh_from_db()
    assert study.changes == 3 and not other.decisions.exists()
    assert Judgment.objects.filter(trial__rater__study=study, excluded=False).count() == 24


def test_only_what_counts_is_moved(study: Study) -> None:
    judge_all(study, judgments=5)
    rater = study.raters.get()
    dropped, undone = rater.trials.order_by("number")[:2]
    Judgment.objects.filter(trial=dropped).update(excluded=True)
    Judgment.objects.filter(trial=undone).update(undone_at=NOW)
    build_goldens(rater, [True] * 3)
    build_repeats(build_rater(study), [True] * 2)
    rebuild_counts(study, repair=True)
    assert totals(study) == (5, 5)  # three of this rater, two of the other
    decide(rater, State.NOT_USED, "Looked away.", now=NOW)
    assert totals(study) == (2, 2) and rebuild_counts(study, repair=False) == []
    decide(rater, State.USED, "Looked again.", now=NOW)
    assert totals(study) == (5, 5) and rebuild_counts(study, repair=False) == []


def test_a_careless_rater_is_not_used_and_the_record_says_why(study: Study) -> None:
    good, bad = build_checked(study), build_checked(study, right=3, alike=3)
    study.refresh_from_db()
    before = study.changes
    (made,) = screen(study, NOW)
    assert (made.rater_id, made.state, made.decided_by) == (bad.pk, State.NOT_USED, None)
    assert made.reason == (
        "Quality 1.000 is below 1.2: 3 of 6 golden trials right, 3 of 6 repeats answered as before."
    )
    assert made.rule == (
        "quality below 1.2, after 6 golden trials and 6 repeats; with fewer, so few passed that a "
        "rater at 1.2 has a chance below 10 % of it"
    )
    assert (made.figures["accuracy"], made.figures["goldens"]) == (0.5, 6)
    assert len(made.figures["response_ms"]) == 5
    good.refresh_from_db()
    assert good.state == State.USED and rebuild_counts(study, repair=False) == []
    assert totals(study) == (6, 6)
    study.refresh_from_db()
    assert screen(study, NOW + MINUTE) == [] and study.changes == before + 1


def test_too_few_checks_decide_nothing(study: Study) -> None:
    # At quality 1.2 so few of 4 are passed in 18 % of cases; and without a rule, whatever comes.
    build_checked(study, right=0, alike=1, of=2)
    assert screen(study, NOW) == []
    study.protocol_json = Protocol(screening=Screening(early=0)).as_json()
    study.save()
    build_checked(study, right=0, alike=0, of=5)
    assert screen(study, NOW) == []


def test_who_left_early_is_judged_by_the_evidence_there_is(study: Study) -> None:
    hopeless, unlucky = build_rater(study), build_rater(study)
    build_answer(hopeless, "tie", kind=Kind.GOLDEN, level=1)
    build_goldens(hopeless, [False, False])
    build_goldens(unlucky, [False, True])
    (made,) = screen(study, NOW)
    assert (made.rater_id, made.state) == (hopeless.pk, State.NOT_USED)
    # 0.4 * 0.4 * 0.4 by hand.
    assert made.reason == (
        "So far 0.5 of 3 golden trials right, 0 of 0 repeats answered as before: at a quality of "
        "1.2 so few, or fewer, have a chance of 6.4 %, below 10 %."
    )
    assert made.figures["chance"] == 0.064
    study.refresh_from_db()
    build_goldens(hopeless, [True] * 5, judgment_judged_at=NOW + MINUTE)
    (made,) = screen(study, NOW + 2 * MINUTE)
    assert made.state == State.USED and "not below 10 %" in made.reason


def test_a_rater_whose_figures_recover_is_used_again(study: Study) -> None:
    rater = build_checked(study, right=3, alike=3)
    screen(study, NOW)
    study.refresh_from_db()
    build_goldens(rater, [True] * 12, judgment_judged_at=NOW + 5 * MINUTE)
    (made,) = screen(study, NOW + 6 * MINUTE)
    assert made.state == State.USED
    assert made.reason.startswith("Quality 1.333 is not below 1.2: 15 of 18 golden trials right")
    assert totals(study) == (6, 6) and rebuild_counts(study, repair=False) == []


def test_only_new_checks_make_the_rule_look_again(study: Study) -> None:
    build_checked(study)
    screen(study, NOW)
    study.refresh_from_db()
    late = build_checked(study, right=0, alike=0)
    Judgment.objects.filter(trial__rater=late).update(judged_at=NOW - 10 * MINUTE)
    assert screen(study, NOW + MINUTE) == []  # nothing seems new
    Judgment.objects.filter(trial__rater=late).update(judged_at=NOW - 0.5 * MINUTE)
    study.refresh_from_db()
    study.screened_at = NOW
    assert len(screen(study, NOW + MINUTE)) == 1  # timed before the last look, stored after it


def test_another_rule_looks_at_everybody_anew(study: Study) -> None:
    build_checked(study, right=5, alike=5)
    assert screen(study, NOW) == []
    study.refresh_from_db()
    study.protocol_json = {"screening": {"quality": 1.8}}
    study.save()
    (made,) = screen(study, NOW + 60 * MINUTE)
    assert made.rule.startswith("quality below 1.8, after 6 golden trials and 6 repeats;")
    study.refresh_from_db()
    study.protocol_json = {"screening": {"quality": 0}}
    study.save()
    (made,) = screen(study, NOW + 61 * MINUTE)
    assert made.state == State.USED


@pytest.mark.parametrize("state", [State.USED, State.REJECTED])
def test_a_rule_never_goes_against_an_organizer(study: Study, state: str) -> None:
    organizer = build_organizer()
    rater = build_checked(study, right=2, alike=2)
    decide(rater, state, "I watched this rater.", by=organizer, now=NOW)
    assert screen(study, NOW) == []
    organizer.delete()  # the decision stays a person's
    Study.objects.filter(pk=study.pk).update(screened_by="")
    study.refresh_from_db()
    assert screen(study, NOW) == []
    rater.refresh_from_db()
    assert rater.state == state and Decision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_decisions_beside_judgments_and_each_other_keep_the_counters_right() -> None:
    """Six raters judge and undo while two organizers at once take each out and put them in."""
    goes_on = replace(PLAIN, screening=replace(PLAIN.screening, after=After.GO_ON))
    study = build_filled_study(methods=4, pictures=6, protocol=goes_on)
    raters = [build_rater(study) for _ in range(6)]
    moves = np.random.default_rng(5).integers(0, 2, (6, 2, 8))

    def judges(number: int) -> None:
        rng = np.random.default_rng(number)
        judged, mine = 0, [raters[number].pk]
        while judged < 24:
            # There may be fewer while others are being issued.
            trials = issue(raters[number], min(4, 24 - judged), NOW, rng)
            for trial in trials:
                choice = "left" if rng.random() < 0.5 else "right"
                judge(trial.pk, mine, Answer(choice, 4000, {"flips": 3}), NOW)
            judged += len(trials)
            if not trials:
                continue
            undo(trial.pk, mine, 1, NOW)
            judge(trial.pk, mine, Answer("left", 4000, {"flips": 3}, attempt=2), NOW)

    def decides(number: int) -> None:
        for move in moves[number % 6, number // 6 - 1]:
            state = State.USED if move else State.NOT_USED
            decide(raters[number % 6], state, "To and fro.", now=NOW)

    def work(number: int) -> None:
        try:
            (judges if number < 6 else decides)(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(18) as pool:
        list(pool.map(work, range(18)))
    assert Judgment.objects.filter(undone_at=None).count() == 6 * 24
    assert rebuild_counts(study, repair=False) == []
    study.refresh_from_db()
    assert Decision.objects.count() == 12 * 8
    # One for each four that a rater judges; more where others left fewer to be issued.
    undone = Judgment.objects.exclude(undone_at=None).count()
    assert undone >= 6 * 6 and study.changes == 12 * 8 + undone
    used = Rater.objects.filter(state=State.USED).count()
    assert totals(study) == (24 * used, 24 * used)
    for rater in Rater.objects.all():
        newest = rater.decisions.order_by("pk").last()
        assert newest is not None and newest.state == rater.state


def test_a_rater_without_answers_has_no_figures(study: Study) -> None:
    build_rater(study)
    assert rater_figures(study) == {} and NOTHING.quality.total is None
