"""An entry that is withdrawn, disqualified or not named any more: off boards, fit and trials."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.db import connection, transaction
from django.utils import timezone

from ratings.challenge.models import AuditEntry, Phase, Team
from ratings.challenge.refusals import Refused
from ratings.challenge.teams.team_logins import BY_TEAM
from ratings.comparisons.judgments.counter_tables import rebuild_counts
from ratings.comparisons.judgments.judging import Answer, JudgmentOutcome, judge
from ratings.comparisons.models import Entry, Pair, Rater, Study, Trial
from ratings.comparisons.study.entries import left_study
from ratings.comparisons.study.study_tables import dump_study, load_studies
from ratings.comparisons.trials.scheduling import issue
from ratings.comparisons.trials.session_progress import State, progress_of_rater
from ratings.fidelity.psnr_board import board_submissions, excluded_from_boards, psnr_board
from ratings.jobs.submission_actions import disqualify, readmit, withdraw
from ratings.psychometrics.files.judgments_csv import read_judgments
from ratings.ranking.boards.human_board import human_board
from ratings.ranking.boards.metric_agreement import metric_agreement
from ratings.ranking.boards.picture_win_rates import picture_scores
from ratings.ranking.fits.adjusted_variants import variants_of
from ratings.ranking.fits.ranking_turns import turn
from ratings.ranking.fits.refitting import refit
from ratings.ranking.fits.study_counts import study_tally
from ratings.ranking.fits.variants import refit_variants
from ratings.ranking.models import Ranking, latest_ranking
from ratings.ranking.tables.export import judgments_csv, ranking_document, ranking_rows
from ratings.ranking.tables.panel_sheet import award, sheet, shown_awards, vote
from ratings.submissions.models import Submission
from ratings.submissions.submission_audit import audit_entries_about
from tests.builders import NOW, build_submission
from tests.comparisons.builders import build_entry, build_rater, pair_of
from tests.fidelity.builders import build_scored_submission
from tests.ranking.builders import judge_all
from tests.remembered import remembered
from tests.web.builders import build_running_phase, build_scored, build_scored_study

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
WHY = "It was trained on the test pictures."


@pytest.fixture
def phase() -> Phase:
    return build_running_phase()


@pytest.fixture
def study(phase: Phase) -> Study:
    return build_study_with_variants(phase)


@remembered
def build_study_with_variants(phase: Phase) -> Study:
    """Save a study of four methods with a ranking and its variants."""
    made = build_scored_study(phase, ("competing",) * 4)
    judge_all(made, raters=6, judgments=12)
    refit(made, NOW)
    refit_variants(made, NOW)
    return made


def entry(study: Study, method: str) -> Entry:
    return study.entries.select_related("submission").get(submission__method=method)


def methods(study: Study, variant: str = "used") -> list[str]:
    return [row.method for row in human_board(study, variant=variant).rows]


def out(study: Study, method: str = "method-1") -> Entry:
    """Disqualify a method, and return its entry."""
    entered = entry(study, method)
    disqualify(entered.submission_id, LATER, note=WHY, by="ann")
    return entered


def test_what_is_disqualified_is_off_both_boards_and_the_fit_at_once(study: Study) -> None:
    before = study_tally(study)
    gone = out(study)
    assert "method-1" not in [row.method for row in psnr_board(study.phase)]
    assert [row.rank for row in psnr_board(study.phase)] == [1, 2, 3]
    board = human_board(study)
    assert sorted(methods(study)) == ["method-0", "method-2", "method-3"]
    assert [row.rank for row in board.rows] == [1, 2, 3]
    kept = [n for n, label in enumerate(before.methods) if label != gone.label]
    assert study_tally(study) == before.keep(kept)
    assert board.input_sha256 == study_tally(study).digest()
    for said in (board.left, excluded_from_boards(study.phase), sheet(study.phase, LATER).left):
        assert [(one.method, one.kind, one.reason) for one in said] == [
            ("method-1", "disqualified", WHY)
        ]
    assert ranking_document(board)["out"][0]["kind_reason"] == WHY
    assert {
        correlation.methods
        for agreement in metric_agreement(board)
        for correlation in agreement.correlations
    } == {3}
    assert gone.label not in {label for one in picture_scores(study).values() for label in one}
    assert len(sheet(study.phase, LATER).rows) == 3


def test_it_is_on_record_and_undone_to_the_last_digit(study: Study) -> None:
    before = latest_ranking(study)
    gone = out(study)
    readmit(gone.submission_id, LATER, note="They proved otherwise.", by="ben")
    after = latest_ranking(study)
    assert before and after and after.input_sha256 == before.input_sha256
    assert len(methods(study)) == 4 and not human_board(study).left
    assert len(psnr_board(study.phase)) == 4 and not excluded_from_boards(study.phase)
    gone.refresh_from_db()
    assert gone.active
    acts = audit_entries_about(gone.submission).order_by("id")
    assert list(acts.values_list("kind", "by", "note")) == [
        ("disqualify", "ann", WHY),
        ("readmit", "ben", "They proved otherwise."),
    ]


def test_an_excluded_baseline_is_still_one_in_the_export_of_the_variant_with_it(
    study: Study,
) -> None:
    excluded_entry = out(study)
    Team.objects.filter(submissions=excluded_entry.submission_id).update(kind=Team.Kind.BASELINE)
    assert refit_variants(study, LATER)
    rows = ranking_rows(human_board(study, variant="entered"))
    facts = {row["method"]: (row["baseline"], row["kind"]) for row in rows}
    assert facts["method-1"] == (True, "disqualified")
    assert facts["method-0"] == (False, "competing")


def test_judgments_stay_and_a_variant_shows_the_fit_with_them(study: Study) -> None:
    before = latest_ranking(study)
    gone = out(study)
    assert refit_variants(study, LATER)  # at once, though the study is live
    with_it = latest_ranking(study, None, Ranking.Variant.ENTERED)
    assert before and with_it and with_it.input_sha256 == before.input_sha256
    assert with_it.notes[0] == "With methods that have left: method-1 (disqualified)."
    board = human_board(study, variant="entered")
    (row,) = [row for row in board.rows if row.submission_id == gone.submission_id]
    assert row.rank and (row.kind, row.kind_reason) == ("disqualified", WHY)
    assert "method-1" not in methods(study, "careful") and "method-1" in methods(study, "all")
    assert not refit_variants(study, LATER)
    readmit(gone.submission_id, LATER, note="They proved otherwise.", by="ben")
    assert refit_variants(study, LATER)
    assert human_board(study, variant="entered").notes[0].endswith("left: none has.")


def test_the_export_gives_each_variant_again(study: Study, tmp_path: Path) -> None:
    judge_all(study, raters=1, judgments=12, seed=5)
    careless = study.raters.order_by("consented_at", "pk").last()
    assert careless is not None
    Rater.objects.filter(pk=careless.pk).update(state=Rater.State.NOT_USED)
    rebuild_counts(study, repair=True)
    out(study)
    refit_variants(study, LATER)
    path = tmp_path / "judgments.csv"
    path.write_text(b"".join(judgments_csv(study)).decode())
    for variant in variants_of(study):
        fitted = latest_ranking(study, None, variant)
        tally = read_judgments(path, variant=variant).tally()
        assert fitted and tally.digest() == fitted.input_sha256, variant
    rows = path.read_text().splitlines()
    assert sum("method-1 is disqualified" in row for row in rows) > 6


def shows(trial: Trial, entry: Entry) -> bool:
    pair = pair_of(trial)
    return entry.pk in (pair.first_id, pair.second_id)


def test_nothing_more_is_issued_and_trials_in_hand_are_dropped(study: Study) -> None:
    rater, rng = build_rater(study), np.random.default_rng(3)
    in_hand = issue(rater, 10, NOW, rng)
    gone = entry(study, "method-1")
    of_it = [trial for trial in in_hand if shows(trial, gone)]
    assert of_it and len(of_it) < len(in_hand)
    out(study)
    again = issue(rater, 30, LATER, rng)
    assert not set(of_it) & set(again) and len(again) == 12  # all there is without it
    for trial in again:
        assert not shows(trial, gone)
        judge(trial.pk, [rater.pk], Answer("left", 4000, {"flips": 3}), LATER)
    # An answer that was on its way is kept; it is not in the published ranking.
    counted = study_tally(study).judgments
    assert judge(of_it[0].pk, [rater.pk], Answer("left", 4000, {"flips": 3}), LATER).outcome is (
        JudgmentOutcome.STORED
    )
    assert study_tally(study).judgments == counted
    assert not rebuild_counts(study, repair=False)
    assert issue(rater, 10, LATER, rng) == []
    progress = progress_of_rater(Rater.objects.select_related("study").get(pk=rater.pk))
    assert (progress.state, progress.judged) == (State.DONE, 13)


def test_a_team_withdraws_its_own_entry(study: Study) -> None:
    gone = entry(study, "method-2")
    withdraw(gone.submission_id, LATER)
    withdraw(gone.submission_id, LATER)  # again changes nothing
    assert [(excluded.method, excluded.kind) for excluded in excluded_from_boards(study.phase)] == [
        ("method-2", "withdrawn")
    ]
    act = audit_entries_about(gone.submission).get()
    assert (act.kind, act.by) == ("withdraw", BY_TEAM)
    out(study, "method-2")  # which nobody escapes by withdrawing
    assert [excluded.kind for excluded in human_board(study).left] == ["disqualified"]
    with pytest.raises(Refused, match="stays so") as refused:
        withdraw(gone.submission_id, LATER)
    assert refused.value.code == "standing"


def test_an_organizer_says_why(study: Study) -> None:
    gone = entry(study, "method-2")
    for act in (withdraw, disqualify, readmit):
        with pytest.raises(Refused) as refused:
            act(gone.submission_id, LATER, note="  ", by="ann")
        assert refused.value.code == "note"
    with pytest.raises(Refused, match="neither withdrawn nor disqualified"):
        readmit(gone.submission_id, LATER, note="why", by="ann")
    withdraw(gone.submission_id, LATER, note="They asked by mail.", by="ann")
    assert AuditEntry.objects.get().note == "They asked by mail."


@pytest.mark.parametrize("state", ["open", "failed", "superseded"])
def test_only_what_competes_can_leave(phase: Phase, state: str) -> None:
    submission = build_submission(phase, state=state)
    acts: list[Callable[[], object]] = [
        lambda: withdraw(submission.pk, LATER),
        lambda: disqualify(submission.pk, LATER, note=WHY, by="ann"),
    ]
    for act in acts:
        with pytest.raises(Refused, match=f"is {state}: it does not compete") as refused:
            act()
        assert refused.value.code == "standing"


def test_what_is_withdrawn_while_it_waits_is_scored_and_stays_off_the_boards(phase: Phase) -> None:
    submission = build_scored_submission(phase, state=Submission.State.QUEUED)
    withdraw(submission.pk, NOW)
    Submission.objects.update(state=Submission.State.SCORED)
    assert psnr_board(phase) == [] and len(excluded_from_boards(phase)) == 1
    readmit(submission.pk, LATER, note="They asked by mail.", by="ann")
    assert len(psnr_board(phase)) == 1


def test_the_team_s_next_submission_takes_the_place(study: Study) -> None:
    best = entry(study, "method-0").submission
    second = build_scored(study, best.team, 7)
    worse = build_scored(study, best.team, 8)
    withdraw(worse.pk, LATER)  # nobody misses it
    assert excluded_from_boards(study.phase) == []
    disqualify(best.pk, LATER, note=WHY, by="ann")
    assert [row.method for row in psnr_board(study.phase)][-1] == second.method == "method-7"
    assert [excluded.method for excluded in excluded_from_boards(study.phase)] == ["method-0"]
    compared = study.entries.filter(active=True).values_list("submission__method", flat=True)
    assert "method-7" in compared and "method-0" not in compared
    assert Pair.objects.filter(study=study, second__submission=second).count() == 3


@pytest.mark.django_db(transaction=True)
def test_all_who_leave_at_once_are_gone_and_nobody_else(study: Study) -> None:
    leaving = [entry(study, f"method-{number}").submission for number in range(3)]
    seconds = [build_scored(study, one.team, 10 + n) for n, one in enumerate(leaving)]

    def work(submission: Submission) -> None:
        try:
            disqualify(submission.pk, LATER, note=WHY, by="ann")
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, leaving))
    compared = set(study.entries.filter(active=True).values_list("submission", flat=True))
    assert compared == {one.pk for one in board_submissions(study.phase)}
    assert compared >= {second.pk for second in seconds}
    assert sorted(excluded.method for excluded in human_board(study).left) == [
        "method-0",
        "method-1",
        "method-2",
    ]


def waits_for_a_turn() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_it_is_done_before_the_fit_which_waits_for_its_turn_and_holds_nobody(study: Study) -> None:
    gone, before = entry(study, "method-1"), latest_ranking(study)

    def work() -> None:
        try:
            disqualify(gone.submission_id, LATER, note=WHY, by="ann")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with turn(study):
            leaving = pool.submit(work)
            while not waits_for_a_turn():
                assert not leaving.done(), leaving.result()
            with transaction.atomic():
                held = Submission.objects.select_for_update(nowait=True).get(pk=gone.submission_id)
                assert held.exclusion and Study.objects.select_for_update(nowait=True).get(
                    pk=study.pk
                )
            assert sorted(methods(study)) == ["method-0", "method-2", "method-3"]
            assert latest_ranking(study) == before
        leaving.result()
    after = latest_ranking(study)
    assert after and after != before and after.scores.count() == 3


def test_an_award_and_votes_of_what_is_out_count_for_nothing(study: Study) -> None:
    phase, gone = study.phase, entry(study, "method-1")
    award(phase, str(gone.submission_id), "Best", "By all measures.", "ann", NOW)
    vote(phase, str(entry(study, "method-0").submission_id), "ann", "", NOW)
    vote(phase, str(gone.submission_id), "ann", "", LATER)
    out(study)
    shown = sheet(phase, LATER)
    assert [row["votes"] for row in shown.rows] == [0, 0, 0]
    assert not shown_awards([phase], timezone.now())
    assert len(shown.awards) == 1 and len(shown.votes) == 2
    for act in (
        lambda: vote(phase, str(gone.submission_id), "ann", "", LATER),
        lambda: award(phase, str(gone.submission_id), "x", "y", "ann", LATER),
    ):
        with pytest.raises(Refused, match="on the boards"):
            act()
    readmit(gone.submission_id, LATER, note="They proved otherwise.", by="ben")
    assert len(shown_awards([phase], timezone.now())) == 1


def test_a_method_that_the_file_names_no_more_is_not_in_the_study(study: Study) -> None:
    table = dump_study(study) | {"methods": ["method-0", "method-2", "method-3"]}
    load_studies(study.phase.challenge, [table])
    study.refresh_from_db()
    # Before any worker has looked: not among the ranked, nothing issued, no place in agreement.
    board = human_board(study)
    assert sorted(methods(study)) == ["method-0", "method-2", "method-3"]
    assert [(excluded.method, excluded.kind) for excluded in board.left] == [
        ("method-1", "removed")
    ]
    assert {
        correlation.methods
        for agreement in metric_agreement(board)
        for correlation in agreement.correlations
    } == {3}
    trials = issue(build_rater(study), 12, LATER, np.random.default_rng(1))
    gone = entry(study, "method-1")
    assert not any(shows(trial, gone) for trial in trials)
    assert len(psnr_board(study.phase)) == 4  # the study's file says nothing about that board
    assert sheet(study.phase, LATER).left == []
    ranking = refit(study, LATER)
    assert ranking and ranking.scores.count() == 3
    ranks = [row.rank or 0 for row in human_board(study).rows]
    assert len(ranks) == 3 and ranks[0] == 1 and ranks == sorted(ranks)
    load_studies(study.phase.challenge, [dump_study(study) | {"methods": []}])
    study.refresh_from_db()
    assert left_study(study) == []
    refit(study, LATER)
    assert [row.rank for row in human_board(study).rows] == [1, 2, 3, 4]


def test_a_replaced_entry_stays_ranked_and_is_told_from_one_that_left(study: Study) -> None:
    old = entry(study, "method-1")
    build_scored(study, old.submission.team, 0)
    withdraw(entry(study, "method-3").submission_id, LATER)  # any change of the boards
    row = next(row for row in human_board(study).rows if row.submission_id == old.submission_id)
    assert row.rank and not row.active and row.kind == "competing"
    out(study, "method-1")
    assert sorted(excluded.kind for excluded in human_board(study).left) == [
        "disqualified",
        "withdrawn",
    ]


def test_what_was_never_compared_is_not_named_by_a_study(study: Study) -> None:
    fresh = build_entry(study, method="fresh", state=Submission.State.QUEUED)
    assert not Trial.objects.filter(entry=fresh).exists()
    disqualify(fresh.submission_id, LATER, note=WHY, by="ann")
    assert human_board(study).left == []
