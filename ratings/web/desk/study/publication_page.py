"""The desk's page of a study's public release: what it would hold, publishing it, withdrawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ratings.anonymity.small_cells import LEAST_RATERS
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Judgment, Stage, Study
from ratings.jobs.release_actions import all_hindrances, publish
from ratings.ranking.models import PublicRelease
from ratings.ranking.release import public_releases
from ratings.ranking.release.anonymous_judgments import rater_cells
from ratings.ranking.release.known_people import named_labels
from ratings.ranking.release.release_conditions import ReleaseContents
from ratings.ranking.release.released_pictures import why_left_out
from ratings.ranking.release.whole_pictures import room_bytes, whole_bytes
from ratings.web.desk.home.desk_home import desk_studies
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.paging import page_of
from ratings.web.parts.words.formatting import Moment, file_size, moment, span

State = PublicRelease.State


@dataclass(frozen=True)
class PictureChoice:
    """A data set whose pictures may be added; `against` says why not, where that is so.

    `size` is that of its whole pictures.
    """

    slug: str
    name: str
    license: str
    against: str
    size: str


@dataclass(frozen=True)
class ReleaseLine:
    """One release that was asked for: how far it is, and what came of it."""

    release: PublicRelease
    asked: Moment
    doing: str
    link: str
    size: str
    more_found: int
    outdated: Moment | None


@desk_page
@require_safe
def publication(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what a public release of the study would hold, and those that were asked for."""
    return _page(request, get_object_or_404(desk_studies(), slug=slug))


@desk_page
@require_POST
def publish_study(request: HttpRequest, slug: str) -> HttpResponse:
    """Have a release made and, where its scan finds nothing, published."""
    study = get_object_or_404(desk_studies(), slug=slug)
    by = request.user.get_username()
    choice = ReleaseContents(
        pictures=request.POST.getlist("pictures"),
        whole_pictures=request.POST.getlist("whole_pictures"),
        labels=[label for typed in request.POST.getlist("labels") if (label := typed.strip())],
    )
    try:
        publish(study, choice, by, timezone.now())
    except Refused as refused:
        return _page(request, study, refused.problems)
    return redirect(f"{reverse('web:desk-publication', args=[slug])}#versions")


@desk_page
@require_POST
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Withdraw a published version, with a reason that stays on record."""
    study = get_object_or_404(desk_studies(), slug=slug)
    number = request.POST.get("number", "")
    releases = public_releases.published(study)
    release = get_object_or_404(releases, number=int(number) if number.isdecimal() else 0)
    by, note = request.user.get_username(), request.POST.get("note", "")
    try:
        public_releases.withdraw_release(release, note, by, timezone.now())
    except Refused as refused:
        return _page(request, study, refused.problems)
    return redirect(f"{reverse('web:desk-publication', args=[slug])}#versions")


def _page(request: HttpRequest, study: Study, problems: Sequence[str] = ()) -> HttpResponse:
    now, cells, sizes = timezone.now(), rater_cells(study), whole_bytes(study)
    page = page_of(request, study.public_releases.all())
    raters = study.raters.filter(stage=Stage.MAIN)
    context = {
        "study": study,
        "problems": problems,
        "against": all_hindrances(study, now),
        "choices": [
            PictureChoice(
                *(one.slug, one.name, one.license, why_left_out(one, now)),
                file_size(sizes[one.slug]),
            )
            for one in study.phase.datasets.order_by("pk")
        ],
        "room": file_size(room_bytes()),
        "named": named_labels(study),
        "least": LEAST_RATERS,
        "people": len(cells.found),
        "simulated": raters.filter(simulated=True).count(),
        "answers": Judgment.objects.filter(trial__rater__in=raters, undone_at=None).count(),
        "found_cells": len(set(cells.found.values())),
        "told_cells": len(set(cells.told.values())),
        "changed": cells.changed,
        "page": page,
        "lines": [_line(release, study, now) for release in page.rows],
        "standing": public_releases.published(study).filter(state=State.PUBLISHED),
        "is_busy": study.public_releases.filter(state__in=PublicRelease.UNDER_WAY).exists(),
    }
    return render(request, "desk/publication.html", context, status=422 if problems else 200)


def _line(release: PublicRelease, study: Study, now: datetime) -> ReleaseLine:
    zone = study.phase.zone
    is_out = release.state == State.PUBLISHED
    return ReleaseLine(
        release=release,
        asked=moment(release.asked_at, zone),
        doing=span(now - release.asked_at) if release.state in PublicRelease.UNDER_WAY else "",
        link=reverse("api:release-file", args=[study.slug, release.number]) if is_out else "",
        size=file_size(release.size_bytes),
        more_found=max(0, release.counts.get("found", 0) - len(release.findings)),
        outdated=moment(release.outdated_at, zone) if is_out and release.outdated_at else None,
    )
