"""A definition file into the database, whole or not at all, and out of it again."""
