"""Links that recruiting platforms send people by: what stands in one, and what one tells the site.

Nothing here keeps anything: a link is looked at as if somebody came by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from urllib.parse import urlencode

from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Study
from ratings.comparisons.protocol import OwnParameter, Platform
from ratings.comparisons.raters.placeholders import is_unfilled
from ratings.comparisons.raters.recruiting import foreseen, read_entry_request, returning

# What an address may hold as it stands: the signs of placeholders, which platforms look for.
_KEPT = "{}%"
# Platforms that add their parameters to whatever address they are given, by the one of who comes:
# Amazon's Mechanical Turk (ExternalQuestion) and CloudResearch Connect.
_APPENDED = frozenset({"workerId", "participantId"})


class FilledBy(Enum):
    """How a platform's parameters come into its links."""

    PLACEHOLDERS = auto()  # the link has them as Prolific writes them
    PLATFORM = auto()  # the platform adds them itself
    ORGANIZER = auto()  # the platform's own placeholders are to be put in


@dataclass(frozen=True)
class RecruitingLink:
    """The address to give to a platform."""

    platform: Platform
    url: str
    filled_by: FilledBy


@dataclass(frozen=True)
class LinkPart:
    """One parameter of a link, what the site takes it for, and whether it was never filled in."""

    name: str
    value: str
    means: str
    unfilled: bool = False


@dataclass(frozen=True)
class LinkReading:
    """What the site reads from a link.

    `platform` is the one that it takes for the sender, "" for none. `refused` is how a person who
    is new would be turned away now; `is_known` tells that this one would go on as who they are.
    """

    platform: str
    parts: tuple[LinkPart, ...]
    refused: Refused | None
    is_known: bool

    @property
    def unfilled(self) -> list[str]:
        """The names of the parameters that hold placeholders."""
        return [part.name for part in self.parts if part.unfilled]


def recruiting_links(study: Study, address: str) -> list[RecruitingLink]:
    """Return the link for each of the study's platforms; `address` is that of the rating page."""
    return [_link(platform, address) for platform in study.protocol.recruiting.platforms]


def _link(platform: Platform, address: str) -> RecruitingLink:
    if platform.participant in _APPENDED:
        return RecruitingLink(platform, address, FilledBy.PLATFORM)
    names = [name for name, _ in _parameters(platform)]
    query = urlencode({name: f"{{{{%{name}%}}}}" for name in names}, safe=_KEPT)
    is_prolific = platform.participant == Platform.participant
    by = FilledBy.PLACEHOLDERS if is_prolific else FilledBy.ORGANIZER
    return RecruitingLink(platform, f"{address}?{query}", by)


def read_link(study: Study, parameters: Mapping[str, str], now: datetime) -> LinkReading:
    """Return what the parameters of an address of the study tell, as `read_entry_request` does."""
    request = read_entry_request(study, parameters)
    sent = request.participant.platform if request.participant else ""
    known = {platform.slug: platform for platform in study.protocol.recruiting.platforms}
    means = _meanings(known.get(sent))
    names = [name for name, _ in _parameters(known[sent])] if sent else []
    return LinkReading(
        platform=sent,
        parts=tuple(
            LinkPart(name, value, means.get(name, ""), name in names and is_unfilled(value, names))
            for name, value in parameters.items()
        ),
        refused=foreseen(study, request, now),
        is_known=returning(study, request) is not None,
    )


def _parameters(platform: Platform) -> list[tuple[str, str]]:
    """Return the names of a platform's parameters with what they mean; those that it has."""
    named = (
        (platform.participant, "who comes"),
        (platform.study, "its study there"),
        (platform.session, "its session there"),
    )
    return [(name, means) for name, means in named if name]


def _meanings(platform: Platform | None) -> dict[str, str]:
    own: dict[str, str] = {
        OwnParameter.RATER: "a personal link",
        OwnParameter.LANGUAGE: "the language of the page",
        OwnParameter.TEAM: "the team of a member",
    }
    if platform is None:
        return {**own, OwnParameter.INVITATION: "an invitation"}
    return {**own, **dict(_parameters(platform))}
