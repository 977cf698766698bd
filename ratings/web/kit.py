"""The participants' kit: its files as downloads."""

from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

KIT = settings.BASE_DIR / "ratings" / "kit"


def kit_files() -> list[Path]:
    """Return the files that participants may take, by name."""
    return sorted(path for path in KIT.glob("*.py") if not path.name.startswith("_"))


@require_safe
def kit_file(request: HttpRequest, name: str) -> FileResponse:
    """Send one file of the kit; each runs alone."""
    for path in kit_files():
        if path.name == name:
            file = path.open("rb")
            return FileResponse(
                file, as_attachment=True, filename=name, content_type="text/x-python; charset=utf-8"
            )
    raise Http404
