"""Tiles of whole pictures, at random addresses that lead nowhere before the pictures are shown."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ratings.viewing.tile_manifest import read_tile
from ratings.web.parts.viewpoint import now_of

DAY_SECONDS = 24 * 3600


@require_safe
def tile(request: HttpRequest, address: str, level: str, column: str, row: str) -> HttpResponse:
    """Send one tile, a lossless WebP; 404 alike for what is hidden and for what is not there."""
    content = read_tile(address, (int(level), int(column), int(row)), now_of(request))
    if content is None:
        raise Http404("There is no tile at this address.")
    response = HttpResponse(content, content_type="image/webp")
    response["Cache-Control"] = f"private, max-age={DAY_SECONDS}, immutable"
    return response
