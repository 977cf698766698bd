"""A study's definition as everybody may read it: without recruiting, and without addresses."""

import tomllib

from ratings.anonymity.leak_scan import without_addresses
from ratings.challenge.definition import emit_table

# It has the codes by which platforms pay.
_NOT_PUBLIC = "recruiting"


def public_definition(text: str) -> str:
    """Return a [[study]] table as TOML, with what is not for everybody left out."""
    (table,) = tomllib.loads(text)["study"]
    kept = {key: value for key, value in table.items() if key != _NOT_PUBLIC}
    return without_addresses("\n".join(emit_table("study", kept)) + "\n")
