"""A study's judgments, typed: every answer, also those that don't count, each with its reason."""

import io
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
from pyarrow import compute, csv

from ratings.comparisons.judgment_facts import DISPLAY_FACTS, Fact, FactKind
from ratings.comparisons.models import Stage, Study
from ratings.ranking.evidence.judgment_query import JUDGMENT_COLUMNS, judgment_lines

INSTANT = pa.timestamp("us", tz="UTC")
KINDS = {int: pa.int64(), float: pa.float64(), bool: pa.bool_(), str: pa.string()}
_DURATIONS = pa.list_(pa.int64())
_OF_FACTS = {
    FactKind.WHOLE: pa.int64(),
    FactKind.NUMBER: pa.float64(),
    FactKind.DURATION: pa.int64(),
    FactKind.DURATIONS: _DURATIONS,
    FactKind.INSTANT: INSTANT,
    FactKind.TRUTH: pa.bool_(),
}


def _type(fact: Fact) -> pa.DataType:
    if fact.kind is FactKind.OPTION:
        return KINDS[type(fact.options[0])]
    return _OF_FACTS[fact.kind]


_TYPES: Mapping[str, pa.DataType] = {
    **dict.fromkeys(["trial_id", "rater", "rater_state", "image", "dataset"], pa.string()),
    **dict.fromkeys(["scene", "group"], pa.string()),
    **dict.fromkeys(["left", "right", "choice", "kind", "exclusion_reason"], pa.string()),
    **dict.fromkeys(["language", "study_sha256", "software_version", "browser"], pa.string()),
    **dict.fromkeys(["judgment_id", "response_ms", "number", "attempt"], pa.int64()),
    **dict.fromkeys(["training_attempt", "visit"], pa.int64()),
    **dict.fromkeys(["crop_x", "crop_y", "crop_width", "crop_height"], pa.int64()),
    **dict.fromkeys(["left_bytes", "right_bytes"], pa.int64()),
    **dict.fromkeys(["stratum_pictures", "dataset_pictures"], pa.int64()),
    **dict.fromkeys(["stratum", "own_team"], pa.string()),
    **dict.fromkeys(["excluded", "simulated", "fast", "method_out"], pa.bool_()),
    **dict.fromkeys(["issued_at", "judged_at", "undone_at"], INSTANT),
    **{fact.name: _type(fact) for fact in DISPLAY_FACTS},
}
JUDGMENT_SCHEMA = pa.schema([(name, _TYPES[name]) for name in JUDGMENT_COLUMNS])
# As lines have them: instants and lists as texts, which are made of them afterwards.
_READ = {
    name: pa.string() if kind in (INSTANT, _DURATIONS) else kind for name, kind in _TYPES.items()
}


def judgment_tables(study: Study, stage: str = Stage.MAIN) -> Iterator[pa.Table]:
    """Yield a stage's judgments some thousand at a time, in the order in which they were stored.

    The columns are `JUDGMENT_COLUMNS`, instants as texts in ISO 8601, flips as texts too.
    """
    for lines in judgment_lines(study, spreadsheet=False, stage=stage):
        if text := b"".join(lines):
            yield _read(text)


def judgment_rows(study: Study, stage: str = Stage.MAIN) -> Iterator[dict[str, Any]]:
    """Yield every judgment as one dict, instants as texts in ISO 8601; see `judgment_lines`."""
    for table in judgment_tables(study, stage):
        yield from _with_durations(table).to_pylist()


def typed(table: pa.Table) -> pa.Table:
    """Return a table of `judgment_tables` with the types of `JUDGMENT_SCHEMA`."""
    return _with_durations(table).cast(JUDGMENT_SCHEMA)


def _read(text: bytes) -> pa.Table:
    return csv.read_csv(
        io.BytesIO(text),
        csv.ReadOptions(use_threads=False, column_names=JUDGMENT_COLUMNS, block_size=len(text) + 1),
        csv.ParseOptions(newlines_in_values=True),
        csv.ConvertOptions(
            column_types=_READ,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["true"],
            false_values=["false"],
        ),
    )


def _with_durations(table: pa.Table) -> pa.Table:
    """Make lists of the texts of durations; an empty one is a list of none."""
    for place, field in enumerate(JUDGMENT_SCHEMA):
        if field.type == _DURATIONS:
            texts = table[field.name]
            parts = compute.split_pattern(texts, " ")
            table = table.set_column(place, field.name, _whole(texts, parts))
    return table


def _whole(texts: pa.ChunkedArray, parts: pa.ChunkedArray) -> pa.ChunkedArray:
    empty = pa.array([[]], _DURATIONS)[0]
    numbers = compute.if_else(compute.equal(texts, ""), None, parts).cast(_DURATIONS)
    return compute.if_else(compute.equal(texts, ""), empty, numbers)
