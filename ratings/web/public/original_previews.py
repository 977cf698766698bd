"""Small previews of originals, once these are released (organizers see them always)."""

from io import BytesIO

from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe
from PIL import Image

from ratings.challenge.access.visibility import picture_released
from ratings.challenge.models import Original
from ratings.challenge.pictures.originals import load_original
from ratings.storage.shelves import PREVIEWS
from ratings.web.parts.base_context import is_organizer
from ratings.web.parts.viewpoint import now_of

# Twice the size at which a page shows it, for screens with fine pixels.
PREVIEW_PIXELS = 480
HOUR_SECONDS = 3600


@require_safe
def original_preview(request: HttpRequest, slug: str, dataset: str, name: str) -> FileResponse:
    """Send a small WebP of the original, made on the first request and kept."""
    original = (
        Original.objects.filter(dataset__challenge__slug=slug, dataset__slug=dataset, name=name)
        .select_related("dataset")
        .first()
    )
    released = original is not None and picture_released(original, now_of(request))
    # Asked in the same way for hidden and for unknown pictures: their answers are alike.
    if not released and not is_organizer(request):
        raise Http404
    if original is None:
        raise Http404
    if not PREVIEWS.has(original.samples_sha256):
        PREVIEWS.write(original.samples_sha256, _small_webp(original))
    response = FileResponse(PREVIEWS.open(original.samples_sha256), content_type="image/webp")
    shared = "public" if released else "private"
    response["Cache-Control"] = f"{shared}, max-age={HOUR_SECONDS}"
    return response


def _small_webp(original: Original) -> bytes:
    image = Image.fromarray(load_original(original))
    image.thumbnail((PREVIEW_PIXELS, PREVIEW_PIXELS))
    out = BytesIO()
    image.save(out, "WEBP", quality=82)
    return out.getvalue()
