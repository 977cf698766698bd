"""The preview of a study: the rating page as raters see it, and nothing counts."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from ratings.comparisons.study.cropping import boxes
from ratings.comparisons.study.cropping import make_stand_in as make_stand_in
from ratings.imaging.degrading import LEVELS
from ratings.web.desk.home.desk_home import desk_studies
from ratings.web.desk.parts.guards import desk_page
from ratings.web.rating.rating_page import choose_language, rating_page


@desk_page
@require_safe
def preview_study(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the rating page from its consent on, or (`at` is "last") from the last trial on.

    Whatever state the study is in: its calls are the preview's, which store nothing. The end is
    that of whoever comes by themselves, or of whom a `platform` sends.
    """
    study = get_object_or_404(desk_studies(), slug=slug)
    at, platform = request.GET.get("at", ""), request.GET.get("platform", "")
    platforms = [known.slug for known in study.protocol.recruiting.platforms]
    sent = {"platform": platform} if platform in platforms else {}
    begun = urlencode(({"at": at} if at == "last" else {}) | sent)
    page = {
        "begin": reverse("api:preview-raters", args=[slug]) + (f"?{begun}" if begun else ""),
        "session": reverse("api:preview-session", args=[slug]),
        "trials": reverse("api:preview-trials", args=[slug]),
        # Nothing is stored: there is nowhere to send these.
        "comment": "",
        "withdrawal": "",
        "result": "",
        "answers": reverse("api:preview-answers", args=[slug]),
        "from": {},
    }
    language = choose_language(request, study.protocol, None)
    state = "waiting" if at == "last" else "consent"
    more = {"is_preview": True, "platform": sent.get("platform", "")}
    return rating_page(request, study, language, state, page, **more)


@desk_page
@require_safe
def stand_in_crop(
    request: HttpRequest, slug: str, original: int, x: int, y: int, level: int
) -> HttpResponse:
    """Send a crop of an original, degraded or not, where the study has made none yet."""
    study = get_object_or_404(desk_studies(), slug=slug)
    picture = get_object_or_404(study.phase.originals(), pk=original)
    box = next((cell for cell in boxes(study, picture) if (cell.x, cell.y) == (x, y)), None)
    if box is None or level not in (0, *LEVELS):
        raise Http404("The study has no such crop.")
    return HttpResponse(make_stand_in(picture, box, level), content_type="image/webp")
