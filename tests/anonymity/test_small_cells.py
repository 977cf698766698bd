"""Small cells are merged: nobody stands in one that fewer than k share, and no more is lost."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ratings.anonymity.device_classes import device_class
from ratings.anonymity.small_cells import merged, rare_cells

CELLS = st.dictionaries(
    st.integers(0, 40),
    st.tuples(st.sampled_from(["phone", "larger", "other"]), st.sampled_from(["en", "de", "fr"])),
    max_size=40,
)


@given(CELLS, st.integers(2, 7))
def test_no_cell_has_fewer_than_k_raters_unless_all_share_it(
    cells: dict[int, tuple[str, str]], least: int
) -> None:
    told = merged(cells, least)
    assert told.keys() == cells.keys()
    sizes = Counter(told.values())
    assert len(sizes) <= 1 or min(sizes.values()) >= least
    assert rare_cells(told, least) == []


@given(CELLS, st.integers(2, 7))
def test_what_is_told_is_what_was_or_other(cells: dict[int, tuple[str, str]], least: int) -> None:
    for rater, (device, language) in merged(cells, least).items():
        assert device in (cells[rater][0], "other")
        assert language in (cells[rater][1], "other")


@given(CELLS, st.integers(2, 7))
def test_who_is_merged_stood_with_too_few_or_makes_a_cell_of_too_few_whole(
    cells: dict[int, tuple[str, str]], least: int
) -> None:
    large = {cell for cell, size in Counter(cells.values()).items() if size >= least}
    told = merged(cells, least)
    lost = {cells[rater] for rater, cell in told.items() if cell != cells[rater]} & large
    if lost:  # a large cell joined: without it the others would have been too few
        rest = sum(cell == ("other", "other") for cell in told.values())
        joined = sum(cells[rater] in lost for rater in told)
        assert rest - joined < least


def test_an_example() -> None:
    cells = dict.fromkeys(range(5), ("larger", "en")) | {5: ("larger", "de"), 6: ("phone", "en")}
    assert merged(cells, 2)[0] == ("larger", "en")
    assert merged(cells, 2)[5] == merged(cells, 2)[6] == ("other", "other")
    assert set(merged(cells, 3).values()) == {("other", "other")}
    assert rare_cells(cells, 2) == [("larger", "de"), ("phone", "en")]


def test_devices_have_three_classes() -> None:
    assert device_class(390, 844) == device_class(844, 390) == "phone"
    assert device_class(1366, 768) == device_class(768, 1024) == "larger"
    assert device_class(None, 768) == device_class(1366, None) == "other"
