"""What the fields of a row of judgments may say, and as which numbers they are kept."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ratings.psychometrics.files.csv_fields import (
    bare_field,
    label_problem,
    milliseconds,
    parse_instant,
    truth,
    unquoted,
)
from ratings.psychometrics.files.file_forms import (
    ANSWERS,
    CIRCUMSTANCE_NUMBERS,
    COLUMNS,
    LEVELS,
    FileForm,
)
from ratings.psychometrics.rounding import counted

Reader = Callable[[str], int]  # raises ValueError, which says what a text is and what it must be
# What `kind` may say. In golden rows one side is the original, which is the right answer.
KINDS = ("comparison", "training", "golden", "repeat", "identical")
COMPARISON, GOLDEN = KINDS.index("comparison"), KINDS.index("golden")
NO_TIME = int(np.iinfo(np.int64).min)  # where none is written
_MOST_TIMES = 1_000_000


def read_name(text: str) -> str:
    """Return a name as it is meant, in Unicode's composed form (NFC)."""
    return unicodedata.normalize("NFC", unquoted(text))


def read_label(text: str) -> str:
    """Return a name that must be there. Raises ValueError for what can't be one."""
    label = read_name(text)
    if problem := label_problem(label, text):
        raise ValueError(problem)
    return label


def read_level(text: str) -> str:
    """Return the name of a scene or a group, "" for none. Raises ValueError for what can't be one.

    As everywhere, what reads as missing is none, and a name that reads so is written with an
    apostrophe before it.
    """
    return read_label(text) if bare_field(text) else ""


def read_word(text: str) -> str:
    """Return a word that may be missing, "" for none; one that reads so has an apostrophe."""
    return read_name(text) if bare_field(text) else ""


def read_as_missing(texts: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Say which texts of columns were taken for none, though somebody may be called so."""
    for name, written in texts.items():
        if found := sorted({text for text in written if text.strip() and not bare_field(text)}):
            yield (
                f"Read as no {name}: {', '.join(found)}. If that is a name, write it with an "
                f"apostrophe before it: '{found[0].strip()}."
            )


def answer_reader(form: FileForm) -> Reader:
    """Return a reader of answers, as their place in `ANSWERS`."""
    known = list(form.answers)
    words = " or ".join([", ".join(known[:-1]), known[-1]])

    def number(text: str) -> int:
        if text in form.answers:
            return ANSWERS.index(form.answers[text])
        raise ValueError(label_problem(text, "") or f"is {text[:40]!r}, but must be {words}")

    return number


def _kind(text: str) -> int:
    text = bare_field(text)
    if text and text not in KINDS:
        raise ValueError(f"is {text[:40]!r}, but must be one of: {', '.join(KINDS)}")
    return KINDS.index(text) if text else COMPARISON


def _times(text: str) -> int:
    bare = bare_field(text)
    number = _whole(bare)
    if not bare or not 0 <= number <= _MOST_TIMES:
        raise ValueError(f"is {bare[:40]!r}, but must be a whole number up to {_MOST_TIMES}")
    return number


def _number(text: str) -> int:
    """Return a whole number from 1, also where it is written as 12.0; 0 where none is."""
    number = _whole(bare_field(text) or "0")
    if not 0 <= number < 1 << 31:
        raise ValueError(f"is {text[:40]!r}, but must be a whole number below 2147483648")
    return number


def _whole(text: str) -> int:
    """Return a whole number, also as pandas and R write it (12.0, 1e+05); -1 for another text."""
    try:
        number = float(text) if text.isascii() and "_" not in text else -1.0
    except ValueError:
        return -1
    return int(number) if number.is_integer() else -1


def _has_instant(text: str) -> int:
    return int(bool(text := bare_field(text)) and parse_instant(text) is not None)


def _truth(text: str) -> int:
    return truth(bare_field(text))


def _or_no_time(read: Reader) -> Reader:
    return lambda text: read(bare) if (bare := bare_field(text)) else NO_TIME


# Of columns that may be there: whether a row is in use, how often it counts, and when it was made.
READERS: Mapping[str, Reader] = {
    "kind": _kind,
    "undone_at": _has_instant,
    "excluded": _truth,
    "fast": _truth,
    "method_out": _truth,
    "count": _times,
    "response_ms": _or_no_time(milliseconds),
    "judged_at": _or_no_time(parse_instant),
}
TIMES = ("response_ms", "judged_at")
NUMBERS: Mapping[str, Reader] = dict.fromkeys(CIRCUMSTANCE_NUMBERS, _number)


def row_problems(form: FileForm, row: Mapping[str, str]) -> str:
    """Say what is wrong with a row, by the file's own names of columns; empty if nothing is.

    `row` has the fields as written, by our names of columns. A check may show one thing twice.
    """
    problems = list(_field_problems(form, row, COLUMNS))
    if not problems and _is_twin(row) and not form.checks_sides:
        sides = f"{form.column('left')} and {form.column('right')}"
        problems.append(f"{sides} are the same method {read_name(row['left'])[:40]!r}.")
    return " ".join([*problems, *_field_problems(form, row, [*READERS, *LEVELS, *NUMBERS])])


def _field_problems(form: FileForm, row: Mapping[str, str], names: Iterable[str]) -> Iterator[str]:
    readers = {**dict.fromkeys(COLUMNS, read_label), "choice": answer_reader(form)}
    readers |= {**READERS, **dict.fromkeys(LEVELS, read_level), **NUMBERS}
    for name in names:
        if name in row:
            try:
                readers[name](row[name])
            except ValueError as error:
                yield f"{form.column(name)} {error}."


def _is_twin(row: Mapping[str, str]) -> bool:
    """Tell whether a row that is no check compares a thing with itself."""
    is_check = bare_field(row.get("kind", "")) not in ("", KINDS[COMPARISON])
    return not is_check and read_name(row["left"]) == read_name(row["right"])


def without_missing_times(columns: dict[str, NDArray[Any]]) -> Iterator[str]:
    """Drop columns of times that say nothing; say what those that miss some can't tell."""
    for name in TIMES:
        missing = int((columns[name] == NO_TIME).sum()) if name in columns else 0
        if not missing:
            continue
        if missing == len(columns[name]) or name == "judged_at":
            del columns[name]
        if missing < len(columns["left"]):
            empty = counted(missing, "judgment", grouped=False)
            yield f"{name} is empty in {empty}, of which it tells nothing."
