"""Files as answers: whole, in part, or not at all where the client has them already."""

import hashlib
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from rest_framework.request import Request

from ratings.api.parts.errors import problem_response
from ratings.storage import content_store
from ratings.storage.shelves import CONTENT

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
NO_HEADERS: Mapping[str, str] = {}
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Download:
    """A file: where its bytes come from, and what is known of it before they are read.

    `read` gives the bytes of a range, at once or piece by piece; `digest` is another one for any
    other content.
    """

    read: Callable[[range], bytes | Iterator[bytes]]
    size_bytes: int
    digest: str
    media_type: str
    name: str
    attached: bool = True


def stored(sha256: str, media_type: str, name: str, *, attached: bool) -> Download:
    """Return a stored file. Raises Http404 where it is gone: its row may have changed just now."""
    size_bytes = CONTENT.size(sha256)
    if size_bytes is None:
        _log.warning("%s has no file %s.", name, sha256)
        raise Http404
    return Download(
        partial(content_store.pieces, sha256), size_bytes, sha256, media_type, name, attached
    )


def in_memory(content: bytes, media_type: str, name: str, *, attached: bool = True) -> Download:
    """Return a file that was just made."""
    digest = hashlib.sha256(content).hexdigest()
    return Download(
        lambda part: content[part.start : part.stop],
        len(content),
        digest,
        media_type,
        name,
        attached,
    )


def send_file(
    request: Request, download: Download, headers: Mapping[str, str] = NO_HEADERS
) -> HttpResponseBase:
    """Answer with the file as the request's conditions and its Range want it (RFC 9110).

    Several ranges at once are answered with the whole, which is allowed and can't be abused.
    """
    etag = f'"{download.digest}"'
    known = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Content-Disposition": content_disposition_header(download.attached, download.name) or "",
        **headers,
    }
    whole: Any = _part(download, range(download.size_bytes), known)
    answer: Any = get_conditional_response(request, etag, response=whole)
    if answer.status_code == HTTPStatus.PRECONDITION_FAILED:
        return problem_response(412, "", "The file is another one now.")
    wanted = _asked(request, etag, download.size_bytes)
    if answer is not whole or wanted is None:
        return cast(HttpResponseBase, answer)
    if not wanted:
        refusal = problem_response(416, "", f"The file has {download.size_bytes} bytes.")
        refusal.headers["Content-Range"] = f"bytes */{download.size_bytes}"
        return refusal
    place = f"bytes {wanted.start}-{wanted.stop - 1}/{download.size_bytes}"
    return _part(download, wanted, known | {"Content-Range": place}, status=206)


def _part(
    download: Download, wanted: range, headers: Mapping[str, str], status: int = 200
) -> HttpResponseBase:
    content = download.read(wanted)
    made = HttpResponse if isinstance(content, bytes) else StreamingHttpResponse
    length = {"Content-Length": str(len(wanted))}
    return made(
        content, status=status, content_type=download.media_type, headers={**headers, **length}
    )


def _asked(request: Request, etag: str, size_bytes: int) -> range | None:
    """Return the bytes that are asked for, an empty range where there are none such.

    None stands for the whole: without a Range, with more than one, or one of an older file.
    """
    asked = RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if asked is None or asked[0] == "bytes=-" or request.method != "GET":
        return None
    if request.headers.get("If-Range", etag) != etag:
        return None
    first, last = asked.groups()
    if not first:  # so many of the last ones
        return range(max(0, size_bytes - int(last)), size_bytes)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, size_bytes) if last else size_bytes)
