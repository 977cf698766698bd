"""The desk's page on recruiting: links for platforms, and what the site reads from one."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ratings.comparisons.models import Study
from ratings.comparisons.protocol import Platform
from ratings.comparisons.raters.own_teams import team_links
from ratings.comparisons.raters.places import quota_lines
from ratings.comparisons.raters.recruiting_links import (
    FilledBy,
    LinkReading,
    RecruitingLink,
    read_link,
    recruiting_links,
)
from ratings.comparisons.trials.completion_codes import Completion, told_by_platform
from ratings.web.desk.home.desk_home import desk_studies
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.base_context import rate_url

HOW = {
    FilledBy.PLACEHOLDERS: "Paste it as the address of the study; the platform fills in what "
    "stands between {{% and %}}.",
    FilledBy.PLATFORM: "Paste it as it is: the platform adds its parameters itself.",
    FilledBy.ORGANIZER: "Write its own placeholders in place of {{%...%}}, then test a "
    "link that it made.",
}
LONGEST_ADDRESS = 4000


@dataclass(frozen=True)
class EndLine:
    """What a platform's rater gets at one end of the session; None: a personal code."""

    when: str
    told: Completion | None


@dataclass(frozen=True)
class PlatformLine:
    """A platform with the link to give to it, how it is filled, and what its raters get."""

    link: RecruitingLink
    how: str
    ends: tuple[EndLine, ...]


@dataclass(frozen=True)
class TestedLink:
    """An address that somebody pasted: what the site reads, or why that can't be said."""

    reading: LinkReading | None = None
    problem: str = ""


@desk_page
@require_safe
def recruiting(request: HttpRequest, slug: str) -> HttpResponse:
    """Show each platform's link, and what the site would read from a pasted one."""
    study = get_object_or_404(desk_studies(), slug=slug)
    address = request.build_absolute_uri(rate_url(study))
    pasted = request.GET.get("address", "").strip()[:LONGEST_ADDRESS]
    page = {
        "study": study,
        "platforms": _lines(study, address),
        "address": address,
        "is_open": study.protocol.recruiting.open,
        "teams": team_links(study, address),
        "quotas": quota_lines(study, timezone.now()),
        "pasted": pasted,
        "tested": _tested(study, pasted, request.get_host()) if pasted else None,
    }
    return render(request, "desk/recruiting.html", page)


def _lines(study: Study, address: str) -> Sequence[PlatformLine]:
    return [
        PlatformLine(link, HOW[link.filled_by], _ends(study, link.platform))
        for link in recruiting_links(study, address)
    ]


def _ends(study: Study, platform: Platform) -> tuple[EndLine, ...]:
    """Return what comes at the end of the work, and where somebody is sent away before it."""
    done = EndLine("After the last trial", told_by_platform(platform, is_out=False))
    out = told_by_platform(platform, is_out=True)
    failed = [EndLine("After a failed practice", out)] if study.protocol.training.right else []
    return (done, *failed, EndLine("When rejected on the way", out))


def _tested(study: Study, pasted: str, host: str) -> TestedLink:
    """Read an address as if somebody came by it to this host; nothing is counted or kept."""
    try:
        parts = urlsplit(pasted)
    except ValueError:
        return TestedLink(problem="This is no address.")
    there = parts.netloc.rpartition("@")[2].lower()
    if there and there != host.lower():
        mend = f"This address leads to another site: {there}. This one is {host}."
        return TestedLink(problem=mend)
    if parts.path.rstrip("/") != rate_url(study).rstrip("/"):
        mend = f"It leads elsewhere: the address of this study has {rate_url(study)} in it."
        return TestedLink(problem=mend)
    parameters = QueryDict(parts.query).dict()
    named = {str(name): str(value) for name, value in parameters.items()}
    if any("\x00" in text for pair in named.items() for text in pair):
        return TestedLink(problem="It holds a character that no address may have (%00).")
    return TestedLink(read_link(study, named, timezone.now()))
