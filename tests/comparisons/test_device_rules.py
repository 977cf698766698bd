"""On what may be judged: rules of the file, browsers by the names they give themselves."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.challenge.keys.tables import TomlTable
from ratings.comparisons.device_rules import (
    BrokenRule,
    DeviceRules,
    browser_fits,
    browser_of,
    device_facts,
    read_device_rules,
    unfit,
)

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0"
WEBKIT = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
BROWSERS = {
    f"{CHROME} Safari/537.36": ("chrome", 120),
    f"{CHROME} Safari/537.36 Edg/121.0.0.0": ("edge", 121),
    f"{CHROME} Safari/537.36 OPR/106.0.0.0": ("opera", 106),
    f"{CHROME} Mobile Safari/537.36": ("chrome", 120),
    f"{CHROME} SamsungBrowser/23.0 Mobile Safari/537.36": ("samsung", 23),
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0": ("firefox", 128),
    f"{WEBKIT} Version/17.4 Safari/605.1.15": ("safari", 17),
    f"{WEBKIT} Version/17.4 Mobile/15E148 Safari/604.1": ("safari", 17),
    f"{WEBKIT} FxiOS/127.0 Mobile/15E148 Safari/605.1.15": ("firefox", 127),
    f"{WEBKIT} CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1": ("chrome", 126),
    "curl/8.5.0": ("", 0),
    "": ("", 0),
}
LAPTOP = {
    "window_width": 1366,
    "window_height": 768,
    "screen_width": 1366,
    "screen_height": 900,
    "device_pixel_ratio": 1,
}
PHONE = {
    "window_width": 390,
    "window_height": 700,
    "screen_width": 390,
    "screen_height": 844,
    "device_pixel_ratio": 3,
}


def read(**raw: Any) -> tuple[DeviceRules, list[str]]:
    table = TomlTable(raw, "[[study]] people: devices")
    rules = table.read(DeviceRules)
    table.refuse_unknown()
    return rules, table.problems


@pytest.mark.parametrize(("name", "known"), BROWSERS.items())
def test_a_browser_is_known_by_its_name(name: str, known: tuple[str, int]) -> None:
    assert browser_of(name) == known


@given(st.text())
def test_no_name_of_a_browser_is_too_odd(name: str) -> None:
    found, version = browser_of(name)
    assert isinstance(found, str) and 0 <= version <= 9999
    assert browser_fits(DeviceRules(), name)


def test_a_version_or_any_may_be_asked_for() -> None:
    rules, problems = read(browsers=["firefox 115", "safari"])
    assert problems == []
    fits = {name: browser_fits(rules, name) for name in BROWSERS}
    assert [BROWSERS[name] for name, fit in fits.items() if fit] == [
        ("firefox", 128),
        ("safari", 17),
        ("safari", 17),
        ("firefox", 127),
    ]
    assert not browser_fits(read(browsers=["firefox 129"])[0], list(BROWSERS)[5])


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({"least_width": -1}, "least_width: it must be a whole number from 0 to 16384."),
        ({"least_pixel_ratio": 9}, "least_pixel_ratio: it must be a number from 0 to 8."),
        ({"phones": "no"}, "phones: it must be true or false, not no."),
        ({"browsers": ["netscape 4"]}, "browsers: 'netscape 4' must be one of edge, opera, "),
        ({"browsers": ["chrome >= 5"]}, "browsers: 'chrome >= 5' must be one of "),
        ({"browsers": ["chrome 5", "chrome 6"]}, "browsers: 'chrome' stands there 2 times."),
        ({"least_size": 5}, "least_size: this key is unknown; known are: browsers, "),
    ],
)
def test_what_is_wrong_is_named_with_its_mend(raw: dict[str, Any], problem: str) -> None:
    _, (line,) = read(**raw)
    assert problem in line


def test_rules_are_stored_without_what_is_usual() -> None:
    assert DeviceRules().as_json() == {}
    rules, _ = read(least_width=1024, phones=False, browsers=["chrome"])
    assert rules.as_json() == {"least_width": 1024, "phones": False, "browsers": ["chrome"]}
    assert read_device_rules(rules.as_json()) == rules
    assert device_facts(DeviceRules(), "") is None


def test_each_rule_that_is_broken_is_named() -> None:
    rules = DeviceRules(1024, 800, 1.5, phones=False, browsers=("chrome",))
    assert unfit(rules, LAPTOP, next(iter(BROWSERS))) == [BrokenRule.HEIGHT, BrokenRule.PIXEL_RATIO]
    assert unfit(rules, PHONE, "") == [
        BrokenRule.PHONE,
        BrokenRule.WIDTH,
        BrokenRule.HEIGHT,
        BrokenRule.BROWSER,
    ]
    assert unfit(DeviceRules(), PHONE, "") == []


def test_what_is_as_large_as_asked_fits_and_what_is_not_told_breaks_nothing() -> None:
    rules = DeviceRules(1366, 768, 1.0, phones=False)
    assert unfit(rules, LAPTOP, "") == []
    # As browsers compute it at a zoom of 100 %.
    assert unfit(rules, LAPTOP | {"device_pixel_ratio": 0.99999988}, "") == []
    assert unfit(rules, LAPTOP | {"device_pixel_ratio": 0.9}, "") == [BrokenRule.PIXEL_RATIO]
    assert unfit(rules, {}, "") == []
