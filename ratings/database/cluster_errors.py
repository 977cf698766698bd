"""Why the embedded Postgres can't be used."""


class ClusterError(RuntimeError):
    """The embedded Postgres could not be created or started; the message says why."""
