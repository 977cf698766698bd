"""A study across the rates of a series: frozen, cited and released like any other."""

import csv
import hashlib
import io
import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.conf import settings as site
from django.test import Client
from django.utils import timezone

from ratings.challenge.models import Challenge, Phase
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Study
from ratings.ranking.boards.human_board import human_board
from ratings.ranking.fits.refitting import refit
from ratings.ranking.frozen.frozen_rankings import (
    board_of,
    decibels_of,
    freeze_due,
    read,
    shown_to_all,
)
from ratings.ranking.models import FrozenRanking, PublicRelease
from ratings.ranking.release.known_people import named_labels
from ratings.ranking.release.release_readme import SITE_COLUMNS
from ratings.ranking.tables.export import RANKING_COLUMNS, RATE_COLUMNS, ranking_csv
from ratings.ranking.tables.parquet import document_parquet, ranking_parquet
from ratings.ranking.tables.tex import ranking_tex
from ratings.submissions.models import Submission
from tests.builders import NOW, build_member, build_organizer, build_team
from tests.comparisons.builders import build_study
from tests.ranking.builders import build_rate_study, build_series, judge_all
from tests.ranking.releases import license_pictures, released, unpacked
from tests.web.pages import page

pytestmark = pytest.mark.django_db(transaction=True)
NOISE = {"fine": [30, 20, 10], "coarse": [34, 23, 12]}
RATES = ["rate-0", "rate-1", "rate-2"]
LATER = NOW + timedelta(days=1)


@pytest.fixture
def study() -> Study:
    """A closed study across three rates that was judged, with all boards open."""
    series = build_series(NOISE)
    study = build_rate_study(series)
    judge_all(study, raters=8, judgments=14)
    Phase.objects.update(originals_open_at=NOW)
    Study.objects.update(is_open=False)
    Challenge.objects.update(license="CC-BY-4.0")
    return Study.objects.select_related("phase__challenge", "series").get()


def body(response: Any) -> bytes:  # noqa: ANN401
    return b"".join(response.streaming_content) if response.streaming else response.content


def frozen_ranking(study: Study) -> FrozenRanking:
    refit(study, NOW)
    (frozen,) = freeze_due(study, LATER)
    return frozen


def test_a_frozen_ranking_is_the_board_of_all_rates_in_every_form(study: Study) -> None:
    frozen = frozen_ranking(study)
    assert hashlib.sha256(frozen.document.encode()).hexdigest() == frozen.digest
    assert frozen.rates == RATES
    kept, board = board_of(frozen), replace(human_board(study), variants=())
    assert [replace(row, kind_reason="") for row in kept.rows] == list(board.rows)
    assert {(row.phase, row.bpp) for row in kept.rows} == {
        ("rate-0", 1.0),
        ("rate-1", 2.0),
        ("rate-2", 4.0),
    }
    assert {row.method for row in kept.rows} >= {"fine, Rate 0", "coarse, Rate 2"}
    assert ranking_csv(kept) == ranking_csv(board) and ranking_tex(kept) == ranking_tex(board)
    table = pq.read_table(io.BytesIO(document_parquet(read(frozen))))
    assert table.equals(pq.read_table(io.BytesIO(ranking_parquet(board))))
    named = [column.name for column in (*RANKING_COLUMNS, *RATE_COLUMNS)]
    assert table.column_names == named == ranking_csv(kept).splitlines()[0].split(",")
    assert len([one for one in decibels_of(frozen).values() if one]) == 6
    assert freeze_due(study, LATER) == []


@pytest.mark.parametrize(
    "change",
    [{"boards_open_at": None}, {"boards_frozen_from": NOW - timedelta(hours=1)}],
    ids=["closed", "frozen"],
)
@pytest.mark.parametrize("rate", ["rate-0", "rate-2"])
def test_it_is_hidden_while_the_boards_of_any_of_its_rates_are(
    study: Study, client: Client, rate: str, change: dict[str, object]
) -> None:
    frozen, slug = frozen_ranking(study), study.phase.challenge.slug
    call = f"/api/v1/challenges/{slug}/rankings/{frozen.digest}/"
    address = f"/{slug}/rankings/{frozen.digest}/"
    listed = f"/api/v1/studies/{study.slug}/rankings/"
    series = f"/{slug}/series/rates/"
    assert shown_to_all(frozen, LATER)
    html = page(client, address)
    assert "All rates" in html and "fine, Rate 0" in html and f"{frozen.digest[:12]}" in html
    assert address in page(client, series)
    for form in ("json", "csv", "parquet", "tex"):
        assert body(client.get(f"{call}?format={form}"))
    assert client.get(f"{call}figures/scores.svg").status_code == 200
    cited = body(client.get(f"{call}citation/?format=bibtex")).decode()
    assert "All rates" in cited
    assert len(client.get(listed).json()["results"]) == 1
    Phase.objects.filter(slug=rate).update(**change)
    frozen = FrozenRanking.objects.get()
    assert not shown_to_all(frozen, LATER)
    assert client.get(call).status_code == client.get(address).status_code == 404
    assert address not in page(client, series)
    answer = client.get(listed)
    assert answer.status_code == 404 or answer.json()["results"] == []
    client.force_login(build_organizer())
    assert "fine, Rate 0" in page(client, address)


