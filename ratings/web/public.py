"""The public pages of a challenge: the list of all, the overview, and how to take part."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ratings.challenge.calendar import announced_deadline, phase_state
from ratings.challenge.models import Challenge, Dataset, Original, Phase
from ratings.challenge.visibility import dataset_open, originals_open
from ratings.fidelity.board import psnr_board
from ratings.ranking.board import board_studies, human_board
from ratings.ranking.panel import winners
from ratings.submissions.eligibility import standings, with_standings
from ratings.web import lines
from ratings.web.frame import (
    board_url,
    challenge_frame,
    is_organizer,
    rate_url,
)
from ratings.web.kit import installed_kit
from ratings.web.words import Moment, count, moment, paragraphs, size, span

STRIP_PICTURES = 8
GALLERY_PICTURES = 24
HEAD_ROWS = 5
NEWS_SHOWN = 10


@dataclass(frozen=True)
class PhaseLine:
    """Where a phase stands: open for 3 h more, not yet open, over."""

    phase: Phase
    state: str
    words: str
    moment: Moment


@dataclass(frozen=True)
class Card:
    """One challenge of the list."""

    challenge: Challenge
    phases: list[PhaseLine]
    pictures: list[Original]
    board_url: str
    rate_url: str


@dataclass(frozen=True)
class Pictures:
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


@dataclass(frozen=True)
class News:
    """An announcement as the page shows it."""

    title: str
    paragraphs: list[str]
    moment: Moment


@dataclass(frozen=True)
class Date:
    """A line of the calendar: past, next or later."""

    title: str
    moment: Moment
    when: str
    left: str


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """List the challenges, those that are open first."""
    now = timezone.now()
    cards = [_card(request, c, now) for c in Challenge.objects.order_by("-created_at")]
    cards.sort(key=lambda card: all(line.state != "open" for line in card.phases))
    return render(request, "home.html", {"cards": cards})


@require_safe
def challenge(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what the challenge is, its dates, its pictures and the heads of its boards."""
    now = timezone.now()
    found = get_object_or_404(Challenge, slug=slug)
    frame = challenge_frame(request, found, now, "Overview")
    phases = list(found.phases.all())
    page = {
        "about": paragraphs(found.description),
        "phases": [phase_line(phase, now) for phase in phases],
        "dates": dates(found, phases, now),
        "clock": moment(now, phases[-1].zone if phases else UTC),
        "news": _news(found, now),
        "winners": [(phase, winners(phase, now)) for phase in reversed(phases)],
        "datasets": _datasets(found, now, organizer=is_organizer(request)),
        "heads": _heads(frame["boards"][0], now) if frame["boards"] else None,
        "rate_url": rate_url(frame["studies"][0]) if frame["studies"] else "",
        "kit_size": size(len(installed_kit())),
    }
    return render(request, "challenge.html", frame | page)


def phase_line(phase: Phase, now: datetime) -> PhaseLine:
    """Return the phase's state and its next date, in words."""
    state = phase_state(phase, now)
    if state == "upcoming":
        opens = moment(phase.opens_at, phase.zone)
        return PhaseLine(phase, state, f"opens in {span(phase.opens_at - now)}", opens)
    left = f"closes in {span(phase.closes_at - now)}" if state == "open" else "is over"
    return PhaseLine(phase, state, left, moment(announced_deadline(phase.closes_at), phase.zone))


def dates(found: Challenge, phases: list[Phase], now: datetime) -> list[Date]:
    """Return the calendar in the order of time; the first date to come is marked "next".

    What the phases' own dates would say is left out where the calendar has a line of that instant.
    """
    entries = [(entry.at, entry.title, entry.zone) for entry in found.calendar.all()]
    announced = {at for at, _, _ in entries}
    entries += [
        (at, title, phase.zone)
        for phase in phases
        for at, title in _phase_dates(phase)
        if at not in announced
    ]
    entries.sort(key=lambda entry: entry[:2])
    coming = [at for at, _, _ in entries if at >= now]
    return [
        Date(
            title,
            moment(at, zone),
            "past" if at < now else "next" if at == coming[0] else "later",
            f"in {span(at - now)}" if at >= now else "",
        )
        for at, title, zone in entries
    ]


