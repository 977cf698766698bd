"""Platforms' placeholders that were never filled: names of parameters where people's should stand.

Whoever comes by such a link would be one and the same person. How platforms write placeholders
differs, and identifiers do too; what tells them apart is that placeholders are marked, or say
what belongs there.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from urllib.parse import unquote

from ratings.psychometrics.files.csv_fields import MISSING

# An address may be encoded by the platform, by a mail program and by a redirect.
_MOST_DECODED = 5
# No identifier has brackets, and none is a word between two signs: {{X}}, {{%X%}}, ${X}, #{X},
# [X], <X>, %X%, *|X|*, @X@.
_BRACKETS = re.compile(r"[{}\[\]<>|]|«|»|\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}")
_BETWEEN = re.compile(r"([%@!~^*#$])\1*.+\1")
# A sign before a word: $X, :X.
_BEFORE = re.compile(r"[$:][A-Za-z_][\w.\-]*")
# Words in underscores, where digits would make it an identifier: __X__.
_UNDERSCORES = re.compile(r"__+[A-Za-z][A-Za-z_]*__+")
# What programs write for nothing, and instructions for anything.
_NOTHING = MISSING | {"undefined", "(null)", "(none)", "(not set)"}
_ANYTHING = re.compile(r"x{2,}|\?+|\.{2,}|-+|_+|your[_ -]?(\w+[_ -]?)?id(?:[_ -]?here)?", re.I)
# What is asked for, by its usual names; the last is what MTurk sends to who only looks at a task.
_WORDS = frozenset(
    (
        *("prolificpid", "participantid", "participant", "workerid", "userid", "subjectid"),
        *("studyid", "sessionid", "assignmentid", "hitid", "surveycode", "responseid"),
        "assignmentidnotavailable",
    )
)


def is_unfilled(value: str, names: Collection[str]) -> bool:
    """Tell whether what an address says of a person is a placeholder, not an identifier.

    `names` are those of the platform's parameters: a value that is one of them, however it is
    marked and in upper or lower case, names nobody.
    """
    words = _WORDS.union(map(_letters, filter(None, names)))
    return any(_is_marked(text) or _letters(text) in words for text in _readings(value))


def _is_marked(text: str) -> bool:
    if text.lower() in _NOTHING or _BRACKETS.search(text):
        return True
    return any(form.fullmatch(text) for form in (_ANYTHING, _BETWEEN, _BEFORE, _UNDERSCORES))


def _readings(value: str) -> Iterator[str]:
    """Yield a value as it stands, and with each layer of what encodes it taken off."""
    for _ in range(_MOST_DECODED):
        yield unicodedata.normalize("NFKC", value).strip()
        value, before = unquote(value), value
        if value == before:
            return


def _letters(text: str) -> str:
    """Return the letters and digits alone, in lower case."""
    return "".join(filter(str.isalnum, text)).lower()
