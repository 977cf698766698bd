"""The rating page: one study's consent, its trials, and its thanks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ratings.comparisons import raters
from ratings.comparisons.models import Study
from ratings.web.words import paragraphs

# What is told before the rater's own pace is known.
TYPICAL_TRIAL_SECONDS = 6


@require_safe
@never_cache
def rate(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the page; whoever has consented before goes on where they were."""
    study = get_object_or_404(Study.objects.select_related("phase__challenge"), slug=slug)
    known = raters.find(study, request.COOKIES) is not None
    context = {
        "study": study,
        "consent": paragraphs(study.consent),
        "has_consented": known,
        "trial_seconds": TYPICAL_TRIAL_SECONDS,
        "minutes": max(1, round(study.trials_per_rater * TYPICAL_TRIAL_SECONDS / 60)),
    }
    return render(request, "rate.html", context)
