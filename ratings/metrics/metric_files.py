"""Files that are sent for a metric: values of pictures, or decisions of pairs."""

import csv
import io
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ratings.challenge.refusals import Refused
from ratings.metrics.judged_units import AskedUnits, Unit
from ratings.metrics.models import MetricEntry
from ratings.psychometrics.files.csv_fields import unquoted
from ratings.psychometrics.files.csv_rows import (
    BadJudgments,
    Problems,
    Rows,
    read_columns,
    read_rows,
)
from ratings.ranking.tables.export import to_csv

VALUE_COLUMNS = ["dataset", "image", "method", "value"]
PAIR_COLUMNS = ["O", "A", "B"]
DECISION_COLUMNS = [*PAIR_COLUMNS, "T"]
LARGEST_BYTES = 32 << 20
_NAMED = 10
Content = dict[str, dict[str, float]]


@dataclass(frozen=True)
class MetricFile:
    """What was read: its form, and its content as `MetricEntry` keeps it."""

    form: MetricEntry.Form
    content: Content


def read_metric(data: bytes, asked: AskedUnits) -> MetricFile:
    """Read a CSV file, of values or of decisions as its head says.

    Raises Refused, code "metric", with every problem and its mend (some 20 of lines, and 10 of what
    is missing).
    """
    try:
        stream = io.StringIO(data.decode("utf-8-sig"), newline="")
        head = next(csv.reader(io.StringIO(stream.getvalue()[:1000])), [])
        if {name.strip() for name in head} >= set(DECISION_COLUMNS):
            content = _read_decisions(read_rows(stream), asked)
            return MetricFile(MetricEntry.Form.DECISIONS, content)
        return MetricFile(MetricEntry.Form.VALUES, _read_values(read_rows(stream), asked))
    except UnicodeDecodeError as error:
        raise Refused("metric", "The file is not UTF-8; save it as UTF-8.") from error
    except csv.Error as error:
        raise Refused("metric", f"The first line is no CSV ({error}).") from error
    except BadJudgments as bad:
        raise Refused("metric", *bad.problems) from bad


def pair_rows(asked: AskedUnits) -> Iterator[list[str]]:
    """Yield original, A and B of each unit; which of a pair is A says chance, not the method."""
    for original, first, second in sorted(asked.addresses()):
        yield [f"{name}.webp" for name in (original, *sorted((first, second)))]


def pairs_csv(asked: AskedUnits) -> str:
    """Return the list of pairs as it is downloaded."""
    rows = (dict(zip(PAIR_COLUMNS, row, strict=True)) for row in pair_rows(asked))
    return "".join(to_csv(PAIR_COLUMNS, rows))


def _read_values(rows: Rows, asked: AskedUnits) -> Content:
    place = read_columns(rows, VALUE_COLUMNS, (), VALUE_COLUMNS)
    originals = {(o.dataset.slug, o.name): str(pk) for pk, o in asked.originals.items()}
    methods = {label: str(pk) for pk, label in asked.labels.items()}
    problems, content, there = Problems(), Content(), set[tuple[str, str]]()
    for line, row in rows:
        if len(row) <= max(place.values()):
            problems.note(line, f"has {len(row)} fields; write {','.join(VALUE_COLUMNS)}.")
            continue
        dataset, image, method, text = (
            unquoted(row[place[name]].strip()) for name in VALUE_COLUMNS
        )
        original, of, value = originals.get((dataset, image)), methods.get(method), _number(text)
        found = []
        if original is None:
            found.append(_unknown("picture", f"{dataset}/{image}", _pictures(originals)))
        if of is None:
            found.append(_unknown("method", method, methods))
        if value is None:
            found.append(f"value is {text[:40]!r}; write a finite number, such as 31.4.")
        if original and of:
            if (of, original) in there:
                found.append(f"{method} has a value for {dataset}/{image} already; keep one.")
            there.add((of, original))
            if value is not None:
                content.setdefault(of, {})[original] = value
        problems.note(line, *found)
    problems.refuse(*_missing(_lacking_values(there, asked)))
    return content


def _read_decisions(rows: Rows, asked: AskedUnits) -> Content:
    place = read_columns(rows, DECISION_COLUMNS, (), DECISION_COLUMNS)
    units = {}
    for unit, (original, first, second) in zip(asked.units, asked.addresses(), strict=True):
        units[original, first, second] = (unit, 1.0)
        units[original, second, first] = (unit, 0.0)
    problems, content, there = Problems(), Content(), set[Unit]()
    for line, row in rows:
        if len(row) <= max(place.values()):
            problems.note(line, f"has {len(row)} fields; write {','.join(DECISION_COLUMNS)}.")
            continue
        original, a, b = (_address(row[place[name]]) for name in "OAB")
        target = row[place["T"]].strip()
        pair, a_first = units.get((original, a, b), (None, 0.0))
        found = []
        if pair is None:
            found.append("is no pair of the list; take O, A and B as the list has them.")
        if target not in ("0", "1"):
            found.append(f"T is {target[:40]!r}; write 0 where A is closer, 1 where B is.")
        if pair in there:
            found.append("the pair is there already, either way round; keep one.")
        if pair:
            there.add(pair)
            preferred = a_first if target == "0" else 1 - a_first
            content.setdefault(str(pair.pair), {})[str(pair.crop)] = preferred
        problems.note(line, *found)
    lacking = [
        f"{original}.webp,{first}.webp,{second}.webp"
        for unit, (original, first, second) in zip(asked.units, asked.addresses(), strict=True)
        if unit not in there
    ]
    problems.refuse(*_missing([f"the pair {line}" for line in lacking]))
    return content


def _lacking_values(there: Collection[tuple[str, str]], asked: AskedUnits) -> list[str]:
    """Return the pictures of methods without a value, in words."""
    needed = {
        (submission, unit.original)
        for unit in asked.units
        for submission in (unit.first_submission, unit.second_submission)
    }
    lacking = [(of, pk) for of, pk in needed if (str(of), str(pk)) not in there]
    pictures = asked.originals
    return sorted(
        f"{asked.labels[of]} on {pictures[pk].dataset.slug}/{pictures[pk].name}"
        for of, pk in lacking
    )


def _missing(lacking: list[str]) -> list[str]:
    more = len(lacking) - _NAMED
    lines = [f"Missing: {what}; add its line." for what in lacking[:_NAMED]]
    return [*lines, *([f"{more} more are missing."] if more > 0 else [])]


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None


def _address(text: str) -> str:
    """Return what names a crop's file: without folders and ending."""
    return text.strip().rpartition("/")[2].removesuffix(".webp")


def _pictures(originals: Mapping[tuple[str, str], Any]) -> list[str]:
    return ["/".join(key) for key in originals]


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    more = " ..." if len(names) > _NAMED else ""
    return f"there is no {what} {name[:100]!r}; known are {', '.join(names[:_NAMED])}{more}."
