"""Rankings and judgments as Parquet files: the columns of the CSV, typed, compressed."""

import io
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from ratings.comparisons.models import Stage, Study
from ratings.ranking.boards.human_board import HumanBoard
from ratings.ranking.evidence.judgment_rows import (
    INSTANT,
    JUDGMENT_SCHEMA,
    KINDS,
    judgment_tables,
    typed,
)
from ratings.ranking.tables.columns import Column
from ratings.ranking.tables.export import ranking_columns, ranking_document

_ROWS_AT_ONCE = 20_000


def ranking_parquet(board: HumanBoard) -> bytes:
    """Return the ranking; all else that its JSON says is in the schema's metadata, "ranking"."""
    return document_parquet(ranking_document(board))


def document_parquet(document: Mapping[str, Any]) -> bytes:
    """Return the same of a ranking that is there as its JSON."""
    facts = {name: value for name, value in document.items() if name != "results"}
    columns = ranking_columns(document.get("rates", ()))
    # What was frozen before a column came to be says nothing of it.
    empty = dict.fromkeys(column.name for column in columns)
    return table_parquet(columns, [empty | row for row in document["results"]], {"ranking": facts})


def table_parquet(
    columns: Iterable[Column[Any]],
    rows: Iterable[Mapping[str, Any]],
    about: Mapping[str, Mapping[str, Any]],
) -> bytes:
    """Return rows with these columns; what they are `about` is JSON in the schema's metadata."""
    out = io.BytesIO()
    metadata = {name: json.dumps(document, sort_keys=True) for name, document in about.items()}
    schema = pa.schema([(column.name, KINDS[column.type]) for column in columns])
    write_rows(out, schema.with_metadata(metadata), rows)
    return out.getvalue()


def write_judgments(study: Study, out: IO[bytes], stage: str = Stage.MAIN) -> None:
    """Write every judgment of a study's stage to an open file, some thousand rows at a time."""
    waiting = JUDGMENT_SCHEMA.empty_table()
    with pq.ParquetWriter(out, JUDGMENT_SCHEMA, compression="zstd") as writer:
        for table in judgment_tables(study, stage):
            waiting = pa.concat_tables([waiting, typed(table)])
            while len(waiting) >= _ROWS_AT_ONCE:
                writer.write_table(waiting.slice(0, _ROWS_AT_ONCE))
                waiting = waiting.slice(_ROWS_AT_ONCE)
        if len(waiting):
            writer.write_table(waiting)


def write_rows(out: IO[bytes], schema: pa.Schema, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows to an open file as their columns want them, some thousand at a time."""
    waiting = iter(rows)
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        while some := list(islice(waiting, _ROWS_AT_ONCE)):
            columns = [
                pa.array([_value(row[field.name], field.type) for row in some], field.type)
                for field in schema
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def _value(value: object, kind: pa.DataType) -> object:
    """Return a row's value as its column takes it: instants and identifiers are texts there."""
    if value is None:
        return None
    if kind == INSTANT:
        return datetime.fromisoformat(str(value))
    return str(value) if kind == pa.string() else value
