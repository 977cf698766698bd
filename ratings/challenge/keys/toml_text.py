"""A definition file's bytes and syntax: what editors write is read, or refused with the mend."""

import codecs
import io
import re
import tomllib
from decimal import Decimal
from typing import Any

from ratings.challenge.refusals import Refused

BYTE_ORDER_MARK = "\ufeff"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What stands in a line that is no TOML, where a program or a habit put it there.
_HINTS = (
    (
        re.compile(r"\\"),
        "In \"...\" a backslash begins an escape: write paths with /, or in '...'.",
    ),
    (re.compile("[\u2018\u2019\u201c\u201d\u201e]"), "Quotes must be straight: \" or '."),
    (re.compile("[\u00a0\u2007\u202f]"), "There is a no-break space: type a plain one instead."),
)


def decoded(data: bytes) -> str:
    """Return a file's text, line ends as \\n. Raises Refused, code "definition", if not UTF-8."""
    try:
        return io.TextIOWrapper(io.BytesIO(data), encoding="utf-8").read()
    except UnicodeDecodeError as error:
        if data.startswith(_UTF_16):
            what = 'is UTF-16, which Notepad calls "Unicode"'
        else:
            line = data.count(b"\n", 0, error.start) + 1
            what = f"is not UTF-8: byte {data[error.start]:#04x} in line {line}"
        raise Refused(
            "definition", f"This {what}. TOML is UTF-8: save the file in that encoding."
        ) from error


def read_toml(text: str) -> dict[str, Any]:
    """Return a file's tables; a byte order mark before them is harmless.

    Raises Refused, code "definition", with the place and, where it is known, the mend.
    """
    text = text.removeprefix(BYTE_ORDER_MARK)
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        hints = _hints(text, str(error))
        raise Refused("definition", " ".join([f"This is not TOML: {error}.", *hints])) from error


def _hints(text: str, problem: str) -> list[str]:
    """Return what is known to be wrong in the line that a problem names, and how it is mended."""
    place = re.search(r"at line (\d+)", problem)
    lines = text.splitlines()
    if place is None or int(place[1]) > len(lines):
        return []
    return [hint for pattern, hint in _HINTS if pattern.search(lines[int(place[1]) - 1])]
