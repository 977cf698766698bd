"""Names as TeX sets them, character for character, and what it needs to have their letters."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from ratings.psychometrics.report import fonts

_ESCAPED = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    # TeX's fonts have round quotes in the place of straight ones.
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    '"': r"\texttt{\char34}",
    "\N{MINUS SIGN}": "$-$",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}
# Two of these in a row would become a dash, or a quote.
_JOINED = re.compile(r"([-,<>'`])(?=\1)")
# What pdfLaTeX has beside ASCII without a package, as it reads UTF-8.
PDFLATEX = frozenset(
    "¡¢£¤¥§¨©ª¬®¯°±²³µ¶·¹º¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõö÷øùúûüýÿ"
    "ĀāĂăĆćĈĉĊċČčĎďĒēĔĕĖėĚěĜĝĞğĠġĢģĤĥĨĩĪīĬĭİıĴĵĶķĹĺĻļĽľŁłŃńŅņŇňŌōŎŏŐőŒœŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŨũŪū"
    "ŬŭŮůŰűŴŵŶŷŸŹźŻżŽžȘșȚț“”†‡•…€™—"
    "×´¸–‘’"  # noqa: RUF001
)
_FROM_THE_RIGHT = ("R", "AL")
# A word wider than that may be broken after so many columns; a wide letter has two.
_LONG, _PIECE = 6, 4


def escape(text: str) -> str:
    """Return text in which nothing is a command of TeX, and nothing becomes another character."""
    return " ".join(map(_word, text.split()))


def escape_whole(text: str) -> str:
    """Return the same without places to break words at, for what TeX breaks by itself."""
    return " ".join(map(_escaped, text.split()))


def preamble(packages: str, texts: Iterable[str]) -> Iterator[str]:
    """Yield what a document needs to typeset texts: lines of its preamble, and words between."""
    yield rf"\usepackage{{{packages}}}"
    letters = set().union(*texts) - PDFLATEX - _ESCAPED.keys()
    special = "".join(sorted(letter for letter in letters if not letter.isascii()))
    if special:
        yield from _fonts(special)


def _fonts(letters: str) -> Iterator[str]:
    """Yield the fonts that have letters which pdfLaTeX lacks, for LuaLaTeX."""
    names = fonts.needed(letters)
    yield f"Needs LuaLaTeX, and fonts that have {fonts.codes(letters)}:"
    if any(unicodedata.bidirectional(letter) in _FROM_THE_RIGHT for letter in letters):
        yield r"\usepackage[bidi=basic]{babel}"
    yield r"\usepackage{fontspec}"
    if names:
        fallback = ", ".join(f'"{name}:mode=harf;"' for name in names)
        yield rf'\directlua{{luaotfload.add_fallback("names", {{{fallback}}})}}'
        yield r"\setmainfont{Latin Modern Roman}[RawFeature={fallback=names}]"
    if lacking := fonts.lacking(letters):
        yield f"Add a font that has {fonts.codes(lacking)}."


def _word(word: str) -> str:
    """Return a word escaped; a long one can be broken, but for scripts whose letters join."""
    pieces = _pieces(word) if _width(word) > _LONG else [word]
    return r"\allowbreak{}".join(map(_escaped, pieces))


def _escaped(text: str) -> str:
    parts = ["".join(_ESCAPED.get(c, c) for c in part) for part in _JOINED.split(text)]
    return "".join(f"\\mbox{{{p}}}" if place % 2 else p for place, p in enumerate(parts))


def _pieces(word: str) -> Iterator[str]:
    """Yield a word's parts, each some columns wide; a break hides no letter and adds no hyphen."""
    part = ""
    for letter in word:
        if _width(part) >= _PIECE and _stands_alone(part[-1]) and _stands_alone(letter):
            yield part
            part = ""
        part += letter
    yield part


def _stands_alone(letter: str) -> bool:
    return letter.isascii() or unicodedata.east_asian_width(letter) in "WF"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
