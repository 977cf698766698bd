"""Judgments from a CSV file: every bad row is named, nothing is guessed.

Rows are read a piece at a time and kept as numbers: each different text is looked at once.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ratings.psychometrics.arrays import BoolArray, narrow
from ratings.psychometrics.files.csv_fields import bare_field, unquoted
from ratings.psychometrics.files.csv_rows import (
    BadJudgments,
    Problems,
    Rows,
    read_columns,
    read_rows,
)
from ratings.psychometrics.files.file_circumstances import HELPFUL_COLUMNS, NEEDED_COLUMNS
from ratings.psychometrics.files.file_forms import (
    CIRCUMSTANCE_WORDS,
    CIRCUMSTANCES,
    COLUMNS,
    DATASET,
    LEVELS,
    SITE,
    FileForm,
)
from ratings.psychometrics.files.judgment_columns import Judgments
from ratings.psychometrics.files.judgment_fields import (
    COMPARISON,
    NO_TIME,
    NUMBERS,
    READERS,
    TIMES,
    answer_reader,
    read_as_missing,
    read_label,
    read_level,
    read_name,
    read_word,
    row_problems,
    without_missing_times,
)
from ratings.psychometrics.files.level_columns import level_columns
from ratings.psychometrics.files.row_use import RowUse
from ratings.psychometrics.files.text_codes import UNUSABLE, Labels, TextCodes

# Which answers are used: those that count, of them the careful ones, with them those about methods
# that have left, or all but those undone.
VARIANTS = ("used", "careful", "entered", "all")
# What a variant needs to know beside what all do.
_NEEDED = {"careful": ("fast",), "entered": ("method_out",)}
# What only a report on raters uses.
_ABOUT_RATERS = ("crop_x", "crop_y", *TIMES)
_PART = "part"
# Names that may be missing.
_NAMED = ("stratum", *LEVELS)
_FACTS = (*CIRCUMSTANCES, DATASET)
_KEPT = (*COLUMNS, *_ABOUT_RATERS, *LEVELS, _PART, *_FACTS)
# What others call a count, in small letters.
_COUNTS = ("count", "counts", "n", "weight", "weights", "votes", "times", "freq", "frequency")
_ORIGINAL = "original"
_USUAL = {"kind": COMPARISON, "count": 1}
_UNUSABLE_TIME = NO_TIME + 1
_PIECE = 256  # rows that are in memory as texts: as many as stay in a processor's cache
_MOST_NAMED = 20
# Counts may come to so many judgments: they take 1.8 GB where all are of raters of their own.
_MOST_COUNTED = 5_000_000

_Place = Mapping[str, int]  # of each column that is read, by our name


def read_judgments(
    path: Path,
    dataset: str | None = None,
    variant: str = "used",
    form: FileForm = SITE,
    *,
    about_raters: bool = True,
    adjust: Sequence[str] = (),
) -> Judgments:
    """Read a CSV file (UTF-8, comma, header) with at least the columns of `COLUMNS`.

    Rows whose column `kind`, if there is one, names anything but a comparison are left out, and so
    are those with a time in `undone_at` and those that the `variant` leaves out (see `RowUse`).
    With a `dataset`, so are those whose column `dataset` names another one. A row counts as often
    as its column `count` says. Crops and times are read for a report `about_raters` alone, and what
    judgments were made under for what a ranking is to `adjust` for (see `circumstances`). Names
    are read in Unicode's composed form (NFC), as the site writes them, and every usual spelling of
    "missing" as empty. `form` says how columns and answers are called. Raises ValueError for an
    unknown variant, BadJudgments naming the lines with problems (the first twenty), or what is
    wrong with the file; OSError where it can't be opened.
    """
    if variant not in VARIANTS:
        raise ValueError(f"Unknown variant {variant!r}: it must be {', '.join(VARIANTS)}.")
    needed = [*COLUMNS, *(["dataset"] if dataset else []), *_NEEDED.get(variant, ())]
    optional = [name for name in READERS if about_raters or name not in TIMES]
    optional += [*LEVELS, *(["crop_x", "crop_y"] if about_raters else [])]
    needed += [name for what in adjust for name in NEEDED_COLUMNS[what] if name not in needed]
    optional += [name for what in adjust for name in HELPFUL_COLUMNS[what] if name not in needed]
    with path.open(encoding="utf-8-sig", newline="") as stream:
        try:
            rows = _with_header(read_rows(stream), form.header)
            width, place = _places(rows, form, needed, optional)
            reader = _Reader(form, width, place, RowUse(variant), dataset)
            for piece in iter(lambda: list(islice(rows, _PIECE)), []):
                reader.take(piece)
            return reader.judgments()
        except UnicodeDecodeError as error:
            raise BadJudgments(
                [f"{path.name} is not UTF-8 text ({error.reason}). Save it as CSV in UTF-8."]
            ) from None


def _with_header(rows: Rows, header: Sequence[str]) -> Rows:
    """Yield a header first where the rows don't begin with it; none is wanted if it is empty."""
    first = next(rows, None)
    if header and first and not {*header} <= {name.strip() for name in first[1]}:
        yield 0, list(header)
    if first:
        yield first
        yield from rows


