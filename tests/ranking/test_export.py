"""Exports: the columns that are promised, and text that spreadsheets can't run."""

import csv
import io
import json
import math
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

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
    ranking_document,
)
from ratings.ranking.fitting import refit
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study
from tests.ranking.builders import build_two_datasets, judge_all

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
    assert ranking_csv(human_board(study)).startswith(RANKING + ",band_low,band_high,scale\r\n")
    assert psnr_csv([]).splitlines() == [PSNR]
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


@pytest.mark.django_db
def test_the_bundle_reproduces_its_ranking(tmp_path: Path) -> None:
    study = build_filled_study()
    judge_all(study, raters=4, simulated=True)
    folder = tmp_path / "bundle"
    call_command("export_study", study.slug, folder)
    again = io.StringIO()
    call_command("rank", folder / "judgments.csv", json=True, stdout=again)
    fitted = json.loads(again.getvalue())
    published = json.loads((folder / "ranking.json").read_text())
    names = ["rank", "rank_low", "rank_high", "score", "ci_low", "ci_high", "win_rate"]
    assert [[row[name] for name in names] for row in fitted["results"]] == [
        [row[name] for name in names] for row in published["results"]
    ]
    assert fitted["input_sha256"] == published["input_sha256"]
    assert fitted["settings"] == published["settings"]
    assert published["simulated"]
    assert "SIMULATED" in (folder / "README").read_text()


@pytest.mark.django_db
@pytest.mark.parametrize("dataset", [None, "P"])
@pytest.mark.parametrize("options", [["--scale=natural"], ["--scale=elo", "--mean=1200.5"]])
def test_rank_prints_any_published_ranking_again(
    tmp_path: Path, options: list[str], dataset: str | None
) -> None:
    study = build_filled_study(phase=build_two_datasets(), scale_mean=1200.5)
    judge_all(study, raters=4, judgments=12)
    study.scale = options[0].removeprefix("--scale=")
    study.save()
    refit(study, NOW)
    path = tmp_path / "judgments.csv"
    path.write_text("".join(judgments_csv(study)))
    again = io.StringIO()
    options = [*options, *([f"--dataset={dataset}"] if dataset else []), "--json"]
    call_command("rank", path, *options, stdout=again)
    fitted = json.loads(again.getvalue())
    part = study.phase.datasets.filter(slug=dataset).first()
    published = ranking_document(human_board(study, part))
    for name in ("settings", "scale", "input_sha256", "judgments", "notes", "groups", "pairs"):
        assert fitted[name] == published[name]
    for row, shown in zip(fitted["results"], published["results"], strict=True):
        assert row == {name: shown[name] for name in row}


@pytest.mark.django_db
def test_the_bundle_never_overwrites_anything(tmp_path: Path) -> None:
    study = build_filled_study()
    (tmp_path / "mine").touch()
    with pytest.raises(CommandError, match="not an empty directory"):
        call_command("export_study", study.slug, tmp_path)
    with pytest.raises(CommandError, match="no study 'other'"):
        call_command("export_study", "other", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_every_fact_the_api_takes_has_its_column() -> None:
    assert tuple(judgments.DISPLAY_FACTS) == DISPLAY_FACTS
    assert set(DISPLAY_FACTS) <= set(JUDGMENT_COLUMNS)
