"""What the boards say, in one or two sentences, before any table."""

from collections.abc import Sequence

from ratings.web.parts.words.formatting import phrase

# More names than this are counted, not named.
MOST_NAMES = 4


def lead(
    first: Sequence[str], ranked: int, first_by_psnr: Sequence[str], lost: Sequence[str] = ()
) -> str:
    """Return who leads by the judgments, as far as they tell, and by PSNR; "" without a ranking.

    `first` names the methods whose range of ranks, of all methods at once, begins with 1, of
    `ranked` that have a rank. Those that `lost` every judgment may be among them, where these are
    of few raters or pictures; they aren't called leaders.
    """
    if ranked < 2 or not first:
        return ""
    return " ".join(filter(None, [_by_people(first, ranked, lost), _by_psnr(first_by_psnr)]))


def _by_people(first: Sequence[str], ranked: int, lost: Sequence[str]) -> str:
    if len(first) == 1:
        return f"{first[0]} is closest to the originals, told apart from every other method."
    if len(first) == ranked:
        return "No method is told apart from the best: any of them may be closest to the originals."
    first = [name for name in first if name not in lost] or first
    if len(first) == 1:
        return f"{first[0]} leads, but the judgments do not tell it apart from every other method."
    names = phrase(first) if len(first) <= MOST_NAMES else f"{len(first)} methods"
    return f"{names} lead, and the judgments do not tell which is closest to the originals."


def _by_psnr(first: Sequence[str]) -> str:
    return f"PSNR puts {phrase(first)} first." if 0 < len(first) <= MOST_NAMES else ""
