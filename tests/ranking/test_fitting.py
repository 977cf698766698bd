"""Stored rankings: what the pure fit says of the exported judgments, once for each input."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ratings.comparisons.models import Entry, Study
from ratings.psychometrics.fitting import Settings, fit, table
from ratings.psychometrics.judgments_csv import read_judgments
from ratings.psychometrics.printed import chances
from ratings.ranking.board import NO_JUDGMENTS, human_board
from ratings.ranking.export import judgments_csv
from ratings.ranking.fitting import refit, study_tally
from ratings.ranking.models import Ranking, latest_ranking
from tests.builders import NOW, build_phase
from tests.comparisons.builders import build_entry, build_filled_study, build_study
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


def test_the_exported_judgments_give_the_stored_ranking_to_the_last_digit(
    study: Study, tmp_path: Path
) -> None:
    judge_all(study, raters=4, judgments=12)
    ranking = refit(study, NOW)
    assert ranking is not None
    exported = tmp_path / "judgments.csv"
    exported.write_text("".join(judgments_csv(study)))
    tally = read_judgments(exported).tally()
    assert tally.digest() == ranking.input_sha256 == study_tally(study).digest()
    stored = [
        {"method": row.label} | {name: getattr(row, name) for name in expected if name != "method"}
        for row, expected in zip(human_board(study).rows, table(fit(tally)), strict=True)
    ]
    assert stored == table(fit(tally))


def test_methods_renamed_keep_every_stored_digit(study: Study) -> None:
    judge_all(study, raters=5, judgments=12)
    refit(study, NOW)
    before = human_board(study)
    names = {entry.label: f"{9 - number} codec" for number, entry in enumerate(before.rows)}
    for entry in study.entries.all():
        Entry.objects.filter(pk=entry.pk).update(label=names[entry.label])
    Ranking.objects.all().delete()
    refit(study, NOW)
    after = human_board(study)
    assert [row.label for row in after.rows] == [names[row.label] for row in before.rows]
    assert [replace(row, label="") for row in after.rows] == [
        replace(row, label="") for row in before.rows
    ]


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
    lines = list(judgments_csv(study))
    for slug, part in parts.items():
        exported.write_text("".join([lines[0], *(x for x in lines if f".png,{slug}," in x)]))
        tally = read_judgments(exported).tally()
        assert part and part.input_sha256 == tally.digest() != whole.input_sha256
        board = human_board(study, part.dataset)
        assert (board.judgments, board.pictures) == (part.judgments, {"P": 2, "M": 3}[slug])
        assert [row.score for row in board.rows] == [row["score"] for row in table(fit(tally))]


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
