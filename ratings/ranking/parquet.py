"""Rankings and judgments as Parquet files: the columns of the CSV, typed, compressed."""

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from ratings.comparisons.judgment_facts import DISPLAY_FACTS, Fact, FactKind
from ratings.comparisons.models import Study
from ratings.ranking.columns import Column
from ratings.ranking.export import ranking_columns, ranking_document
from ratings.ranking.human_board import HumanBoard
from ratings.ranking.judgment_rows import JUDGMENT_COLUMNS, judgment_rows

INSTANT = pa.timestamp("us", tz="UTC")
KINDS = {int: pa.int64(), float: pa.float64(), bool: pa.bool_(), str: pa.string()}
_OF_FACTS = {
    FactKind.WHOLE: pa.int64(),
    FactKind.NUMBER: pa.float64(),
    FactKind.DURATION: pa.int64(),
    FactKind.DURATIONS: pa.list_(pa.int64()),
    FactKind.INSTANT: INSTANT,
    FactKind.TRUTH: pa.bool_(),
}


def _type(fact: Fact) -> pa.DataType:
    if fact.kind is FactKind.OPTION:
        return KINDS[type(fact.options[0])]
    return _OF_FACTS[fact.kind]


# Of judgments, column by column.
_TYPES: Mapping[str, pa.DataType] = {
    **dict.fromkeys(["trial_id", "rater", "rater_state", "image", "dataset"], pa.string()),
    **dict.fromkeys(["left", "right", "choice", "kind", "exclusion_reason"], pa.string()),
    **dict.fromkeys(["language", "study_sha256", "software_version", "browser"], pa.string()),
    **dict.fromkeys(["judgment_id", "response_ms", "number", "attempt"], pa.int64()),
    **dict.fromkeys(["training_attempt", "visit"], pa.int64()),
    **dict.fromkeys(["crop_x", "crop_y", "crop_width", "crop_height"], pa.int64()),
    **dict.fromkeys(["excluded", "simulated", "fast", "method_out"], pa.bool_()),
    **dict.fromkeys(["issued_at", "judged_at", "undone_at"], INSTANT),
    **{fact.name: _type(fact) for fact in DISPLAY_FACTS},
}
_ROWS_AT_ONCE = 20_000


def ranking_parquet(board: HumanBoard) -> bytes:
    """Return the ranking; all else that its JSON says is in the schema's metadata, "ranking"."""
    return document_parquet(ranking_document(board))


def document_parquet(document: Mapping[str, Any]) -> bytes:
    """Return the same of a ranking that is there as its JSON."""
    facts = {name: value for name, value in document.items() if name != "results"}
    columns = ranking_columns(document.get("rates", ()))
    return table_parquet(columns, document["results"], {"ranking": facts})


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


def write_judgments(study: Study, out: IO[bytes]) -> None:
    """Write every judgment of the study to an open file, some thousand rows at a time."""
    write_rows(out, judgment_schema(), judgment_rows(study))


def judgment_schema() -> pa.Schema:
    """Return the columns of judgments and their types."""
    return _schema(JUDGMENT_COLUMNS)


def _schema(columns: Sequence[str]) -> pa.Schema:
    return pa.schema([(name, _TYPES[name]) for name in columns])


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
