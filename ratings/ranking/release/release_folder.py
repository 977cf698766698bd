"""All files of a release, written into a folder, and the scan of what was written."""

import csv
import hashlib
import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from ratings.anonymity.leak_scan import Finding, LeakKind, LeakScan, found_at
from ratings.anonymity.small_cells import rare_cells
from ratings.comparisons.study.public_definition import public_definition, public_digest
from ratings.comparisons.study.study_tables import study_toml
from ratings.comparisons.study.versions import versions_of_main
from ratings.ranking.bundles.bundle import DIGITS, study_boards, write_sums
from ratings.ranking.models import PublicRelease
from ratings.ranking.release import release_metadata, release_readme
from ratings.ranking.release.anonymous_judgments import anonymous_judgments, rater_cells
from ratings.ranking.release.known_people import (
    known_of_people,
    picture_names,
    public_names,
    public_texts,
)
from ratings.ranking.release.release_facts import ReleaseFacts, pictures_left_out
from ratings.ranking.release.released_pictures import write_pictures
from ratings.ranking.release.released_tables import (
    board_tables,
    csv_names,
    judgments_table,
    released_document,
    write_table,
)
from ratings.ranking.release.whole_pictures import write_whole

PICTURES = {".webp", ".png"}
JUDGMENTS = "judgments/judgments.csv"


def write_release(release: PublicRelease, directory: Path) -> ReleaseFacts:
    """Write every file into an empty directory. Equal data and an equal secret, equal files."""
    study = release.study
    boards, cells = study_boards(study), rater_cells(study)
    judgments = anonymous_judgments(study, release.secret, cells)
    facts = ReleaseFacts(
        release=release,
        boards=boards,
        tables=[judgments_table(judgments), *board_tables(boards)],
        cells=cells,
        pictures=write_pictures(study, release.pictures, directory),
        whole_pictures=write_whole(study, release.whole_pictures, directory),
        left_out=pictures_left_out(release),
    )
    for table in facts.tables:
        write_table(table, directory)
    _write_rankings(facts, directory)
    _write_definitions(facts, directory)
    texts = {"README.md": release_readme.readme, "DATASHEET.md": release_readme.datasheet}
    for name, text in texts.items():
        (directory / name).write_text(text(facts), "utf-8", newline="")
    release_metadata.write_croissant(facts, directory)
    release_metadata.write_crate(facts, directory)
    write_sums(directory)
    return facts


def scan_for(release: PublicRelease) -> LeakScan:
    """Return the search for what the site has stored of people."""
    study = release.study
    names, files = public_names(study), picture_names(study)
    return LeakScan(
        known_of_people(study),
        public=names | release_readme.own_words() | csv_names(),
        told=names | files | public_texts(study),
        files=files,
        labels=release.public_labels,
    )


def scan_release(directory: Path, scan: LeakScan) -> list[Finding]:
    """Return what is found in any text of a release, and in its tables as text."""
    paths = sorted(path for path in directory.rglob("*") if path.is_file())
    found = (
        scan.findings(path.relative_to(directory).as_posix(), _text(path))
        for path in paths
        if path.suffix not in PICTURES
    )
    return [*chain.from_iterable(found), *_rare_cells(directory / JUDGMENTS)]


def file_list(directory: Path) -> list[dict[str, Any]]:
    """Return path, bytes and SHA-256 of every file but the pictures, which are many."""
    return [
        {
            "path": path.relative_to(directory).as_posix(),
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in sorted(path for path in directory.rglob("*") if path.is_file())
        if path.suffix not in PICTURES
    ]


def _write_rankings(facts: ReleaseFacts, directory: Path) -> None:
    documents = [
        {"command": release_readme.command_of(board, facts), **released_document(board)}
        for board in facts.boards
    ]
    text = json.dumps(documents, indent=1, ensure_ascii=False, allow_nan=False)
    (directory / "rankings.json").write_text(text + "\n", "utf-8", newline="")


def _write_definitions(facts: ReleaseFacts, directory: Path) -> None:
    study = facts.study
    issued = versions_of_main(study).values_list("definition", flat=True)
    (directory / "definition").mkdir()
    for text in {*issued, study_toml(study)}:
        path = directory / "definition" / f"study-{public_digest(text)[:DIGITS]}.toml"
        path.write_text(public_definition(text), "utf-8", newline="")


def _text(path: Path) -> str:
    """Return a file's text; of a Parquet file its columns' names, then a line for each row."""
    if path.suffix != ".parquet":
        with path.open(encoding="utf-8", newline="") as text:
            return text.read()
    file = pq.ParquetFile(path)
    rows = chain.from_iterable(batch.to_pylist() for batch in file.iter_batches())
    lines = chain([file.schema_arrow.names], rows)
    return "\n".join(json.dumps(line, ensure_ascii=False, default=str) for line in lines)


def _rare_cells(judgments: Path) -> Iterator[Finding]:
    """Yield the first line of each cell of people that too few share, as the file tells them."""
    cells: dict[str, tuple[str, ...]] = {}
    lines: dict[tuple[str, ...], int] = {}
    with judgments.open(encoding="utf-8", newline="") as text:
        rows = csv.DictReader(text)
        for row in rows:
            if row["simulated"] == "false":
                cell = (row["device"], row["language"], row["group"])
                cells.setdefault(row["rater"], cell)
                lines.setdefault(cell, rows.line_num)
    rare = rare_cells(cells)
    yield from (found_at(JUDGMENTS, lines[cell], 1, LeakKind.CELL) for cell in rare)
