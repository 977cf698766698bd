"""The participants' kit as downloads: all of it as one zip, and its files one by one."""

import hashlib
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.decorators.http import condition, require_safe

from ratings.web.parts.serving.kit_zip import KIT, installed_kit


def kit_files() -> list[Path]:
    """Return the files that participants may take one by one, by name."""
    return sorted(path for path in KIT.glob("*.py") if not path.name.startswith("_"))


@require_safe
def kit_file(request: HttpRequest, name: str) -> FileResponse:
    """Send one file of the kit."""
    for path in kit_files():
        if path.name == name:
            file = path.open("rb")
            return FileResponse(
                file, as_attachment=True, filename=name, content_type="text/x-python; charset=utf-8"
            )
    raise Http404


def _etag(request: HttpRequest) -> str:
    return f'"{hashlib.sha256(installed_kit()).hexdigest()}"'


@require_safe
@condition(etag_func=_etag)
def kit_zip(request: HttpRequest) -> HttpResponse:
    """Send all of the kit."""
    headers = {
        "Cache-Control": "no-cache",
        "Content-Disposition": 'attachment; filename="kit.zip"',
    }
    return HttpResponse(installed_kit(), content_type="application/zip", headers=headers)
