"""Variants of a ranking: which answers each is of, when they are fitted, what they change."""

from datetime import timedelta
from pathlib import Path

import pytest

from ratings.comparisons.judgments.answers import study_answers
from ratings.comparisons.judgments.screening import decide
from ratings.comparisons.models import Judgment, Rater, Study, Trial
from ratings.comparisons.protocol import Layout, Protocol, Screening
from ratings.psychometrics.files.judgments_csv import read_judgments
from ratings.psychometrics.inference.fitting import fit, ranking_table
from ratings.ranking.boards.human_board import NO_JUDGMENTS, human_board
from ratings.ranking.evidence.answer_arrays import arrays_of_answers, ranked_answers
from ratings.ranking.fits.refitting import refit
from ratings.ranking.fits.study_counts import study_tally
from ratings.ranking.fits.variant_counts import variant_answers, variant_tallies
from ratings.ranking.fits.variant_sensitivity import compared
from ratings.ranking.fits.variants import EVERY, refit_variants, words
from ratings.ranking.models import Ranking, latest_ranking
from ratings.ranking.tables.export import judgments_csv, ranking_document
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study
from tests.comparisons.checks import build_goldens
from tests.ranking.builders import build_two_datasets, judge_all

pytestmark = pytest.mark.django_db
Variant = Ranking.Variant


@pytest.fixture
def study() -> Study:
    return build_filled_study(methods=3, pictures=4, crops_per_picture=1)


def make_fast(judgments: list[Judgment]) -> None:
    """Make answers fast, some by their time and some by their flips."""
    for number, judgment in enumerate(judgments):
        fast = {"response_ms": 2000} if number % 2 else {"display": {"flips": 2}}
        Judgment.objects.filter(pk=judgment.pk).update(**fast)


def fitted(study: Study, variant: str) -> Ranking:
    ranking = latest_ranking(study, None, variant)
    assert ranking is not None
    return ranking


def test_each_variant_is_of_its_own_answers(study: Study) -> None:
    judge_all(study, raters=4, judgments=12)
    make_fast(list(Judgment.objects.order_by("pk")[:5]))
    dropped = Judgment.objects.order_by("-pk")[:3].values("pk")
    Judgment.objects.filter(pk__in=dropped).update(excluded=True)
    undone = Judgment.objects.order_by("pk")[20]
    Judgment.objects.filter(pk=undone.pk).update(undone_at=NOW)
    out = Rater.objects.get(trials__judgments=Judgment.objects.order_by("pk")[30])
    Rater.objects.filter(pk=out.pk).update(state=Rater.State.NOT_USED)
    build_goldens(study.raters.order_by("pk")[0], [True, False])
    tallies = variant_tallies(study, variant_answers(study))
    counted = {variant: made.tally.judgments for variant, made in tallies.items()}
    assert counted == {"used": 32, "careful": 27, "entered": 32, "all": 47}


def test_fast_is_too_soon_or_after_too_few_flips(study: Study) -> None:
    (trial, *_), times = judge_all(study, judgments=1), (2999, 3000, 9000, 9000, 9000)
    flips = (9, 9, 2, 3, None)
    for attempt, (ms, count) in enumerate(zip(times, flips, strict=True), 2):
        display = {} if count is None else {"flips": count}
        Judgment.objects.create(
            trial=trial,
            attempt=attempt,
            choice="left",
            response_ms=ms,
            judged_at=NOW,
            display=display,
        )
    answers = study_answers(study, [Trial.Kind.COMPARISON])
    told = answers["response_ms"], answers["flips"]
    rows = sorted(zip(*told, Protocol().is_fast(*told), strict=True))
    assert [(ms, n, bool(fast)) for ms, n, fast in rows] == [
        (2999, 9, True),
        (3000, 9, False),
        (4000, 3, False),
        (9000, -1, False),
        (9000, 2, True),
        (9000, 3, False),
    ]
    assert Protocol(layout=Layout.SIDES).is_fast(*told).sum() == 1
    off = Protocol(screening=Screening(fast_under_ms=0, fast_under_flips=0))
    assert not off.is_fast(*told).any()


