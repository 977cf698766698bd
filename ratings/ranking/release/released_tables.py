"""The tables of a release: each a folder with one CSV and one Parquet file, and nothing else.

Readers take files of a folder for one table, and names of files for parts of it. So files are named
after what they hold, and never after a method or a data set.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from ratings.comparisons.participation import phases_of
from ratings.fidelity.psnr_board import psnr_board
from ratings.ranking.boards.human_board import HumanBoard
from ratings.ranking.boards.metric_agreement import AGREEMENT_COLUMNS, agreement_rows
from ratings.ranking.evidence.judgment_rows import KINDS
from ratings.ranking.release.anonymous_judgments import released_schema
from ratings.ranking.tables.columns import Column, names
from ratings.ranking.tables.export import (
    PSNR_COLUMNS,
    RANKING_COLUMNS,
    RATE_COLUMNS,
    psnr_rows,
    ranking_columns,
    ranking_document,
    ranking_rows,
    to_csv,
)
from ratings.ranking.tables.parquet import write_rows

Rows = Sequence[Mapping[str, Any]]
_WHICH = {"variant": pa.string(), "dataset": pa.string()}
_OF_AGREEMENT = {
    **dict.fromkeys(("metric", "coefficient"), pa.string()),
    **dict.fromkeys(("value", "low", "high"), pa.float64()),
    "methods": pa.int64(),
}


@dataclass(frozen=True)
class ReleasedTable:
    """A table by its name: what its columns hold, and its rows."""

    name: str
    about: str
    schema: pa.Schema
    rows: Rows

    def path(self, form: str) -> str:
        """Return the name of its file, within the release; `form` is csv or parquet."""
        return f"{self.name}/{self.name}.{form}"


def judgments_table(rows: Rows) -> ReleasedTable:
    """Return the judgments as a table."""
    about = "Every answer that its rater did not take back, as anonymous as README.md says"
    return ReleasedTable("judgments", about, released_schema(), rows)


def board_tables(boards: Sequence[HumanBoard]) -> list[ReleasedTable]:
    """Return rankings, PSNR and agreement of all boards; an empty data set means all of them."""
    main = [board for board in boards if board.variant == boards[0].variant]
    rates = boards[0].rates
    of_phase = {"phase": pa.string()} if rates else {}
    return [
        ReleasedTable(
            "rankings",
            "The human rankings with 95 % intervals: the published one and its variants",
            pa.schema([*_WHICH.items(), *_kinds(ranking_columns(rates))]),
            [_which(board) | row for board in boards for row in ranking_rows(board)],
        ),
        ReleasedTable(
            "psnr",
            "The PSNR board of the same phase" + ("; of each rate its own" if rates else ""),
            pa.schema([("dataset", pa.string()), *of_phase.items(), *_kinds(PSNR_COLUMNS)]),
            [
                {"dataset": _slug(board), "phase": phase.slug} | row
                for board in main
                for phase in phases_of(board.study)
                for row in psnr_rows(psnr_board(phase, board.dataset))
            ],
        ),
        ReleasedTable(
            "agreement",
            "How PSNR, MS-SSIM and rate go with the human scores",
            pa.schema([("dataset", pa.string()), *_OF_AGREEMENT.items()]),
            [{"dataset": _slug(board)} | row for board in main for row in agreement_rows(board)],
        ),
    ]


def write_table(table: ReleasedTable, directory: Path) -> None:
    """Write a table in both formats into its folder."""
    (directory / table.name).mkdir()
    with (directory / table.path("csv")).open("w", encoding="utf-8", newline="") as text:
        text.writelines(to_csv(table.schema.names, map(dict, table.rows)))
    with (directory / table.path("parquet")).open("wb") as data:
        write_rows(data, table.schema, map(_typed, table.rows))


def released_document(board: HumanBoard) -> dict[str, Any]:
    """Return a ranking's JSON without the instants at which it was fitted."""
    document = ranking_document(board)
    del document["computed_at"]
    for variant in document["variants"]:
        del variant["computed_at"]
    return document


def csv_names() -> set[str]:
    """Return the names of all columns of all tables."""
    named = [
        *names(RANKING_COLUMNS),
        *names(RATE_COLUMNS),
        *names(PSNR_COLUMNS),
        *AGREEMENT_COLUMNS,
        *_WHICH,
    ]
    return {*named, *released_schema().names}


def _typed(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row whose infinite PSNR is a number."""
    return dict(row) | {"psnr_db": float(row["psnr_db"])} if "psnr_db" in row else row


def _kinds(columns: Iterable[Column[Any]]) -> list[tuple[str, pa.DataType]]:
    return [(column.name, KINDS[column.type]) for column in columns]


def _which(board: HumanBoard) -> dict[str, str]:
    return {"variant": board.variant, "dataset": _slug(board)}


def _slug(board: HumanBoard) -> str:
    return board.dataset.slug if board.dataset else ""


def texts(tables: Iterable[ReleasedTable]) -> dict[str, str]:
    """Return what each table is, by its name."""
    return {table.name: table.about for table in tables}
