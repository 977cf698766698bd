"""The originals of a phase, hidden until they are released."""

from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.authentication import (
    DeskAuthentication,
    OrganizerAuthentication,
    is_organizer,
)
from ratings.api.parts.downloads import send_file, stored
from ratings.api.parts.json_views import CURSOR, ApiView, Pages, page_of
from ratings.challenge.access.visibility import originals_open
from ratings.challenge.keys.scene_keys import read_scenes, scene_of
from ratings.challenge.models import Original, Phase


class OriginalSerializer(serializers.ModelSerializer[Original]):
    """One line of the manifest of originals."""

    bytes = serializers.IntegerField(source="size_bytes")
    dataset = serializers.CharField(source="dataset.slug")
    url = serializers.SerializerMethodField()
    scene = serializers.SerializerMethodField(
        help_text="What the definition says that it shows, with others; empty: nothing."
    )

    class Meta:
        model = Original
        fields = ["name", "dataset", "width", "height", "bytes", "sha256", "url", "scene"]

    def get_scene(self, original: Original) -> str:
        """Return the name of its scene."""
        return scene_of(original.name, read_scenes(original.dataset.scenes))

    def get_url(self, original: Original) -> str:
        """Return the file's address."""
        return reverse("api:original", args=[*self.context["address"], original.name])


class _ReleasedView(ApiView):
    """A view of what is hidden until its release, from everyone but organizers."""

    authentication_classes = [OrganizerAuthentication, DeskAuthentication]
    public = True

    def released(self, request: Request, slug: str, phase: str) -> Phase:
        """Return the phase. Raises Http404 alike for what is hidden and for what is not there."""
        row = get_object_or_404(Phase, challenge__slug=slug, slug=phase)
        if not (originals_open(row, self.received_at) or is_organizer(request)):
            raise Http404
        return row


class OriginalList(_ReleasedView):
    """The manifest of a phase's originals."""

    @extend_schema(
        operation_id="list_originals", parameters=[CURSOR], responses=page_of(OriginalSerializer)
    )
    def get(self, request: Request, slug: str, phase: str) -> Response:
        """List name, size, bytes, SHA-256 and address of each original, once released."""
        originals = self.released(request, slug, phase).originals()
        pages = Pages()
        pages.ordering = "name"
        rows = pages.paginate_queryset(originals, request, self)
        context = {"address": [slug, phase]}
        return pages.get_paginated_response(
            OriginalSerializer(rows, many=True, context=context).data
        )


class OriginalFile(_ReleasedView):
    """One original."""

    @extend_schema(
        operation_id="download_original",
        responses={(200, "image/png"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, slug: str, phase: str, name: str) -> HttpResponseBase:
        """Download the PNG of one original, once released."""
        released = self.released(request, slug, phase)
        names = {original.name: original for original in released.originals()}
        if name not in names:
            raise Http404
        file = stored(names[name].sha256, "image/png", name, attached=False)
        return send_file(request, file)
