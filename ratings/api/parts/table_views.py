"""Views of tables: which format is asked for, by `format` or Accept, and files to download."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponseBase, StreamingHttpResponse
from django.http.request import MediaType
from django.utils.cache import patch_vary_headers
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.authentication import (
    DeskAuthentication,
    OrganizerAuthentication,
    is_organizer,
)
from ratings.api.parts.downloads import NO_HEADERS, in_memory, send_file
from ratings.api.parts.json_views import ApiView
from ratings.challenge.access.visibility import boards_frozen, boards_open
from ratings.challenge.models import Phase

# A figure that is opened by itself brings its own looks, which the site's policy forbids pages.
_OF_SVG = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
# The media types of the formats; the first of each view's formats is its default.
MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "tex": "application/x-tex",
    "bibtex": "application/x-bibtex",
    "cff": "application/yaml",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
}
TABLES, FILES, DRAWINGS = ("json", "csv"), ("json", "csv", "parquet", "tex"), ("svg", "pdf")
ACCEPTED = "Default: what Accept asks for."
TABLE_FORMAT = OpenApiParameter("format", str, enum=TABLES, description=ACCEPTED)
FORMAT = OpenApiParameter("format", str, enum=FILES, description=ACCEPTED)
KINDS = {
    **dict.fromkeys(("json", "cff"), OpenApiTypes.OBJECT),  # the text of a cff is YAML
    **dict.fromkeys(("csv", "tex", "bibtex"), OpenApiTypes.STR),
}


def answers(formats: Sequence[str]) -> dict[tuple[int, str], OpenApiTypes]:
    """Return what the schema says of a view that answers in these formats."""
    return {(200, MEDIA_TYPES[name]): KINDS.get(name, OpenApiTypes.BINARY) for name in formats}


class TableView(ApiView):
    """A view of something that is a table, in several formats, and hidden while boards are."""

    authentication_classes = [OrganizerAuthentication, DeskAuthentication]
    public = True

    def finalize_response(
        self,
        request: Request,
        response: Any,  # noqa: ANN401
        *args: object,
        **kwargs: object,
    ) -> Response:
        """Tell caches that the format follows Accept."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(answer, ["Accept"])
        return answer

    def format_of(self, request: Request, formats: Sequence[str]) -> str:
        """Return which of the formats is asked for, by `format` or else by Accept."""
        asked = request.query_params.get("format")
        if asked is None:
            return next(_preferred(request, formats), formats[0])
        if asked not in formats:
            raise ValidationError({"format": [f"Choose one of: {', '.join(formats)}."]})
        return asked

    def may_see(self, request: Request, phase: Phase) -> bool:
        """Tell whether the phase's boards are open to who asks."""
        return boards_open(phase, self.received_at) or is_organizer(request)

    def until(self, request: Request, phase: Phase) -> datetime | None:
        """Return the instant as of which who asks sees the boards, None where they are live."""
        return None if is_organizer(request) else boards_frozen(phase, self.received_at)

    def visible(self, request: Request, phase: Phase) -> Phase:
        """Return the phase. Raises NotFound, with the instant, while its boards are closed."""
        if self.may_see(request, phase):
            return phase
        at = phase.boards_open_at
        opens = f"open at {at.astimezone(phase.zone).isoformat()}" if at else "have no date to open"
        raise NotFound(f"The boards of {phase.name} {opens}.")


def as_file(
    request: Request, content: str | bytes, name: str, form: str, suffix: str = ""
) -> HttpResponseBase:
    """Return a download of what is made whole; its suffix is by default its format."""
    data = content.encode() if isinstance(content, str) else content
    return send_file(request, in_memory(data, _media_type(form), f"{name}.{suffix or form}"))


def as_drawing(request: Request, drawn: bytes, name: str, form: str) -> HttpResponseBase:
    """Return a figure, svg or pdf, to be looked at where it is opened."""
    figure = in_memory(drawn, MEDIA_TYPES[form], f"{name}.{form}", attached=False)
    return send_file(request, figure, _OF_SVG if form == "svg" else NO_HEADERS)


def as_stream(pieces: Iterator[str] | Iterator[bytes], name: str, form: str) -> HttpResponseBase:
    """Return a download that is made while it is sent: there may be a million rows."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return StreamingHttpResponse(pieces, content_type=_media_type(form), headers=headers)


def _preferred(request: Request, formats: Sequence[str]) -> Iterator[str]:
    """Yield the formats that Accept takes, the most wanted first; parameters don't matter here."""
    for accepted in request.accepted_types:
        wanted = f"{accepted.main_type}/{accepted.sub_type}"
        yield from (name for name in formats if MediaType(MEDIA_TYPES[name]).match(wanted))


def _media_type(form: str) -> str:
    """Return a format's media type with what its text needs."""
    text = {
        "csv": "; charset=utf-8; header=present",
        **dict.fromkeys(("tex", "bibtex", "cff"), "; charset=utf-8"),
    }
    return MEDIA_TYPES[form] + text.get(form, "")
