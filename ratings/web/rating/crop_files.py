"""The files that raters see, alike in everything but their samples; no database is asked."""

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from ratings.storage.shelves import CROPS

YEAR_SECONDS = 365 * 24 * 3600
# Where nginx, and nobody else, finds the bucket: deploy/nginx-bucket.conf.
STORE = "/store"


@require_safe
def crop(request: HttpRequest, address: str) -> HttpResponseBase:
    """Send the version at a random address: no name, age or tag that tells anything."""
    if settings.NGINX_CROPS:
        place = STORE + CROPS.signed_path(address)
        return HttpResponse(content_type="image/webp", headers={"X-Accel-Redirect": place})
    try:
        file = CROPS.open(address)
    except FileNotFoundError:
        raise Http404("There is no crop at this address.") from None
    response = FileResponse(file, content_type="image/webp")
    del response["Content-Disposition"]
    response["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    return response
