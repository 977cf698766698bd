"""All limits on how often strangers and teams may act: the one place that declares them.

Each is the generic cell rate algorithm (ITU-T I.371): `most` acts at once, and one more each
`seconds / most`, so who waits goes on after the shortest wait, and nobody gets more than twice
`most` in any window. Pure; `ratings.challenge.access.limits` counts.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

MOST = re.compile(r"(?P<most>[1-9][0-9]{0,5})")
MOST_IN_SECONDS = re.compile(MOST.pattern + r"/(?P<seconds>[1-9][0-9]{0,5})")


class Per(StrEnum):
    """By what acts are told apart: whom they are about, the address that asks, or both."""

    BOTH = "both"
    SUBJECT = "subject"
    ADDRESS = "address"


@dataclass(frozen=True)
class ActLimit:
    """At most `most` acts in `seconds`; or, `together`, so many under way at the same time.

    One that is under way and was not heard of for `seconds` is taken for gone. `counted` says in
    words what `per` is here.
    """

    name: str
    most: int
    seconds: int
    per: Per
    counted: str
    why: str
    together: bool = False

    @property
    def window(self) -> timedelta:
        """Return the time in which `most` acts are worked off."""
        return timedelta(seconds=self.seconds)

    @property
    def step(self) -> timedelta:
        """Return the time in which one act is worked off."""
        return self.window / self.most


_QUARTER, _TEN = 900, 600  # seconds
TABLE = (
    ActLimit(
        "desk-login",
        *(5, _QUARTER, Per.BOTH, "account and address"),
        "wrong passwords of one account",
    ),
    ActLimit(
        "desk-login-anywhere",
        *(50, _QUARTER, Per.SUBJECT, "account"),
        "the same by those who have many addresses; higher, so that a stranger can't easily lock "
        "somebody out",
    ),
    ActLimit(
        "team-login",
        *(10, _QUARTER, Per.BOTH, "team or member, and address"),
        "wrong passwords of a team or member",
    ),
    ActLimit(
        "team-login-anywhere",
        *(1000, _QUARTER, Per.SUBJECT, "team or member"),
        "rivals know each other's names: to lock a team out before a deadline takes many addresses",
    ),
    ActLimit(
        "guesses",
        *(300, _QUARTER, Per.ADDRESS, "address"),
        "one password tried with many names; and each try costs the server a fifth of a second",
    ),
    ActLimit(
        "register",
        *(40, _QUARTER, Per.BOTH, "challenge and address"),
        "names are claimed a class at a time, not by the thousand",
    ),
    ActLimit(
        "register-anywhere",
        *(1000, _QUARTER, Per.SUBJECT, "challenge"),
        "the same by those who have many addresses",
    ),
    ActLimit(
        "invitation",
        *(20, _QUARTER, Per.BOTH, "team and address"),
        "a team is a few people; letter boxes of strangers are none of its",
    ),
    ActLimit("invitation-anywhere", *(50, _QUARTER, Per.SUBJECT, "team"), "the same"),
    ActLimit(
        "password-link",
        *(3, _QUARTER, Per.BOTH, "team or member, and address"),
        "what fills a team's letter box is no help to it",
    ),
    ActLimit("password-link-anywhere", *(10, _QUARTER, Per.SUBJECT, "team or member"), "the same"),
    ActLimit(
        "begin",
        *(600, _TEN, Per.BOTH, "study and address"),
        "a lecture hall of 300 begins behind one address within two minutes; a bot makes no "
        "thousands of raters",
    ),
    ActLimit(
        "visit",
        *(60, _TEN, Per.SUBJECT, "rater"),
        "who reloads the page goes on; no page does so all the time",
    ),
    ActLimit(
        "upload",
        *(8, _TEN, Per.SUBJECT, "team"),
        "files that a team sends at the same time: the client and the pages send up to three, and "
        "each holds a thread",
        together=True,
    ),
)


def read_limits(text: str) -> dict[str, ActLimit]:
    """Return the limits by name, as a site's `text` changes them.

    It says NAME=MOST/SECONDS, or NAME=MOST where so many are under way together, set apart by
    commas. Raises ValueError with a line for each problem.
    """
    limits, problems = {limit.name: limit for limit in TABLE}, []
    seen: set[str] = set()
    for one in text.split(",") if text else []:
        name, _, told = one.strip().partition("=")
        try:
            if name in seen:
                raise ValueError(f"names {name} twice; write it once.")
            limits[name] = _changed(limits, name, told)
        except ValueError as error:
            problems.append(str(error))
        seen.add(name)
    if problems:
        raise ValueError("\n".join(problems))
    return limits


def _changed(limits: Mapping[str, ActLimit], name: str, told: str) -> ActLimit:
    known = limits.get(name)
    if known is None:
        raise ValueError(f"names {name!r}; the limits are: {', '.join(limits)}.")
    form, example = (MOST, "20") if known.together else (MOST_IN_SECONDS, "2000/600")
    if not (meant := form.fullmatch(told)):
        raise ValueError(
            f"names '{name}={told}'; write it as {name}={example}, numbers from 1 to 999999."
        )
    seconds = known.seconds if known.together else int(meant["seconds"])
    return replace(known, most=int(meant["most"]), seconds=seconds)


def markdown_rows(limits: Iterable[ActLimit]) -> list[str]:
    """Return a row of docs/operating.md's table for each."""
    return [
        f"| `{one.name}` | {one.most} {'at once' if one.together else f'in {one.seconds} s'} "
        f"| {one.counted} | {one.why} |"
        for one in limits
    ]
