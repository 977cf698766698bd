"""What a public release holds: judgments by the rule, the boards' rankings, pictures, metadata."""

import csv
import hashlib
import json
import re
import socket
import subprocess
import sys
import tomllib
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.utils import timezone
from PIL import Image

from ratings.anonymity.column_rules import RELEASED_COLUMNS
from ratings.challenge.models import Challenge, Dataset, Phase
from ratings.challenge.refusals import Refused
from ratings.comparisons.judgments.counter_tables import rebuild_counts
from ratings.comparisons.models import Judgment, Study
from ratings.comparisons.protocol import Protocol
from ratings.comparisons.raters.rater_groups import set_group
from ratings.comparisons.study.study_tables import study_digest
from ratings.comparisons.study.versions import current_version
from ratings.psychometrics.files.csv_fields import unquoted
from ratings.psychometrics.files.judgments_csv import read_judgments
from ratings.ranking.boards.human_board import human_board
from ratings.ranking.models import PublicRelease
from ratings.ranking.release.public_releases import ask_for_release, make_release
from ratings.ranking.release.release_conditions import ReleaseContents, hindrances
from ratings.ranking.release.release_readme import SITE_COLUMNS
from ratings.ranking.tables.export import ranking_document
from ratings.storage.shelves import CONTENT
from tests.builders import NOW, build_organizer
from tests.comparisons.builders import build_rater
from tests.comparisons.checks import build_answer
from tests.ranking.builders import group_raters
from tests.ranking.releases import (
    BROWSER,
    build_releasable,
    license_pictures,
    one_rater,
    released,
    spread_answers,
    unpacked,
    visit_all,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def study() -> Study:
    study = build_releasable()
    visit_all(study)
    return study


def published(study: Study, tmp_path: Path, *pictures: str) -> Path:
    """Release a study and return the unpacked folder."""
    release = released(study, *pictures)
    assert release.state == "published", (release.problem, release.findings)
    return unpacked(release, tmp_path)


def judgments(folder: Path) -> list[dict[str, str]]:
    with (folder / "judgments/judgments.csv").open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def test_its_commands_as_typed_make_every_published_ranking_again(
    study: Study, tmp_path: Path
) -> None:
    spoil(study)
    folder = published(study, tmp_path)
    readme = (folder / "README.md").read_text()
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=folder, check=True)
    documents = json.loads((folder / "rankings.json").read_text())
    typed = re.findall(r"^    (python manage\.py rank .*)$", readme, re.MULTILINE)
    assert typed == [one["command"] for one in documents if one["command"]]
    assert len({one["input_sha256"] for one in documents}) > 3
    first = readme.split("first here\n\n    ")[1].partition("\n")[0]
    for command, told in zip(typed[::5], documents[::5], strict=True):
        python = command.replace("python", sys.executable, 1)
        typed_on = f"cd {folder}; {first}; cd {site.BASE_DIR}; {python}"
        ran = subprocess.run(typed_on, shell=True, capture_output=True, check=True, text=True)
        again = json.loads(ran.stdout)
        for name in ("settings", "scale", "input_sha256", "judgments", "groups", "pairs"):
            assert again[name] == told[name]
        for row, shown in zip(again["results"], told["results"], strict=True):
            assert row == {name: shown[name] for name in row}
            assert shown.keys() - row.keys() == set(SITE_COLUMNS)
    assert all(f"`{name}`" in readme for name in SITE_COLUMNS)


@pytest.mark.parametrize("summary", ["Compress well.", "Who compresses well?", "Compress", ""])
def test_a_datasheet_s_sentences_end_once(study: Study, tmp_path: Path, summary: str) -> None:
    Challenge.objects.update(summary=summary)
    text = (published(study, tmp_path) / "DATASHEET.md").read_text()
    assert ".." not in text and "?." not in text
    assert re.search(r"originals\. \S.*[.?]\n", text)


