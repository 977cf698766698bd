"""Rankings and judgments as Parquet files: the columns of the CSV, typed, compressed."""

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from ratings.comparisons.models import Study
from ratings.ranking.board import HumanBoard
from ratings.ranking.export import RANKING_COLUMNS, ranking_document
from ratings.ranking.judgment_rows import JUDGMENT_COLUMNS, judgment_rows

INSTANT = pa.timestamp("us", tz="UTC")
# What is neither named here nor one of the display facts is text.
_TYPES: Mapping[str, pa.DataType] = {
    **dict.fromkeys(["rank", "rank_low", "rank_high", "judgments"], pa.int64()),
    **dict.fromkeys(["score", "se", "ci_low", "ci_high", "win_rate"], pa.float64()),
    **dict.fromkeys(["band_low", "band_high", "degrees_of_freedom"], pa.float64()),
    **dict.fromkeys(["device_pixel_ratio", "zoom"], pa.float64()),
    **dict.fromkeys(["judgment_id", "response_ms", "flips", "number", "attempt"], pa.int64()),
    **dict.fromkeys(["training_attempt", "visit", "enlarge", "magnified", "pans"], pa.int64()),
    **dict.fromkeys(["first_input_ms", "hidden_ms", "hidden_count"], pa.int64()),
    **dict.fromkeys(["covered_ms", "covered_count"], pa.int64()),
    "flip_ms": pa.list_(pa.int64()),
    **dict.fromkeys(["crop_x", "crop_y", "crop_width", "crop_height"], pa.int64()),
    **dict.fromkeys(["window_width", "window_height"], pa.int64()),
    **dict.fromkeys(["screen_width", "screen_height"], pa.int64()),
    **dict.fromkeys(["baseline", "excluded", "simulated", "fast"], pa.bool_()),
    **dict.fromkeys(["issued_at", "judged_at", "undone_at", "shown_at", "answered_at"], INSTANT),
}
_ROWS_AT_ONCE = 20_000


def ranking_parquet(board: HumanBoard) -> bytes:
    """Return the ranking; all else that its JSON says is in the schema's metadata, "ranking"."""
    document = ranking_document(board)
    rows = document.pop("results")
    out = io.BytesIO()
    metadata = {"ranking": json.dumps(document, sort_keys=True)}
    _write(out, _schema(RANKING_COLUMNS).with_metadata(metadata), rows)
    return out.getvalue()


def write_judgments(study: Study, out: IO[bytes]) -> None:
    """Write every judgment of the study to an open file, some thousand rows at a time."""
    _write(out, _schema(JUDGMENT_COLUMNS), judgment_rows(study))


def _schema(columns: Sequence[str]) -> pa.Schema:
    return pa.schema([(name, _TYPES.get(name, pa.string())) for name in columns])


def _write(out: IO[bytes], schema: pa.Schema, rows: Iterable[Mapping[str, Any]]) -> None:
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
