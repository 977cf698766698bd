"""A definition file as a whole: read, compared, merged, begun from a template; no database."""
