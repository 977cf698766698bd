"""Many rows at once: as the database has them, whatever the pieces are that they come in."""

import numpy as np
import pytest
from django.db import DataError

from ratings.database.copying import copy_rows, numbered_keys, read_columns, read_together

pytestmark = pytest.mark.django_db
# The last bytes are often zeros, which numpy drops of such texts.
QUERY = """
    SELECT lpad(to_hex(n), 32, '0')::uuid, n, mod(n, 100), -n * 1000000000000
    FROM generate_series(1, %(rows)s::int8) n
"""


@pytest.mark.parametrize("rows", [0, 1, 20_000, 50_001])
def test_rows_come_whole_in_their_order_and_in_the_types_that_are_asked_for(rows: int) -> None:
    numbers = {"n": "i8", "part": "i1", "far": "i8"}
    copied = copy_rows(QUERY, {"rows": rows}, numbers)
    n = np.arange(1, rows + 1)
    assert copied.dtype["part"] == np.int8
    assert np.array_equal(copied["n"], n)
    assert np.array_equal(copied["part"], n % 100)
    assert np.array_equal(copied["far"], -n * 10**12)
    names, place = numbered_keys(copied["key"])
    assert [int(names[at], 16) for at in place] == n.tolist()


@pytest.mark.parametrize("rows", [0, 1, 50_001])
def test_columns_come_in_the_order_of_rows_and_in_the_types_that_are_asked_for(rows: int) -> None:
    query = """
        SELECT n, mod(n, 7) - 3 AS part, n * 1000000000000 AS far
        FROM generate_series(1, %(rows)s::int8) n WHERE %(least)s::int8 IS NULL OR n > %(least)s
    """
    types = {"n": "i4", "part": "i2", "far": "i8"}
    columns = read_columns(query, {"rows": rows, "least": None}, types)
    n = np.arange(1, rows + 1)
    assert {name: column.dtype for name, column in columns.items()} == types
    assert np.array_equal(columns["n"], n)
    assert np.array_equal(columns["part"], n % 7 - 3)
    assert np.array_equal(columns["far"], n * 10**12)
    assert not len(read_columns(query, {"rows": rows, "least": rows}, types)["n"])


def test_a_number_that_is_wider_than_its_column_is_no_other_number() -> None:
    with pytest.raises(DataError, match="out of range"):
        read_columns("SELECT 40000 AS n", {}, {"n": "i2"})


def test_a_null_does_not_shift_the_numbers_after_it() -> None:
    query = "SELECT n, nullif(n, 2) AS other FROM generate_series(1, 3) n"
    with pytest.raises(ValueError, match="nulls among n, other"):
        read_columns(query, {}, {"n": "i4", "other": "i4"})


def test_several_queries_are_answered_together_each_with_its_own_rows() -> None:
    queries = [f"SELECT n, -n AS other FROM generate_series(1, {rows}) n" for rows in (3, 0, 5)]
    tables = read_together(queries, {}, {"n": "i4", "other": "i2"})
    assert [table["n"].tolist() for table in tables] == [[1, 2, 3], [], [1, 2, 3, 4, 5]]
    assert [table["other"].tolist() for table in tables] == [[-1, -2, -3], [], [-1, -2, -3, -4, -5]]