def test_a_release_has_the_rates_and_its_commands_make_the_ranking_again(
    study: Study, tmp_path: Path, client: Client
) -> None:
    license_pictures(study)
    release = released(study, "P", whole_pictures=["P"])
    assert release.state == "published", (release.problem, release.findings)
    folder = unpacked(release, tmp_path)
    with (folder / "rankings/rankings.csv").open(encoding="utf-8", newline="") as text:
        ranked = list(csv.DictReader(text))
    assert {(row["phase"], row["bpp"]) for row in ranked if row["variant"] == "used"} == {
        ("rate-0", "1.0"),
        ("rate-1", "2.0"),
        ("rate-2", "4.0"),
    }
    psnr = pq.read_table(folder / "psnr/psnr.parquet").to_pylist()
    assert sorted((row["phase"], row["method"]) for row in psnr) == [
        (rate, method) for rate in RATES for method in ("coarse", "fine")
    ]
    lines = (folder / "whole_pictures/metadata.jsonl").read_text("utf-8").splitlines()
    methods = {json.loads(line)["method"] for line in lines}
    assert methods == {"original", *(row["method"] for row in ranked)} and len(methods) == 7
    readme = (folder / "README.md").read_text()
    assert "Methods of all rates of a series were compared with one another" in readme
    documents = json.loads((folder / "rankings.json").read_text())
    judgments = folder / "judgments/judgments.csv"
    command = str(documents[0]["command"]).replace("$RELEASE/judgments/judgments.csv", "FILE")
    typed = [str(judgments) if word == "FILE" else word for word in command.split()[1:]]
    ran = subprocess.run(
        [sys.executable, *typed], cwd=site.BASE_DIR, capture_output=True, check=True, text=True
    )
    again = json.loads(ran.stdout)
    for name in ("settings", "input_sha256", "judgments", "groups", "pairs"):
        assert again[name] == documents[0][name]
    more = {*SITE_COLUMNS, *(column.name for column in RATE_COLUMNS)}
    for row, shown in zip(again["results"], documents[0]["results"], strict=True):
        assert row == {name: shown[name] for name in row}
        assert shown.keys() - row.keys() == more
    for rate in RATES:
        html = page(client, f"/{study.phase.challenge.slug}/{rate}/check/")
        assert f"/api/v1/studies/{study.slug}/releases/1.zip" in html
    assert client.get(f"/api/v1/studies/{study.slug}/releases/1.zip").status_code == 200


def test_a_method_s_name_is_confirmed_once_for_all_its_rates(study: Study, tmp_path: Path) -> None:
    build_member(build_team(study.phase.challenge), name="Annika Maurer")
    Submission.objects.filter(method="fine").update(method="Annika Maurer JPEG")
    for entry in study.entries.filter(label__startswith="fine, "):
        entry.label = entry.label.replace("fine", "Annika Maurer JPEG")
        entry.save()
    assert named_labels(study) == ["Annika Maurer JPEG"]
    assert released(study).state == "refused"
    for typed in ("annika maurer JPEG", "Annika Maurer JPEG, Rate 1"):
        with pytest.raises(Refused, match="write 'Annika Maurer JPEG'"):
            released(study, labels=[typed])
    release = released(study, labels=["Annika Maurer JPEG"])
    assert release.state == "published", release.findings
    folder = unpacked(release, tmp_path)
    assert "Annika Maurer JPEG" in (folder / "psnr/psnr.csv").read_text()
    assert "Annika Maurer JPEG, Rate 1" in (folder / "rankings/rankings.csv").read_text()


@pytest.mark.parametrize(
    ("change", "why", "status"),
    [
        ({"boards_open_at": None}, "open them first", 404),
        ({"boards_frozen_from": NOW}, "boards are frozen", 403),
        ({"originals_open_at": None}, "originals are not open", 403),
    ],
    ids=["closed", "frozen", "originals"],
)
def test_it_waits_for_every_one_of_its_rates(
    study: Study, client: Client, change: dict[str, object], why: str, status: int
) -> None:
    assert released(study).state == "published"
    Phase.objects.filter(slug="rate-0").update(**change)
    study = Study.objects.select_related("phase__challenge", "series").get()
    with pytest.raises(Refused, match=why):
        released(study)
    address = f"/api/v1/studies/{study.slug}/releases/"
    assert client.get(address).status_code == status
    assert client.get(f"{address}1.zip").status_code == status
    html = page(client, f"/{study.phase.challenge.slug}/rate-2/check/")
    assert "releases/1.zip" not in html
    client.force_login(build_organizer())
    assert client.get(f"{address}1.zip").status_code == 200


def test_another_open_study_of_a_rate_withholds_it(study: Study) -> None:
    build_study(phase=study.phase.challenge.phases.get(slug="rate-1"), slug="more")
    with pytest.raises(Refused, match="until all are closed"):
        released(study)
    assert not PublicRelease.objects.exists() and timezone.now() > NOW


def test_a_rate_that_the_series_has_lost_still_hides_what_tells_of_it(study: Study) -> None:
    refit(study, NOW)
    assert study.series
    study.series.phases.remove(Phase.objects.get(slug="rate-0"))
    (frozen,) = freeze_due(study, LATER)
    assert set(frozen.rates) == set(RATES) and shown_to_all(frozen, LATER)
    Phase.objects.filter(slug="rate-0").update(boards_open_at=None)
    assert not shown_to_all(FrozenRanking.objects.get(), LATER)
