"""The fonts that figures are drawn with: always the same files, and what none of them has.

DejaVu Sans, which comes with matplotlib, has Latin, Greek, Cyrillic, Hebrew, Arabic and more; Noto
Sans CJK has Chinese, Japanese and Korean. Both are files of pinned packages, never the machine's
own fonts, so that every process of a site draws the same bytes. matplotlib is imported where one of
them is asked for: it takes longer to import than most rankings take to fit.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

_NAMED = 6  # so many letters are named; more would not fit a figure's line
_POINTS = 72  # of an inch


@cache
def font_files() -> Mapping[str, Path]:
    """Return the files by the names under which anyone can get the fonts, the first tried first."""
    cjk = files("noto_cjk_sans_jp_regular") / "NotoSansCJKjp-Regular.otf"
    return {
        "DejaVu Sans": _of_matplotlib("DejaVuSans.ttf"),
        "Noto Sans CJK JP": Path(str(cjk)),
    }


@cache
def families() -> list[str]:
    """Make the fonts known to matplotlib, and return the names that it then has for them.

    The last one draws a box for any letter at all.
    """
    box = _of_matplotlib("LastResortHE-Regular.ttf")
    cjk = font_files()["Noto Sans CJK JP"]
    return ["DejaVu Sans", _add("Figures CJK", cjk), _add("Figures box", box)]


def lacking(texts: Iterable[str]) -> str:
    """Return the letters of texts that no font has, each once, sorted."""
    drawn = frozenset().union(*(_letters(file) for file in font_files().values()))
    return "".join(sorted(letter for letter in set().union(*texts) if ord(letter) not in drawn))


def needed(texts: Iterable[str]) -> list[str]:
    """Return which of the fonts texts need, each letter drawn by the first that has it."""
    left, names = {ord(letter) for letter in set().union(*texts)}, []
    for name, file in font_files().items():
        if left & _letters(file):
            names.append(name)
        left -= _letters(file)
    return names


def lacking_note(texts: Iterable[str]) -> str:
    """Say in a sentence which letters of texts no font has; empty if there are none."""
    letters = lacking(texts)
    if not letters:
        return ""
    return (
        f"Letters that no font of the server has: {codes(letters)}. "
        "The SVG has them as text, for its viewer's fonts."
    )


def codes(letters: str) -> str:
    """Name letters that can't be shown by their codes, the first few."""
    more = len(letters) - _NAMED
    return ", ".join(f"U+{ord(letter):04X}" for letter in letters[:_NAMED]) + (
        f" and {more} more" if more > 0 else ""
    )


def width(text: str, size: float, weight: str = "normal") -> float:
    """Return the inches that a text takes in so many points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=families(), size=size, weight=weight)
    return text_to_path.get_text_width_height_descent(text, font, ismath=False)[0] / _POINTS


@cache
def _letters(file: Path) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(file)).get_charmap())


def _of_matplotlib(file: str) -> Path:
    import matplotlib as mpl

    return Path(mpl.get_data_path()) / "fonts" / "ttf" / file


def _add(name: str, file: Path) -> str:
    """Make a file known for plain and bold text under a name that no other font has."""
    from matplotlib.font_manager import FontEntry, fontManager

    fontManager.ttflist += [FontEntry(fname=str(file), name=name, weight=w) for w in (400, 700)]
    return name
