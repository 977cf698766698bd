"""Challenges' definitions, for organizers: read, checked, saved, and every version there was."""

from collections.abc import Mapping
from typing import IO, Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.authentication import organizer_name
from ratings.api.parts.json_views import CURSOR, Pages, page_of
from ratings.api.parts.organizer_views import OrganizerView
from ratings.challenge.keys.toml_text import decoded
from ratings.challenge.models import Challenge, DefinitionVersion
from ratings.challenge.refusals import Refused
from ratings.comparisons.study.definition_history import Author, snapshot
from ratings.jobs.definition_actions import check, save

TOML = "application/toml"
LARGEST_DEFINITION_BYTES = 1 << 20
NOTE = OpenApiParameter("note", str, description="Why, for the version; at most 500 characters.")
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The ETag of what is changed."
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="`*` for a new challenge."
)


class TomlParser(BaseParser):
    """A definition file, whose text it returns."""

    media_type = TOML

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return it as `text`. Raises Refused, code "too-large", or "definition" if not UTF-8."""
        body = stream.read(LARGEST_DEFINITION_BYTES + 1)
        if len(body) > LARGEST_DEFINITION_BYTES:
            most = f"A definition has at most {LARGEST_DEFINITION_BYTES} bytes."
            raise Refused("too-large", most)
        return {"text": decoded(body)}


class BytesParser(TomlParser):
    """The same, sent as any file is: not every client knows what TOML is."""

    media_type = "application/octet-stream"


SENT = {TOML: OpenApiTypes.STR, BytesParser.media_type: OpenApiTypes.BINARY}


class SavedSerializer(serializers.Serializer[Any]):
    """What saving did: the version, none where nothing changed, and the changes in lines."""

    version = serializers.IntegerField(allow_null=True)
    changes = serializers.ListField(child=serializers.CharField())
    etag = serializers.CharField(help_text="Of the definition as it is now.")


class CheckedSerializer(serializers.Serializer[Any]):
    """What stands against saving, and what it would change; nothing of it stays."""

    problems = serializers.ListField(child=serializers.CharField())
    changes = serializers.ListField(child=serializers.CharField())


class VersionSerializer(serializers.ModelSerializer[DefinitionVersion]):
    """A version of a definition; `by` is empty where a command saved it."""

    class Meta:
        model = DefinitionVersion
        fields = ["number", "at", "by", "note", "changes"]


class DefinitionView(OrganizerView):
    """A challenge's definition as it is now."""

    parser_classes = [TomlParser, BytesParser]

    @extend_schema(operation_id="read_definition", responses={(200, TOML): OpenApiTypes.STR})
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Return the definition as a file; what is saved next names its ETag in `If-Match`."""
        return _file(get_object_or_404(Challenge, slug=slug))

    @extend_schema(
        operation_id="save_definition",
        request=SENT,
        parameters=[IF_MATCH, IF_NONE_MATCH, NOTE],
        responses={200: SavedSerializer, 201: SavedSerializer},
    )
    def put(self, request: Request, slug: str) -> Response:
        """Create or update the challenge, whole or not at all; every problem is listed at once.

        Folders of originals are not read: each data set keeps its pictures.
        """
        author = Author(organizer_name(request), _note(request))
        loaded = save(slug, _text(request), _seen(request), author)
        etag = f'"{loaded.after.etag}"'
        body = {"version": loaded.number, "changes": loaded.changes, "etag": etag}
        status = 201 if loaded.is_new else 200
        return Response(SavedSerializer(body).data, status=status, headers={"ETag": etag})


class DefinitionCheck(OrganizerView):
    """Where a definition is tried."""

    parser_classes = [TomlParser, BytesParser]
    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="check_definition",
        request=SENT,
        responses=CheckedSerializer,
    )
    def post(self, request: Request, slug: str) -> Response:
        """Say what is wrong with a definition, or what saving it would change; save nothing."""
        return Response(CheckedSerializer(check(slug, _text(request))).data)


class VersionList(OrganizerView):
    """All versions of a definition."""

    @extend_schema(
        operation_id="list_versions", parameters=[CURSOR], responses=page_of(VersionSerializer)
    )
    def get(self, request: Request, slug: str) -> Response:
        """List the versions, the newest first: who saved them, when, why, and what changed."""
        pages = Pages()
        pages.ordering = "-number"
        versions = get_object_or_404(Challenge, slug=slug).versions.all()
        rows = pages.paginate_queryset(versions, request, self)
        return pages.get_paginated_response(VersionSerializer(rows, many=True).data)


class VersionView(OrganizerView):
    """One version of a definition."""

    @extend_schema(operation_id="read_version", responses={(200, TOML): OpenApiTypes.STR})
    def get(self, request: Request, slug: str, number: int) -> HttpResponse:
        """Return the definition as it was; save it again to restore it."""
        version = get_object_or_404(DefinitionVersion, challenge__slug=slug, number=number)
        return HttpResponse(version.text, content_type=f"{TOML}; charset=utf-8")


def _file(challenge: Challenge) -> HttpResponse:
    current = snapshot(challenge)
    response = HttpResponse(current.text, content_type=f"{TOML}; charset=utf-8")
    response["ETag"] = f'"{current.etag}"'
    return response


def _text(request: Request) -> str:
    """Return the definition in a request's body, which may have none."""
    return str(request.data.get("text", "")) if isinstance(request.data, dict) else ""


def _seen(request: Request) -> str:
    """Return the etag that a change began from, "" for none. Raises Refused, "precondition"."""
    if etag := request.headers.get("If-Match", "").strip():
        return etag.removeprefix("W/").strip('"')
    if request.headers.get("If-None-Match", "").strip() == "*":
        return ""
    raise Refused(
        "precondition",
        "Send the ETag of the definition that you changed as If-Match, or If-None-Match: * for a "
        "new challenge.",
    )


def _note(request: Request) -> str:
    note = request.query_params.get("note", "").strip()
    if len(note) > 500 or not note.isprintable():
        raise serializers.ValidationError({"note": "At most 500 printable characters."})
    return note
