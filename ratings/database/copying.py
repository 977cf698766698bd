"""Reading many rows at once: as Postgres sends them, into a numpy array or as lines of text."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from django.db import connection
from numpy.typing import NDArray

# The binary format of COPY: a head of 19 bytes; rows of a count and length-prefixed fields; an end.
_HEAD_BYTES, _END_BYTES = 19, 2


def copy_rows(query: str, values: Mapping[str, object], numbers: Sequence[str]) -> NDArray[np.void]:
    """Return a query's rows as a structured array with the fields `key` and `numbers`.

    The query gives a uuid (`key`: 16 bytes, of which numpy drops zeros at the end), and then
    bigints without nulls: so all rows are of one length.
    """
    row = np.dtype(
        [
            *(("fields", ">i2"), ("key_length", ">i4"), ("key", "S16")),
            *(field for name in numbers for field in ((f"{name}_length", ">i4"), (name, ">i8"))),
        ]
    )
    statement = f"COPY ({query}) TO STDOUT (FORMAT BINARY)"
    # The cursor within: the one that counts statements when debugging takes no values here.
    sent = bytearray()  # a list of millions of small rows would take more room than all of them
    with connection.cursor() as cursor, cursor.cursor.copy(statement, values) as copy:
        for piece in copy:
            sent += piece
    return np.frombuffer(memoryview(sent)[_HEAD_BYTES : len(sent) - _END_BYTES], row)


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
