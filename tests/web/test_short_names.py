"""Long names in little room: cut in their middle, and told apart where they can be."""

import re

from hypothesis import given
from hypothesis import strategies as st

from ratings.web.parts.words.short_names import halves, short_names

LONG = "Learned codec of hyperpriors with "


def test_names_that_differ_in_their_end_or_middle_differ_when_they_are_cut() -> None:
    assert short_names(["JPEG"], 14) == ["JPEG"]
    ends = short_names([f"{LONG}rate 0.{n:02}" for n in range(14)], 14)
    assert len(set(ends)) == 14 and ends[3] == "Learned…e 0.03"
    middles = short_names([f"{LONG}{way} at the same rate" for way in ("noise", "steps")], 14)
    assert len(set(middles)) == 2


@given(st.lists(st.text("ab ", max_size=30), max_size=6), st.integers(8, 20))
def test_no_name_is_longer_than_its_room_and_short_ones_stay(names: list[str], most: int) -> None:
    for name, short in zip(names, short_names(names, most), strict=True):
        assert len(short) <= most
        assert short == name or len(name) > most


@given(st.text("ab<&1 ", max_size=40))
def test_halves_are_the_whole_name(name: str) -> None:
    shown = re.sub(r"</?(span|bdi)[^>]*>", "", halves(name))
    assert shown.replace("&lt;", "<").replace("&amp;", "&") == name
    assert ('class="halves"' in halves(name)) == (len(name) > 12)
