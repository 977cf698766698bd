"""Exports: the columns that are promised, and text that spreadsheets can't run."""

import csv
import io
import json
import math
from uuid import uuid4

import pytest

from ratings.api import judgments
from ratings.comparisons.judging import DISPLAY_FACTS
from ratings.fidelity.board import PsnrRow
from ratings.ranking.board import human_board
from ratings.ranking.export import (
    JUDGMENT_COLUMNS,
    judgments_csv,
    psnr_csv,
    psnr_rows,
    ranking_csv,
)
from ratings.ranking.fitting import refit
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study
from tests.ranking.builders import judge_all

RANKING = "rank,rank_low,rank_high,method,team,baseline,score,se,ci_low,ci_high,win_rate,judgments"
PSNR = (
    "rank,method,team,baseline,psnr_db,mse,bytes,bpp,decode_seconds,peak_memory_bytes,decoder_bytes"
)
JUDGMENTS = (
    "judgment_id,trial_id,rater,image,dataset,crop_x,crop_y,crop_width,crop_height,left,right,"
    "choice,kind,response_ms,issued_at,judged_at,excluded,exclusion_reason"
)


def psnr_row(**values: object) -> PsnrRow:
    defaults: dict[str, object] = {
        "rank": 1,
        "submission_id": uuid4(),
        "method": "AVIF",
        "team": "A team",
        "kind": "baseline",
        "kind_reason": "",
        "psnr_db": 30.5,
        "mse": 57.9,
        "size_bytes": 1000,
        "bpp": 0.15,
        "decoder_bytes": None,
    }
    return PsnrRow(**(defaults | values))  # type: ignore[arg-type]


@pytest.mark.django_db
def test_columns_are_those_promised() -> None:
    study = build_filled_study()
    judge_all(study, raters=2)
    refit(study, NOW)
    assert ranking_csv(human_board(study)).startswith(
        RANKING + ",band_low,band_high,degrees_of_freedom,scale,kind,kind_reason\r\n"
    )
    assert psnr_csv([]).splitlines() == [PSNR + ",ms_ssim,kind,kind_reason"]
    assert next(judgments_csv(study)).startswith(JUDGMENTS + ",")


@pytest.mark.django_db
def test_a_judgment_is_written_as_it_was_made() -> None:
    study = build_filled_study()
    trials = {str(trial.pk): trial for trial in judge_all(study, raters=2)}
    rows = list(csv.DictReader(io.StringIO("".join(judgments_csv(study)))))
    assert {row["trial_id"] for row in rows} == set(trials)
    for row in rows:
        trial = trials[row["trial_id"]]
        first_side = "left" if trial.first_left else "right"
        assert row[first_side] == trial.pair.first.label
        assert row["rater"] == trial.rater_id.hex
        assert (row["excluded"], row["simulated"], row["flips"]) == ("false", "false", "3")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_names_are_never_formulas(name: str) -> None:
    text = psnr_csv([psnr_row(method=name)])
    row = next(csv.DictReader(io.StringIO(text, newline="")))
    assert row["method"] == f"'{name}"


def test_infinite_psnr_is_valid_json() -> None:
    (row,) = psnr_rows([psnr_row(psnr_db=math.inf, mse=0.0)])
    assert json.loads(json.dumps(row, allow_nan=False))["psnr_db"] == "inf"


def test_every_fact_the_api_takes_has_its_column() -> None:
    assert tuple(judgments.DISPLAY_FACTS) == DISPLAY_FACTS
    assert set(DISPLAY_FACTS) <= set(JUDGMENT_COLUMNS)
