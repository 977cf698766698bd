"""Replication bundles of studies: asked for by organizers, fetched by whoever has the link."""

from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.authentication import organizer_name
from ratings.api.parts.downloads import send_file, stored
from ratings.api.parts.json_views import CURSOR, ApiView, Pages, page_of
from ratings.api.parts.organizer_views import OrganizerView
from ratings.comparisons.models import Study
from ratings.http.security_headers import PRIVATE
from ratings.jobs.bundle_actions import ask
from ratings.ranking.bundles import stored_bundles
from ratings.ranking.models import Bundle


class BundleSerializer(serializers.ModelSerializer[Bundle]):
    """A bundle as it stands; `url` is there once it is ready, and needs no login."""

    bytes = serializers.IntegerField(source="size_bytes", allow_null=True)
    sha256 = serializers.CharField(help_text="Of the zip; empty until it is ready.")
    check = serializers.CharField(
        source="check_words", help_text="What a second implementation says of the scores."
    )
    url = serializers.SerializerMethodField()

    class Meta:
        model = Bundle
        fields = [
            *("id", "state", "problem", "by", "asked_at", "begun_at", "ended_at", "expires_at"),
            *("bytes", "sha256", "check", "url"),
        ]

    def get_url(self, bundle: Bundle) -> str | None:
        """Return the zip's address."""
        if bundle.state != Bundle.State.READY:
            return None
        return reverse("api:bundle-file", args=[bundle.pk, stored_bundles.signature(bundle)])


class BundleList(OrganizerView):
    """The bundles of a study."""

    @extend_schema(
        operation_id="list_bundles", parameters=[CURSOR], responses=page_of(BundleSerializer)
    )
    def get(self, request: Request, slug: str) -> Response:
        """List the study's bundles, the newest first; those whose time is over are gone."""
        pages = Pages()
        pages.ordering = "-pk"
        bundles = get_object_or_404(Study, slug=slug).bundles.all()
        rows = pages.paginate_queryset(bundles, request, self)
        return pages.get_paginated_response(BundleSerializer(rows, many=True).data)

    @extend_schema(operation_id="ask_for_bundle", request=None, responses={202: BundleSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Ask for a bundle; again returns the one that is under way, if there is one."""
        study = get_object_or_404(Study, slug=slug)
        bundle = ask(study, organizer_name(request), self.received_at)
        return Response(BundleSerializer(bundle).data, status=202)


class BundleView(OrganizerView):
    """One bundle."""

    @extend_schema(operation_id="read_bundle", responses=BundleSerializer)
    def get(self, request: Request, slug: str, bundle_id: int) -> Response:
        """Return how far it is."""
        bundle = get_object_or_404(Bundle, study__slug=slug, pk=bundle_id)
        return Response(BundleSerializer(bundle).data)

    @extend_schema(operation_id="revoke_bundle", responses={204: None})
    def delete(self, request: Request, slug: str, bundle_id: int) -> Response:
        """Take it back: its link opens nothing any more, and its file goes."""
        found = Bundle.objects.filter(study__slug=slug, pk=bundle_id)
        if not stored_bundles.revoke(found, self.received_at):
            raise Http404
        return Response(status=204)


class BundleFile(ApiView):
    """The zip of a bundle, for whoever has its link."""

    authentication_classes = []
    public = True

    @extend_schema(
        operation_id="download_bundle",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, bundle_id: int, signature: str) -> HttpResponseBase:
        """Download a study's replication bundle, until its link is over or revoked."""
        bundle = stored_bundles.fetched(bundle_id, signature, self.received_at)
        if bundle is None:
            raise Http404
        name = stored_bundles.file_name(bundle)
        file = stored(bundle.sha256, "application/zip", name, attached=True)
        return send_file(request, file, {"Cache-Control": PRIVATE})
