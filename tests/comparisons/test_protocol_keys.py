"""The keys of a protocol: every wrong value named with its mend, and written as they are read."""

import tomllib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.challenge.definitions.definition import emit_table
from ratings.challenge.keys.tables import TomlTable, written
from ratings.comparisons.protocol import (
    After,
    Checks,
    Layout,
    OwnParameter,
    Platform,
    Protocol,
    Recruiting,
    Screening,
    SmallWindow,
    Training,
    Translation,
)

PROLIFIC = {
    "slug": "prolific",
    "completion_code": "C1",
    "completion_url": "https://app.prolific.com/submissions/complete?cc={code}",
}

GERMAN = {"language": "de", "name": "Studie", "question": "Welche?", "consent": "Freiwillig."}


def read(raw: dict[str, Any]) -> tuple[Protocol, list[str]]:
    table = TomlTable(raw, "[[study]] people")
    protocol = table.read(Protocol)
    table.refuse_unknown()
    return protocol, table.problems


def test_nothing_said_is_the_default() -> None:
    assert read({}) == (Protocol(), [])


def platforms(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"recruiting": {"platforms": list(rows)}}


@pytest.mark.parametrize("name", OwnParameter)
def test_a_platforms_parameter_is_none_of_the_pages_own(name: str) -> None:
    _, (problem,) = read(platforms({"slug": "lab", "participant": str(name)}))
    assert f"participant: '{name}' is a parameter of the rating page itself" in problem


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({"layout": "rows"}, "layout: 'rows' must be one of: flip, sides, against."),
        ({"layout": 3}, "layout: it must be a text in quotes"),
        ({"enlarge": 9}, "enlarge: it must be a whole number from 0 to 8."),
        ({"enlarge": 1.5}, "enlarge: it must be a whole number from 0 to 8."),
        ({"enlarge": True}, "enlarge: it must be a whole number from 0 to 8."),
        ({"small_window": "shrink"}, "small_window: 'shrink' must be one of: pan, refuse."),
        ({"break_every": -1}, "break_every: it must be a whole number from 0 to 10000."),
        (
            {
                "training": {"right": 3},
                "recruiting": {"platforms": [PROLIFIC | {"screenout_code": ""}]},
            },
            "recruiting: platforms prolific: the training can be failed, so name the screenout_",
        ),
        ({"languages": "en"}, 'languages: it must be a list of texts such as ["P", "M"].'),
        ({"languages": []}, 'languages: name at least one, such as ["en"].'),
        ({"languages": ["en", "xx"]}, "languages: 'xx' is not one of: "),
        (
            {"languages": ["en", "de"]},
            "translations: add name, question and consent in 'de': on the study's page Texts",
        ),
        (
            {"translations": [GERMAN]},
            "translations: 'de' is not among the languages after the first.",
        ),
        (
            {"languages": ["en", "de"], "translations": [GERMAN, GERMAN]},
            "translations: 'de' stands there 2 times.",
        ),
        (
            {"languages": ["en", "de"], "translations": [GERMAN | {"consent": " "}]},
            "translations 1: consent: it must not be empty.",
        ),
        (
            {"languages": ["en", "de"], "translations": [GERMAN | {"note": "x"}]},
            "translations 1: note: this key is unknown; known are: consent, language, name, qu",
        ),
        ({"languages": ["en", "en"]}, "languages: 'en' stands there 2 times."),
        ({"training": 5}, "training: write it as a table, such as training = { ... }."),
        ({"training": {"trials": 101}}, "training: trials: it must be a whole number from 0"),
        ({"training": {"right": 6}}, "training: right: no more than all 5 trials can be right"),
        ({"training": {"attempts": 0}}, "training: attempts: it must be a whole number from 1"),
        ({"training": {"trails": 5}}, "known are: attempts, right, trials. Did you mean trials?"),
        ({"checks": {"golden": -0.1}}, "checks: golden: it must be a number from 0 to 1."),
        ({"checks": {"repeats": Decimal("NaN")}}, "checks: repeats: it must be a number from 0"),
        ({"checks": {"identical": "0.1"}}, "checks: identical: it must be a number from 0 to 1."),
        ({"checks": {"golden": 0.6, "repeats": 0.4}}, "checks: golden: with repeats and identical"),
        ({"checks": {"repeat_gap": 0}}, "checks: repeat_gap: it must be a whole number from 1"),
        ({"screening": {"quality": 2.5}}, "screening: quality: it must be a number from 0 to 2."),
        ({"screening": {"least_checks": 0}}, "screening: least_checks: it must be a whole number"),
        ({"screening": {"drop_under_ms": -5}}, "screening: drop_under_ms: it must be a whole"),
        ({"screening": {"drop_unflipped": 1}}, "screening: drop_unflipped: it must be true or"),
        ({"recruiting": {"open": "yes"}}, "recruiting: open: it must be true or false"),
        ({"recruiting": {"most_raters": 0}}, "recruiting: most_raters: it must be a whole"),
        (
            {"recruiting": {"most_raters": 10**7}},
            "recruiting: most_raters: it must be a whole",
        ),
        ({"recruiting": {"platforms": ["prolific"]}}, "recruiting: platforms: write it as a list"),
        (platforms({}), "recruiting: platforms 1: slug: it is missing"),
        (platforms({"slug": "a b"}), "recruiting: platforms a b: slug: 'a b' must be 1 to 50"),
        (platforms({"slug": "a", "participant": ""}), "participant: name the parameter"),
        (platforms({"slug": "a", "study": "S T"}), "study: 'S T' must be 1 to 50 letters"),
        (platforms({"slug": "a", "session": "rater"}), "session: 'rater' is a parameter of the"),
        (platforms({"slug": "a", "study": "PROLIFIC_PID"}), "'PROLIFIC_PID' stands there 2 times"),
        (platforms({"slug": "a", "colour": 1}), "platforms a: colour: this key is unknown"),
        (platforms(PROLIFIC | {"completion_code": ""}), "completion_code: it is missing"),
        (
            platforms(PROLIFIC | {"completion_url": "http://example.org/{code}"}),
            "completion_url: it must begin with https://.",
        ),
        (
            platforms(PROLIFIC | {"completion_url": "https://example.org/"}),
            "completion_url: write {code} where the completion code belongs.",
        ),
        (
            platforms(PROLIFIC | {"completion_url": "javascript:alert({code})"}),
            "completion_url: 'javascript:alert({code})' must be an address",
        ),
        (platforms(PROLIFIC | {"most_raters": -1}), "platforms prolific: most_raters: it must be"),
        (
            platforms(PROLIFIC, PROLIFIC | {"participant": "PID"}),
            "recruiting: platforms: 'prolific' stands there 2 times.",
        ),
        (
            platforms(PROLIFIC, {"slug": "lab"}),
            "recruiting: platforms: participant: 'PROLIFIC_PID' stands there 2 times.",
        ),
    ],
)
def test_refuses(raw: dict[str, Any], problem: str) -> None:
    protocol, (line,) = read(raw)
    assert line.startswith("[[study]] people: ")
    assert problem in line
    assert isinstance(protocol, Protocol)


