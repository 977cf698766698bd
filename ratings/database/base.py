"""The database engine: Django's Postgres backend, checked for durability, started if ours."""

import atexit
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.db.backends.postgresql import base

from ratings.database.cluster import Cluster, ClusterError

# With one of these off an acknowledged judgment can be lost.
DURABILITY = ["fsync", "synchronous_commit", "full_page_writes"]


class DatabaseWrapper(base.DatabaseWrapper):
    """Connects to DATABASE_URL's server, or to the embedded cluster, which it starts if need be."""

    def get_connection_params(self) -> dict[str, Any]:
        """Return psycopg's parameters, with the embedded cluster's socket where that is used."""
        parameters = super().get_connection_params()
        if settings.EMBEDDED_POSTGRES:
            parameters["host"] = str(Cluster(settings.DATA_DIR).socket_dir)
        return parameters

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:  # noqa: ANN401
        """Connect; refuse a server that may lose what it has acknowledged.

        Raises ImproperlyConfigured naming the setting that is off, and OperationalError where the
        embedded cluster does not start: to requests it is away, like any other database.
        """
        if settings.EMBEDDED_POSTGRES:
            _hold_cluster()
        connection = super().get_new_connection(conn_params)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [DURABILITY]
            )
            risky = [name for name, setting in cursor.fetchall() if setting == "off"]
        connection.rollback()
        if risky:
            connection.close()
            raise ImproperlyConfigured(
                f"Postgres runs with {', '.join(risky)} = off: an acknowledged judgment could be "
                f"lost. Switch it on."
            )
        return connection


_clusters: dict[str, Cluster] = {}


def _hold_cluster() -> None:
    """Start the embedded cluster if it does not run; leave it when this process ends."""
    key = str(settings.DATA_DIR)
    if key not in _clusters:
        _clusters[key] = Cluster(settings.DATA_DIR)
        atexit.register(_clusters[key].leave)
    try:
        _clusters[key].start()
    except ClusterError as error:
        raise OperationalError(str(error)) from error
