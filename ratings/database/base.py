"""The database engine: Django's Postgres backend, checked for durability, started if ours."""

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.db.backends.postgresql import base

from ratings.database.cluster import Cluster
from ratings.database.cluster_errors import ClusterError

# With one of these off an acknowledged judgment can be lost.
DURABILITY = ["fsync", "synchronous_commit", "full_page_writes"]
# What the server is told of us: should this machine vanish, its locks go with it within half a
# minute, not after two hours. Nothing for a Unix socket.
KEEPALIVES = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "25s",
}
# A server that vanishes says nothing, and Linux would wait for it for a quarter of an hour. Each of
# these may be set otherwise in DATABASE_URL, as in `postgres://...?connect_timeout=10`.
TIME_OUTS = {
    # Whoever asks is told to come again within seconds; the database is near, and takes no longer.
    "connect_timeout": 3,
    # What was sent is acknowledged by its kernel within this, in ms, however long the answer takes.
    "tcp_user_timeout": 4000,
    # Where an answer takes long, the machine is asked after 2 s, and each second, if it is there.
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
}
_ASK = "SELECT pg_backend_pid(), name, setting FROM pg_settings WHERE name = ANY(%s)"
_SET = "SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[]) AS _(name, value)"


class DatabaseWrapper(base.DatabaseWrapper):
    """Connects to DATABASE_URL's server, or to the embedded cluster, which it starts if need be.

    `is_pooled` tells that a pooler such as PgBouncer stands between: then each transaction may
    reach another process of the server, and nothing that is set, prepared or declared in one is
    there in the next.
    """

    is_pooled = False

    def get_connection_params(self) -> dict[str, Any]:
        """Return psycopg's parameters, with the embedded cluster's socket where that is used."""
        parameters = TIME_OUTS | super().get_connection_params()
        if settings.EMBEDDED_POSTGRES:
            with _as_away():
                parameters["host"] = str(_cluster(settings.DATA_DIR).socket_dir)
        return parameters

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:  # noqa: ANN401
        """Connect; refuse a server that may lose what it has acknowledged.

        Raises ImproperlyConfigured naming the setting that is off, and OperationalError where the
        embedded cluster does not start: to requests it is away, like any other database.
        """
        if settings.EMBEDDED_POSTGRES:
            with _as_away():
                _cluster(settings.DATA_DIR).start()
        connection = super().get_new_connection(conn_params)
        with connection.cursor() as cursor:
            told = cursor.execute(_ASK, [DURABILITY]).fetchall()
            # A pooler makes up the process id that it tells its clients.
            self.is_pooled = told[0][0] != connection.info.backend_pid
            if not self.is_pooled:
                limits = KEEPALIVES | {"statement_timeout": f"{settings.STATEMENT_SECONDS}s"}
                cursor.execute(_SET, [list(limits), list(limits.values())])
            risky = [name for _, name, setting in told if setting == "off"]
        connection.commit()
        if risky:
            connection.close()
            raise ImproperlyConfigured(
                f"Postgres runs with {', '.join(risky)} = off: an acknowledged judgment could be "
                f"lost. Switch it on."
            )
        return connection

    def chunked_cursor(self) -> Any:  # noqa: ANN401
        """Return a cursor of the server, which fetches rows part by part, where it would last."""
        self.ensure_connection()
        if self.is_pooled and self.get_autocommit():
            return self.cursor()
        return super().chunked_cursor()


def is_pooled() -> bool:
    """Tell whether a pooler stands before the server of the usual connection, which is opened."""
    connection.ensure_connection()
    return bool(getattr(connection, "is_pooled", False))


@cache
def _cluster(data_dir: Path) -> Cluster:
    """Return the embedded cluster of a data directory, which this process leaves when it ends."""
    cluster = Cluster(data_dir)
    atexit.register(cluster.leave)
    return cluster


@contextmanager
def _as_away() -> Iterator[None]:
    try:
        yield
    except (ClusterError, OSError) as error:
        raise OperationalError(f"The embedded Postgres can't be used: {error}") from error
