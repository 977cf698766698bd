"""Placeholders are told from people, however a platform writes either."""

import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.comparisons.raters.placeholders import is_unfilled

NAMES = ("PROLIFIC_PID", "STUDY_ID", "SESSION_ID")
WORDS = st.from_regex(r"[A-Za-z][A-Za-z_]{0,20}", fullmatch=True)
# As link builders, mailers, templates and shells write it, and as people type it by hand.
WRAPPERS = [
    lambda word: "{{%" + word + "%}}",
    lambda word: "{{" + word + "}}",
    lambda word: "{{ " + word + " }}",
    lambda word: "${" + word + "}",
    lambda word: "${e://Field/" + word + "}",
    lambda word: "#{" + word + "}",
    lambda word: "%" + word + "%",
    lambda word: "%%" + word + "%%",
    lambda word: "[" + word + "]",
    lambda word: "[%" + word + "%]",
    lambda word: "<" + word + ">",
    lambda word: "<%= " + word + " %>",
    lambda word: "$" + word,
    lambda word: "__" + word + "__",
    lambda word: "*|" + word + "|*",
    lambda word: "@" + word + "@",
    lambda word: ":" + word,
    lambda word: "«" + word + "»",
    lambda word: "＜" + word + "＞",  # noqa: RUF001
]


def letters(alphabet: str, least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=least, max_size=most)


UPPER = string.ascii_uppercase + string.digits
PEOPLE = st.one_of(
    letters("0123456789abcdef", 24, 24),  # Prolific
    letters(UPPER, 12, 14).map(lambda end: f"A{end}"),  # MTurk
    st.integers(1, 10**9).map(str),  # SONA
    letters("0123456789ABCDEF", 32, 32),  # CloudResearch
    st.uuids().map(str),
    st.uuids().map(lambda one: f"R_{one.hex[:15]}"),  # Qualtrics
    letters(string.ascii_letters + string.digits + "-_", 22, 43).map(lambda id: f"{id}9"),  # base64
    st.from_regex(r"[a-z]{2,8}[0-9]{1,4}", fullmatch=True),  # made by hand
    st.from_regex(r"[A-Z][a-z]{1,9}[-. ][A-Z][a-z]{1,9}[0-9]", fullmatch=True),
)


@given(WORDS, st.sampled_from(WRAPPERS), st.integers(0, 3))
def test_a_marked_word_is_no_person_however_often_it_is_encoded(
    word: str, wrap: object, times: int
) -> None:
    value = wrap(word)  # type: ignore[operator]
    for _ in range(times):
        value = quote(value, safe="")
    assert is_unfilled(value, NAMES), value


@given(PEOPLE, st.integers(0, 2))
def test_people_are_not_refused(person: str, times: int) -> None:
    value = person
    for _ in range(times):
        value = quote(value, safe="")
    assert not is_unfilled(value, NAMES), value


@given(
    st.sampled_from(NAMES),
    st.sampled_from([str, str.lower, str.title, lambda name: name.replace("_", "-")]),
    letters(string.punctuation.replace("%", "") + " ", 0, 4),
    letters(string.punctuation.replace("%", "") + " ", 0, 4),
)
def test_a_parameters_own_name_is_no_person(
    name: str, spell: object, before: str, after: str
) -> None:
    assert is_unfilled(before + spell(name) + after, NAMES)  # type: ignore[operator]


@pytest.mark.parametrize(
    "value",
    [
        "{{%PROLIFIC_PID%}}",
        "{{%25PROLIFIC_PID%25}}",
        "%7B%7B%25PROLIFIC_PID%25%7D%7D",
        *(
            "",
            " ",
            "\t",
            "%20",
            "undefined",
            "null",
            "None",
            "NaN",
            "NA",
            "n/a",
            "nil",
            "n%2Fa",
            "XXXX",
            "???",
            "...",
            "your_id",
        ),
        *("YOUR-ID-HERE", "[object Object]", "ASSIGNMENT_ID_NOT_AVAILABLE", "workerId"),
        *("participant_id", "%SURVEY_CODE%", "SURVEY_CODE", "$workerId", "${assignmentId}"),
    ],
)
def test_what_platforms_and_people_leave_in_links(value: str) -> None:
    assert is_unfilled(value, NAMES)


@pytest.mark.parametrize(
    "value",
    [
        *("5f3a", "60bf9310e8dec401be6e9615", "A2M8DX4DBY3F1C", "23817", "1", "R_2zZ8mXc9fQ1aBcD"),
        *("anna", "Anna Nan", "a.b@example.org", "c29tZSB0ZXh0", "aGk=", "user_12", "__a1b2__"),
        *("P-001", "prolific", "PID7", "x", "100%", "null7"),
    ],
)
def test_what_people_are_called(value: str) -> None:
    assert not is_unfilled(value, NAMES)