def test_a_variant_says_what_it_is_of() -> None:
    assert words(Variant.USED, Study()) == ""
    careful = words(Variant.CAREFUL, Study())
    assert careful == "Without answers under 3 s or with fewer than 3 flips."
    assert (
        words(Variant.CAREFUL, Study(protocol_json={"layout": "sides"}))
        == "Without answers under 3 s."
    )


def test_variants_are_what_the_exported_answers_give(study: Study, tmp_path: Path) -> None:
    judge_all(study, raters=4, judgments=12)
    make_fast(list(Judgment.objects.order_by("pk")[:9]))
    refit(study, NOW)
    assert refit_variants(study, NOW)
    lines = b"".join(judgments_csv(study)).decode().splitlines(keepends=True)
    columns = lines[0].strip().split(",")
    ms, flips = columns.index("response_ms"), columns.index("flips")
    slow = [
        line
        for line in lines[1:]
        if int(line.split(",")[ms]) >= 3000 and int(line.split(",")[flips]) >= 3
    ]
    exported = tmp_path / "judgments.csv"
    exported.write_text("".join([lines[0], *slow]))
    tally = read_judgments(exported).tally()
    careful = fitted(study, Variant.CAREFUL)
    assert (careful.judgments, careful.input_sha256) == (39, tally.digest())
    scores = {score.entry.label: score.score for score in careful.scores.select_related("entry")}
    assert scores == {row["method"]: row["score"] for row in ranking_table(fit(tally))}
    # Nobody is out and nothing is dropped, so the third is of what the published one is of.
    assert fitted(study, Variant.ALL).input_sha256 == fitted(study, Variant.USED).input_sha256


def test_the_published_counts_are_those_of_the_judgments_read_one_by_one() -> None:
    study = build_filled_study(phase=build_two_datasets())
    judge_all(study, raters=5, judgments=9)
    decide(study.raters.order_by("pk")[0], Rater.State.REJECTED, "A script.", now=NOW)
    answers = study_answers(study, [Trial.Kind.COMPARISON])
    used = answers.where(ranked_answers(answers, study))
    assert arrays_of_answers(study, used).tally() == study_tally(study)
    assert variant_tallies(study, variant_answers(study))["used"].tally == study_tally(study)
    refit(study, NOW)
    refit_variants(study, NOW)
    for dataset in [*study.phase.datasets.all(), None]:
        everybody = latest_ranking(study, dataset, Variant.ALL)
        published = latest_ranking(study, dataset)
        assert everybody and published and everybody.beside == published
        assert everybody.judgments > published.judgments
    assert Ranking.objects.count() == 12


def test_a_decision_refits_the_published_ranking_and_back(study: Study) -> None:
    judge_all(study, raters=3, judgments=6)
    first, rater = refit(study, NOW), study.raters.order_by("pk")[0]
    decide(rater, Rater.State.NOT_USED, "Looked away.", now=NOW)
    second = refit(study, NOW)
    assert first and second and (first.judgments, second.judgments) == (18, 12)
    decide(rater, Rater.State.USED, "Looked again.", now=NOW)
    third = refit(study, NOW)
    assert third and third.input_sha256 == first.input_sha256
    assert third.seen_changes == 2 and human_board(study).judgments == 18


def test_without_anybody_the_board_does_not_show_what_was(study: Study) -> None:
    judge_all(study, raters=1, judgments=6)
    refit(study, NOW)
    decide(study.raters.get(), Rater.State.REJECTED, "A script.", now=NOW)
    ranking = refit(study, NOW)
    assert ranking and ranking.judgments == 0 and not ranking.scores.exists()
    board = human_board(study)
    assert (board.judgments, len(board.rows)) == (0, 3)
    assert all(row.rank is None for row in board.rows) and board.notes == [NO_JUDGMENTS]
    assert refit(study, NOW) == ranking


