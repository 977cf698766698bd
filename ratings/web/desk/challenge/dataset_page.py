"""The desk's page about one data set: the pictures that are there, and where more are sent."""

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from ratings.challenge.keys.retention import retention
from ratings.challenge.keys.scene_keys import read_scenes, scene_finder, scene_notes
from ratings.challenge.models import Dataset
from ratings.challenge.pictures.staged_files import LARGEST_BYTES
from ratings.challenge.receiving import too_large
from ratings.challenge.refusals import Refused
from ratings.comparisons.study.whole_dataset import drop_picture, resting_on
from ratings.imaging.preparing import UNKNOWN
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.paging import page_of


@desk_page
@require_safe
def dataset(request: HttpRequest, slug: str, dataset_slug: str) -> HttpResponse:
    """Show the data set's pictures, page by page, and the place where more are sent."""
    return _page(request, _dataset(slug, dataset_slug))


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, slug: str, dataset_slug: str) -> HttpResponse:
    """Ask whether a picture goes, and say what rests on it; take it out of the data set."""
    found = _dataset(slug, dataset_slug)
    if request.method != "POST":
        return _confirm(request, found, request.GET.get("name", ""))
    try:
        drop_picture(found, request.POST.get("name", ""), by=request.user.get_username())
    except Refused as refused:
        return _page(request, found, refused.problems)
    return redirect("web:desk-dataset", slug, dataset_slug)


def _confirm(request: HttpRequest, found: Dataset, name: str) -> HttpResponse:
    """Return the page that asks. Raises Http404 where there is no such picture."""
    page = {
        "challenge": found.challenge,
        "dataset": found,
        "picture": get_object_or_404(found.originals.select_related("dataset"), name=name),
        "resting": resting_on(found, name),
    }
    return render(request, "desk/delete_picture.html", page)


def _dataset(slug: str, dataset_slug: str) -> Dataset:
    rows = Dataset.objects.select_related("challenge")
    return get_object_or_404(rows, challenge__slug=slug, slug=dataset_slug)


def _page(request: HttpRequest, found: Dataset, problems: list[str] | None = None) -> HttpResponse:
    wanted = request.GET.get("q", "").strip()[:200]
    rows = found.originals.select_related("dataset")
    shown = page_of(request, rows.filter(name__icontains=wanted) if wanted else rows)
    scenes = read_scenes(found.scenes)
    names_of = scene_finder(scenes)
    page = {
        "challenge": found.challenge,
        "dataset": found,
        "phases": found.phases.order_by("position"),
        "count": rows.count(),
        "size_bytes": rows.aggregate(sum=Sum("size_bytes"))["sum"] or 0,
        "wanted": wanted,
        "page": shown,
        "pictures": [(row, " ".join(names_of(row.name)[:1])) for row in shown.rows],
        "scenes": len(scenes),
        "notes": scene_notes(rows.values_list("name", flat=True), scenes) if scenes else [],
        "largest_bytes": LARGEST_BYTES,
        "too_large": too_large(LARGEST_BYTES),
        "unknown_kind": UNKNOWN,
        "staged_days": retention(found.challenge.retention, "staged_days").days,
        "problems": problems or [],
    }
    return render(request, "desk/dataset.html", page, status=422 if problems else 200)
