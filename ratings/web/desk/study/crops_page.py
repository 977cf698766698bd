"""The desk's page on where a study's pictures are cropped: shown on the originals, and moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from ratings.challenge.models import Original
from ratings.comparisons.models import Study
from ratings.comparisons.participation import has_picture, picture_name
from ratings.comparisons.study.cropping import box_of, boxes
from ratings.comparisons.study.moving_crops import shown_crops
from ratings.imaging.crops import Box
from ratings.web.desk.definition.definition_page import Edited, review, tried
from ratings.web.desk.definition.study_edits import from_form, from_now, table_of, with_keys
from ratings.web.desk.home.desk_home import desk_studies
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.paging import page_of

PICTURES_SHOWN = 12
# So many letters, one below the other, are as high as a picture.
LETTERS = 16
# Digits of a place in the largest picture there may be.
MOST_DIGITS = 5


@dataclass(frozen=True)
class CropPlace:
    """One crop of a picture, numbered from 1; `is_fixed` where trials show it."""

    number: int
    box: Box
    is_fixed: bool


@dataclass(frozen=True)
class CroppedPicture:
    """An original with its crops; `is_placed` where the file says where they lie."""

    original: Original
    name: str
    crops: tuple[CropPlace, ...]
    is_placed: bool

    @property
    def letter(self) -> int:
        """How high a crop's number is drawn, in pixels of the picture."""
        return max(1, max(self.original.width, self.original.height) // LETTERS)


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def crops(request: HttpRequest, slug: str) -> HttpResponse:
    """Show each original with its crops; review crops that were moved, as the definition does."""
    study = get_object_or_404(desk_studies(), slug=slug)
    if request.method != "POST":
        return _page(request, study, from_now(study), {})
    edited = from_form(request, study)
    sent, problems = _sent(request, study)
    if problems:
        return _page(request, study, edited, sent, problems)
    table = table_of(edited, slug)
    changed = with_keys(edited, slug, {"crops": _placed(study, table, sent)})
    checked = tried(study.phase.challenge, changed)
    if checked.problems:
        return _page(request, study, edited, sent, checked.problems)
    return review(request, study.phase.challenge, changed, checked)


Places = Mapping[Original, tuple[Box, ...]]


def _page(
    request: HttpRequest, study: Study, edited: Edited, sent: Places, problems: Sequence[str] = ()
) -> HttpResponse:
    listed = page_of(request, _originals(study), size=PICTURES_SHOWN)
    fixed = {(crop.original_id, box_of(crop)) for crop in shown_crops(study)}
    placed = {crop["picture"] for crop in study.placed_crops}
    page = {
        "study": study,
        "edited": edited,
        "page": listed,
        "pictures": [
            CroppedPicture(
                original,
                picture_name(original),
                _places(original, sent.get(original) or boxes(study, original), fixed),
                picture_name(original) in placed,
            )
            for original in listed.rows
        ],
        "is_issuing": study.is_open and not study.paused_at and study.crops.exists(),
        "problems": problems,
    }
    return render(request, "desk/crops.html", page, status=422 if problems else 200)


def _originals(study: Study) -> list[Original]:
    """Return the pictures that take part, in the order of their names."""
    return [original for original in study.phase.originals() if has_picture(study, original)]


def _places(
    original: Original, lying: Sequence[Box], fixed: set[tuple[int, Box]]
) -> tuple[CropPlace, ...]:
    return tuple(
        CropPlace(number, box, (original.pk, box) in fixed) for number, box in enumerate(lying, 1)
    )


def _sent(request: HttpRequest, study: Study) -> tuple[Places, list[str]]:
    """Return where the form has the crops of its pictures, and what is no place at all."""
    sent: dict[Original, tuple[Box, ...]] = {}
    problems: list[str] = []
    for original in _originals(study):
        places = []
        for number, box in enumerate(boxes(study, original), 1):
            fields = [f"{side}-{original.pk}-{number}" for side in ("x", "y")]
            typed = [request.POST.get(name, "").strip() for name in fields]
            x, y = (_pixels(one) for one in typed)
            if any(typed) and (x is None or y is None):
                where = f"{picture_name(original)}, crop {number}"
                problems.append(f"{where}: x and y are whole numbers of pixels, from 0 on.")
            places.append(Box(box.x, box.y, box.width, box.height))
            if x is not None and y is not None:
                places[-1] = Box(x, y, box.width, box.height)
        sent[original] = tuple(places)
    return sent, problems


def _pixels(typed: str) -> int | None:
    is_number = typed.isascii() and typed.isdecimal() and len(typed) <= MOST_DIGITS
    return int(typed) if is_number else None


def _placed(study: Study, table: Mapping[str, Any], sent: Places) -> list[dict[str, Any]]:
    """Return the study's `crops` with those of pictures that were changed as they were sent."""
    changed = {
        picture_name(original): places
        for original, places in sent.items()
        if places != boxes(study, original)
    }
    rows = table.get("crops") or []
    kept = [row for row in rows if isinstance(row, dict) and row.get("picture") not in changed]
    return kept + [
        {"picture": name, "x": box.x, "y": box.y}
        for name, places in changed.items()
        for box in places
    ]
