"""Many rows at once: as the database has them, whatever the pieces are that they come in."""

import numpy as np
import pytest

from ratings.database.copying import copy_rows, numbered_keys

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