def test_its_rankings_are_the_boards(study: Study, tmp_path: Path) -> None:
    Challenge.objects.update(organizers=["Workshop on Codecs"], doi="10.5281/zenodo.1234")
    study.phase.challenge.refresh_from_db()
    build_organizer(username="codecs", first_name="Workshop on Codecs")
    folder = published(study, tmp_path)
    readme, year = (folder / "README.md").read_text(), f"{timezone.now():%Y}"
    assert (
        f"To cite it: Workshop on Codecs. ({year}). A challenge: A study, public release 1"
        in readme
    )
    assert "[Data set]. https://doi.org/10.5281/zenodo.1234" in readme
    document = json.loads((folder / "rankings.json").read_text())[0]
    board = ranking_document(human_board(study))
    assert document["results"] == json.loads(json.dumps(board["results"]))
    assert document["input_sha256"] == board["input_sha256"]


def spoil(study: Study) -> None:
    """Let answers be undone, dropped, fast, checks, or of a rater who is not used."""
    answers = list(Judgment.objects.order_by("pk"))
    spoiled: list[dict[str, Any]] = [
        {"undone_at": NOW},
        {"excluded": True, "exclusion_reason": "Ann Lee was careless"},
        {"display": {"flips": 99}, "response_ms": 1234},
        {"response_ms": 300},
    ]
    for place, fields in enumerate(spoiled):
        Judgment.objects.filter(pk=answers[place].pk).update(**fields)
    build_answer(one_rater(study), "left", kind="golden", level=1)
    last = study.raters.exclude(pk=answers[1].trial.rater_id).last()
    assert last
    last.state = "rejected"
    last.save()
    last.decisions.create(state="rejected", reason="Bob Ray slept", decided_at=NOW)
    rebuild_counts(study, repair=True)


def test_judgments_follow_the_rule_of_each_column(study: Study, tmp_path: Path) -> None:
    spoil(study)
    spread_answers(study)
    folder = published(study, tmp_path)
    rows = judgments(folder)
    answers = Judgment.objects.filter(trial__rater__study=study, undone_at=None)
    assert list(rows[0]) == RELEASED_COLUMNS and len(rows) == answers.count()
    assert {row["exclusion_reason"] for row in rows} == {
        *("", "dropped by a rule", "rater not used")
    }
    assert rows == sorted(rows, key=lambda row: (row["rater"], int(row["number"])))
    told = Counter((row["response_ms"], row["flips"]) for row in rows)
    assert told["1200", "20"] == told["300", "3"] == 1
    assert {row["kind"] for row in rows} == {"comparison", "golden"}
    for name in {row["rater"] for row in rows}:
        own = [row for row in rows if row["rater"] == name]
        assert [int(row["number"]) for row in own] == list(range(1, len(own) + 1))
        assert min(int(row["day"]) for row in own) == 0
    # Four answers a day.
    assert {int(row["day"]) for row in rows} >= {0, 1, 2}


def test_a_rare_device_and_language_are_not_told(study: Study, tmp_path: Path) -> None:
    rater = one_rater(study)
    rater.visits.update(facts={"screen_width": 390, "screen_height": 844})
    study.raters.filter(pk=rater.pk).update(language="fi")
    folder = published(study, tmp_path)
    rows = judgments(folder)
    # One alone can't be told "other" either: the others join.
    assert {(row["device"], row["language"]) for row in rows} == {("other", "other")}
    release = PublicRelease.objects.get()
    assert (release.counts["people"], release.counts["merged"], release.counts["cells"]) == (
        *(7, 7, 1),
    )