def _phase_dates(phase: Phase) -> Iterator[tuple[datetime, str]]:
    yield phase.opens_at, f"{phase.name} opens"
    yield announced_deadline(phase.closes_at), f"{phase.name}: last second for submissions"
    if phase.factsheet_closes_at:
        due = announced_deadline(phase.factsheet_closes_at)
        yield due, f"{phase.name}: last second for factsheets"
    if phase.boards_open_at and phase.boards_open_at > phase.opens_at:
        yield phase.boards_open_at, f"{phase.name}: boards open"


def _card(request: HttpRequest, found: Challenge, now: datetime) -> Card:
    phases = list(found.phases.all())
    every = [phase_line(phase, now) for phase in phases]
    current = [line for line in every if line.state == "open"]
    coming = [line for line in every if line.state == "upcoming"]
    released = [phase for phase in phases if originals_open(phase, now)]
    originals = Original.objects.filter(dataset__phases__in=released).distinct()
    frame = challenge_frame(request, found, now)
    boards, studies = frame["boards"], frame["studies"]
    return Card(
        challenge=found,
        phases=current or coming[:1] or every[-1:],
        pictures=list(originals.select_related("dataset")[:STRIP_PICTURES]),
        board_url=board_url(boards[0]) if boards else "",
        rate_url=rate_url(studies[0]) if studies else "",
    )


def _news(found: Challenge, now: datetime) -> list[News]:
    return [
        News(one.title, paragraphs(one.text), moment(one.at, one.zone))
        for one in found.announcements.filter(at__lte=now)[:NEWS_SHOWN]
    ]


def _datasets(found: Challenge, now: datetime, *, organizer: bool) -> list[Pictures]:
    datasets = found.datasets.order_by("slug")
    return [_pictures(dataset, now, organizer=organizer) for dataset in datasets]


def _pictures(dataset: Dataset, now: datetime, *, organizer: bool) -> Pictures:
    phases = list(dataset.phases.select_related("challenge"))
    released = [phase for phase in phases if originals_open(phase, now)]
    originals = list(dataset.originals.select_related("dataset"))
    is_open = organizer or dataset_open(dataset, now)
    shown = originals if is_open else []
    return Pictures(
        dataset=dataset,
        facts=_facts(originals),
        originals=shown[:GALLERY_PICTURES],
        more=max(0, len(shown) - GALLERY_PICTURES),
        released=released,
        archive=is_open and bool(originals),
        hidden=organizer and not dataset_open(dataset, now),
    )


def _facts(originals: list[Original]) -> str:
    """Return how many pictures, pixels and bytes: these are known before the pictures are."""
    parts = [count(len(originals), "picture")]
    if originals:
        megapixels = sum(original.pixels for original in originals) / 1e6
        weight = size(sum(original.size_bytes for original in originals))
        parts += [f"{megapixels:.1f} megapixels", f"{weight} as PNG"]
    return " · ".join(parts)


def _heads(phase: Phase, now: datetime) -> dict[str, object]:
    """Return the first rows of the phase's two boards."""
    found = standings(phase, now)
    psnr = with_standings(psnr_board(phase)[:HEAD_ROWS], found)
    study = board_studies(phase).first()
    board = human_board(study) if study else None
    if board:
        board = replace(board, rows=with_standings(board.rows[:HEAD_ROWS], found))
    return {
        "phase": phase,
        "url": board_url(phase),
        "psnr": lines.psnr_lines(phase, psnr),
        "human": lines.human_lines(board) if board else [],
        "board": board,
        "ranked": bool(board and board.computed_at),
    }
