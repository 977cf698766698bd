"""Exports: the columns that are promised, and text that spreadsheets can't run."""

import csv
import io
import json
import math
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pyarrow.parquet as pq
import pytest

from ratings.comparisons.judgments.judging import undo
from ratings.comparisons.judgments.screening import decide
from ratings.comparisons.models import Judgment, Rater
from ratings.comparisons.raters import rater_keys
from ratings.fidelity.psnr_board import PsnrRow
from ratings.psychometrics.files.csv_fields import unquoted
from ratings.ranking.boards.human_board import human_board
from ratings.ranking.fits.refitting import refit
from ratings.ranking.tables.export import (
    judgments_csv,
    psnr_csv,
    psnr_rows,
    ranking_csv,
)
from ratings.ranking.tables.parquet import write_judgments
from ratings.ranking.tables.tex import judgments_tex
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study, pair_of
from tests.comparisons.checks import build_answer, build_goldens
from tests.ranking.builders import judge_all

RANKING = "rank,rank_low,rank_high,method,team,baseline,score,se,ci_low,ci_high,win_rate,judgments"
PSNR = (
    "rank,method,team,baseline,psnr_db,mse,bytes,bpp,decode_seconds,peak_memory_bytes,decoder_bytes"
)
JUDGMENTS = (
    "judgment_id,trial_id,rater,image,dataset,crop_x,crop_y,crop_width,crop_height,left,right,"
    "choice,kind,response_ms,issued_at,judged_at,excluded,exclusion_reason"
)


def psnr_row(**values: Any) -> PsnrRow:
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
        RANKING + ",band_low,band_high,degrees_of_freedom,scale,kind,kind_reason"
        ",score_at_least,score_at_most,open_end\r\n"
    )
    assert psnr_csv([]).splitlines() == [PSNR + ",ms_ssim,kind,kind_reason,environment"]
    assert next(judgments_csv(study)).startswith(f"{JUDGMENTS},".encode())


@pytest.mark.django_db
def test_a_judgment_is_written_as_it_was_made() -> None:
    study = build_filled_study()
    trials = {str(trial.pk): trial for trial in judge_all(study, raters=2)}
    rows = list(csv.DictReader(io.StringIO(b"".join(judgments_csv(study)).decode())))
    assert {row["trial_id"] for row in rows} == set(trials)
    for row in rows:
        trial = trials[row["trial_id"]]
        first_side = "left" if trial.first_left else "right"
        assert row[first_side] == pair_of(trial).first.label
        assert row["rater"] == trial.rater_id.hex
        assert (row["excluded"], row["simulated"], row["flips"]) == ("false", "false", "3")


@pytest.mark.django_db
def test_every_row_says_why_it_does_not_count_and_what_was_shown() -> None:
    study = build_filled_study(methods=2)
    trials = judge_all(study, raters=2, judgments=2)
    rater, out = trials[0].rater, trials[-1].rater
    rater_keys.visit(rater, "Mozilla/5.0 (X11)", {}, NOW)
    Judgment.objects.filter(trial=trials[0]).update(
        excluded=True, exclusion_reason="answered without a flip", display={"visit": 1}
    )
    undo(trials[1].pk, [rater.pk], 1, NOW)
    decide(out, Rater.State.REJECTED, "A script.", now=NOW)
    build_goldens(rater, [True])
    build_answer(rater, "tie", kind="identical", entry=study.entries.get(label="method-0"))
    times = {"flip_ms": [90, 1200], "flips": 2, "shown_at": "2026-01-31T12:00:00+00:00"}
    Judgment.objects.filter(trial__kind="golden").update(display=times)
    rows = list(csv.DictReader(io.StringIO(b"".join(judgments_csv(study)).decode())))
    reasons = [row["exclusion_reason"] for row in rows]
    assert reasons == [
        "answered without a flip",
        "undone by the rater",
        *["rater rejected: A script."] * 2,
        *["", ""],
    ]
    assert [row["excluded"] for row in rows] == ["true"] * 4 + ["false"] * 2
    assert [row["undone_at"] for row in rows] == ["", NOW.isoformat(), "", "", "", ""]
    assert [row["browser"] for row in rows] == ["Mozilla/5.0 (X11)", *[""] * 5]
    assert [row["rater_state"] for row in rows[1:3]] == ["used", "rejected"]
    golden, same = rows[4:]
    assert (golden["kind"], golden["left"], golden["right"]) == (
        "golden",
        "original",
        "original degraded 1",
    )
    assert (golden["fast"], golden["flip_ms"]) == ("true", "90 1200")
    assert (same["kind"], same["left"], same["right"]) == ("identical", "method-0", "method-0")
    out_file = io.BytesIO()
    write_judgments(study, out_file)
    typed = pq.read_table(out_file).to_pylist()[4]
    assert (typed["flip_ms"], typed["flips"], typed["fast"]) == ([90, 1200], 2, True)
    assert typed["shown_at"] == datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert "".join(judgments_tex(study)).count(r"\\") == 1  # the head: nothing counts


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_names_are_never_formulas(name: str) -> None:
    text = psnr_csv([psnr_row(method=name)])
    row = next(csv.DictReader(io.StringIO(text, newline="")))
    assert row["method"] == f"'{name}" and unquoted(row["method"]) == name


def test_infinite_psnr_is_valid_json() -> None:
    (row,) = psnr_rows([psnr_row(psnr_db=math.inf, mse=0.0)])
    assert json.loads(json.dumps(row, allow_nan=False))["psnr_db"] == "inf"
