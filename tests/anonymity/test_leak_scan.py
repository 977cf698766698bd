"""What must not be in a release is found, with its place, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.anonymity.leak_scan import LeakKind, LeakScan, without_addresses

PARTICIPANT = "5f3a9b7c2d1e"
KNOWN = {
    LeakKind.PERSON: {PARTICIPANT, "7", "1234"},
    LeakKind.LINK: {"BCDFGHJKMP"},
    LeakKind.NAME: {"Zoë Quill", "desk"},
    LeakKind.DEVICE: {"Mozilla/5.0 (X11; Rare OS 1)"},
}


def found(text: str) -> list[tuple[int, int, str]]:
    scan = LeakScan(KNOWN, {"Desk"})
    return [
        (one.line, one.column, LeakKind(one.kind).name)
        for one in scan.findings("a.csv", text.splitlines())
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ann.lee+1@uni.example.org", "ADDRESS"),
        ("2026-11-30T17:10:50+00:00", "INSTANT"),
        ("2026-11-30 17:10", "INSTANT"),
        ("17:10:50", "INSTANT"),
        ("1764522650123", "INSTANT"),
        ("0f8fad5bd9cb469fa16570867728950e", "IDENTIFIER"),
        ("0F8FAD5B-D9CB-469F-A165-70867728950E", "IDENTIFIER"),
        ("192.168.7.1", "COMPUTER"),
        ("2001:db8::17", "COMPUTER"),
        (PARTICIPANT.upper(), "PERSON"),
        ("bcdfghjkmp", "LINK"),
        ("zoë quill", "NAME"),
        ("Mozilla/5.0 (X11; Rare OS 1)", "DEVICE"),
    ],
)
def test_each_kind_is_found_where_it_stands(text: str, kind: str) -> None:
    assert found(f"a,b\nsome, {text} ,more") == [(2, 7, kind)]


@pytest.mark.parametrize(
    "text",
    [
        "r7fvkwijq7x7u,M2.png,dev,0,0,4,4,method-1,NA,left,comparison,4000,0,false",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "2026-11-30, 0.4.0, CC-BY-4.0, ratings 0.4.0.dev1, score 0.7302",
        "https://spdx.org/licenses/CC0-1.0 urn:x std::sort :: 13326518",
        "the desk, number 7 of 1234",
        f"x{PARTICIPANT}9",
    ],
)
def test_what_everybody_may_have_is_not(text: str) -> None:
    assert found(text) == []


def test_what_is_long_is_found_within_words_too() -> None:
    scan = LeakScan({LeakKind.PERSON: {"5f3a9b7c2d1e5f3a9b7c2d1e"}})
    (one,) = scan.findings("a", ["id=x5f3a9b7c2d1e5f3a9b7c2d1ez"])
    assert one.as_json() == {
        "file": "a",
        "line": 1,
        "column": 5,
        "kind": "a recruiting platform's name of a rater",
    }


def test_it_says_how_much_it_searched_for() -> None:
    scan = LeakScan(KNOWN, {"Desk"})
    assert (scan.searched, scan.passed_over) == (4, 3)


@given(
    st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=12, max_size=30),
    st.text(st.characters(codec="utf-8", exclude_categories=["L", "N"]), max_size=20),
)
def test_whatever_is_known_is_found_anywhere(known: str, around: str) -> None:
    scan = LeakScan({LeakKind.PERSON: {known}})
    kinds = {one.kind for one in scan.findings("a", [f"{around} {known} {around}"])}
    assert LeakKind.PERSON.value in kinds


def test_addresses_are_left_out_of_texts() -> None:
    text = 'consent = "Ask ann@uni.example.org, or b.c@d.example."'
    assert without_addresses(text) == ('consent = "Ask [address left out], or [address left out]."')
