"""What many tests begin with is built once in a process; its rows and files are put in again.

A scored study takes hundreds of statements to build, and the next test wants the same.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import wraps
from hashlib import sha256
from typing import Any, Generic, ParamSpec, TypeVar

from django.db import connection, transaction
from django.db.models import Model

from ratings.storage.root import bucket, root
from tests.tables import filled_tables

Asked = ParamSpec("Asked")
Built = TypeVar("Built")
# Of each table its rows, as `COPY` gives them, with how often each is there.
Rows = dict[str, Counter[bytes]]
MOST = 200  # results that are kept: the tests of a file come one after the other


@dataclass(frozen=True)
class Kept(Generic[Built]):
    """What a builder returned, and the rows and files that it added.

    Tables of which it changed rows are emptied first, and have all theirs among the rows.
    """

    built: Built
    emptied: list[str]
    rows: dict[str, bytes]
    files: dict[str, tuple[int, bytes]]

    def put_in(self) -> None:
        """Store all of it again, under the same keys: no sequence gives one twice."""
        for name, (mode, content) in self.files.items():
            path = root() / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(mode)
        with transaction.atomic(), connection.cursor() as cursor:
            # What was consistent is so again: nothing is checked, and no trigger adds to it.
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table in self.emptied:
                cursor.execute(f'DELETE FROM "{table}"')
            for table, rows in self.rows.items():
                with cursor.copy(f'COPY "{table}" FROM STDIN') as into:
                    into.write(rows)
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")


KEPT: OrderedDict[Hashable, Kept[Any]] = OrderedDict()
UNDER_WAY: list[bool] = []


def remembered(build: Callable[Asked, Built]) -> Callable[Asked, Built]:
    """Let a builder, asked for the same in the same state of the database, copy what it built.

    The state is that of all rows of all tables, and whether the test's transaction is open, which
    ends with it: jobs and the like follow a commit only. What is returned is each test's own.
    """

    @wraps(build)
    def built(*args: Asked.args, **kwargs: Asked.kwargs) -> Built:
        # A builder that uses others is remembered as a whole; and files in a bucket aren't copied.
        if UNDER_WAY or bucket():
            return build(*args, **kwargs)
        before = all_rows()
        asked = [value_of(one) for one in (*args, *sorted(kwargs.items()))]
        key = (build, connection.in_atomic_block, *asked, digest(before))
        if key in KEPT:
            KEPT.move_to_end(key)
            KEPT[key].put_in()
            copied: Built = deepcopy(KEPT[key].built)
            return copied
        files = stored_files()
        with under_way():
            made = build(*args, **kwargs)
        new = {name: read(name) for name in stored_files() - files}
        KEPT[key] = Kept(deepcopy(made), *difference(before, all_rows()), new)
        if len(KEPT) > MOST:
            KEPT.popitem(last=False)
        return made

    return built


@contextmanager
def under_way() -> Iterator[None]:
    """Let the builders that a builder uses build."""
    UNDER_WAY.append(True)
    try:
        yield
    finally:
        UNDER_WAY.clear()


def forget() -> None:
    """Forget all: tables are about to change, and with them their sequences."""
    KEPT.clear()


def value_of(asked: object) -> str:
    """Return what stands for an argument: of a row all its fields, not its key alone."""
    if isinstance(asked, tuple):
        return repr([value_of(one) for one in asked])
    if isinstance(asked, Model):
        fields = {field.attname: getattr(asked, field.attname) for field in asked._meta.fields}
        return repr((type(asked), fields))
    return repr(asked)


def all_rows() -> Rows:
    """Return all rows of all tables, but for what comes with the tables."""
    with connection.cursor() as cursor:
        rows: Rows = {}
        for table in filled_tables():
            with cursor.copy(f'COPY "{table}" TO STDOUT') as out:
                rows[table] = Counter(map(bytes, out))
        return rows


def digest(rows: Rows) -> bytes:
    """Return what stands for rows, in whatever order they lie."""
    return sha256(
        repr([(table, sorted(rows[table].items())) for table in sorted(rows)]).encode()
    ).digest()


def difference(before: Rows, after: Rows) -> tuple[list[str], dict[str, bytes]]:
    """Return the tables to be emptied, and the rows that are lacking then."""
    emptied = [table for table, rows in before.items() if rows - after.get(table, Counter())]
    added = {
        table: rows if table in emptied else rows - before.get(table, Counter())
        for table, rows in after.items()
    }
    return emptied, {table: b"".join(rows.elements()) for table, rows in added.items() if rows}


def stored_files() -> set[str]:
    """Return the places of all files in the store."""
    return {str(path.relative_to(root())) for path in root().rglob("*") if path.is_file()}


def read(name: str) -> tuple[int, bytes]:
    """Return a stored file's mode and content."""
    path = root() / name
    return path.stat().st_mode, path.read_bytes()
