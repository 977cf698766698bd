"""On what a study may be judged: rules of its file about window, pixels and browser.

They are said before consent; the page checks them as its window changes, and the server when a
session begins, by what the page reports of itself. That keeps nobody out who wants to lie.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Annotated, Any

from ratings.anonymity.device_classes import LEAST_PIXELS, PHONE, device_class
from ratings.challenge.keys.checks import Wrong, number, texts, whole
from ratings.challenge.keys.tables import TomlTable, written

MOST_SIDE_PX = 16_384
MOST_VERSION = 9999
# How browsers name themselves, https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/User-Agent;
# those that name others beside themselves come first.
_MARKS = {
    "edge": r"\bEdg(?:e|A|iOS)?/(\d+)",
    "opera": r"\b(?:OPR|Opera)/(\d+)",
    "samsung": r"\bSamsungBrowser/(\d+)",
    "firefox": r"\b(?:Firefox|FxiOS)/(\d+)",
    "chrome": r"\b(?:Chrome|Chromium|CriOS|HeadlessChrome)/(\d+)",
    "safari": r"\bVersion/(\d+)\S* (?:Mobile/\S+ )?Safari/",
}
_RULE = re.compile(r"([a-z]+)(?: (\d{1,4}))?")


def browser_list(value: object) -> tuple[str, ...]:
    """Check a list of browsers, each with the least version where one is named."""
    for rule in texts(value):
        matched = _RULE.fullmatch(rule)
        if not matched or matched[1] not in _MARKS:
            known = ", ".join(_MARKS)
            raise Wrong(f'{rule!r} must be one of {known}, with a version such as "firefox 115".')
    return tuple(texts(value))


class BrokenRule(StrEnum):
    """What of a device keeps a rater out."""

    PHONE = "phone"
    WIDTH = "width"
    HEIGHT = "height"
    PIXEL_RATIO = "pixel-ratio"
    BROWSER = "browser"


@dataclass(frozen=True)
class DeviceRules:
    """The [study.devices] of a file: the least window, in CSS pixels, the least pixel ratio.

    `phones` tells whether they may judge: what has a screen whose shorter side is below 600 CSS
    pixels. `browsers` are those allowed, any of none are named.
    """

    least_width: Annotated[int, whole(0, MOST_SIDE_PX)] = 0
    least_height: Annotated[int, whole(0, MOST_SIDE_PX)] = 0
    least_pixel_ratio: Annotated[float, number(0, 8)] = 0.0
    phones: bool = True
    browsers: Annotated[tuple[str, ...], browser_list] = ()

    def check(self, table: TomlTable) -> None:
        """Note a browser that two rules are about."""
        table.refuse_repeated("browsers", [rule.split()[0] for rule in self.browsers])

    def as_json(self) -> dict[str, Any]:
        """Return what is not as usual; `read_device_rules` gives the rules back."""
        usual = DeviceRules()
        return {
            name: value
            for name, value in written(self).items()
            if getattr(self, name) != getattr(usual, name)
        }


def read_device_rules(raw: Mapping[str, Any]) -> DeviceRules:
    """Return the rules that `as_json` wrote."""
    known = {field.name: raw[field.name] for field in fields(DeviceRules) if field.name in raw}
    if "browsers" in known:
        known["browsers"] = tuple(known["browsers"])
    return DeviceRules(**known)


def browser_fits(rules: DeviceRules, user_agent: str) -> bool:
    """Tell whether a browser, by the name it gives itself, is allowed."""
    if not rules.browsers:
        return True
    name, version = browser_of(user_agent)
    for rule in rules.browsers:
        allowed, _, least = rule.partition(" ")
        if allowed == name:
            return version >= int(least or 0)
    return False


def browser_of(user_agent: str) -> tuple[str, int]:
    """Return the browser's name and main version; "" and 0 for one that is not known."""
    for name, mark in _MARKS.items():
        if matched := re.search(mark, user_agent):
            return name, min(int(matched[1][:9]), MOST_VERSION)
    return "", 0


def device_facts(rules: DeviceRules, user_agent: str) -> dict[str, Any] | None:
    """Return the rules as the page's scripts read them, None where there are none."""
    if rules == DeviceRules():
        return None
    return {
        "leastWidth": rules.least_width,
        "leastHeight": rules.least_height,
        "leastPixelRatio": rules.least_pixel_ratio,
        "phones": rules.phones,
        "phoneBelow": LEAST_PIXELS,
        "browserFits": browser_fits(rules, user_agent),
    }


def unfit(rules: DeviceRules, facts: Mapping[str, Any], user_agent: str) -> list[BrokenRule]:
    """Return which rules a device breaks, by what its page found; what is not told breaks none."""
    wrong = []
    screen = device_class(facts.get("screen_width"), facts.get("screen_height"))
    if not rules.phones and screen == PHONE:
        wrong.append(BrokenRule.PHONE)
    for rule, fact, least in (
        (BrokenRule.WIDTH, "window_width", rules.least_width),
        (BrokenRule.HEIGHT, "window_height", rules.least_height),
        (BrokenRule.PIXEL_RATIO, "device_pixel_ratio", rules.least_pixel_ratio),
    ):
        # Browsers tell the ratio as they compute it, such as 1.0999999 at 110 %.
        if least and fact in facts and facts[fact] < least - 0.005:
            wrong.append(rule)
    return wrong if browser_fits(rules, user_agent) else [*wrong, BrokenRule.BROWSER]
