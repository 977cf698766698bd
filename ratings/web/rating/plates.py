"""The colour plates of a study's questionnaire, drawn when they are asked for."""

from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from ratings.comparisons.models import Study
from ratings.comparisons.questionnaire.study_questions import questions_of
from ratings.imaging.colour_plates import draw_plate

_drawn = lru_cache(maxsize=64)(draw_plate)


@require_safe
def plate(request: HttpRequest, slug: str, question: str) -> HttpResponse:
    """Send a question's plate; its address tells nothing of what is in it."""
    study = get_object_or_404(Study, slug=slug)
    asked = next((one for one in questions_of(study) if one.slug == question), None)
    if asked is None or asked.plate is None:
        raise Http404("There is no such plate.")
    drawn = _drawn(asked.plate.digit, asked.plate.axis.value, asked.plate.seed)
    response = HttpResponse(drawn, content_type="image/svg+xml")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=3600"
    return response