def test_every_problem_is_listed() -> None:
    _, problems = read({"layout": "x", "training": {"trials": -1}, "checks": {"golden": 2}})
    assert [line.split(": ")[1] for line in problems] == ["layout", "training", "checks"]


SHARES = st.integers(0, 30).map(lambda per_cent: per_cent / 100)
WHOLE = st.integers(1, 9999)
PLATFORMS = st.builds(
    Platform,
    st.sampled_from(["prolific", "lab"]),
    completion_code=st.sampled_from(["C1", 'with "quotes"']),
    screenout_code=st.just("S1"),
    completion_url=st.sampled_from(["", "https://example.org/?cc={code}"]),
    most_raters=st.none() | WHOLE,
)
TEXTS = st.sampled_from(["Freiwillig.", 'Mit "Zeichen" \\ und ä', "Eins.\n\nZwei."])
NAMES = st.sampled_from(["Studie", "Was ist näher?"])
PROTOCOLS = st.builds(
    Protocol,
    layout=st.sampled_from(Layout),
    enlarge=st.integers(0, 8),
    small_window=st.sampled_from(SmallWindow),
    break_every=WHOLE,
    languages=st.just(("en", "de")),
    translations=st.builds(Translation, st.just("de"), NAMES, NAMES, TEXTS).map(lambda t: (t,)),
    training=st.builds(Training, st.integers(5, 100), st.integers(0, 5), st.integers(1, 10)),
    checks=st.builds(Checks, SHARES, SHARES, WHOLE, SHARES),
    screening=st.builds(
        Screening,
        *(SHARES, WHOLE, SHARES, st.sampled_from(After)),
        *(WHOLE, st.booleans(), WHOLE, WHOLE),
    ),
    recruiting=st.builds(
        Recruiting,
        st.booleans(),
        st.none() | WHOLE,
        st.booleans(),
        st.lists(PLATFORMS, max_size=1).map(tuple),
    ),
)


@given(PROTOCOLS)
def test_what_is_written_is_read_as_it_was(protocol: Protocol) -> None:
    text = "\n".join(emit_table("study", written(protocol)))
    (raw,) = tomllib.loads(text, parse_float=Decimal)["study"]
    assert read(raw) == (protocol, [])
