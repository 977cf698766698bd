"""Frozen rankings: when they are kept, that nothing changes them, and what erasing takes out."""

import hashlib
import io
import json
from dataclasses import replace
from datetime import timedelta

import pyarrow.parquet as pq
import pytest

from ratings.challenge.models import Phase
from ratings.comparisons.models import Study
from ratings.comparisons.study.entries import set_active
from ratings.psychometrics.report.figures import FIGURES, draw
from ratings.ranking.boards.board_drawing import drawing_of_board
from ratings.ranking.boards.human_board import human_board
from ratings.ranking.fits.refitting import refit
from ratings.ranking.frozen.frozen_rankings import (
    board_of,
    board_until,
    decibels_of,
    freeze,
    freeze_due,
    frozen_of,
    read,
    redact,
)
from ratings.ranking.models import FrozenRanking, Ranking
from ratings.ranking.tables.export import OPEN_END, ranking_csv, ranking_document
from ratings.ranking.tables.parquet import document_parquet, ranking_parquet
from ratings.ranking.tables.tex import ranking_tex
from ratings.submissions.models import Submission
from tests.builders import NOW
from tests.ranking.builders import build_two_datasets, judge_all, judge_one_sided
from tests.web.builders import build_ranked_study, build_running_phase, build_scored_study

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
START = NOW.replace(minute=0, second=0, microsecond=0)


def build_frozen(**fields: object) -> FrozenRanking:
    study = build_ranked_study(build_running_phase(**fields))
    return freeze(study.rankings.get(), NOW)


def more(study: Study, at: object, seed: int) -> Ranking:
    judge_all(study, raters=2, judgments=6, seed=seed)
    ranking = refit(study, at)  # type: ignore[arg-type]
    assert ranking is not None
    return ranking


def test_the_address_is_the_digest_of_the_text() -> None:
    frozen = build_frozen()
    assert hashlib.sha256(frozen.document.encode()).hexdigest() == frozen.digest
    assert (
        frozen.document
        == json.dumps(json.loads(frozen.document), sort_keys=True, ensure_ascii=False, indent=1)
        + "\n"
    )


@pytest.mark.parametrize("scale", Study.Scale.values)
def test_a_frozen_ranking_is_the_board_in_every_form(scale: str) -> None:
    study = build_ranked_study(build_running_phase())
    Study.objects.update(scale=scale)
    board = human_board(Study.objects.get())
    frozen = freeze(Ranking.objects.get(), NOW)
    kept, was = board_of(frozen), replace(board, variants=())
    assert [replace(row, kind_reason="") for row in kept.rows] == list(was.rows)
    assert ranking_csv(kept) == ranking_csv(was) and ranking_tex(kept) == ranking_tex(was)
    document = ranking_document(was)
    del document["variants"]
    assert document.items() <= json.loads(frozen.document).items()
    parquet = pq.read_table(io.BytesIO(document_parquet(read(frozen))))
    assert parquet.equals(pq.read_table(io.BytesIO(ranking_parquet(was))))
    for name in FIGURES:
        drawn = draw(name, drawing_of_board(kept, decibels_of(frozen)), "svg")
        assert (drawn.startswith(b"<?xml") and study.name.encode() in drawn) or b"<path" in drawn


def test_open_ends_are_kept() -> None:
    study = build_scored_study(build_running_phase())
    judge_one_sided(study)
    ranking = refit(study, NOW)
    assert ranking is not None
    rows = board_of(freeze(ranking, NOW)).rows
    assert [row.open_end for row in rows] == [row.open_end for row in human_board(study).rows]
    assert any(row.open_end for row in rows)


def test_one_frozen_before_bounds_were_known_is_read_without() -> None:
    study = build_scored_study(build_running_phase())
    judge_one_sided(study)
    ranking = refit(study, NOW)
    assert ranking is not None
    frozen = freeze(ranking, NOW)
    kept = read(frozen)
    for row in kept["results"]:
        for name in OPEN_END:
            del row[name]
    table = pq.read_table(io.BytesIO(document_parquet(kept)))
    assert all(table[name].null_count == len(table) for name in OPEN_END)
    frozen.document = json.dumps(kept)
    older = board_of(frozen)
    assert any(row.open_end for row in older.rows)
    assert all(row.score_bound is None for row in older.rows)


