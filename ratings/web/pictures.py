"""Small previews of originals, once these are released (organizers see them always)."""

from io import BytesIO
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.utils import timezone
from django.views.decorators.http import require_safe
from PIL import Image

from ratings.challenge import files
from ratings.challenge.models import Original
from ratings.challenge.visibility import picture_released
from ratings.web.frame import is_organizer

# Twice the size at which a page shows it, for screens with fine pixels.
PREVIEW_PIXELS = 480
HOUR_SECONDS = 3600


@require_safe
def preview(request: HttpRequest, slug: str, dataset: str, name: str) -> FileResponse:
    """Send a small WebP of the original, made on the first request and kept."""
    found = (
        Original.objects.filter(dataset__challenge__slug=slug, dataset__slug=dataset, name=name)
        .select_related("dataset")
        .first()
    )
    released = found is not None and picture_released(found, timezone.now())
    # Asked in the same way for hidden and for unknown pictures: their answers are alike.
    if not released and not is_organizer(request):
        raise Http404
    if found is None:
        raise Http404
    kept = f"previews/{found.samples_sha256[:2]}/{found.samples_sha256}.webp"
    if not default_storage.exists(kept):
        _keep(kept, _small_webp(found))
    response = FileResponse(default_storage.open(kept), content_type="image/webp")
    shared = "public" if released else "private"
    response["Cache-Control"] = f"{shared}, max-age={HOUR_SECONDS}"
    return response


def _small_webp(found: Original) -> bytes:
    samples = files.load_samples(found.samples_sha256, width=found.width, height=found.height)
    image = Image.fromarray(samples)
    image.thumbnail((PREVIEW_PIXELS, PREVIEW_PIXELS))
    out = BytesIO()
    image.save(out, "WEBP", quality=82)
    return out.getvalue()


def _keep(name: str, content: bytes) -> None:
    """Save under a name of its own, then rename: nobody reads half a file."""
    part = default_storage.save(f"{name}.part", ContentFile(content))
    Path(default_storage.path(part)).replace(default_storage.path(name))
