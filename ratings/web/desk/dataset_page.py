"""The desk's page about one data set: the pictures that are there, and where more are sent."""

from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from ratings.challenge.models import Dataset
from ratings.challenge.receiving import too_large
from ratings.challenge.refusals import Refused
from ratings.challenge.retention import retention
from ratings.challenge.staged_files import LARGEST_BYTES
from ratings.comparisons.study.whole_dataset import drop_picture
from ratings.imaging.preparing import UNKNOWN
from ratings.web.desk.guards import desk_page

PICTURES_SHOWN = 50


@desk_page
@require_safe
def dataset(request: HttpRequest, slug: str, dataset_slug: str) -> HttpResponse:
    """Show the data set's pictures, page by page, and the place where more are sent."""
    return _page(request, _dataset(slug, dataset_slug))


@desk_page
@require_POST
def delete(request: HttpRequest, slug: str, dataset_slug: str) -> HttpResponse:
    """Take a picture out of the data set; say on its page what stands against it."""
    found = _dataset(slug, dataset_slug)
    try:
        drop_picture(found, request.POST.get("name", ""), by=request.user.get_username())
    except Refused as refused:
        return _page(request, found, refused.problems)
    return redirect("web:desk-dataset", slug, dataset_slug)


def _dataset(slug: str, dataset_slug: str) -> Dataset:
    rows = Dataset.objects.select_related("challenge")
    return get_object_or_404(rows, challenge__slug=slug, slug=dataset_slug)


def _page(request: HttpRequest, found: Dataset, problems: list[str] | None = None) -> HttpResponse:
    wanted = request.GET.get("q", "").strip()[:200]
    rows = found.originals.select_related("dataset")
    listed = rows.filter(name__icontains=wanted) if wanted else rows
    page = {
        "challenge": found.challenge,
        "dataset": found,
        "phases": found.phases.order_by("position"),
        "count": rows.count(),
        "size_bytes": rows.aggregate(sum=Sum("size_bytes"))["sum"] or 0,
        "wanted": wanted,
        "pictures": Paginator(listed, PICTURES_SHOWN).get_page(request.GET.get("page")),
        "largest_bytes": LARGEST_BYTES,
        "too_large": too_large(LARGEST_BYTES),
        "unknown_kind": UNKNOWN,
        "staged_days": retention(found.challenge.retention, "staged_days").days,
        "problems": problems or [],
    }
    return render(request, "desk/dataset.html", page, status=422 if problems else 200)
