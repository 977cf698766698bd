"""What is new as Atom (RFC 4287), of a challenge and of the site: news, moved deadlines, results.

An entry's identifier follows from what it tells, so that loading the definition again makes no
entry new.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import NAMESPACE_URL, uuid5

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from ratings.challenge.access.visibility import boards_open, seen
from ratings.challenge.calendar import announced_deadline
from ratings.challenge.models import Announcement, Challenge, DeadlineMove, Phase
from ratings.ranking.tables.panel_sheet import shown_awards
from ratings.web.parts.base_context import board_url, visible_challenge
from ratings.web.parts.shared_pages import SITE_FEED
from ratings.web.parts.viewpoint import now_of, public_url
from ratings.web.parts.words.formatting import moment
from ratings.web.parts.words.markdown import rendered

MOST_ENTRIES = 50
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
NEWS = "News, moved deadlines and results"


@dataclass(frozen=True)
class FeedEntry:
    """Something that became known at an instant; `text` is HTML, `told` what makes it itself."""

    challenge: Challenge
    title: str
    text: str
    at: datetime
    path: str
    told: tuple[str, ...]

    @property
    def identifier(self) -> str:
        """The entry's own name, the same whenever and wherever it is read."""
        return uuid5(NAMESPACE_URL, "\n".join((self.challenge.slug, *self.told))).urn


@require_safe
@cache_control(no_cache=True)
@conditional_page
def challenge_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """Tell what is new of a challenge."""
    challenge, now = visible_challenge(request, slug), now_of(request)
    path = reverse("web:challenge", args=[slug])
    entries = _newest(_entries(Challenge.objects.filter(pk=challenge.pk), now))
    return _atom(request, challenge.name, challenge.summary or NEWS, path, entries)


@require_safe
@cache_control(no_cache=True)
@conditional_page
def site_feed(request: HttpRequest) -> HttpResponse:
    """Tell what is new of all challenges."""
    public = Challenge.objects.filter(seen(organizer=False))
    entries = _newest(_entries(public, now_of(request)))
    return _atom(request, SITE_FEED, NEWS, reverse("web:home"), entries, named=True)


def _newest(entries: Iterable[FeedEntry]) -> list[FeedEntry]:
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:MOST_ENTRIES]


def _entries(challenges: QuerySet[Challenge], now: datetime) -> Iterator[FeedEntry]:
    """Yield what everyone knows by now, at least the newest of each kind."""
    yield from _news(challenges, now)
    yield from _moves(challenges, now)
    phases = Phase.objects.filter(challenge__in=challenges).select_related("challenge")
    shown = [phase for phase in phases if boards_open(phase, now)]
    yield from (_boards(phase, at) for phase in shown if (at := phase.boards_open_at))
    yield from _awards(shown, now)


def _news(challenges: QuerySet[Challenge], now: datetime) -> Iterator[FeedEntry]:
    rows = Announcement.objects.filter(challenge__in=challenges, at__lte=now)
    for row in rows.select_related("challenge")[:MOST_ENTRIES]:
        path = f"{reverse('web:challenge', args=[row.challenge.slug])}#news"
        told = ("announcement", row.at.isoformat(), row.title)
        yield FeedEntry(row.challenge, row.title, rendered(row.text), row.at, path, told)


def _moves(challenges: QuerySet[Challenge], now: datetime) -> Iterator[FeedEntry]:
    rows = DeadlineMove.objects.filter(phase__challenge__in=challenges, at__lte=now)
    for row in rows.select_related("phase__challenge").order_by("-at")[:MOST_ENTRIES]:
        phase = row.phase
        was, becomes = (
            moment(announced_deadline(at), phase.zone).text for at in (row.closed_at, row.closes_at)
        )
        text = f"<p>{escape(f'The last second for submissions moved from {was} to {becomes}.')}</p>"
        path = f"{reverse('web:challenge', args=[phase.challenge.slug])}#calendar"
        told = ("deadline", phase.slug, row.at.isoformat(), row.closes_at.isoformat())
        yield FeedEntry(phase.challenge, f"{phase.name}: deadline moved", text, row.at, path, told)


def _boards(phase: Phase, at: datetime) -> FeedEntry:
    text = "<p>Everyone sees both boards, the methods and the exports.</p>"
    told = ("boards", phase.slug, at.isoformat())
    title = f"{phase.name}: boards are open"
    return FeedEntry(phase.challenge, title, text, at, board_url(phase), told)


def _awards(phases: list[Phase], now: datetime) -> Iterator[FeedEntry]:
    rows = shown_awards(phases, now).filter(at__lte=now).order_by("-at")
    for row in rows[:MOST_ENTRIES]:
        phase = row.phase
        title = f"{phase.name}: {row.title}: {row.submission.method}"
        path = f"{reverse('web:challenge', args=[phase.challenge.slug])}#winners-{phase.slug}"
        at = max(row.at, phase.boards_open_at or row.at)
        told = ("award", phase.slug, str(row.submission_id), row.at.isoformat())
        yield FeedEntry(phase.challenge, title, rendered(row.statement), at, path, told)


class _Feed(Atom1Feed):
    """An Atom feed that is as old as its newest entry, without any as old as can be."""

    def latest_post_date(self) -> datetime:
        """Return when it changed last; Django's own takes the time of asking for an empty one."""
        return max((item["updateddate"] for item in self.items), default=NEVER)


def _atom(
    request: HttpRequest,
    title: str,
    subtitle: str,
    path: str,
    entries: list[FeedEntry],
    *,
    named: bool = False,
) -> HttpResponse:
    """Return a feed; with `named`, each entry says of which challenge it is."""
    url = partial(public_url, request)
    feed = _Feed(
        title=_printable(title),
        link=url(path),
        description="",
        subtitle=_printable(subtitle),
        language="en",
        feed_url=url(request.path),
        author_name=_printable(title),
    )
    for entry in entries:
        name = f"{entry.challenge.name}: {entry.title}" if named else entry.title
        feed.add_item(
            title=_printable(name),
            link=url(entry.path),
            description=_printable(entry.text),
            unique_id=entry.identifier,
            pubdate=entry.at,
            updateddate=entry.at,
        )
    response = HttpResponse(content_type="application/atom+xml; charset=utf-8")
    feed.write(response, "utf-8")
    return response


def _printable(text: str) -> str:
    """Return a text without the letters that no XML may hold."""
    return NOT_XML.sub("", text)
