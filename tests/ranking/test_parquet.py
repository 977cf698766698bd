"""Parquet: the same values as the CSV, with types."""

import csv
import io
import json
from datetime import datetime

import pyarrow.parquet as pq
import pytest

from ratings.comparisons.models import Judgment
from ratings.ranking.boards.human_board import human_board
from ratings.ranking.evidence.judgment_query import JUDGMENT_COLUMNS
from ratings.ranking.fits.refitting import refit
from ratings.ranking.tables.columns import names
from ratings.ranking.tables.export import (
    RANKING_COLUMNS,
    judgments_csv,
    ranking_document,
    ranking_rows,
)
from ratings.ranking.tables.parquet import ranking_parquet, write_judgments
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study
from tests.ranking.builders import judge_all

pytestmark = pytest.mark.django_db


def test_a_ranking_keeps_its_numbers_and_what_it_was_made_of() -> None:
    study = build_filled_study()
    judge_all(study, raters=3)
    refit(study, NOW)
    board = human_board(study)
    table = pq.read_table(io.BytesIO(ranking_parquet(board)))
    assert table.column_names == names(RANKING_COLUMNS)
    assert table.to_pylist() == ranking_rows(board)
    kept = json.loads(table.schema.metadata[b"ranking"])
    assert kept == {k: v for k, v in ranking_document(board).items() if k != "results"}
    assert ranking_parquet(board) == ranking_parquet(board)


def test_judgments_are_those_of_the_csv_with_types() -> None:
    study = build_filled_study()
    judge_all(study, raters=3, simulated=True)
    Judgment.objects.update(display={"flips": 2, "device_pixel_ratio": 1.5, "layout": "beside"})
    out = io.BytesIO()
    write_judgments(study, out)
    table = pq.read_table(out)
    rows = list(csv.DictReader(io.StringIO(b"".join(judgments_csv(study)).decode())))
    assert table.column_names == JUDGMENT_COLUMNS
    assert len(rows) == table.num_rows == Judgment.objects.count()
    for row, typed in zip(rows, table.to_pylist(), strict=True):
        assert typed["judged_at"] == datetime.fromisoformat(row["judged_at"])
        assert (typed["excluded"], typed["simulated"]) == (False, True)
        assert (typed["device_pixel_ratio"], typed["layout"], typed["input"]) == (
            1.5,
            "beside",
            None,
        )
        for name in ("judgment_id", "crop_x", "response_ms", "rater", "left", "choice", "flips"):
            assert str(typed[name]) == row[name]


def test_a_study_without_judgments_has_an_empty_table() -> None:
    out = io.BytesIO()
    write_judgments(build_filled_study(), out)
    assert pq.read_table(out).column_names == JUDGMENT_COLUMNS