def test_equal_data_and_secrets_make_equal_bytes(study: Study, tmp_path: Path) -> None:
    license_pictures(study)
    secret = "ab" * 32
    for name in ("one", "two"):
        release, _ = ask_for_release(study, ReleaseContents(["P"]), "Ada", NOW + timedelta(days=1))
        PublicRelease.objects.filter(pk=release.pk).update(secret=secret)
        make_release(release.pk, timezone.now)
        release.refresh_from_db()
        assert release.state == "published", release.findings
        (tmp_path / name).write_bytes(CONTENT.read(release.sha256))
        PublicRelease.objects.all().delete()
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_raters_have_other_names_in_another_version(study: Study, tmp_path: Path) -> None:
    names = [
        {row["rater"] for row in judgments(published(study, tmp_path / version))}
        for version in ("one", "two")
    ]
    assert len(names[0]) == len(names[1]) == 7 and not names[0] & names[1]
    assert set(PublicRelease.objects.values_list("number", "secret")) == {(1, ""), (2, "")}


def test_the_definition_is_told_without_recruiting_and_addresses(
    study: Study, tmp_path: Path
) -> None:
    platform = {"slug": "prolific", "completion_code": "C0MPLETE"}
    Study.objects.filter(pk=study.pk).update(
        consent="Ask ann@uni.example.org.",
        protocol_json=study.protocol.as_json() | {"recruiting": {"platforms": [platform]}},
    )
    study.refresh_from_db()
    assert Protocol.from_json(study.protocol_json).recruiting.platforms
    folder = published(study, tmp_path)
    texts = [path.read_text() for path in (folder / "definition").iterdir()]
    assert texts and not any("C0MPLETE" in text or "@" in text for text in texts)
    table = tomllib.loads(texts[0])["study"][0]
    assert table["slug"] == study.slug and "recruiting" not in table
    assert any("Ask [address left out]." in text for text in texts)


def test_no_digest_tells_whether_a_code_was_guessed(study: Study, tmp_path: Path) -> None:
    codes = ["C0MPLETE", "C1MPLETE"]
    for number, code in enumerate(codes):
        platform = {"slug": "prolific", "completion_code": code}
        protocol = study.protocol.as_json() | {"recruiting": {"platforms": [platform]}}
        Study.objects.filter(pk=study.pk).update(protocol_json=protocol)
        study.refresh_from_db()
        current_version(study, NOW + timedelta(days=number))
    hidden = set(study.versions.values_list("sha256", flat=True)) | {study_digest(study)}
    folder = published(study, tmp_path)
    for path in (path for path in folder.rglob("*") if path.suffix in {".json", ".md", ".toml"}):
        assert not any(digest[:12] in path.read_text("utf-8") + path.name for digest in hidden)
    paths = list((folder / "definition").iterdir())
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    assert [path.name for path in paths] == [f"study-{digest[:12]}.toml" for digest in digests]
    documents = json.loads((folder / "rankings.json").read_text())
    assert all(set(one["study_sha256"]) <= set(digests) for one in documents)
    assert documents[0]["study_sha256"]


def test_pictures_come_where_they_are_licensed_chosen_and_open(
    study: Study, tmp_path: Path
) -> None:
    license_pictures(study, "P")
    with pytest.raises(Refused, match="M can't be in it: the definition states no licence"):
        ask_for_release(study, ReleaseContents(["P", "M"]), "Ada", timezone.now())
    folder = published(study, tmp_path, "P")
    listed = [
        json.loads(line)
        for line in (folder / "pictures/metadata.jsonl").read_text("utf-8").splitlines()
    ]
    crops = study.crops.filter(original__dataset__slug="P")
    assert len(listed) == crops.count() * (1 + 3)
    assert {line["dataset"] for line in listed} == {"P"}
    assert {line["method"] for line in listed} == {"original", *(f"method-{i}" for i in range(3))}
    for line in listed:
        with Image.open(folder / "pictures" / line["file_name"]) as picture:
            assert picture.size == (line["crop_width"], line["crop_height"])
    readme = (folder / "README.md").read_text()
    assert "- P: [CC0-1.0](https://spdx.org/licenses/CC0-1.0); crops." in readme
    assert "- M: left out, for the definition states no licence of them." in readme
    Phase.objects.update(originals_open_at=None)
    with pytest.raises(Refused, match="P can't be in it: they are not open to everybody"):
        ask_for_release(study, ReleaseContents(["P"]), "Ada", timezone.now())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of rdflib, by mlcroissant
