"""What keys mean on keyboards all over the world: what is printed on them, or nothing."""

# ruff: noqa: RUF001 - signs that look alike are what this is about

import json
import subprocess
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

MODULE = Path(__file__).parents[2] / "frontend/modules/input/keyboard.js"
SCRIPT = """
import { createInterface } from "node:readline";
const { meaningOf } = await import(process.argv[1]);
for await (const line of createInterface(process.stdin)) {
  const asked = JSON.parse(line).map(([press, sent]) => [press, new Map(Object.entries(sent))]);
  console.log(JSON.stringify(asked.map(([press, sent]) => meaningOf(press, sent))));
}
"""
QWERTY = {"Digit1": "1", "Digit2": "2", "Digit0": "0", "KeyU": "u", "KeyP": "p", "Equal": "="}
# The top row from the key beside the backquote on, without shift and with it. Then what the keys
# for 1, 2 and 0 mean, without shift and with it: "" where another key has the digit.
CODES = [f"Digit{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 0)]
ROWS = {
    "American": ("1234567890", "!@#$%^&*()"),
    "German": ("1234567890", '!"§$%&/()='),
    "Turkish": ("1234567890", "!'^+%&/()="),
    "Swiss": ("1234567890", '+"*ç%&/()='),
    "Japanese": ("1234567890", "!\"#$%&'()~"),
    "Hebrew": ("1234567890", "!@#$%^&*)("),
    "French": ("&é\"'(-è_çà", "1234567890"),
    "French, Caps Lock": ("&É\"'(-È_ÇÀ", "1234567890"),
    "French, Caps Lock of Windows": ("1234567890", "&é\"'(-è_çà"),
    "Belgian": ("&é\"'(§è!çà", "1234567890"),
    "Bépo": ('"«»()@+-/*', "1234567890"),
    "Czech": ("+ěščřžýáíé", "1234567890"),
    "Czech, Caps Lock": ("+ĚŠČŘŽÝÁÍÉ", "1234567890"),
    "Slovak": ("+ľščťžýáíé", "1234567890"),
    "Arabic": ("١٢٣٤٥٦٧٨٩٠", "!@#$%^&*)("),
    "Persian": ("۱۲۳۴۵۶۷۸۹۰", "!٬٫﷼٪×،*)("),
    "Hindi": ("१२३४५६७८९०", "!@#$%^&*()"),
    "Bopomofo": ("ㄅㄉˇˋㄓˊ˙ㄚㄞㄢ", "!@#$%^&*()"),
    "Full width": ("１２３４５６７８９０", "！＠＃＄％＾＆＊（）"),
}
# Rows on which some keys have no digit where others do.
ODD = {
    "Hungarian": ("123456789ö", "'\"+!%/=()Ö", {"ö": "ö", "Ö": "ö"}),
    "Dvorak, left hand": ("[]/pfmlj43", "{}?PFMLJ$#", {"[": "[", "]": "]"}),
    "Thai": ("ๅ/_ภถุึคตจ", "+๑๒๓๔ู฿๕๖๗", {"๑": "", "๗": ""}),
}


@cache
def node() -> subprocess.Popen[str]:
    """Start the browser's language once; it ends with these tests."""
    command = ["node", "--input-type=module", "-e", SCRIPT, str(MODULE)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, text=True, encoding="utf-8", stdin=pipe, stdout=pipe)


@pytest.fixture(scope="module", autouse=True)
def end_of_node() -> Iterator[None]:
    """Stop it."""
    yield
    with node() as process:
        process.terminate()
    node.cache_clear()


def meanings(asked: list[tuple[dict[str, Any], dict[str, str]]]) -> list[str]:
    """Return what each press means, given what the browser tells of the keyboard."""
    process = node()
    assert process.stdin and process.stdout
    print(json.dumps(asked), file=process.stdin, flush=True)
    answer: list[str] = json.loads(process.stdout.readline())
    return answer


def press(key: str, code: str = "", *, shift: bool = False) -> dict[str, Any]:
    return {"key": key, "code": code, "shiftKey": shift}


def means(key: str, code: str = "", *, shift: bool = False, **sent: str) -> str:
    return meanings([(press(key, code, shift=shift), sent)])[0]


@pytest.mark.parametrize("name", ROWS)
def test_keys_with_1_2_and_0_on_them_mean_these_and_no_other_key_does(name: str) -> None:
    plain, shifted = ROWS[name]
    sent = dict(zip(CODES, plain.lower(), strict=True))
    for told in ({}, sent):
        asked = [
            (press(key, code, shift=shift), told)
            for row, shift in ((plain, False), (shifted, True))
            for key, code in zip(row, CODES, strict=True)
        ]
        for (one, _), found in zip(asked, meanings(asked), strict=True):
            digit = one["code"][-1]
            if digit in "120" and not (name == "Swiss" and one["key"] == "+"):
                assert found == digit, one
            else:
                assert found not in {"1", "2", "0"}, one


@pytest.mark.parametrize(("name", "told"), list(product(ODD, (False, True))))
def test_keys_without_them_mean_something_else(name: str, told: bool) -> None:
    plain, shifted, expected = ODD[name]
    sent = dict(zip(CODES, plain, strict=True)) if told else {}
    for row, shift in ((plain, False), (shifted, True)):
        for key, code in zip(row, CODES, strict=True):
            if key in expected:
                assert means(key, code, shift=shift, **sent) == expected[key]


def test_a_programmers_dvorak_is_known_where_the_browser_tells() -> None:
    plain = dict(zip(CODES, "&[{}(=*)+]", strict=True))
    row = zip("&[{}(=*)+]", CODES, strict=True)
    told = meanings([(press(key, code), plain) for key, code in row])
    assert not {"1", "2", "0"} & set(told)
    assert means("1", "Digit5", shift=True, **plain) == "1"


@pytest.mark.parametrize(
    ("key", "code", "meaning"),
    [
        ("1", "Numpad1", "1"),
        ("End", "Numpad1", "1"),
        ("2", "Numpad2", "2"),
        ("ArrowDown", "Numpad2", ""),  # 2 and the arrow are on it
        ("0", "Numpad0", "0"),
        ("Insert", "Numpad0", "0"),
        ("ArrowLeft", "Numpad4", "ArrowLeft"),
        ("ArrowDown", "ArrowDown", "ArrowDown"),
        ("+", "NumpadAdd", "+"),
        ("-", "NumpadSubtract", "-"),
        ("1", "", "1"),  # no key of a keyboard
        ("0", "Backquote", "0"),  # Hungarian
        ("²", "Backquote", "²"),  # French: no 2
        ("¹", "Digit1", "¹"),  # with AltGr
    ],
)
def test_number_pads_and_other_places(key: str, code: str, meaning: str) -> None:
    assert means(key, code) == meaning


@pytest.mark.parametrize(
    ("key", "code", "sent", "meaning"),
    [
        ("Process", "Digit1", {}, "1"),
        ("Process", "Digit2", {"Digit2": "2"}, "2"),
        ("Process", "Digit0", {"Digit0": "ö"}, ""),
        ("Dead", "Digit2", {}, ""),
        ("Dead", "Digit2", {"Digit2": "é"}, "2"),
        ("Unidentified", "Digit1", {}, ""),
        ("Process", "Space", {}, " "),
        ("\N{IDEOGRAPHIC SPACE}", "Space", {}, " "),
        ("\N{NO-BREAK SPACE}", "Space", {}, " "),
        ("Process", "KeyU", {}, "u"),
        ("Process", "KeyU", {"KeyU": "g"}, "g"),
        ("Dead", "BracketLeft", {}, ""),
    ],
)
def test_input_methods_and_accents(key: str, code: str, sent: dict[str, Any], meaning: str) -> None:
    assert means(key, code, **sent) == meaning


@pytest.mark.parametrize(
    ("key", "code", "shift", "meaning"),
    [
        ("u", "KeyU", False, "u"),
        ("U", "KeyU", False, "u"),  # Caps Lock
        ("u", "KeyF", False, "u"),  # Dvorak
        ("g", "KeyU", False, "g"),  # Dvorak
        ("г", "KeyU", False, "u"),  # Russian
        ("З", "KeyP", True, "p"),
        ("θ", "KeyU", False, "u"),  # Greek
        ("ü", "KeyU", False, "ü"),
        ("?", "Slash", True, "?"),
        ("?", "Minus", True, "?"),  # German
        ("؟", "Slash", True, "?"),  # Arabic
        ("？", "Slash", True, "?"),
        ("=", "Equal", False, "+"),
        ("＋", "Equal", True, "+"),
        ("=", "Digit0", True, "0"),  # German: 0 is on it, and no plus sign
        ("=", "Digit7", True, ""),  # Hungarian
        ("+", "Digit1", True, "+"),  # Swiss: the only plus sign
        ("+", "Digit1", False, "1"),  # Czech: the 1
        ("Backspace", "Backspace", False, "Backspace"),
        ("ArrowLeft", "ArrowLeft", True, "ArrowLeft"),
    ],
)
def test_letters_and_signs(key: str, code: str, shift: bool, meaning: str) -> None:
    assert means(key, code, shift=shift) == meaning
