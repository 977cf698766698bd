"""Others' results picture by picture, as a CSV file: curves of one codec, each of one picture."""

import csv
import io
from collections.abc import Collection
from typing import Any

from ratings.challenge.refusals import Refused
from ratings.challenge.series_keys import ReferenceTable
from ratings.challenge.tables import TomlTable, written
from ratings.psychometrics.counts.csv_fields import unquoted
from ratings.psychometrics.counts.csv_rows import BadJudgments, Problems, read_columns, read_rows

NEEDED = ["dataset", "picture", "bpp"]
# One of them at least; the names of a series' own table of pictures.
METRICS = {"psnr_db": "psnr", "ms_ssim": "ms_ssim"}
EXAMPLE = [*NEEDED, *METRICS]
LARGEST_BYTES = 4 << 20


def read_picture_references(
    data: bytes, name: str, source: str, pictures: Collection[str]
) -> list[dict[str, Any]]:
    """Return a codec's curves of pictures as a series keeps them, by picture.

    `pictures` are those there are, such as "P/a.png". Raises Refused, code "definition", with every
    problem: unknown pictures, what is no number, metrics that some points of a picture lack.
    """
    try:
        points = _points(io.StringIO(data.decode("utf-8-sig"), newline=""), pictures)
    except UnicodeDecodeError as error:
        raise Refused("definition", "The file is not UTF-8; save it as UTF-8.") from error
    except csv.Error as error:
        raise Refused("definition", f"The first line is no CSV ({error}).") from error
    except BadJudgments as bad:
        raise Refused("definition", *bad.problems) from bad
    if not points:
        raise Refused("definition", "The file has no line but its first; write one a picture.")
    problems: list[str] = []
    kept = []
    for picture, columns in sorted(points.items()):
        raw = {"name": name, "source": source, "picture": picture, **columns}
        table = TomlTable(raw, f"The reference on {picture}", problems)
        kept.append(written(table.read(ReferenceTable)))
    if problems:
        raise Refused("definition", *dict.fromkeys(problems))
    return kept


def _points(stream: io.StringIO, pictures: Collection[str]) -> dict[str, dict[str, list[float]]]:
    """Return the lists of numbers of each picture, in the order of the lines."""
    rows = read_rows(stream)
    place = read_columns(rows, NEEDED, METRICS, EXAMPLE)
    numbers = {"bpp": "bpp", **{one: key for one, key in METRICS.items() if one in place}}
    problems, found = Problems(), dict[str, dict[str, list[float]]]()
    for line, row in rows:
        if len(row) <= max(place.values()):
            problems.note(line, f"has {len(row)} fields; write one for each column.")
            continue
        dataset, file = (unquoted(row[place[one]].strip()) for one in ("dataset", "picture"))
        picture = f"{dataset}/{file}"
        if picture not in pictures:
            problems.note(line, f"there is no picture {picture[:100]!r} in the series' data sets.")
            continue
        columns = found.setdefault(picture, {})
        for column, key in numbers.items():
            text = row[place[column]].strip()
            value = _number(text)
            if value is not None:
                columns.setdefault(key, []).append(value)
            elif text or column == "bpp":
                problems.note(line, f"{column} is {text[:40]!r}; write a number, such as 0.15.")
    problems.refuse()
    return found


def _number(text: str) -> float | None:
    try:
        return float(text) if "_" not in text else None
    except ValueError:
        return None
