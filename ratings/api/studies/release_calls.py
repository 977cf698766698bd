"""Public releases of studies: published and withdrawn by organizers, fetched by everybody."""

from typing import Any

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
    organizer_name,
)
from ratings.api.parts.downloads import send_file, stored
from ratings.api.parts.errors import PRIVATE
from ratings.api.parts.json_views import (
    CURSOR,
    ApiView,
    Pages,
    StrictSerializer,
    TextField,
    page_of,
)
from ratings.api.parts.organizer_views import OrganizerView
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Study
from ratings.jobs.release_actions import publish
from ratings.ranking.models import PublicRelease
from ratings.ranking.release.public_releases import published, served, withdraw_release
from ratings.ranking.release.release_conditions import (
    ReleaseContents,
    all_boards_open,
    withheld_because,
)
from ratings.ranking.release.release_facts import folder_name

# The file at an address never changes; a day is how long it may outlive its withdrawal in caches.
# Its bytes never change, but it may be withdrawn, or withheld for a time: caches ask.
ASKED = "public, no-cache"


class ReleaseSerializer(serializers.ModelSerializer[PublicRelease]):
    """A published release; of a withdrawn one there is no file."""

    published_at = serializers.DateTimeField(source="ended_at")
    bytes = serializers.IntegerField(source="size_bytes")
    sha256 = serializers.CharField(help_text="Of the zip; empty once it is withdrawn.")
    check = serializers.CharField(
        source="check_words", help_text="What a second implementation says of the scores."
    )
    url = serializers.SerializerMethodField()

    class Meta:
        model = PublicRelease
        fields = [
            *("number", "state", "license", "pictures", "whole_pictures"),
            *("published_at", "withdrawn_at", "bytes", "sha256", "check", "url"),
        ]

    def get_url(self, release: PublicRelease) -> str | None:
        """Return the zip's address."""
        if release.state != PublicRelease.State.PUBLISHED:
            return None
        return reverse("api:release-file", args=[release.study.slug, release.number])


class ReleaseFileEntry(serializers.Serializer[Any]):
    """A file in a release."""

    path = serializers.CharField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()


class WholeReleaseSerializer(ReleaseSerializer):
    """A release with the files in it, but for its pictures."""

    files = ReleaseFileEntry(many=True)

    class Meta(ReleaseSerializer.Meta):
        fields = [*ReleaseSerializer.Meta.fields, "files"]


class FindingSerializer(serializers.Serializer[Any]):
    """Where the scan found what must not be in a release; line and column count from 1."""

    file = serializers.CharField()
    line = serializers.IntegerField()
    column = serializers.IntegerField()
    kind = serializers.CharField()
    mend = serializers.CharField(default="", help_text="What to change, and where.")


class AskedReleaseSerializer(ReleaseSerializer):
    """A release as organizers see it, however far it came."""

    number = serializers.IntegerField(
        source="version",
        allow_null=True,
        help_text="Null where it was refused or failed: the next one takes the number.",
    )
    findings = FindingSerializer(many=True, help_text="The first hundred.")
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="Of what is in it, and what the scan did."
    )
    outdated_at = serializers.DateTimeField(
        allow_null=True, help_text="When somebody's data were erased that it was made of."
    )

    class Meta(ReleaseSerializer.Meta):
        fields = [
            *ReleaseSerializer.Meta.fields,
            *("public_labels", "by", "asked_at"),
            *("problem", "findings", "counts", "outdated_at"),
        ]


class ReleaseRequest(StrictSerializer):
    """What is to be in a release beside the judgments."""

    pictures = serializers.ListField(
        child=TextField(), default=list, help_text="Data sets whose crops everybody may have."
    )
    whole_pictures = serializers.ListField(
        child=TextField(),
        default=list,
        help_text="Data sets whose whole originals and decoded pictures everybody may have.",
    )
    labels = serializers.ListField(
        child=TextField(),
        default=list,
        help_text="Methods whose names are public though a person's stands in them; on record.",
    )


class WithdrawalRequest(StrictSerializer):
    """Why a release is withdrawn."""

    note = TextField(help_text="It goes on record.")


