"""What must not be in a release is found, with its place, and nothing else is."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.anonymity.leak_scan import MENDS, LeakKind, LeakScan, without_addresses
from ratings.challenge.definitions.definition import emit_table

PARTICIPANT = "5f3a9b7c2d1e"
KNOWN = {
    LeakKind.PERSON: {PARTICIPANT, "7", "1234"},
    LeakKind.LINK: {"BCDFGHJKMP"},
    LeakKind.NAME: {"Zoë Quill", "desk"},
    LeakKind.DEVICE: {"Mozilla/5.0 (X11; Rare OS 1)"},
}


def found(text: str) -> list[tuple[int, int, str]]:
    scan = LeakScan(KNOWN, {"Desk"})
    return [(one.line, one.column, LeakKind(one.kind).name) for one in scan.findings("a.csv", text)]


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
        "a1764522650123b4c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f",
        "0.1764522650123 17645226501234567",
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
    (one,) = scan.findings("a", "id=x5f3a9b7c2d1e5f3a9b7c2d1ez")
    assert one.as_json() == {
        "file": "a",
        "line": 1,
        "column": 5,
        "kind": "a recruiting platform's name of a rater",
        "mend": MENDS[LeakKind.PERSON],
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
    kinds = {one.kind for one in scan.findings("a", f"{around} {known} {around}")}
    assert LeakKind.PERSON.value in kinds


SPACED = st.text(st.characters(codec="utf-8", exclude_categories=["L", "N", "Cf"]), max_size=9)


def as_csv(value: str) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(["a", value])
    return text.getvalue()


@given(
    st.sampled_from(["lee", 'O"Neil', "Ann\\Lee", "Zoë Quill", "Zoe\u0308 Quill", "rocket-9"]),
    st.sampled_from(["\n", "\t", "\u00a0", " ", '"', "\\", "\u200b", "\r\n"]),
    SPACED,
)
def test_what_is_escaped_is_found(name: str, before: str, around: str) -> None:
    known, value = f"{name} {name}", f"{around}{before}{name}\u00a0 {name}{before}{around}"
    scan = LeakScan({LeakKind.NAME: {known}})
    files = {
        "a.json": json.dumps([value]),
        "a.toml": "\n".join(emit_table("study", {"question": value})),
        "a.md": json.dumps({"pretty_name": value}, ensure_ascii=False),
        "a.csv": as_csv(value),
    }
    for file, text in files.items():
        kinds = [one.kind for one in scan.findings(file, text)]
        assert LeakKind.NAME.value in kinds, file


def test_a_value_that_is_escaped_is_found_at_its_line() -> None:
    text = '[[study]]\nslug = "s"\nconsent = "Ask\\nAnna.\\nNow"\n'
    (one,) = LeakScan({LeakKind.NAME: {"anna"}}).findings("study.toml", text)
    assert (one.line, one.column, one.kind) == (3, 1, LeakKind.NAME.value)
    (one,) = LeakScan({LeakKind.NAME: {"anna"}}).findings("a.md", "Who?\n  Ask Anna")
    assert (one.line, one.column) == (2, 7)
    (one,) = LeakScan({LeakKind.NAME: {"ann lee"}}).findings("a.md", "Who?\n  Ask Ann\n Lee")
    assert (one.line, one.column) == (2, 7)


def test_what_pages_show_is_none_by_form_but_for_addresses() -> None:
    shown = ["Codec 2.1.0.3", f"{'0f' * 16}.png", "It closes 2018-04-22 23:59.", "net a@b.example"]
    scan = LeakScan({}, told=shown)
    kinds = [one.kind for text in shown for one in scan.findings("a.md", text)]
    assert kinds == [LeakKind.ADDRESS.value]
    assert len(list(scan.findings("a.md", "2.1.0.4 " + "f0" * 16))) == 2


def test_a_part_of_a_files_name_is_no_known_text_but_a_whole_value_is() -> None:
    scan = LeakScan({LeakKind.PERSON: {"rocket", "plain.png"}}, files=["rocket.png", "plain.png"])
    assert not list(scan.findings("a.csv", "M,rocket.png,0\n"))
    found = [one.column for one in scan.findings("a.csv", "rocket,rocket.png,plain.png\n")]
    assert found == [1, 19]


def test_every_kind_has_a_mend() -> None:
    assert set(MENDS) == set(LeakKind)


def test_addresses_are_left_out_of_texts() -> None:
    text = 'consent = "Ask ann@uni.example.org, or b.c@d.example."'
    assert without_addresses(text) == ('consent = "Ask [address left out], or [address left out]."')
