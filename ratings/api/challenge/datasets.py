"""Data sets: their pictures, one by one and as one zip."""

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.challenge.original_files import OriginalSerializer
from ratings.api.parts.authentication import (
    DeskAuthentication,
    OrganizerAuthentication,
    is_organizer,
    organizer_name,
    require_organizer,
)
from ratings.api.parts.downloads import Download, send_file, stored
from ratings.api.parts.json_views import CURSOR, ApiView, Pages, page_of
from ratings.challenge.access.visibility import dataset_open
from ratings.challenge.models import Dataset, Original
from ratings.challenge.pictures.archives import DatasetZip
from ratings.comparisons.study.whole_dataset import drop_picture


class DatasetPictureSerializer(OriginalSerializer):
    """One picture of a data set."""

    def get_url(self, original: Original) -> str:
        """Return the file's address."""
        return reverse("api:dataset-picture", args=[*self.context["address"], original.name])


class _DatasetView(ApiView):
    """A view of what is hidden until its release, from everyone but organizers."""

    authentication_classes = [OrganizerAuthentication, DeskAuthentication]
    public = True

    def released(self, request: Request, slug: str, dataset: str) -> Dataset:
        """Return the data set. Raises Http404 alike for what is hidden and what is not there."""
        row = find_dataset(slug, dataset)
        if not (dataset_open(row, self.received_at) or is_organizer(request)):
            raise Http404
        return row


class DatasetArchive(_DatasetView):
    """A whole data set as one zip."""

    @extend_schema(
        operation_id="download_dataset",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, slug: str, dataset: str) -> HttpResponseBase:
        """Download all pictures with manifest and digests, once released; the same bytes always."""
        archive, name = DatasetZip(self.released(request, slug, dataset)), f"{slug}-{dataset}.zip"
        file = Download(archive.pieces, archive.size_bytes, archive.digest, "application/zip", name)
        return send_file(request, file)


class DatasetPictures(_DatasetView):
    """The pictures of a data set."""

    @extend_schema(
        operation_id="list_dataset_pictures",
        parameters=[CURSOR],
        responses=page_of(DatasetPictureSerializer),
    )
    def get(self, request: Request, slug: str, dataset: str) -> Response:
        """List name, size, bytes, SHA-256 and address of each picture, once released."""
        rows: QuerySet[Original] = self.released(request, slug, dataset).originals.all()
        pages = Pages()
        pages.ordering = "name"
        page = pages.paginate_queryset(rows.select_related("dataset"), request, self)
        context = {"address": [slug, dataset]}
        return pages.get_paginated_response(
            DatasetPictureSerializer(page, many=True, context=context).data
        )


class DatasetPicture(_DatasetView):
    """One picture of a data set."""

    @extend_schema(
        operation_id="download_dataset_picture",
        responses={(200, "image/png"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, slug: str, dataset: str, name: str) -> HttpResponseBase:
        """Download the PNG of one picture, once released."""
        row = get_object_or_404(self.released(request, slug, dataset).originals, name=name)
        return send_file(request, stored(row.sha256, "image/png", name, attached=False))

    @extend_schema(operation_id="delete_dataset_picture", responses={204: None})
    def delete(self, request: Request, slug: str, dataset: str, name: str) -> HttpResponse:
        """Take a picture out of the data set; refused where submissions or studies rest on it."""
        require_organizer(
            request, "This is for organizers: sign in at the desk, or send a bearer token."
        )
        drop_picture(find_dataset(slug, dataset), name, by=organizer_name(request))
        return HttpResponse(status=204)


def find_dataset(slug: str, dataset: str) -> Dataset:
    """Return a data set with its challenge. Raises Http404."""
    rows = Dataset.objects.select_related("challenge")
    return get_object_or_404(rows, challenge__slug=slug, slug=dataset)
