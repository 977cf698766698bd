"""Definition files as editors write them: read, or refused in words that mend them."""

import pytest

from ratings.challenge.definitions.definition import parse
from ratings.challenge.keys.toml_text import decoded, read_toml
from ratings.challenge.refusals import Refused
from tests.challenge.definitions import GOOD


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as refused:
        read_toml(decoded(data))
    assert refused.value.code == "definition"
    (problem,) = refused.value.problems
    return problem


def test_a_byte_order_mark_and_line_ends_of_windows_are_harmless() -> None:
    text = decoded(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert parse(text) == parse(GOOD)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named(encoding: str) -> None:
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b"\xfe\xff"
    data = GOOD.encode(encoding) if encoding == "utf-16" else mark + GOOD.encode(encoding)
    assert 'UTF-16, which Notepad calls "Unicode"' in refusal(data)
    assert "save the file in that encoding" in refusal(data)


def test_another_encoding_is_named_by_its_line() -> None:
    assert "is not UTF-8: byte 0xe9 in line 2" in refusal('a = "x"\nb = "é"\n'.encode("latin-1"))


@pytest.mark.parametrize(
    ("line", "mend"),
    [
        (r'originals = "C:\Users\me"', "write paths with /"),
        (r'originals = "D:\pictures"', "write paths with /"),
        ("name = “Small”", "Quotes must be straight"),
        ("name\u00a0= 1", "no-break space"),
    ],
)
def test_what_stands_in_a_line_that_is_no_toml_is_said(line: str, mend: str) -> None:
    problem = refusal(f'slug = "a"\n{line}\n'.encode())
    assert problem.startswith("This is not TOML: ") and "line 2" in problem and mend in problem


def test_other_mistakes_get_no_hint() -> None:
    assert refusal(b'path = "C:/x"\n= 1\n').endswith("(at line 2, column 1).")
    assert refusal(b"a = " + b"[" * 10_000).startswith("This is not TOML: ")


def test_a_backslash_that_is_an_escape_is_said_too() -> None:
    text = GOOD.replace('name = "Professional"', r'name = "D:\new"')
    with pytest.raises(Refused, match=r"name: it holds control characters.*write paths with /"):
        parse(text)
