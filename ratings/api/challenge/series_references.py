"""Reference curves of a series: others' results in CompressAI's form, brought in by organizers."""

from collections.abc import Sequence
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.authentication import organizer_name
from ratings.api.parts.organizer_views import OrganizerView
from ratings.api.parts.uploads import CSV, read_body
from ratings.challenge.keys.picture_references import LARGEST_BYTES, read_picture_references
from ratings.challenge.keys.series_keys import MOST_PICTURES, MOST_REFERENCES, ReferenceTable
from ratings.challenge.keys.tables import TomlTable, written
from ratings.challenge.models import Original, Series
from ratings.challenge.refusals import Refused
from ratings.codecs.compressai_results import read_results
from ratings.comparisons.study.definition_history import Author, versioned

NAME = OpenApiParameter("name", str, required=True, description="The reference's name.")
SOURCE = OpenApiParameter("source", str, description="Where the figures are from, in words.")


class PictureReferencesSerializer(serializers.Serializer[Any]):
    """What was taken in: the reference's name, and the pictures that it has curves of."""

    name = serializers.CharField()
    pictures = serializers.ListField(child=serializers.CharField())


class SeriesReferences(OrganizerView):
    """The curves of others that a series shows beside its methods."""

    http_method_names = ["put", "delete", "options"]

    @extend_schema(
        operation_id="put_reference",
        request=OpenApiTypes.OBJECT,
        responses=OpenApiTypes.OBJECT,
    )
    def put(self, request: Request, slug: str, series: str) -> Response:
        """Take a file of results in, in the place of one of the same name."""
        reference = _reference(request.data)
        with versioned(slug, Author(organizer_name(request))):
            row = _series(slug, series)
            _put(row, [reference], pictures=False)
        return Response(reference)

    @extend_schema(operation_id="delete_reference", parameters=[NAME], responses={204: None})
    def delete(self, request: Request, slug: str, series: str) -> Response:
        """Take a reference away, of all pictures and of each."""
        name = request.query_params.get("name", "")
        with versioned(slug, Author(organizer_name(request))):
            row = _series(slug, series)
            kept = [one for one in row.references if one["name"] != name]
            if len(kept) == len(row.references):
                raise NotFound(f"There is no reference {name!r}.")
            row.references = kept
            row.save()
        return Response(status=204)


class PictureReferences(OrganizerView):
    """The curves of one codec of others, picture by picture."""

    http_method_names = ["put", "options"]

    @extend_schema(
        operation_id="put_picture_references",
        request=CSV,
        parameters=[NAME, SOURCE],
        responses=PictureReferencesSerializer,
    )
    def put(self, request: Request, slug: str, series: str) -> Response:
        """Take a table of results in, a line a picture and rate, in the place of an earlier one."""
        query = request.query_params
        data = b"".join(read_body(request, LARGEST_BYTES))
        with versioned(slug, Author(organizer_name(request))):
            row = _series(slug, series)
            references = read_picture_references(
                data, query.get("name", ""), query.get("source", ""), _pictures(row)
            )
            _put(row, references, pictures=True)
        told = {"name": references[0]["name"], "pictures": [one["picture"] for one in references]}
        return Response(PictureReferencesSerializer(told).data)


def _put(row: Series, references: Sequence[dict[str, Any]], *, pictures: bool) -> None:
    """Let references of one name take the place of those of all pictures, or of single ones.

    Raises Refused, code "definition", where there would be too many.
    """
    name = references[0]["name"]
    kept = [
        one
        for one in row.references
        if (one["name"], one.get("picture") is not None) != (name, pictures)
    ]
    row.references = [*kept, *references]
    if len({one["name"] for one in row.references}) > MOST_REFERENCES:
        raise Refused("definition", f"A series has at most {MOST_REFERENCES} references.")
    if sum(one.get("picture") is not None for one in row.references) > MOST_PICTURES:
        raise Refused("definition", f"A series has at most {MOST_PICTURES} of single pictures.")
    row.save()


def _pictures(series: Series) -> set[str]:
    """Return the pictures of a series' phases, such as "P/a.png"."""
    originals = Original.objects.filter(dataset__phases__in=series.phases.all())
    named = originals.values_list("dataset__slug", "name").distinct().order_by()
    return {f"{dataset}/{name}" for dataset, name in named}


def _series(slug: str, series: str) -> Series:
    found: Series = get_object_or_404(Series, challenge__slug=slug, slug=series)
    return found


def _reference(document: object) -> dict[str, Any]:
    """Return results as a series keeps them, held to what the definition file may say.

    Raises Refused, code "definition", with every problem.
    """
    try:
        results = read_results(document)
    except ValueError as error:
        raise Refused("definition", str(error)) from error
    raw = {
        "name": results.name,
        "source": results.description,
        "bpp": results.bpp,
        "psnr": results.psnr,
        "ms_ssim": results.ms_ssim,
    }
    table = TomlTable(raw, "The reference")
    reference = table.read(ReferenceTable)
    if table.problems:
        raise Refused("definition", *table.problems)
    kept: dict[str, Any] = written(reference)
    return kept
