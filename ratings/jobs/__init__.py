"""Background work on the Postgres queue: the order of things, no logic of its own."""
