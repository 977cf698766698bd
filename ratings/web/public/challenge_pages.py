"""The public pages of a challenge: the list of all, the overview, and how to take part."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from ratings.challenge.access.visibility import boards_frozen, dataset_open, originals_open, seen
from ratings.challenge.calendar import announced_deadline
from ratings.challenge.models import Challenge, Dataset, Original, Phase
from ratings.fidelity.psnr_board import psnr_board
from ratings.ranking.boards.human_board import board_studies
from ratings.ranking.frozen.cited import cited_challenge
from ratings.ranking.frozen.frozen_rankings import shown_board
from ratings.ranking.tables.panel_sheet import shown_awards
from ratings.submissions.rulings.eligibility import eligibilities, with_eligibility
from ratings.web.parts import board_rows
from ratings.web.parts.base_context import (
    board_url,
    challenge_frame,
    closed_phases,
    framed,
    is_organizer,
    rate_url,
    takes_anybody,
    visible_challenge,
)
from ratings.web.parts.series_ways import series_ways
from ratings.web.parts.serving.kit_zip import installed_kit
from ratings.web.parts.shared_pages import shared_page
from ratings.web.parts.viewpoint import now_of, public_url
from ratings.web.parts.words.environment_lines import environment_lines
from ratings.web.parts.words.formatting import Moment, count, file_size, moment, until
from ratings.web.parts.words.phase_lines import PhaseLine, phase_line
from ratings.web.public.citing import cite_context

STRIP_PICTURES = 8
GALLERY_PICTURES = 24
HEAD_ROWS = 5
NEWS_SHOWN = 10
DESCRIPTION = (
    "Image-compression challenges with two boards each: PSNR, computed exactly, and a ranking made "
    "by people who say which of two pictures is closer to the original."
)


@dataclass(frozen=True)
class Card:
    """One challenge of the list."""

    challenge: Challenge
    phases: list[PhaseLine]
    pictures: list[Original]
    board_url: str
    rate_url: str


@dataclass(frozen=True)
class DatasetCard:
    """A data set as the overview shows it; `originals` is empty until they are released.

    `released` are the phases whose originals everyone may have: the API serves them there.
    """

    dataset: Dataset
    facts: str
    originals: list[Original]
    more: int
    released: list[Phase]
    archive: bool
    hidden: bool
    is_empty: bool


@dataclass(frozen=True)
class News:
    """An announcement as the page shows it."""

    title: str
    text: str
    moment: Moment


@dataclass(frozen=True)
class Move:
    """How a deadline was moved: from what to what, and on which day."""

    was: Moment
    became: Moment
    on: Moment


@dataclass(frozen=True)
class Date:
    """A line of the calendar: past, next or later; a deadline says how it was moved."""

    title: str
    moment: Moment
    when: str
    left: str
    moves: tuple[Move, ...] = ()


@require_safe
@cache_control(no_cache=True, private=True)
def home(request: HttpRequest) -> HttpResponse:
    """List the challenges, those that are open first."""
    now = now_of(request)
    published = Challenge.objects.filter(seen(organizer=False))
    challenges = list(framed(published.order_by("-created_at")))
    strips = _strips(challenges, now)
    cards = [
        _card(request, challenge, strips.get(challenge.pk, []), now) for challenge in challenges
    ]
    cards.sort(key=lambda card: all(line.state != "open" for line in card.phases))
    shared = shared_page(request, "Image-compression challenges", DESCRIPTION)
    return render(request, "home.html", {"cards": cards, "shared": shared})


@require_safe
@cache_control(no_cache=True, private=True)
def challenge(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what the challenge is, its dates, its pictures and the heads of its boards."""
    now = now_of(request)
    challenge_row = visible_challenge(request, slug)
    frame = challenge_frame(request, challenge_row, now, "Overview")
    phases = list(challenge_row.phases.all())
    closed = closed_phases(request, phases, now)
    page = {
        "phases": [phase_line(phase, now) for phase in phases],
        "dates": dates(challenge_row, phases, now),
        "clock": moment(now, phases[-1].zone if phases else UTC),
        "news": _news(challenge_row, now),
        "winners": [(phase, shown_awards([phase], now)) for phase in reversed(phases)],
        "datasets": _datasets(challenge_row, now, organizer=is_organizer(request)),
        "environments": environment_lines(phases, now),
        "heads": _heads(request, frame["foremost"], now, closed) if frame["foremost"] else None,
        "rate_url": rate_url(frame["studies"][0]) if frame["studies"] else "",
        **_cited(request, challenge_row, now),
        "kit_size": file_size(len(installed_kit())),
    }
    return render(request, "challenge.html", frame | page)


def _cited(request: HttpRequest, challenge: Challenge, now: datetime) -> dict[str, object]:
    url = public_url(request, request.path)
    call = reverse("api:challenge-citation", args=[challenge.slug])
    return cite_context(cited_challenge(challenge, url, now), call)


