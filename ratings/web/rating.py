"""The rating page: one study's consent, its trials, and its thanks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ratings.comparisons import raters
from ratings.comparisons.models import Study


@require_safe
@never_cache
def rate(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the page; whoever has consented before goes on where they were."""
    study = get_object_or_404(Study.objects.select_related("phase__challenge"), slug=slug)
    known = raters.find(study, request.COOKIES) is not None
    return render(request, "rate.html", {"study": study, "has_consented": known})
