"""Long names in little room, cut in their middle: what tells two apart often stands at the end."""

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
# A name of so many letters fits everywhere, broken between its words.
WHOLE_LETTERS = 12


def halves(name: str) -> SafeString:
    """Return a name as markup; of a long one each half may be cut on its own, towards the middle.

    In a narrow place the halves stand below each other (boards.css).
    """
    if len(name) <= WHOLE_LETTERS:
        return format_html("{}", name)
    middle = _break_near_middle(name)
    return format_html(
        '<span class="halves"><span>{}</span><span class="end"><bdi>{}</bdi></span></span>',
        name[:middle],
        name[middle:],
    )


def short_names(names: Sequence[str], most: int) -> list[str]:
    """Return the names with at most `most` letters each; different ones stay so where they can.

    Those that are cut in the middle into the same are cut around where they begin to differ.
    """
    cut = [_cut(name, most, (most - 1) // 2) for name in names]
    clear = []
    for name, short in zip(names, cut, strict=True):
        like = [
            one for one, other in zip(names, cut, strict=True) if one != name and other == short
        ]
        place = min((_alike(name, one) for one in like), default=None)
        clear.append(short if place is None else _cut_around(name, place, most))
    return clear


def _cut(name: str, most: int, end: int) -> str:
    """Return a name with `end` letters of its end kept and its middle left out."""
    if len(name) <= most:
        return name
    return f"{name[: most - 1 - end].rstrip()}{ELLIPSIS}{name[len(name) - end :].lstrip()}"


def _cut_around(name: str, place: int, most: int) -> str:
    """Return `most` letters of a name: its first, and those from `place` on."""
    first = max(1, most // 4)
    rest = name[max(0, place - 1) :]
    kept = most - first - 1
    if len(rest) > kept:
        rest = rest[: kept - 1] + ELLIPSIS
    return f"{name[:first]}{ELLIPSIS}{rest}"


def _alike(name: str, other: str) -> int:
    """Return how many letters two names begin alike with."""
    pairs = zip(name, other, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(name), len(other)))


def _break_near_middle(name: str) -> int:
    """Return where a name breaks: after the blank nearest to its middle, or there."""
    middle = len(name) // 2
    blanks = [place + 1 for place, letter in enumerate(name) if letter == " "]
    near = min(blanks, key=lambda place: abs(place - middle), default=middle)
    return near if abs(near - middle) <= len(name) // 4 else middle