def test_readers_open_it_offline_whatever_methods_and_data_sets_are_called(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for label, name in (("method-0", "NA"), ("method-1", "test"), ("method-2", "None")):
        study.entries.filter(label=label).update(label=name)
    for old, new in (("P", "test"), ("M", "train")):
        study.phase.datasets.filter(slug=old).update(slug=new)
        license_pictures(study, new)
    folder = published(study, tmp_path, "test", "train")
    rows = judgments(folder)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(socket.socket, "connect", lambda *given: 1 / 0)
    import datasets
    import mlcroissant
    from rocrate.rocrate import ROCrate

    cache = str(tmp_path / "cache")
    methods, sets = {"NA", "test", "None"}, {"test", "train"}
    read = datasets.load_dataset(str(folder), "judgments", split="train", cache_dir=cache)
    assert [unquoted(row["left"]) for row in rows] == read["left"][:]
    assert set(read["right"]) == methods and set(read["dataset"]) == sets
    pictures = datasets.load_dataset(
        "imagefolder", data_dir=str(folder / "pictures"), split="train", cache_dir=cache
    )
    assert set(pictures["method"]) == methods | {"original"}
    assert set(pictures["dataset"]) == sets and pictures[0]["image"].size == (4, 4)
    croissant = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
    records = list(croissant.records("judgments"))
    assert [record["judgments/left"].decode() for record in records] == read["left"][:]
    listed = list(croissant.records("pictures"))
    assert {record["pictures/method"].decode() for record in listed} == methods | {"original"}
    crate = ROCrate(str(folder))
    named = {str(part["@id"]) for part in crate.root_dataset["hasPart"]}
    files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert named == files - {"ro-crate-metadata.json", "SHA256SUMS"}
    assert crate.root_dataset["license"]["name"] == "CC-BY-4.0"


def test_simulated_raters_are_said_to_be(tmp_path: Path) -> None:
    study = build_releasable(raters=6)
    rater = build_rater(study)
    study.raters.filter(pk=rater.pk).update(simulated=True)
    build_answer(rater, "left", kind="golden", level=1)
    folder = published(study, tmp_path)
    rows = judgments(folder)
    assert Counter(row["simulated"] for row in rows if row["number"] == "1") == {
        "false": 6,
        "true": 1,
    }
    assert "Some raters are SIMULATED: 1." in (folder / "README.md").read_text()
    assert BROWSER not in (folder / "judgments/judgments.csv").read_text()


def test_groups_have_random_names_and_make_the_ranking_again(tmp_path: Path) -> None:
    study = build_releasable(raters=13)
    visit_all(study)
    _, other = group_raters(study, 5, 3)
    Dataset.objects.update(scenes=[{"name": "lake", "pictures": ["M0.png", "M1.png"]}])
    at = timezone.now()
    assert [why[:38] for why in hindrances(study, at)] == ["3 raters are in the group 'lab 2', few"]
    set_group(other, "lab 1")
    folder = published(study, tmp_path)
    groups = {row["rater"]: row["group"] for row in judgments(folder)}
    assert sorted(Counter(groups.values()).values()) == [5, 8]
    assert not any("lab" in group for group in groups.values())
    told = json.loads((folder / "rankings.json").read_text())[0]
    assert (told["rater_groups"], told["scenes"]) == (6, 4)
    tally = read_judgments(folder / "judgments/judgments.csv").tally()
    assert tally.digest() == told["input_sha256"]


def test_who_is_alone_in_a_group_is_told_as_in_none(tmp_path: Path) -> None:
    study = build_releasable()
    visit_all(study)
    group_raters(study, 1, 1)
    folder = published(study, tmp_path)
    assert {row["group"] for row in judgments(folder)} == {""}
    told = json.loads((folder / "rankings.json").read_text())[0]
    assert "rater_groups" not in told
    tally = read_judgments(folder / "judgments/judgments.csv").tally()
    assert tally.digest() == told["input_sha256"]
