"""Files of metrics: every problem is named with its line and its mend, and nothing is taken."""

import csv
import io

import pytest

from ratings.challenge.refusals import Refused
from ratings.metrics.judged_units import AskedUnits, asked_units
from ratings.metrics.metric_files import pair_rows, read_metric
from ratings.metrics.models import MetricEntry
from tests.metrics.builders import as_csv, build_track, decisions_csv, values_csv

pytestmark = pytest.mark.django_db
HEAD = ["dataset", "image", "method", "value"]


@pytest.fixture
def asked() -> AskedUnits:
    return asked_units(build_track().study)


def problems(data: bytes, asked: AskedUnits) -> list[str]:
    with pytest.raises(Refused) as refused:
        read_metric(data, asked)
    assert refused.value.code == "metric"
    return refused.value.problems


def a_line(asked: AskedUnits) -> list[str]:
    original = next(iter(asked.originals.values()))
    return [original.dataset.slug, original.name, next(iter(asked.labels.values())), "1.5"]


def test_all_problems_of_values_are_told_at_once(asked: AskedUnits) -> None:
    line = a_line(asked)
    told = problems(
        as_csv(
            [
                HEAD,
                line,
                line,
                [*line[:3], "nan"],
                [*line[:3], "inf"],
                [*line[:3], "1_0"],
                [*line[:2], "nobody", "1"],
                [line[0], "../etc/passwd", line[2], "1"],
                line[:2],
            ]
        ),
        asked,
    )
    said = [
        (3, "keep one"),
        *((4, "'nan'"), (4, "keep one"), (5, "'inf'"), (5, "keep one")),
        *((6, "'1_0'"), (6, "keep one"), (7, "no method 'nobody'"), (8, "no picture")),
        (9, "2 fields"),
    ]
    for (number, words), problem in zip(said, told, strict=False):
        assert problem.startswith(f"Line {number}:") and words in problem
    assert len(told) > len(said) and told[len(said)].startswith("Missing: ")


def test_a_line_has_several_problems_and_missing_ones_stand_beside_it(asked: AskedUnits) -> None:
    rows = [[*row[:3], "1"] for row in csv.reader(io.StringIO(all_values(asked)))][1:]
    told = problems(as_csv([HEAD, ["P", "none.png", "nobody", "nan"], *rows[1:]]), asked)
    said = ["no picture", "no method 'nobody'", "'nan'", "Missing: "]
    assert [words in problem for words, problem in zip(said, told, strict=True)] == [True] * 4
    # What is there, but no number, is not missing.
    told = problems(as_csv([HEAD, [*rows[0][:3], "x"], *rows[1:]]), asked)
    assert len(told) == 1 and "value is 'x'" in told[0]


def all_values(asked: AskedUnits) -> str:
    return values_csv(asked.study, lambda label, name: 1).decode()


def test_decisions_have_several_problems_at_once(asked: AskedUnits) -> None:
    rows = [[*row, "1"] for row in pair_rows(asked)]
    told = problems(as_csv([["O", "A", "B", "T"], ["x", "y", "z", "2"], *rows[1:]]), asked)
    said = ["no pair", "T is '2'", "Missing: the pair"]
    assert [words in problem for words, problem in zip(said, told, strict=True)] == [True] * 3


def test_values_that_are_missing_are_named_and_counted(asked: AskedUnits) -> None:
    told = problems(as_csv([HEAD, a_line(asked)]), asked)
    lacking = len(asked.originals) * len(asked.labels) - 1
    assert len(told) == min(lacking, 10) + (lacking > 10)
    assert told[0].startswith("Missing: method-") and told[0].endswith("add its line.")


def test_all_problems_of_decisions_are_told_at_once(asked: AskedUnits) -> None:
    original, a, b = next(iter(pair_rows(asked)))
    told = problems(
        as_csv(
            [
                ["O", "A", "B", "T"],
                [original, a, b, 1],
                [original, b, a, 0],
                [original, a, b, 2],
                [original, a, a, 1],
                [a, original, b, 1],
                [original, a],
            ]
        ),
        asked,
    )
    said = ["way round", "T is '2'", "way round", "no pair", "no pair", "2 fields", "Missing: "]
    assert [words in problem for words, problem in zip(said, told[:7], strict=True)] == [True] * 7


def test_decisions_that_are_missing_are_named(asked: AskedUnits) -> None:
    original, a, b = next(iter(pair_rows(asked)))
    told = problems(as_csv([["O", "A", "B", "T"], [original, a, b, 1]]), asked)
    assert told[0].startswith("Missing: the pair ") and ".webp," in told[0]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"dataset,image\n", "Missing column method, value"),
        (b'dataset,image,method,value\n"a', "not valid CSV"),
        (b"dataset,image,method,value,value\n", "more than once"),
        (b"x" * 200_000, "longer than"),
        (b"\x00\n", "Missing column"),
    ],
)
def test_what_is_no_such_file_is_refused(data: bytes, words: str, asked: AskedUnits) -> None:
    assert words in "\n".join(problems(data, asked))


def test_folders_endings_and_a_mark_of_utf_8_are_no_problem(asked: AskedUnits) -> None:
    data = decisions_csv(asked.study, lambda a, b: 1)
    spelt = b"\xef\xbb\xbf" + data.replace(b".webp", b"").replace(b"\r\n", b"\n")
    read = read_metric(spelt, asked)
    assert read.form == MetricEntry.Form.DECISIONS
    assert read == read_metric(data, asked)


def test_the_list_of_pairs_tells_no_methods(asked: AskedUnits) -> None:
    rows = list(pair_rows(asked))
    assert len(rows) == len(asked.units) and len({tuple(row) for row in rows}) == len(rows)
    first_is_a = [
        sorted(pair) == list(pair) for _, *pair in asked.addresses()
    ]  # A is the one of the smaller random address
    assert set(first_is_a) == {True, False}
    assert all(a < b for _, a, b in rows)
    labels = tuple(asked.labels.values())
    assert not any(label in name for row in rows for name in row for label in labels)


def test_values_are_read_by_picture_and_method(asked: AskedUnits) -> None:
    read = read_metric(values_csv(asked.study, lambda label, name: len(label)), asked)
    assert read.form == MetricEntry.Form.VALUES
    assert set(read.content) == {str(pk) for pk in asked.labels}
