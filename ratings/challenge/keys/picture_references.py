"""Others' results picture by picture, as a CSV file: curves of one codec, each of one picture."""

import csv
import io
from collections.abc import Collection
from math import ulp
from typing import Any

from ratings.challenge.keys.series_keys import MOST_BPP, MOST_DECIBELS, ReferenceTable
from ratings.challenge.keys.tables import TomlTable, written
from ratings.challenge.refusals import Refused
from ratings.psychometrics.files.csv_fields import unquoted
from ratings.psychometrics.files.csv_rows import (
    BadJudgments,
    Problems,
    Rows,
    read_columns,
    read_rows,
)

NEEDED = ["dataset", "picture", "bpp"]
# One of them at least; the names of a series' own table of pictures.
METRICS = {"psnr_db": "psnr", "ms_ssim": "ms_ssim"}
EXAMPLE = [*NEEDED, *METRICS]
# What each may be, in the words of who is told to mend it; see `ReferenceTable`.
LIMITS = {
    "bpp": (ulp(0), MOST_BPP, f"above 0, at most {MOST_BPP}, such as 0.15"),
    "psnr": (0, MOST_DECIBELS, f"from 0 to {MOST_DECIBELS}"),
    "ms_ssim": (0, 1, "from 0 to 1"),
}
LARGEST_BYTES = 4 << 20
Columns = dict[str, list[float]]
# So many problems of pictures are named beside those of lines.
_NAMED = 20
_SOUND = {"bpp": [1.0], "psnr": [1.0]}


def read_picture_references(
    data: bytes, name: str, source: str, pictures: Collection[str]
) -> list[dict[str, Any]]:
    """Return a codec's curves of pictures as a series keeps them, by picture.

    `pictures` are those there are, such as "P/a.png". Raises Refused, code "definition", with every
    problem (some 20 of lines and 20 of pictures): unknown pictures, what is no number or out of its
    range, metrics that some points of a picture lack.
    """
    try:
        return _read(
            read_rows(io.StringIO(data.decode("utf-8-sig"), newline="")), pictures, name, source
        )
    except UnicodeDecodeError as error:
        raise Refused("definition", "The file is not UTF-8; save it as UTF-8.") from error
    except csv.Error as error:
        raise Refused("definition", f"The first line is no CSV ({error}).") from error
    except BadJudgments as bad:
        raise Refused("definition", *bad.problems) from bad


def _read(rows: Rows, pictures: Collection[str], name: str, source: str) -> list[dict[str, Any]]:
    problems, others = Problems(), list[str]()
    about = {"name": name, "source": source}
    _reference({**about, **_SOUND}, "The reference", others)
    if others:  # said once, not of each picture
        about = {"name": "reference", "source": ""}
    kept = []
    for picture, columns in sorted(_points(rows, pictures, problems).items()):
        raw = {**about, "picture": picture, **(columns or _SOUND)}
        kept.append(_reference(raw, f"The reference on {picture}", others))
    if not kept and not problems.problems:
        others.append("The file has no line but its first; write one a picture.")
    more = len(others) - _NAMED
    problems.refuse(*others[:_NAMED], *([f"{more} more problems."] if more > 0 else []))
    return kept


def _reference(raw: dict[str, Any], where: str, problems: list[str]) -> dict[str, Any]:
    """Return a table as a series keeps it; what is wrong with it is noted."""
    kept: dict[str, Any] = written(TomlTable(raw, where, problems).read(ReferenceTable))
    return kept


def _points(rows: Rows, pictures: Collection[str], problems: Problems) -> dict[str, Columns]:
    """Return the lists of numbers of each picture, in the order of the lines.

    What is wrong with lines is noted; of their pictures there are no numbers.
    """
    place = read_columns(rows, NEEDED, METRICS, EXAMPLE)
    keys = {"bpp": "bpp", **{one: key for one, key in METRICS.items() if one in place}}
    points, wrong = dict[str, Columns](), set[str]()
    for line, row in rows:
        if len(row) <= max(place.values()):
            problems.note(line, f"has {len(row)} fields; write one for each column.")
            continue
        dataset, file = (unquoted(row[place[one]].strip()) for one in ("dataset", "picture"))
        picture, found = f"{dataset}/{file}", list[str]()
        if picture not in pictures:
            found.append(f"there is no picture {picture[:100]!r} in the series' data sets.")
        columns = points.setdefault(picture, {})
        for column, key in keys.items():
            text = row[place[column]].strip()
            value = _number(text, *LIMITS[key][:2])
            # Of a metric there may be nothing.
            if value is None and (text or key == "bpp"):
                found.append(f"{column} is {text[:40]!r}; write a number {LIMITS[key][2]}.")
            elif value is not None:
                columns.setdefault(key, []).append(value)
        problems.note(line, *found)
        if found:
            wrong.add(picture)
    return {one: {} if one in wrong else columns for one, columns in points.items()}


def _number(text: str, least: float, most: float) -> float | None:
    try:
        value = float(text) if "_" not in text else None
    except ValueError:
        return None
    return value if value is not None and least <= value <= most else None
