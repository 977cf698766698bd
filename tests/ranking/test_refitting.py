"""Stored rankings: what the pure fit says of the exported judgments, once for each input."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.db.models import F

from ratings.comparisons.judgments.counter_tables import rebuild_counts
from ratings.comparisons.judgments.judging import Answer, judge
from ratings.comparisons.models import Entry, Judgment, Pair, PairCount, RaterCount, Study
from ratings.comparisons.trials.scheduling import issue
from ratings.psychometrics.design.floor import NO_FLOOR, Floor, variance_floor
from ratings.psychometrics.files.judgments_csv import read_judgments
from ratings.psychometrics.inference.fitting import Settings, fit, ranking_table
from ratings.psychometrics.report.published import chances
from ratings.ranking.boards.human_board import NO_JUDGMENTS, HumanRow, human_board
from ratings.ranking.fits.ranking_turns import turn
from ratings.ranking.fits.refitting import (
    LIVELY,
    Source,
    live_studies,
    refit,
    store_ranking,
)
from ratings.ranking.fits.remaining_judgments import study_floor
from ratings.ranking.fits.study_counts import study_tally
from ratings.ranking.models import Ranking, latest_ranking
from ratings.ranking.news import seen_now
from ratings.ranking.tables.export import judgments_csv
from tests.builders import NOW, build_phase
from tests.comparisons.builders import (
    build_entry,
    build_filled_study,
    build_rater,
    build_study,
    pair_of,
)
from tests.ranking.builders import build_two_datasets, judge_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return build_filled_study(methods=3, pictures=4, crops_per_picture=1)


def test_without_judgments_there_is_nothing_to_fit(study: Study) -> None:
    assert refit(study, NOW) is None
    board = human_board(study)
    assert [row.label for row in board.rows] == ["method-0", "method-1", "method-2"]
    assert all(row.score is None and row.judgments == 0 for row in board.rows)
    assert (board.notes, board.computed_at) == ([NO_JUDGMENTS], None)


def test_what_raters_and_pictures_leave_is_kept_of_the_whole_ranking() -> None:
    study = build_filled_study(phase=build_two_datasets())
    assert study_floor(study) == NO_FLOOR
    judge_all(study, raters=6, judgments=8)
    ranking = refit(study, NOW)
    assert ranking is not None
    left = variance_floor(study_tally(study))
    assert (ranking.floor_raters, ranking.floor_pictures) == (left.raters, left.pictures)
    Ranking.objects.filter(pk=ranking.pk).update(floor_raters=0.01, floor_pictures=0.02)
    assert study_floor(study) == Floor(raters=0.01, pictures=0.02)
    parts = [latest_ranking(study, dataset) for dataset in study.phase.datasets.all()]
    assert [part and part.floor_raters for part in parts] == [None, None]


def test_the_exported_judgments_give_the_stored_ranking_to_the_last_digit(
    study: Study, tmp_path: Path
) -> None:
    judge_all(study, raters=4, judgments=12)
    ranking = refit(study, NOW)
    assert ranking is not None
    exported = tmp_path / "judgments.csv"
    exported.write_text(b"".join(judgments_csv(study)).decode())
    tally = read_judgments(exported).tally()
    assert tally.digest() == ranking.input_sha256 == study_tally(study).digest()
    stored = [
        {"method": row.label} | {name: getattr(row, name) for name in expected if name != "method"}
        for row, expected in zip(human_board(study).rows, ranking_table(fit(tally)), strict=True)
    ]
    assert stored == ranking_table(fit(tally))


def judge_shares(study: Study, shares: Sequence[int]) -> None:
    """Let 5 raters judge all there is: of 4 answers about a pair so many are for its first."""
    share = dict(zip(study.pairs.order_by("first", "second"), shares, strict=True))
    judged: Counter[Pair] = Counter()
    for _ in range(5):
        rater = build_rater(study)
        for trial in issue(rater, 12, NOW, np.random.default_rng(1)):
            prefers_first = judged[pair_of(trial)] % 4 < share[pair_of(trial)]
            judged[pair_of(trial)] += 1
            choice = "left" if prefers_first == trial.first_left else "right"
            judge(trial.pk, [rater.pk], Answer(choice, 4000, {"flips": 3}), NOW)


@pytest.mark.parametrize(
    ("shares", "ranks"),
    [
        ((3, 3, 3), [1, 2, 3]),
        ((2, 3, 3), [1, 1, 3]),
        ((2, 2, 2), [1, 1, 1]),
        ((4, 4, 3), [1, 2, 3]),  # the first has an open end
    ],
)
def test_methods_renamed_keep_every_stored_digit(
    study: Study, shares: Sequence[int], ranks: list[int]
) -> None:
    judge_shares(study, shares)
    refit(study, NOW)
    before = human_board(study)
    assert [row.rank for row in before.rows] == ranks
    # In the opposite order, in which methods of one rank stand then.
    names = {row.label: f"{9 - number} codec" for number, row in enumerate(before.rows)}
    for entry in study.entries.all():
        Entry.objects.filter(pk=entry.pk).update(label=names[entry.label])
    Ranking.objects.all().delete()
    refit(study, NOW)
    renamed = [_renamed(row, names) for row in before.rows]
    assert human_board(study).rows == sorted(renamed, key=lambda row: (row.rank, row.label))


def _renamed(row: HumanRow, names: Mapping[str, str]) -> HumanRow:
    end = row.open_end and replace(row.open_end, next_to=names[row.open_end.next_to or ""])
    return replace(row, label=names[row.label], open_end=end)


def test_the_same_judgments_give_the_ranking_that_is_there(study: Study) -> None:
    judge_all(study, raters=3)
    first = refit(study, NOW)
    again = refit(study, NOW + timedelta(hours=1))
    assert first == again
    assert Ranking.objects.count() == 1


def test_judgments_of_another_study_change_nothing(study: Study) -> None:
    judge_all(study, raters=3)
    first = refit(study, NOW)
    judge_all(build_filled_study(), raters=1)
    assert refit(study, NOW + timedelta(hours=1)) == first
    assert Ranking.objects.count() == 1


def test_a_new_judgment_gives_a_new_ranking_and_keeps_the_old(study: Study) -> None:
    judge_all(study, raters=2)
    first = refit(study, NOW)
    judge_all(study, raters=1, judgments=1, seed=2)
    second = refit(study, NOW + timedelta(hours=1))
    assert first is not None
    assert second is not None
    assert second.judgments == first.judgments + 1
    assert human_board(study).judgments == second.judgments
    assert Ranking.objects.count() == 2


def test_each_data_set_has_a_ranking_of_its_own_judgments(tmp_path: Path) -> None:
    study = build_filled_study(phase=build_two_datasets())
    judge_all(study, raters=4, judgments=12)
    whole = refit(study, NOW)
    parts = {d.slug: latest_ranking(study, d) for d in study.phase.datasets.all()}
    assert whole and whole.judgments == 48
    assert sum(part.judgments for part in parts.values() if part) == 48
    exported = tmp_path / "judgments.csv"
    lines = b"".join(judgments_csv(study)).decode().splitlines(keepends=True)
    for slug, part in parts.items():
        exported.write_text("".join([lines[0], *(x for x in lines if f".png,{slug}," in x)]))
        tally = read_judgments(exported).tally()
        assert part and part.input_sha256 == tally.digest() != whole.input_sha256
        board = human_board(study, part.dataset)
        assert (board.judgments, board.pictures) == (part.judgments, {"P": 2, "M": 3}[slug])
        assert [row.score for row in board.rows] == [
            row["score"] for row in ranking_table(fit(tally))
        ]


def test_a_board_knows_what_a_page_draws_of_the_fit(study: Study) -> None:
    judge_all(study, raters=6, judgments=12)
    refit(study, NOW)
    fitted = fit(study_tally(study))
    board = human_board(study)
    assert board.groups == [list(group) for group in fitted.groups] != []
    assert board.chances == chances(fitted) != []
    for row in board.rows:
        assert row.wide_low is not None and row.ci_low is not None and row.ci_high is not None
        assert row.wide_low < row.ci_low < row.ci_high < (row.wide_high or 0)
    at_99 = fit(study_tally(study), Settings(level=0.99)).rows[0]
    assert at_99.ci_low is not None and board.rows[0].wide_low is not None
    assert at_99.ci_low == pytest.approx(board.rows[0].wide_low, rel=1e-3)


def test_the_only_data_set_of_a_phase_is_all_of_it(study: Study) -> None:
    judge_all(study, raters=2)
    ranking = refit(study, NOW)
    assert ranking and Ranking.objects.count() == 1
    assert human_board(study, study.phase.datasets.get()).judgments == ranking.judgments


def test_a_data_set_without_judgments_says_so() -> None:
    study = build_filled_study(phase=build_two_datasets(), crops_per_picture=1)
    judge_all(study, judgments=1)
    refit(study, NOW)
    boards = [human_board(study, dataset) for dataset in study.phase.datasets.all()]
    assert sorted(board.judgments for board in boards) == [0, 1]
    assert [NO_JUDGMENTS] in [board.notes for board in boards]


@pytest.mark.parametrize("simulated", [True, False])
def test_says_whether_raters_are_simulated(study: Study, simulated: bool) -> None:
    judge_all(study, raters=1)
    judge_all(study, raters=1, simulated=simulated, seed=3)
    refit(study, NOW)
    assert human_board(study).simulated is simulated


def test_one_rater_alone_gets_no_interval_but_a_note(study: Study) -> None:
    judge_all(study, raters=1, judgments=12)
    refit(study, NOW)
    board = human_board(study)
    assert board.provisional
    assert all(row.ci_low is None for row in board.rows)
    assert any("single rater" in note for note in board.notes)


def test_an_active_entry_without_judgments_stands_last_without_a_place(study: Study) -> None:
    judge_all(study, raters=3)
    refit(study, NOW)
    entry = build_entry(study, method="late")
    entry.active = True
    entry.save()
    assert human_board(study).rows[-1].label == "late"
    assert human_board(study).rows[-1].rank is None


def test_a_study_without_entries_has_an_empty_board() -> None:
    assert human_board(build_study(build_phase())).rows == []


def test_within_an_hour_only_the_newest_ranking_is_kept(study: Study) -> None:
    for minutes in (0, 20, 40, 61):
        judge_all(study, raters=1, judgments=2, seed=minutes)
        refit(study, NOW + timedelta(minutes=minutes))
    kept = Ranking.objects.order_by("computed_at").values_list("judgments", flat=True)
    assert list(kept) == [6, 8]


def test_a_worker_whose_clock_is_ahead_keeps_no_later_ranking_from_the_board(study: Study) -> None:
    judge_all(study, raters=2, judgments=3)
    ahead = refit(study, NOW + timedelta(hours=1))
    judge_all(study, raters=1, judgments=3, seed=2)
    newer = refit(study, NOW)
    assert ahead and newer and newer.judgments == ahead.judgments + 3
    assert human_board(study).judgments == newer.judgments
    assert latest_ranking(study) == newer
    assert not Ranking.objects.filter(pk=ahead.pk).exists()  # within the same hour, so to speak


def test_a_fit_that_saw_less_takes_nothing_away(study: Study) -> None:
    """A slow process stores its fit after another one that saw more."""
    judge_all(study, raters=2, judgments=3)
    before = seen_now(study, NOW + timedelta(minutes=1))
    slow = Source(study, None, study_tally(study), is_simulated=False)
    judge_all(study, raters=1, judgments=3, seed=2)
    newer = refit(study, NOW)
    assert store_ranking(slow, before)
    assert latest_ranking(study) == newer


def test_judgments_of_another_study_make_nobody_read_counters(
    study: Study, django_assert_max_num_queries: Callable[..., AbstractContextManager[Any]]
) -> None:
    judge_all(study, raters=3)
    refit(study, NOW)
    judge_all(build_filled_study(), raters=1)
    with django_assert_max_num_queries(5) as asked:
        refit(study, NOW + timedelta(hours=1))
    assert not any("ratings_ratercount" in query["sql"] for query in asked)


def test_a_judgment_that_is_stored_late_is_ranked(study: Study) -> None:
    """Its number is lower than that of the newest one which the ranking has seen."""
    judge_all(study, raters=2, judgments=3)
    first = refit(study, NOW)
    judge_all(study, raters=1, judgments=1, seed=2)
    newest = Judgment.objects.order_by("-pk")[0]
    Judgment.objects.filter(pk=newest.pk).update(id=-1)
    second = refit(study, NOW)
    assert first and second and second.judgments == first.judgments + 1


def test_counters_that_are_set_right_are_ranked_though_their_sum_is_the_same(study: Study) -> None:
    judge_all(study, raters=4, judgments=12)
    right = refit(study, NOW)
    turned = {"wins_first": F("wins_second"), "wins_second": F("wins_first")}
    for model in (PairCount, RaterCount):
        model.objects.filter(pair__study=study).update(**turned)
    Study.objects.filter(pk=study.pk).update(changes=1)
    wrong = refit(study, NOW)
    assert right and wrong and wrong.input_sha256 != right.input_sha256
    assert wrong.judgments == right.judgments
    assert rebuild_counts(study, repair=True)
    ranking = refit(study, NOW)
    assert ranking and ranking.input_sha256 == right.input_sha256
    assert latest_ranking(study) == ranking
    assert rebuild_counts(study, repair=True) == []  # and nothing more to look at
    assert Study.objects.get().changes == 2


def test_live_are_open_studies_and_those_ranked_lately(study: Study) -> None:
    quiet = build_filled_study(is_open=False)
    judge_all(quiet, raters=1, judgments=2)
    assert set(live_studies(NOW)) == {study}
    refit(quiet, NOW)
    assert set(live_studies(NOW + LIVELY / 2)) == {study, quiet}
    assert set(live_studies(NOW + LIVELY)) == {study}


@pytest.mark.django_db(transaction=True)
def test_processes_that_store_the_same_at_once_get_the_same_ranking(study: Study) -> None:
    judge_all(study, raters=4, judgments=12)
    ready = threading.Barrier(4)

    def fit_too(_: int) -> int | None:
        try:
            ready.wait()
            ranking = refit(study, NOW)
            return ranking.pk if ranking else None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        keys = set(pool.map(fit_too, range(4)))
    assert keys == set(Ranking.objects.values_list("pk", flat=True))
    assert Ranking.objects.get().scores.count() == 3


@pytest.mark.django_db(transaction=True)
def test_one_process_at_a_time_has_a_turn(study: Study) -> None:
    def has_turn() -> bool:
        try:
            with turn(study, wait=False) as mine:
                return mine
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with turn(study):
            assert not pool.submit(has_turn).result()
        assert pool.submit(has_turn).result()
