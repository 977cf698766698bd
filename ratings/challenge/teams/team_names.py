"""Names of teams and their members: as they are shown, and which of them are the same."""

import re
import unicodedata

from ratings.challenge.models import Challenge
from ratings.challenge.refusals import Refused
from ratings.codecs.baselines import NAMES as BASELINE_NAMES

LONGEST_NAME = 128
ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")
# Capital letters of Greek and Cyrillic that look like a Latin one: the plain cases among the
# confusables of Unicode Technical Standard 39.
LOOK_ALIKES = str.maketrans(
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕЅІЈКМНОРСТУХ",  # noqa: RUF001
    "ABEZHIKMNOPTYXABESIJKMHOPCTYX",
)


def clean_name(name: str) -> str:
    """Return a team's or a member's name as it is shown: NFKC, single spaces.

    Raises Refused for what can't be read aloud: control, format, private or unassigned
    characters, colons (HTTP Basic can't carry them), nothing, or more than 128 characters.
    """
    shown = " ".join(unicodedata.normalize("NFKC", name).split())
    hidden = any(unicodedata.category(c).startswith("C") for c in name + shown)
    if not shown or len(shown) > LONGEST_NAME or hidden or ":" in shown:
        raise Refused(
            "team-name",
            f"The name must have 1 to {LONGEST_NAME} visible characters and no colon.",
        )
    return shown


def team_key(name: str) -> str:
    """Return the normal form by which two names are the same: case, spaces, look-alikes aside."""
    folded = clean_name(name).upper().translate(LOOK_ALIKES).casefold()
    return unicodedata.normalize("NFKC", folded)


def owner_key(challenge: Challenge, name: str) -> str:
    """Return what failed passwords are counted for: one team, however its name is written."""
    try:
        return f"{challenge.pk} {team_key(name)}"
    except Refused:
        return f"{challenge.pk} {name}"


def is_address(name: str) -> bool:
    """Tell whether a name looks like an e-mail address."""
    return ADDRESS.fullmatch(" ".join(name.split())) is not None


def refuse_address(name: str) -> None:
    """Raise Refused, code "team-name", for what looks like an e-mail address.

    Whether such a name is taken would tell whether somebody with this address is a member.
    """
    if is_address(name):
        raise Refused(
            "team-name",
            f"{name!r} looks like an e-mail address; a team needs a name, which boards show.",
        )


def refuse_baseline_name(name: str) -> None:
    """Raise Refused, code "team-name", for what baselines are called."""
    if _letters(name) in map(_letters, BASELINE_NAMES):
        raise Refused(
            "team-name",
            f"{name!r} is kept for a baseline, which organizers enter to compare with; take "
            f"another name, such as {name + ' by us'!r}.",
        )


def _letters(name: str) -> str:
    """Return what is read of a name: letters and digits of its normal form."""
    return "".join(filter(str.isalnum, team_key(name)))


def refuse_cut_name(name: str, password: str) -> None:
    """Raise Refused, code "team-name", where the rest of the name stands in the password.

    HTTP Basic cuts at the first colon: 'Vision: Lab' arrives as 'Vision', and the rest begins with
    a space and has the colon that was meant.
    """
    if password.startswith(" ") and ":" in password:
        raise Refused(
            "team-name",
            f"HTTP Basic ends the team's name at its first colon, so this one would be {name!r}, "
            "and the rest a part of the password. Take a name without a colon; if both are right "
            f'as they are, say so with "team": "{name}" in the body.',
        )