def _places(
    rows: Rows, form: FileForm, needed: list[str], optional: list[str]
) -> tuple[int, _Place]:
    """Return how many columns there are, and the place of each that is read, by our name."""
    theirs = {name: form.column(name) for name in (*needed, *optional)}
    taken = {form.by, *(theirs[name] for name in COLUMNS)}
    theirs = {n: column for n, column in theirs.items() if n not in LEVELS or column not in taken}
    theirs |= {_PART: form.by} if form.by else {}
    must = filter(None, [*(theirs.get(name) for name in (*needed, _PART)), *form.columns.values()])
    header = read_columns(
        rows,
        list(dict.fromkeys(must)),
        filter(None, theirs.values()),
        [form.column(name) or name for name in COLUMNS],
    )
    counts = [name for name in header if name.lower() in _COUNTS and name not in theirs.values()]
    if counts and "count" not in form.columns and "count" not in header:
        raise BadJudgments(
            [
                f"The column {counts[0]} may say how often a row counts: say so by --columns "
                f"count={counts[0]}, or count each row once by --columns count=."
            ]
        )
    place = {name: header[column] for name, column in theirs.items() if column in header}
    return len(header), place


class _Reader:
    """Reads pieces of a file into columns of numbers."""

    def __init__(
        self, form: FileForm, width: int, place: _Place, use: RowUse, dataset: str | None
    ) -> None:
        self._form, self._width, self._place, self._use = form, width, place, use
        self._dataset, self._respelled = dataset, set[str]()
        self._problems, self._rows, self._judgments = Problems(), 0, 0
        self._labels = {name: Labels(self._label) for name in ("rater", "image", "left")}
        self._labels |= {"dataset": Labels(read_name), _PART: Labels(read_name)}
        self._labels |= {name: Labels(bare_field) for name in ("crop_x", "crop_y")}
        self._labels |= {name: Labels(read_word) for name in CIRCUMSTANCE_WORDS}
        self._labels |= {name: Labels(read_level) for name in LEVELS}
        self._codes = {name: labels.codes for name, labels in self._labels.items()}
        self._codes |= {"right": self._codes["left"], "choice": TextCodes(answer_reader(form))}
        for name, read in {**READERS, **NUMBERS}.items():
            self._codes[name] = TextCodes(read, _UNUSABLE_TIME if name in TIMES else UNUSABLE)
        self._kept: defaultdict[str, list[NDArray[Any]]] = defaultdict(list)

    def take(self, piece: Sequence[tuple[int, list[str]]]) -> None:
        """Keep the rows of a piece that are in use; note those with problems."""
        found = {
            line: f"{len(row)} fields, but the header has {self._width}."
            for line, row in piece
            if len(row) != self._width
        }
        whole = [(line, row) for line, row in piece if line not in found] if found else piece
        codes = self._numbers([row for _, row in whole])
        suspects = self._suspects(codes)
        for number in np.flatnonzero(suspects).tolist():
            line, row = whole[number]
            if problem := row_problems(
                self._form, {name: row[index] for name, index in self._place.items()}
            ):
                found[line] = problem
        for line in sorted(found):
            self._problems.note(line, found[line])
        if not self._problems.problems:
            self._keep(codes)

    def _numbers(self, rows: list[list[str]]) -> dict[str, NDArray[Any]]:
        """Return each column as numbers; what the file doesn't tell is as usual."""
        size = len(rows)
        codes = {
            name: self._codes[name].of(map(itemgetter(index), rows), size)
            for name, index in self._place.items()
        }
        for name in READERS.keys() - codes.keys() - set(TIMES):
            codes[name] = np.full(size, _USUAL.get(name, 0), np.int32)
        self._rows += size
        return codes

    def _suspects(self, codes: Mapping[str, NDArray[Any]]) -> BoolArray:
        """Return which rows may have problems."""
        suspects: BoolArray = (codes["left"] == codes["right"]) & (codes["kind"] == COMPARISON)
        suspects &= not self._form.checks_sides
        for name in self._place:
            suspects |= codes[name] == self._codes[name].unusable
        return suspects

    def _keep(self, codes: Mapping[str, NDArray[Any]]) -> None:
        """Keep what is in use of rows without problems, and count the others."""
        mine = np.full(len(codes["left"]), fill_value=True)
        if self._dataset is not None:
            mine = codes["dataset"] == self._labels["dataset"].codes[self._dataset]
        if "rater" in codes:
            self._use.take_goldens(codes, mine, self._codes["left"][_ORIGINAL])
        times = self._use.choose(codes, mine) * codes["count"]
        own = self._own_numbers(int(times.sum()))
        in_use = np.repeat(np.arange(len(times)), times)
        kept = {name: codes[name][in_use] for name in _KEPT if name in codes}
        for name, column in ({"rater": own, "image": own} | kept).items():
            self._kept[name].append(column if name in TIMES else narrow(column))

    def _own_numbers(self, size: int) -> NDArray[Any]:
        """Return the numbers of the next judgments; refuse more than memory holds."""
        first, self._judgments = self._judgments, self._judgments + size
        if "count" in self._place and self._judgments > _MOST_COUNTED:
            raise BadJudgments(
                [
                    f"{self._form.column('count')} comes to more than {_MOST_COUNTED:,} judgments, "
                    "the most that are ranked together."
                ]
            )
        return np.arange(first, self._judgments, dtype=np.int32)

    def judgments(self) -> Judgments:
        """Return what was kept. Raises BadJudgments where rows have problems, or none is in use."""
        self._problems.refuse()
        columns: dict[str, Any] = {
            name: np.concatenate(self._kept.pop(name)) for name in list(self._kept)
        }
        if not len(columns.get("left", ())):
            raise BadJudgments([self._nothing()])
        labels = {name: self._labels[name].labels for name in self._labels}
        columns |= level_columns(columns, labels)
        notes = list(self._notes(columns))
        facts = {name: columns.pop(name) for name in _FACTS if name in columns}
        return Judgments(
            methods=labels["left"],
            raters=labels["rater"],
            images=labels["image"],
            parts=labels[_PART],
            **{name: column for name, column in columns.items() if column is not None},
            facts=facts,
            words={name: self._labels[name].labels for name in facts if name in self._labels},
            excluded=self._use.excluded,
            checks=self._use.checks,
            goldens=self._use.goldens(labels["rater"]),
            notes=notes,
        )

    def _label(self, text: str) -> str:
        label = read_label(text)
        if label != unquoted(text):
            self._respelled.add(label)
        return label

    def _nothing(self) -> str:
        """Say that no judgment is in use, and why."""
        others = sorted(set(self._labels["dataset"].labels) - {self._dataset})
        if self._dataset is None or not others:
            counts = f"{self._use.excluded} excluded, {self._use.checks} checks"
            return f"There are no judgments in use in this file ({counts})."
        there = ", ".join(others)
        return f"There are no judgments on data set {self._dataset!r}; there are on {there}."

    def _notes(self, columns: dict[str, Any]) -> Iterator[str]:
        """Say what was read otherwise than it was written, or could not be; drop useless times."""
        yield from read_as_missing({name: self._codes[name] for name in _NAMED})
        if changed := sorted(self._respelled):
            named = ", ".join(changed[:_MOST_NAMED]) + (", ..." if changed[_MOST_NAMED:] else "")
            yield (
                "Written otherwise than in Unicode's composed form (NFC), and read in it, so that "
                f"a name in two spellings is one: {named}."
            )
        if self._use.unanswered:
            yield f"Without an answer, and left out: {self._use.unanswered} judgments."
        if self._use.twins:
            yield f"The same thing on both sides, and left out: {self._use.twins} judgments."
        for name, word in (("rater", "who judged"), ("image", "which picture was shown")):
            if name not in self._place:
                yield (
                    f"The file doesn't say {word}: intervals take all judgments to be independent "
                    "in this."
                )
        if "count" in self._place:
            yield f"Counted as often as {self._form.column('count')!r} says: {self._rows} rows."
        yield from without_missing_times(columns)
