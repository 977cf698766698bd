"""Counts: what is refused, and what must not matter."""

import hashlib
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.psychometrics.counts.tally import Tally, tally_codes, tally_counts, tally_judgments

ROW = st.tuples(
    st.sampled_from(["r1", "r2", "r3"]),
    st.sampled_from(["p1", "p2"]),
    st.sampled_from([("a", "b"), ("b", "a"), ("c", "a"), ("b", "c")]),
    st.sampled_from(["left", "right", "tie"]),
)
ROWS = st.lists(ROW, min_size=1, max_size=40)
Row = tuple[str, str, tuple[str, str], str]


def tally_of(rows: list[Row]) -> Tally:
    """Tally rows of (rater, image, (left, right), choice)."""
    return tally_judgments(
        [row[0] for row in rows],
        [row[1] for row in rows],
        [row[2][0] for row in rows],
        [row[2][1] for row in rows],
        [row[3] for row in rows],
    )


@pytest.mark.parametrize(
    ("methods", "row", "message"),
    [
        (["a", "b"], [0, 0, 2, 1, 0, 0], "not among the 2 methods"),
        (["a", "b"], [0, 1, 1, 1, 0, 0], "with itself"),
        (["a", "b"], [0, 0, 1, -1, 0, 0], "negative"),
        (["a", "b"], [0, 0, 1, 1.5, 0, 0], "whole numbers"),
        (["a", "b"], [0, 0, 1, 1], "whole numbers: cluster"),
        (["a", "a"], [0, 0, 1, 1, 0, 0], "same label"),
        (["a", ""], [0, 0, 1, 1, 0, 0], "needs a label"),
    ],
)
def test_impossible_counts_are_refused(methods: list[str], row: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tally_counts(methods, [row], [row])


def test_tables_that_disagree_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'a' against 'b'"):
        tally_counts(["a", "b"], [[0, 0, 1, 2, 1, 0]], [[0, 0, 1, 1, 2, 0]])


def test_a_bad_table_is_named() -> None:
    good, bad = [[0, 0, 1, 1, 0, 0]], [[0, 0, 1, -1, 0, 0]]
    with pytest.raises(ValueError, match=r"^by_rater has a negative count\.$"):
        tally_counts(["a", "b"], bad, good)
    with pytest.raises(ValueError, match=r"^by_picture has a negative count\.$"):
        tally_counts(["a", "b"], good, bad)


def test_rows_may_name_a_pair_either_way_round_and_again() -> None:
    turned = [[0, 1, 0, 1, 2, 3], [0, 0, 1, 4, 0, 0], [0, 1, 2, 0, 1, 5]]
    ordered = [[0, 0, 1, 6, 1, 3], [0, 1, 2, 0, 1, 5]]
    tally = tally_counts(["a", "b", "c"], turned, ordered)
    assert tally.by_rater.tolist() == tally.by_picture.tolist() == ordered


def test_no_judgments_are_a_tally_too() -> None:
    tally = tally_codes(["b", "a"], [], [], [], [], [])
    assert tally == tally_counts(["a", "b"], [], [])
    assert (tally.judgments, tally.raters, tally.pictures) == (0, 0, 0)
    assert tally.wins().tolist() == [[0, 0], [0, 0]]


def test_bad_judgments_are_refused() -> None:
    with pytest.raises(ValueError, match="Unknown choice 'both'"):
        tally_judgments(["r"], ["p"], ["a"], ["b"], ["both"])
    with pytest.raises(ValueError, match="'a' is compared with itself"):
        tally_judgments(["r"], ["p"], ["a"], ["a"], ["left"])
    with pytest.raises(ValueError, match="one entry per judgment"):
        tally_judgments(["r"], ["p", "q"], ["a"], ["b"], ["left"])
    with pytest.raises(ValueError, match="out of range"):
        tally_codes(["a", "b"], [0], [0], [0], [2], [0])


def test_counts_of_a_small_example() -> None:
    tally = tally_of(
        [
            ("r1", "p1", ("b", "a"), "left"),
            ("r1", "p1", ("a", "b"), "left"),
            ("r1", "p2", ("a", "b"), "tie"),
            ("r2", "p2", ("a", "c"), "right"),
        ]
    )
    assert tally.methods == ("a", "b", "c")
    assert tally.wins().tolist() == [[0, 1.5, 0], [1.5, 0, 0], [1, 0, 0]]
    assert tally.ties().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert (tally.judgments, tally.raters, tally.pictures) == (4, 2, 2)
    assert tally.judged().tolist() == [4, 3, 1]
    assert tally.judged().dtype == np.int64  # published as whole numbers
    assert sorted(tally.by_rater[:, 1:].tolist()) == [[0, 1, 1, 1, 1], [0, 2, 0, 1, 0]]


def test_a_tally_can_t_be_changed() -> None:
    tally = tally_of([("r1", "p1", ("a", "b"), "left")])
    for table in (tally.by_rater, tally.by_picture):
        with pytest.raises(ValueError, match="read-only"):
            table[0, 3] = 2


@given(ROWS, st.randoms(use_true_random=False))
def test_order_names_and_sides_do_not_matter(rows: list[Row], random: object) -> None:
    names = {"r1": "zoe", "r2": "amy", "r3": "mia", "p1": "q2", "p2": "q1"}
    other_side = {"left": "right", "right": "left", "tie": "tie"}
    swapped: list[Row] = [
        (names[rater], names[image], (right, left), other_side[choice])
        for rater, image, (left, right), choice in rows
    ]
    random.shuffle(swapped)  # type: ignore[attr-defined]
    assert tally_of(swapped) == tally_of(rows)
    assert tally_of([*rows, rows[0]]) != tally_of(rows)


@given(ROWS, st.permutations(range(3)))
def test_counts_and_judgments_give_the_same_tally(rows: list[Row], order: list[int]) -> None:
    tally = tally_of(rows)
    methods = [name for name in ("c", "a", "b") if name in tally.methods]
    tables = []
    for table in (tally.by_rater, tally.by_picture):
        # One row per judgment count of a kind, clusters and methods numbered otherwise.
        split = [
            [order[row[0]], *(methods.index(tally.methods[i]) for i in row[1:3]), *one]
            for row in table.tolist()
            for one in np.diag(row[3:]).tolist()
        ]
        tables.append(split[::-1])
    again = tally_counts(methods, *tables)
    assert again == tally
    assert again.by_rater.tobytes() == tally.by_rater.tobytes()


@given(ROWS, st.data())
def test_a_rater_who_repeats_another_doubles_their_counts(
    rows: list[Row], data: st.DataObject
) -> None:
    copied = data.draw(st.sampled_from(sorted({row[0] for row in rows})))
    twice = tally_of([*rows, *(("copy", *row[1:]) for row in rows if row[0] == copied)])
    alone = tally_of([row for row in rows if row[0] == copied])
    once = tally_of(rows)
    kept = [once.methods.index(name) for name in alone.methods]
    expected = once.wins()
    expected[np.ix_(kept, kept)] += alone.wins()
    assert twice.wins().tolist() == expected.tolist()
    assert twice.raters == once.raters + 1
    assert twice.pictures == once.pictures


def test_many_clusters_are_counted_like_few() -> None:
    # Rater numbers far apart take the way that sorts instead of counting densely.
    rater = np.array([0, 9_000_000, 0, 5])
    left, right, choice = np.array([0, 1, 0, 1]), np.array([1, 0, 1, 0]), np.array([0, 1, 0, 2])
    sparse = tally_codes(["a", "b"], rater, rater % 2, left, right, choice)
    dense = tally_codes(["a", "b"], rater % 7, rater % 2, left, right, choice)
    assert sparse == dense


@pytest.mark.parametrize("wins", [1, 1 << 33])  # counts of 32 bits, and wider ones
def test_many_methods_and_clusters_are_in_order_however_they_come(wins: int) -> None:
    size, rows = 2_000, np.arange(3_000)  # with keys of more than 32 bits
    first = rows % (size - 1)
    table = np.column_stack([rows * 7 % 3_000, first, first + 1, rows % 5 * wins, rows * 0 + 1])
    table = np.column_stack([table, rows * 0])
    names = [f"{number:04}" for number in range(size)]
    tally = tally_counts(names, table, table)
    assert tally == tally_counts(names, table[::-1], np.random.default_rng(1).permutation(table))
    counted = tally.by_rater[:, 1:].tolist()
    assert counted == sorted(table[:, 1:].tolist())
    assert tally.by_rater[:, 0].tolist() == rows.tolist()


def test_keeping_methods_drops_the_judgments_of_others() -> None:
    rows: list[Row] = [("r1", "p1", ("a", "b"), "left"), ("r2", "p2", ("b", "c"), "tie")]
    kept = tally_of(rows).keep([1, 2])
    assert kept == tally_of(rows[1:])
    assert (kept.raters, kept.pictures) == (1, 1)


def test_digest_is_of_labels_and_counts() -> None:
    tally = tally_of([("r1", "p1", ("é", "a"), "left"), ("r2", "p1", ("a", "é"), "tie")])
    raters = [[0, 0, 1, 0, 0, 1], [1, 0, 1, 0, 1, 0]]
    pictures = [[0, 0, 1, 0, 1, 1]]
    numbers = [struct.pack("<6q", *row) for row in (*raters, *pictures)]
    written = b'tally 1\n["a", "\\u00e9"]\n2\n' + numbers[0] + numbers[1] + b"\n1\n" + numbers[2]
    assert tally.digest() == hashlib.sha256(written).hexdigest()