def test_variants_wait_while_a_study_is_live(study: Study) -> None:
    assert not refit_variants(study, NOW)  # nothing is published yet
    judge_all(study, raters=2, judgments=10)
    refit(study, NOW)
    assert refit_variants(study, NOW)
    assert not refit_variants(study, NOW + EVERY)  # nothing is new
    judge_all(study, raters=1, judgments=9, seed=2)
    refit(study, NOW)
    assert not refit_variants(study, NOW + EVERY / 2)
    assert refit_variants(study, NOW + EVERY)
    judge_all(study, raters=2, judgments=10, seed=3)
    refit(study, NOW + EVERY * 1.05)
    assert refit_variants(study, NOW + EVERY * 1.1)  # 29, and then 49


def test_variants_of_a_study_that_is_paused_or_closed_are_fitted_at_once(study: Study) -> None:
    judge_all(study, raters=2, judgments=10)
    refit(study, NOW)
    refit_variants(study, NOW)
    judge_all(build_filled_study(), raters=1, judgments=2)
    judge_all(study, raters=1, judgments=1, seed=2)
    refit(study, NOW)
    assert not refit_variants(study, NOW)
    Study.objects.filter(pk=study.pk).update(paused_at=NOW)
    assert refit_variants(study, NOW) and not refit_variants(study, NOW)
    judge_all(build_filled_study(), raters=1, judgments=2)
    assert not refit_variants(study, NOW + EVERY)  # another study's news are none of this one
    decide(study.raters.order_by("pk")[0], Rater.State.REJECTED, "A script.", now=NOW)
    refit(study, NOW)
    assert refit_variants(study, NOW)
    Study.objects.filter(pk=study.pk).update(
        paused_at=None, is_open=False, protocol_json={"screening": {"fast_under_ms": 5000}}
    )
    assert refit_variants(study, NOW)
    assert fitted(study, Variant.CAREFUL).notes[0].startswith("Without answers under 5 s")
    assert (
        fitted(study, Variant.CAREFUL).judgments == 0
        or not fitted(study, Variant.CAREFUL).scores.exists()
    )


def test_the_ranking_that_variants_stand_beside_is_kept(study: Study) -> None:
    judge_all(study, raters=2, judgments=10)
    first = refit(study, NOW)
    refit_variants(study, NOW)
    judge_all(study, raters=1, judgments=1, seed=2)
    second = refit(study, NOW + timedelta(minutes=1))
    assert first and second and first != second
    assert fitted(study, Variant.ALL).beside == first
    assert [variant.beside for variant in compared(study)] == [20, 20, 20]
    refit_variants(study, NOW + EVERY)
    third = refit(study, NOW + EVERY)
    assert fitted(study, Variant.ALL).beside == second == third
    judge_all(study, raters=1, judgments=1, seed=3)
    refit(study, NOW + EVERY)
    assert not Ranking.objects.filter(pk=first.pk).exists()


def test_a_board_says_what_other_rules_would_change(study: Study) -> None:
    judge_all(study, raters=6, judgments=12)
    judge_all(study, raters=2, judgments=12, seed=7)
    odd = list(Judgment.objects.order_by("-pk")[:24])
    make_fast(odd)
    refit(study, NOW)
    refit_variants(study, NOW)
    board = human_board(study)
    careful, _, everybody = board.variants
    assert (careful.variant, careful.judgments, careful.beside) == ("careful", 72, 96)
    assert everybody.sensitivity.swapped == 0 and everybody.sensitivity.largest_move == 0
    shown = human_board(study, variant=Variant.CAREFUL)
    assert (shown.variant, shown.judgments) == ("careful", 72)
    assert shown.notes[0] == "Without answers under 3 s or with fewer than 3 flips."
    moves = {
        row.label: abs(row.score - other.score)
        for row in board.rows
        for other in shown.rows
        if row.label == other.label and row.score is not None and other.score is not None
    }
    sensitivity = careful.sensitivity
    assert sensitivity.moved is not None
    assert sensitivity.largest_move == pytest.approx(max(moves.values()), abs=2e-4)
    document = ranking_document(board)
    assert document["variant"] == "used"
    assert [variant["variant"] for variant in document["variants"]] == ["careful", "entered", "all"]
    assert document["variants"][0]["same_order"] is (sensitivity.swapped == 0)