class _PublicView(ApiView):
    """A view of what everybody may have once the boards are open."""

    authentication_classes = [OrganizerAuthentication, DeskAuthentication]
    public = True

    def study(self, request: Request, slug: str) -> Study:
        """Return the study. Raises Http404 alike for a hidden one and for none.

        Raises Refused, code "release-withheld", while its releases are not served.
        """
        study = get_object_or_404(Study.objects.select_related("phase__challenge"), slug=slug)
        if is_organizer(request):
            return study
        if not all_boards_open(study, self.received_at):
            raise Http404
        if why := withheld_because(study, self.received_at):
            raise Refused("release-withheld", why)
        return study

    def release(self, request: Request, slug: str, number: int) -> PublicRelease:
        """Return a published release. Raises Refused, code "withdrawn", for one that was."""
        release = get_object_or_404(published(self.study(request, slug)), number=number)
        if release.state == PublicRelease.State.WITHDRAWN:
            raise Refused("withdrawn", "The organizers have withdrawn this version.")
        return release


class ReleaseList(_PublicView):
    """The published releases of a study."""

    @extend_schema(
        operation_id="list_releases", parameters=[CURSOR], responses=page_of(ReleaseSerializer)
    )
    def get(self, request: Request, slug: str) -> Response:
        """List them, the newest first, while they are served; withdrawn ones too."""
        pages = Pages()
        pages.ordering = "-number"
        rows = pages.paginate_queryset(published(self.study(request, slug)), request, self)
        return pages.get_paginated_response(ReleaseSerializer(rows, many=True).data)


class ReleaseView(_PublicView):
    """One published release."""

    @extend_schema(operation_id="read_release", responses=WholeReleaseSerializer)
    def get(self, request: Request, slug: str, number: int) -> Response:
        """Return what is in it, each file but the pictures with its digest."""
        return Response(WholeReleaseSerializer(self.release(request, slug, number)).data)


class ReleaseFile(_PublicView):
    """The zip of a release."""

    @extend_schema(
        operation_id="download_release",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, slug: str, number: int) -> HttpResponseBase:
        """Download a release; its address and its bytes never change."""
        release = self.release(request, slug, number)
        name = f"{folder_name(release)}.zip"
        file = stored(release.sha256, "application/zip", name, attached=True)
        is_public = served(release.study, self.received_at).exists()
        return send_file(request, file, {"Cache-Control": ASKED if is_public else PRIVATE})


class AskedReleases(OrganizerView):
    """The releases that were asked for, published or not."""

    @extend_schema(
        operation_id="list_asked_releases",
        parameters=[CURSOR],
        responses=page_of(AskedReleaseSerializer),
    )
    def get(self, request: Request, slug: str) -> Response:
        """List every release of the study that was asked for, the newest first."""
        pages = Pages()
        pages.ordering = "-pk"
        releases = get_object_or_404(Study, slug=slug).public_releases.select_related("study")
        rows = pages.paginate_queryset(releases, request, self)
        return pages.get_paginated_response(AskedReleaseSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="publish_release",
        request=ReleaseRequest,
        responses={202: AskedReleaseSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Have a release made, scanned, and published where nothing is found."""
        asked = ReleaseRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        studies = Study.objects.select_related("phase__challenge")
        study = get_object_or_404(studies, slug=slug)
        choice = ReleaseContents(**asked.validated_data)
        release = publish(study, choice, organizer_name(request), self.received_at)
        return Response(AskedReleaseSerializer(release).data, status=202)


class WithdrawRelease(OrganizerView):
    """Withdrawing a release."""

    @extend_schema(
        operation_id="withdraw_release",
        request=WithdrawalRequest,
        responses=ReleaseSerializer,
    )
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Withdraw a published release: its address answers 410 from now on, its file goes."""
        asked = WithdrawalRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        study = get_object_or_404(Study, slug=slug)
        release = get_object_or_404(published(study), number=number)
        note, by = asked.validated_data["note"], organizer_name(request)
        withdraw_release(release, note, by, self.received_at)
        release.refresh_from_db()
        return Response(ReleaseSerializer(release).data)