def dates(challenge: Challenge, phases: list[Phase], now: datetime) -> list[Date]:
    """Return the calendar in the order of time; the first date to come is marked "next".

    What the phases' own dates would say is left out where the calendar has a line of that instant.
    """
    entries = [(entry.at, entry.title, entry.zone) for entry in challenge.calendar.all()]
    announced = {at for at, _, _ in entries}
    entries += [
        (at, title, phase.zone)
        for phase in phases
        for at, title in _phase_dates(phase)
        if at not in announced
    ]
    entries.sort(key=lambda entry: entry[:2])
    coming = [at for at, _, _ in entries if at >= now]
    moves = {announced_deadline(phase.closes_at): _moves(phase) for phase in phases}
    return [
        Date(
            title,
            moment(at, zone),
            "past" if at < now else "next" if at == coming[0] else "later",
            until(at, now, zone) if at >= now else "",
            moves.get(at, ()),
        )
        for at, title, zone in entries
    ]


def _moves(phase: Phase) -> tuple[Move, ...]:
    return tuple(
        Move(
            moment(announced_deadline(move.closed_at), phase.zone),
            moment(announced_deadline(move.closes_at), phase.zone),
            moment(move.at, phase.zone),
        )
        for move in phase.deadline_moves.all()
    )


def _phase_dates(phase: Phase) -> Iterator[tuple[datetime, str]]:
    yield phase.opens_at, f"{phase.name} opens"
    yield announced_deadline(phase.closes_at), f"{phase.name}: last second for submissions"
    if phase.factsheet_closes_at:
        due = announced_deadline(phase.factsheet_closes_at)
        yield due, f"{phase.name}: last second for factsheets"
    if phase.boards_open_at and phase.boards_open_at > phase.opens_at:
        yield phase.boards_open_at, f"{phase.name}: boards open"


def _card(request: HttpRequest, challenge: Challenge, strip: list[Original], now: datetime) -> Card:
    every = [phase_line(phase, now) for phase in challenge.phases.all()]
    current = [line for line in every if line.state == "open"]
    coming = [line for line in every if line.state == "upcoming"]
    frame = challenge_frame(request, challenge, now)
    first, studies = frame["foremost"], frame["studies"]
    return Card(
        challenge=challenge,
        phases=current or coming[:1] or every[-1:],
        pictures=strip,
        board_url=board_url(first) if first else "",
        rate_url=rate_url(studies[0]) if studies else "",
    )


def _strips(challenges: list[Challenge], now: datetime) -> dict[int, list[Original]]:
    """Return the first released originals of each challenge by its key, for all in one query."""
    phases = [phase for challenge in challenges for phase in challenge.phases.all()]
    released = [phase.pk for phase in phases if originals_open(phase, now)]
    shown = Dataset.objects.filter(phases__in=released)
    place = Window(RowNumber(), partition_by=F("dataset__challenge"), order_by="name")
    rows = Original.objects.filter(dataset__in=shown).annotate(place=place)
    strips: dict[int, list[Original]] = {}
    for original in rows.filter(place__lte=STRIP_PICTURES).select_related("dataset"):
        strips.setdefault(original.dataset.challenge_id, []).append(original)
    return strips


def _news(challenge: Challenge, now: datetime) -> list[News]:
    return [
        News(announcement.title, announcement.text, moment(announcement.at, announcement.zone))
        for announcement in challenge.announcements.filter(at__lte=now)[:NEWS_SHOWN]
    ]


def _datasets(challenge: Challenge, now: datetime, *, organizer: bool) -> list[DatasetCard]:
    datasets = challenge.datasets.order_by("pk")  # as in the definition
    return [_pictures(dataset, now, organizer=organizer) for dataset in datasets]


def _pictures(dataset: Dataset, now: datetime, *, organizer: bool) -> DatasetCard:
    phases = list(dataset.phases.select_related("challenge"))
    released = [phase for phase in phases if originals_open(phase, now)]
    originals = list(dataset.originals.select_related("dataset"))
    is_open = organizer or dataset_open(dataset, now)
    shown = originals if is_open else []
    return DatasetCard(
        dataset=dataset,
        facts=_facts(originals),
        originals=shown[:GALLERY_PICTURES],
        more=max(0, len(shown) - GALLERY_PICTURES),
        released=released,
        archive=is_open and bool(originals),
        hidden=organizer and not dataset_open(dataset, now),
        is_empty=not originals,
    )


def _facts(originals: list[Original]) -> str:
    """Return how many pictures, pixels and bytes: these are known before the pictures are."""
    parts = [count(len(originals), "picture")]
    if originals:
        megapixels = sum(original.pixels for original in originals) / 1e6
        weight = file_size(sum(original.size_bytes for original in originals))
        parts += [f"{megapixels:.1f} megapixels", f"{weight} as PNG"]
    return " · ".join(parts)


def _heads(
    request: HttpRequest, phase: Phase, now: datetime, closed: frozenset[str]
) -> dict[str, object]:
    """Return the first rows of the phase's two boards, as whoever asks sees them."""
    eligible = eligibilities(phase, now)
    until = None if is_organizer(request) else boards_frozen(phase, now)
    psnr = with_eligibility(psnr_board(phase, until=until)[:HEAD_ROWS], eligible)
    study = board_studies(phase).first()
    board = shown_board(study, until=until) if study else None
    if board:
        board = replace(board, rows=with_eligibility(board.rows[:HEAD_ROWS], eligible))
    return {
        "phase": phase,
        "url": board_url(phase),
        "series": series_ways(request, phase, now),
        "psnr": board_rows.psnr_lines(phase, psnr, closed),
        "human": board_rows.human_lines(board, closed) if board else [],
        "board": board,
        "ranked": bool(board and board.computed_at),
        "rate_url": rate_url(study) if study and takes_anybody(study) else "",
    }
