"""A study's definition as everybody may read it: without recruiting, and without addresses."""

import hashlib
import tomllib

from ratings.anonymity.leak_scan import without_addresses
from ratings.challenge.definitions.definition import emit_table
from ratings.comparisons.models import Study
from ratings.comparisons.study.versions import versions_of_main

# The codes by which platforms pay, and what people are paid.
_NOT_PUBLIC = ("recruiting", "recruiter")


def public_definition(text: str) -> str:
    """Return a [[study]] table as TOML, with what is not for everybody left out."""
    (table,) = tomllib.loads(text)["study"]
    kept = {key: value for key, value in table.items() if key not in _NOT_PUBLIC}
    return without_addresses("\n".join(emit_table("study", kept)) + "\n")


def public_digest(text: str) -> str:
    """Return the SHA-256, in hex, of `public_definition`.

    That of the whole text would tell whoever guesses a code that they guessed right.
    """
    return hashlib.sha256(public_definition(text).encode()).hexdigest()


def issued_digests(study: Study) -> list[str]:
    """Return the `public_digest` of each definition that judged trials were issued under.

    What a pilot alone was issued under is not among them.
    """
    definitions = versions_of_main(study).values_list("definition", flat=True)
    return sorted(set(map(public_digest, definitions)))