def test_nothing_that_happens_later_changes_it() -> None:
    frozen = build_frozen()
    study, before = Study.objects.get(), board_of(frozen)
    text = frozen.document
    more(study, NOW + 2 * HOUR, 5)
    Submission.objects.update(method="renamed")
    Study.objects.update(name="Another name", scale="elo")
    Ranking.objects.update(method_version="older")
    set_active(study, [study.entries.order_by("pk")[0].submission])
    freeze_due(study, NOW + 9 * HOUR)
    again = FrozenRanking.objects.get(digest=frozen.digest)
    assert again.document == text
    assert board_of(again).rows == before.rows and board_of(again).study.name == before.study.name


def test_it_stays_when_its_study_goes() -> None:
    frozen = build_frozen()
    Ranking.objects.all().delete()
    again = FrozenRanking.objects.select_related("phase").get(digest=frozen.digest)
    assert again.ranking is None and board_of(again).judgments == 18


def test_an_open_study_s_ranking_is_frozen_when_its_hour_is_over() -> None:
    study = build_scored_study(build_running_phase())
    for minute in (5, 20, 50):
        more(study, START + minute * MINUTE, minute)
        assert freeze_due(study, START + minute * MINUTE) == []
    (frozen,) = freeze_due(study, START + HOUR)
    assert frozen.computed_at == START + 50 * MINUTE and frozen.judgments == 36
    assert freeze_due(study, START + HOUR) == []


def test_a_closed_study_s_ranking_is_frozen_once_it_has_stood() -> None:
    study = build_scored_study(build_running_phase())
    more(study, START + MINUTE, 1)
    Study.objects.update(is_open=False)
    study = Study.objects.get()
    assert freeze_due(study, START + MINUTE) == []
    assert len(freeze_due(study, START + 2 * MINUTE)) == 1


def test_a_frozen_ranking_s_row_is_not_cleared_away() -> None:
    study = build_scored_study(build_running_phase())
    first = more(study, START + MINUTE, 1)
    frozen = freeze(first, NOW)
    more(study, START + 2 * MINUTE, 2)
    frozen.refresh_from_db()
    assert frozen.ranking == first and study.rankings.count() == 2


def test_each_data_set_has_its_own() -> None:
    phase = build_two_datasets()
    study = build_scored_study(phase)
    more(study, START, 1)
    freeze_due(study, START + HOUR)
    assert FrozenRanking.objects.count() == 3
    for dataset in (None, *phase.datasets.all()):
        (frozen,) = frozen_of(study, dataset)
        assert board_of(frozen).dataset == dataset or board_of(frozen).dataset.slug == dataset.slug  # type: ignore[union-attr]


def build_freezing_phase() -> Phase:
    return build_running_phase(boards_frozen_from=START + 30 * MINUTE)


def test_the_ranking_at_the_freeze_outlives_its_hour() -> None:
    study = build_scored_study(build_freezing_phase())
    at_freeze = more(study, START + 20 * MINUTE, 1)
    until = START + 30 * MINUTE
    more(study, START + 40 * MINUTE, 2)
    assert board_until(study, None, until).judgments == at_freeze.judgments == 12
    (frozen,) = freeze_due(study, START + 41 * MINUTE)
    more(study, START + 45 * MINUTE, 3)
    assert frozen.computed_at == at_freeze.computed_at
    shown = board_until(study, None, until)
    assert shown.judgments == 12 and shown.study == study
    assert human_board(study).judgments == 36


def test_boards_frozen_before_the_first_judgment_are_empty() -> None:
    study = build_scored_study(build_freezing_phase())
    more(study, START + 40 * MINUTE, 2)
    board = board_until(study, None, START + 30 * MINUTE)
    assert board.rows == [] and board.judgments == 0 and board.computed_at is None


def test_an_erased_team_s_name_goes_and_the_address_stays() -> None:
    frozen = build_frozen()
    challenge = frozen.phase.challenge
    was = board_of(frozen).rows[0].team
    assert redact(challenge, was, "Erased team 1", NOW) == 1
    again = FrozenRanking.objects.get(digest=frozen.digest)
    assert was not in again.document and board_of(again).rows[0].team == "Erased team 1"
    assert again.redacted_sha256 == hashlib.sha256(again.document.encode()).hexdigest()
    assert redact(challenge, was, "Erased team 1", NOW) == 0
