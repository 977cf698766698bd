"""The desk's page on what raters said: flags by crop, to be decided on, who flags, and comments."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ratings.comparisons.models import Comment, Crop, CropVersion, Study, TrialFlag
from ratings.comparisons.participation import picture_name
from ratings.comparisons.study.voice_keys import voices_of
from ratings.comparisons.voices.flagged_crops import (
    FlaggedCrop,
    dismiss,
    flagged_crops,
    flaggers,
    pause_crop,
)
from ratings.web.desk.home.desk_home import desk_studies
from ratings.web.desk.parts.guards import desk_page
from ratings.web.desk.raters.raters_page import NAME_CHARACTERS
from ratings.web.parts.paging import page_of
from ratings.web.parts.words.formatting import Moment, count, moment

CROPS_SHOWN = 20
FLAGGERS_SHOWN = 20
DECISIONS = {"dismiss": dismiss, "pause": pause_crop}


@dataclass(frozen=True)
class FlagLine:
    """One flag; `shown` are the labels of what was compared, `check` what the trial checks."""

    flag: TrialFlag
    name: str
    shown: str
    check: str
    at: Moment


@dataclass(frozen=True)
class CropLine:
    """A flagged crop: the picture it is of, its reference's address, and what was said of it."""

    crop: Crop
    picture: str
    reference: str
    raters: str
    paused: Moment | None
    paused_by: str
    has_open: bool
    flags: list[FlagLine]


@desk_page
@require_safe
def voices(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what raters said of a study's trials, and at the end of their sessions."""
    study = get_object_or_404(desk_studies(), slug=slug)
    found = page_of(request, flagged_crops(study), size=CROPS_SHOWN)
    comments = Comment.objects.filter(rater__study=study).select_related("rater")
    written = page_of(request, comments.order_by("-written_at", "-pk"), "comments")
    zone = study.phase.zone
    page = {
        "study": study,
        "pause_after": voices_of(study).pause_after,
        "page": found,
        "crops": _lines(study, found.rows),
        "flaggers": [
            (one.rater, one.rater.pk.hex[:NAME_CHARACTERS], one.flags, one.checks)
            for one in flaggers(study)[:FLAGGERS_SHOWN]
        ],
        "written": written,
        "comments": [
            (one, one.rater.pk.hex[:NAME_CHARACTERS], moment(one.written_at, zone))
            for one in written.rows
        ],
    }
    return render(request, "desk/voices.html", page)


@desk_page
@require_POST
def decide_on_crop(request: HttpRequest, slug: str, pk: int, what: str) -> HttpResponse:
    """Dismiss a crop's flags, so that it is issued, or pause the crop."""
    crop = get_object_or_404(Crop, study__slug=slug, pk=pk)
    by = request.user if isinstance(request.user, User) else None
    if act := DECISIONS.get(what):
        act(crop, by, timezone.now())
    return redirect("web:desk-voices", slug)


def _lines(study: Study, found: Sequence[FlaggedCrop]) -> list[CropLine]:
    references = CropVersion.objects.filter(
        crop__in=[one.crop for one in found], kind=CropVersion.Kind.REFERENCE
    )
    address = dict(references.values_list("crop", "address"))
    labels = dict(study.entries.values_list("pk", "label"))
    return [_line(study, one, address.get(one.crop.pk, ""), labels) for one in found]


def _line(study: Study, one: FlaggedCrop, reference: str, labels: dict[int, str]) -> CropLine:
    crop, zone = one.crop, study.phase.zone
    return CropLine(
        crop=crop,
        picture=f"{picture_name(crop.original)} at {crop.x}, {crop.y}",
        reference=reference,
        raters=count(one.raters, "rater"),
        paused=moment(crop.paused_at, zone) if crop.paused_at else None,
        paused_by=crop.paused_by.get_username() if crop.paused_by else "the flags of raters",
        has_open=any(flag.dismissed_at is None for flag in one.flags),
        flags=[_flag_line(study, flag, labels) for flag in one.flags],
    )


def _flag_line(study: Study, flag: TrialFlag, labels: dict[int, str]) -> FlagLine:
    trial = flag.trial
    pair = (trial.pair.first_id, trial.pair.second_id) if trial.pair else ()
    is_check = trial.kind != trial.Kind.COMPARISON
    return FlagLine(
        flag=flag,
        name=trial.rater_id.hex[:NAME_CHARACTERS],
        shown=" and ".join(labels[entry] for entry in pair),
        check=trial.get_kind_display() if is_check else "",
        at=moment(flag.flagged_at, study.phase.zone),
    )
