"""Check it yourself: the public releases of a phase's studies, and how to check one."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from ratings.challenge.models import Phase
from ratings.comparisons.models import Study
from ratings.comparisons.participation import of_phase
from ratings.ranking.boards.human_board import board_studies
from ratings.ranking.models import PublicRelease
from ratings.ranking.release import whole_pictures
from ratings.ranking.release.public_releases import published
from ratings.ranking.release.release_conditions import (
    all_boards_open,
    phase_withholds,
    withheld_because,
)
from ratings.ranking.release.release_facts import citation, folder_name, license_address
from ratings.ranking.release.released_pictures import FOLDER
from ratings.web.parts.base_context import challenge_frame, is_organizer
from ratings.web.parts.viewpoint import now_of, public_url
from ratings.web.parts.words.formatting import Moment, file_size, moment
from ratings.web.public.board_pages import visible_phase

State = PublicRelease.State
# Read of the newest version alone.
LARGE = ("files", "commands", "findings")


@dataclass(frozen=True)
class ReleasedFile:
    """A file in a release; all pictures are one, without a size and a digest."""

    path: str
    size: str
    sha256: str


@dataclass(frozen=True)
class PublishedLine:
    """A version that was published: when, and where it is while it is there."""

    number: int
    published: Moment
    withdrawn: Moment | None
    url: str
    size: str


@dataclass(frozen=True)
class CheckedStudy:
    """A study with its newest release, which may be withdrawn or not there, and all of them.

    `url` is where the page leads, `address` what everybody may copy.
    """

    study: Study
    newest: PublicRelease | None
    versions: list[PublishedLine]
    folder: str = ""
    url: str = ""
    address: str = ""
    size: str = ""
    license_url: str = ""
    citation: str = ""
    files: tuple[ReleasedFile, ...] = ()


@require_safe
@cache_control(no_cache=True, private=True)
@conditional_page
def check(request: HttpRequest, slug: str, phase_slug: str) -> HttpResponse:
    """Show the phase's public releases; 404 to everyone but organizers until the boards open.

    While they are not served the page says why.
    """
    now = now_of(request)
    phase = visible_phase(request, slug, phase_slug, now)
    withheld = phase_withholds(phase, now)
    studies = _studies(phase, now, organizer=is_organizer(request))
    page = {
        "phase": phase,
        "withheld": withheld,
        "checked": [_checked(study, now, request) for study in studies],
    }
    frame = challenge_frame(request, phase.challenge, now, "Boards")
    return render(request, "check.html", frame | page)


def _studies(phase: Phase, now: datetime, *, organizer: bool) -> list[Study]:
    """Return the studies that are shown: the phase's own, then those across its rates.

    To visitors none is shown whose releases are not served.
    """
    across = Study.objects.filter(of_phase(phase)).exclude(series=None)
    studies = [*board_studies(phase), *across.select_related("phase__challenge").order_by("pk")]
    return [
        study
        for study in studies
        if organizer or (all_boards_open(study, now) and not withheld_because(study, now))
    ]


def _checked(study: Study, now: datetime, request: HttpRequest) -> CheckedStudy:
    releases = list(published(study).defer(*LARGE).filter(ended_at__lte=now))
    versions = [_version(release, study) for release in releases]
    newest = next((one for one in releases if one.state == State.PUBLISHED), None)
    if newest is None:
        return CheckedStudy(study, None, versions)
    address = license_address(newest.license)
    return CheckedStudy(
        study=study,
        newest=newest,
        versions=versions,
        folder=folder_name(newest),
        url=_url(newest, study),
        address=public_url(request, _url(newest, study)),
        size=file_size(newest.size_bytes),
        license_url=address if address != newest.license else "",
        citation=citation(newest),
        files=_files(newest),
    )


def _files(release: PublicRelease) -> tuple[ReleasedFile, ...]:
    """Return the files, the many pictures as one line for each folder of them."""
    lines = [
        ReleasedFile(file["path"], file_size(file["bytes"]), file["sha256"])
        for file in release.files
    ]
    kinds = {"pictures": (FOLDER, "crops"), "whole_pictures": (whole_pictures.FOLDER, "pictures")}
    for kind, (folder, what) in kinds.items():
        if number := release.counts.get(kind):
            lines.append(ReleasedFile(f"{folder}/ ({number:,} {what})", "", ""))
    return tuple(lines)


def _version(release: PublicRelease, study: Study) -> PublishedLine:
    zone = study.phase.zone
    is_out = release.state == State.PUBLISHED
    return PublishedLine(
        number=release.number,
        published=moment(release.ended_at or release.asked_at, zone),
        withdrawn=moment(release.withdrawn_at, zone) if release.withdrawn_at else None,
        url=_url(release, study) if is_out else "",
        size=file_size(release.size_bytes),
    )


def _url(release: PublicRelease, study: Study) -> str:
    return reverse("api:release-file", args=[study.slug, release.number])
