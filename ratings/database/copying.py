"""Reading many rows at once: as Postgres sends them, into numpy arrays or as lines of text."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import psycopg
from django.db import connection
from numpy.typing import NDArray

# The binary format of COPY: a head of 19 bytes; rows of a count and length-prefixed fields; an end.
_HEAD_BYTES, _END_BYTES = 19, 2
_ROWS_AT_ONCE = 20_000


Columns = Mapping[str, NDArray[np.integer]]


def read_columns(query: str, values: Mapping[str, object], types: Mapping[str, str]) -> Columns:
    """Return the columns of a query's rows, whole numbers without nulls, as arrays by name.

    `types` says of each column in how many bytes a number comes and is kept ("i2", "i4" or "i8");
    one that needs more raises DataError, a null ValueError. The server puts each column together as
    one value, all of them of at most 1 GB: no row is read by itself, nor sent before the last.
    """
    return read_together([query], values, types)[0]


def read_together(
    queries: Sequence[str], values: Mapping[str, object], types: Mapping[str, str]
) -> list[Columns]:
    """Return what `read_columns` does for each query, all as they are at one instant."""
    sent = ", ".join(
        f"string_agg(int{form[1]}send({name}::int{form[1]}), '')" for name, form in types.items()
    )
    parts = ", ".join(
        f"(SELECT {sent} FROM ({query}) AS row) AS part_{number}"
        for number, query in enumerate(queries)
    )
    connection.ensure_connection()
    # Django's own cursors put values into the text of the query, and then can't get binary ones.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(f"SELECT * FROM {parts}", values, binary=True)
        columns = list(cursor.fetchone() or ())
    return [_arrays(columns, types) for _ in queries]


def _arrays(columns: list[bytes | None], types: Mapping[str, str]) -> Columns:
    """Return the first columns that were sent as arrays; they are taken off the list."""
    # One by one, so that what was sent goes as its array comes.
    arrays = {name: _numbers(columns.pop(0), form) for name, form in types.items()}
    if len({len(array) for array in arrays.values()}) > 1:
        raise ValueError(f"There are nulls among {', '.join(types)}: give each a number.")
    return arrays


def _numbers(sent: bytes | None, form: str) -> NDArray[np.integer]:
    return np.frombuffer(sent or b"", f">{form}").astype(form)


def copy_rows(
    query: str, values: Mapping[str, object], numbers: Mapping[str, str]
) -> NDArray[np.void]:
    """Return a query's rows as a structured array with the fields `key` and `numbers`.

    The query gives a uuid (`key`: 16 bytes, of which numpy drops zeros at the end), and then
    bigints without nulls: so all rows are of one length. `numbers` has the type in which each is
    kept, which has to hold all its values: rows come with twice the bytes.
    """
    sent_row = np.dtype(
        [
            *(("fields", ">i2"), ("key_length", ">i4"), ("key", "S16")),
            *(field for name in numbers for field in ((f"{name}_length", ">i4"), (name, ">i8"))),
        ]
    )
    kept_row = np.dtype([("key", "S16"), *numbers.items()])
    blocks = [
        _kept(np.frombuffer(block, sent_row), kept_row)
        for block in _blocks(query, values, sent_row.itemsize)
    ]
    return np.concatenate([np.empty(0, kept_row), *blocks])


def _blocks(query: str, values: Mapping[str, object], row_bytes: int) -> Iterator[bytes]:
    """Yield the rows of a query as COPY sends them, some thousand at a time."""
    statement = f"COPY ({query}) TO STDOUT (FORMAT BINARY)"
    sent, most = bytearray(), _ROWS_AT_ONCE * row_bytes
    # The cursor within: the one that counts statements when debugging takes no values here.
    with connection.cursor() as cursor, cursor.cursor.copy(statement, values) as copy:
        for piece in copy:
            sent += piece
            if len(sent) >= _HEAD_BYTES + most + _END_BYTES:
                yield bytes(sent[_HEAD_BYTES : _HEAD_BYTES + most])
                del sent[_HEAD_BYTES : _HEAD_BYTES + most]
    yield bytes(sent[_HEAD_BYTES : len(sent) - _END_BYTES])


def _kept(sent: NDArray[np.void], row: np.dtype[np.void]) -> NDArray[np.void]:
    kept = np.empty(len(sent), row)
    for name in row.names or ():
        kept[name] = sent[name]
    return kept


def copy_lines(query: str, values: Mapping[str, object]) -> Iterator[memoryview]:
    """Yield a query's rows as lines of CSV in UTF-8, each with the newline at its end.

    A null is an empty field, an empty text one in quotes.
    """
    statement = f"COPY ({query}) TO STDOUT (FORMAT CSV)"
    with connection.cursor() as cursor, cursor.cursor.copy(statement, values) as copy:
        yield from copy


def numbered_keys(keys: NDArray[np.bytes_]) -> tuple[list[str], NDArray[np.int64]]:
    """Return the different keys of `copy_rows` in hex, sorted, and the place of each among them."""
    known, place = np.unique(keys, return_inverse=True)
    return [key.ljust(16, b"\0").hex() for key in known.tolist()], place
