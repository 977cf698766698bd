"""The participants' kit as downloads: all of it as one zip, and the files that run alone."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.decorators.http import condition, require_safe

KIT = settings.BASE_DIR / "ratings" / "kit"
INSIDE = Path("ratings", "kit")  # so that its commands are those of the docs where it is unpacked
# The oldest date a zip can carry: the same files make the same bytes.
DATE = (1980, 1, 1, 0, 0, 0)
PROGRAM, PLAIN = 0o100755, 0o100644


def kit_files() -> list[Path]:
    """Return the files that participants may take one by one, by name."""
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


def pack(kit: Path) -> bytes:
    """Return a folder as a zip that unpacks to `ratings/kit`: links are followed, programs marked.

    Nothing is compressed, since compressors differ: the same files give the same bytes anywhere.
    """
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(_packed(kit)):
            info = zipfile.ZipInfo((INSIDE / path.relative_to(kit)).as_posix(), DATE)
            info.create_system = 3  # Unix, whose marks these are
            info.external_attr = (PROGRAM if path.stat().st_mode & 0o100 else PLAIN) << 16
            archive.writestr(info, path.read_bytes())
    return held.getvalue()


def _packed(kit: Path) -> Iterator[Path]:
    """Yield all files but what Python, editors and systems leave behind."""
    for path in kit.rglob("*"):
        parts = path.relative_to(kit).parts
        litter = "__pycache__" in parts or any(part.startswith(".") for part in parts)
        if path.is_file() and not litter:
            yield path


@cache
def installed_kit() -> bytes:
    """Return the kit's zip, made once: what is installed stays while a process runs."""
    return pack(KIT)


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
