"""The replication bundle: its own commands make every ranking in it again, exactly."""

import csv
import hashlib
import io
import json
import os
import random
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from ratings.comparisons.judgments.counter_tables import rebuild_counts
from ratings.comparisons.judgments.judging import Answer, judge, undo
from ratings.comparisons.judgments.screening import decide
from ratings.comparisons.models import Judgment, Rater, Study, Trial
from ratings.comparisons.raters import rater_keys
from ratings.comparisons.raters.privacy import erase_rater
from ratings.comparisons.study.public_definition import public_digest
from ratings.psychometrics.files.csv_fields import unquoted
from ratings.ranking.boards.human_board import HumanBoard, human_board
from ratings.ranking.bundles import bundle
from ratings.ranking.fits.refitting import refit
from ratings.submissions.models import Submission
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study
from tests.comparisons.checks import build_answer, build_checked
from tests.ranking.builders import build_two_datasets, judge_all

pytestmark = pytest.mark.django_db(transaction=True)


def exported(study: Study, tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    call_command("export_study", study.slug, folder)
    return folder


def refitted(folder: Path) -> list[dict[str, Any]]:
    """Run every command that the README names, in its folder."""
    documents = []
    for line in re.findall(r"python manage\.py rank (.*)", (folder / "README").read_text()):
        file, *options = shlex.split(line)
        out = io.StringIO()
        call_command("rank", folder / file, *options, stdout=out)
        documents.append(json.loads(out.getvalue()))
    return documents


@pytest.mark.parametrize(
    ("scale", "ties"), [("natural", "davidson"), ("elo", "half"), ("jnd", "half")]
)
def test_its_commands_make_its_rankings_again_to_the_last_digit(
    tmp_path: Path, scale: str, ties: str
) -> None:
    study = build_filled_study(
        methods=4, phase=build_two_datasets(), scale=scale, scale_mean=1200.1, tie_model=ties
    )
    judge_all(study, raters=6, judgments=12)
    make_every_kind_of_answer(study)
    gone = study.entries.order_by("pk")[1].submission_id
    Submission.objects.filter(pk=gone).update(
        exclusion=Submission.Exclusion.DISQUALIFIED, exclusion_reason="Why"
    )
    folder = exported(study, tmp_path)
    fits = refitted(folder)
    suffixes = [f"{variant}{part}" for variant in VARIANTS for part in ("", "-M", "-P")]
    inputs = set()
    for suffix, fitted in zip(suffixes, fits, strict=True):
        published = json.loads((folder / f"ranking{suffix}.json").read_text())
        for name in ("settings", "scale", "input_sha256", "judgments", "raters", "groups", "pairs"):
            assert fitted[name] == published[name]
        assert fitted["notes"] == published["notes"][1 if published["variant"] != "used" else 0 :]
        for row, shown in zip(fitted["results"], published["results"], strict=True):
            assert row == {name: shown[name] for name in row}
        if suffix in VARIANTS:  # on one data set two of them may be alike by chance
            inputs.add(published["input_sha256"])
    assert len(inputs) == 4


VARIANTS = ("", "-careful", "-entered", "-all")
NAMES = ["-net", "'=1+1", "'@home", "NA", "图像组 / 深度编码", "None", "'plain", '"a", b']


def test_names_come_back_from_every_format(tmp_path: Path) -> None:
    study = build_filled_study(methods=len(NAMES), pictures=2)
    for number, name in enumerate(NAMES):
        study.entries.filter(label=f"method-{number}").update(label=name)
    judge_all(study, raters=6, judgments=40)
    folder = exported(study, tmp_path)
    published = json.loads((folder / "ranking.json").read_text())
    fitted = refitted(folder)[0]
    assert fitted["input_sha256"] == published["input_sha256"]
    assert (fitted["pairs"], fitted["groups"]) == (published["pairs"], published["groups"])
    assert {row["method"] for row in fitted["results"]} == set(NAMES)
    with (folder / "judgments.csv").open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    typed = pq.read_table(folder / "judgments.parquet").to_pylist()
    for side in ("left", "right"):
        assert [unquoted(row[side]) for row in rows] == [row[side] for row in typed]


def make_every_kind_of_answer(study: Study) -> None:
    """Drop, undo and hasten some answers, check a rater, and put one rater out."""
    judgments = list(Judgment.objects.order_by("pk"))
    for judgment in judgments[4::12]:
        judge_dropped(judgment)
    for judgment in judgments[5::12]:
        Judgment.objects.filter(pk=judgment.pk).update(response_ms=2000)
    for judgment in judgments[6::12]:
        Judgment.objects.filter(pk=judgment.pk).update(display={"flips": 1})
    last = judgments[-1].trial
    undo(last.pk, [last.rater_id], 1, NOW)
    judge(last.pk, [last.rater_id], Answer("right", 4000, {}, 2), NOW)
    one = build_checked(study, right=5, alike=4)
    build_answer(one, "left", kind="identical", entry=study.entries.first())
    out = judgments[0].trial.rater
    decide(out, Rater.State.NOT_USED, "=HYPERLINK(1)", now=NOW)
    assert rebuild_counts(study, repair=False) == []


def judge_dropped(judgment: Judgment) -> None:
    reason = "answered in under 1000 ms"
    Judgment.objects.filter(pk=judgment.pk).update(excluded=True, exclusion_reason=reason)


def test_what_comes_while_it_is_written_is_in_neither_judgments_nor_rankings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = build_filled_study(methods=3, pictures=2)
    judge_all(study, raters=3, judgments=4)
    boards = human_board

    def slow_board(*given: Any, **named: Any) -> HumanBoard:
        with ThreadPoolExecutor(1) as pool:  # a connection of its own
            pool.submit(judge_more).result()
        return boards(*given, **named)

    def judge_more() -> None:
        judge_all(study, raters=1, judgments=2)
        refit(study, timezone.now())
        connection.close()

    monkeypatch.setattr(bundle, "human_board", slow_board)
    folder = exported(study, tmp_path)
    monkeypatch.undo()
    assert len((folder / "judgments.csv").read_text().splitlines()) == 1 + 12
    published = json.loads((folder / "ranking.json").read_text())
    fitted = refitted(folder)[0]
    assert fitted["input_sha256"] == published["input_sha256"]
    assert (fitted["judgments"], published["judgments"]) == (12, 12)


def test_erasing_a_rater_changes_no_digit_of_what_was_published(tmp_path: Path) -> None:
    study = build_filled_study()
    judge_all(study, raters=4, judgments=12)
    rater = Rater.objects.order_by("pk")[0]
    Judgment.objects.update(display={"flips": 3, "screen_width": 1366, "visit": 1})
    rater_keys.visit(rater, "Mozilla/5.0", {"zoom": 1}, NOW)
    before, after = exported(study, tmp_path / "before"), tmp_path / "after" / "bundle"
    erase_rater(rater)
    assert exported(study, tmp_path / "after") == after
    for name in ("ranking.csv", "ranking-all.csv", "ranking.tex"):
        assert (before / name).read_bytes() == (after / name).read_bytes()
    digests = [
        json.loads((one / "ranking.json").read_text())["input_sha256"] for one in (before, after)
    ]
    assert digests[0] == digests[1] == refitted(before)[0]["input_sha256"]
    assert refitted(before) == refitted(after)
    assert "Mozilla" in (before / "judgments.csv").read_text()
    assert "Mozilla" not in (after / "judgments.csv").read_text()


def test_every_definition_that_trials_were_issued_under_is_there(tmp_path: Path) -> None:
    study = build_filled_study()
    (trial, *_) = judge_all(study)
    for text in ('[[study]]\nname = "A"\n', '[[study]]\nname = "B"\n'):
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        version = study.versions.create(
            definition=text, sha256=sha256, software_version="1.0", since=NOW
        )
        Trial.objects.filter(pk=trial.pk).update(version=version)
    folder = exported(study, tmp_path)
    rows = list(csv.DictReader((folder / "judgments.csv").read_text().splitlines()))
    named = next(row["study_sha256"] for row in rows if row["trial_id"] == str(trial.pk))
    (path,) = folder.glob(f"study-{named[:12]}.toml")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == named
    assert len(list(folder.glob("study-*.toml"))) == study.versions.count() == 3
    told = json.loads((folder / "ranking.json").read_text())["study_sha256"]
    assert public_digest(path.read_text()) in told and len(told) == 3


@pytest.mark.parametrize("ties", ["half", "davidson"])
def test_rows_shuffled_and_methods_renamed_change_no_digit_in_a_fresh_process(
    tmp_path: Path, ties: str
) -> None:
    study = build_filled_study(methods=5, pictures=3, tie_model=ties, scale="elo")
    # Not as many of each pair: else equal numbers of wins make equal scores, in order of label.
    judge_all(study, raters=5, judgments=29)
    folder = exported(study, tmp_path)
    published = json.loads((folder / "ranking.json").read_text())
    # The other way round in the alphabet, so that sorting by label changes every sum's order.
    names = {f"method-{i}": f"{chr(ord('z') - i)} codec" for i in range(5)}
    rows = list(csv.reader((folder / "judgments.csv").read_text().splitlines()))
    sides = [rows[0].index(side) for side in ("left", "right")]
    body = [[names.get(x, x) if i in sides else x for i, x in enumerate(r)] for r in rows[1:]]
    random.Random(1).shuffle(body)
    with (tmp_path / "renamed.csv").open("w", newline="") as file:
        csv.writer(file).writerows([rows[0], *body])
    command = re.findall(r"python manage\.py (rank .*)", (folder / "README").read_text())[0]
    options = shlex.split(command.replace("judgments.csv", str(tmp_path / "renamed.csv")))
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": "postgres://nobody@nowhere/none"}
    ran = subprocess.run(
        [sys.executable, "manage.py", *options],
        capture_output=True,
        check=True,
        text=True,
        env=environment,
    )
    answer = json.loads(ran.stdout)
    assert [row["method"] for row in answer["results"]] == [
        names[row["method"]] for row in published["results"]
    ]
    for row, shown in zip(answer["results"], published["results"], strict=True):
        assert row | {"method": shown["method"]} == {name: shown[name] for name in row}
    for pair, shown in zip(answer["pairs"], published["pairs"], strict=True):
        assert (pair["first"], pair["second"]) == (names[shown["first"]], names[shown["second"]])
        assert {**pair, "first": "", "second": ""} == {**shown, "first": "", "second": ""}
    assert answer["input_sha256"] != published["input_sha256"]  # which is of the labels too


def test_every_file_has_its_digest(tmp_path: Path) -> None:
    study = build_filled_study()
    judge_all(study, raters=3, simulated=True)
    folder = exported(study, tmp_path)
    sums = (folder / "SHA256SUMS").read_text().splitlines()
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {line[66:] for line in sums} == files - {"SHA256SUMS"}
    for line in sums:
        assert hashlib.sha256((folder / line[66:]).read_bytes()).hexdigest() == line[:64]
    kinds = {f"ranking.{form}" for form in ("csv", "json", "parquet", "tex")}
    assert kinds | {"judgments.csv", "judgments.parquet", "psnr.csv", "figures/scores.pdf"} <= files
    assert "SIMULATED" in (folder / "README").read_text()


def test_the_scores_are_checked_by_another_implementation(tmp_path: Path) -> None:
    study = build_filled_study()
    judge_all(study, raters=4, judgments=12)
    out = io.StringIO()
    call_command("export_study", study.slug, tmp_path / "new", stdout=out)
    assert re.search(
        r"choix \S+ finds the same scores: they are \d\.\de-\d+ log odds", out.getvalue()
    )


def test_it_never_overwrites_anything(tmp_path: Path) -> None:
    study = build_filled_study()
    (tmp_path / "mine").touch()
    with pytest.raises(CommandError, match="not an empty directory"):
        call_command("export_study", study.slug, tmp_path)
    with pytest.raises(CommandError, match="no study 'other'"):
        call_command("export_study", "other", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_study_without_judgments_has_a_bundle_without_figures(tmp_path: Path) -> None:
    folder = exported(build_filled_study(), tmp_path)
    assert not (folder / "figures").exists()
    assert json.loads((folder / "ranking.json").read_text())["judgments"] == 0


def test_texts_are_utf_8_whatever_the_machine_s_encoding_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = build_filled_study(methods=2, pictures=2)
    judge_all(study, raters=3, judgments=4)
    refit(study, NOW)
    opened = Path.open
    asked: list[tuple[str, str | None]] = []

    def noting(path: Path, mode: str = "r", *given: Any, **named: Any) -> Any:  # noqa: ANN401
        asked.append((mode, named.get("encoding", given[1] if given[1:] else None)))
        return opened(path, mode, *given, **named)

    monkeypatch.setattr(Path, "open", noting)
    bundle.write_bundle(study, tmp_path)
    texts = [encoding for mode, encoding in asked if "b" not in mode]
    assert len(texts) > 7 and set(texts) == {"utf-8"}
