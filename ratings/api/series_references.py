"""Reference curves of a series: others' results in CompressAI's form, brought in by organizers."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.authentication import organizer_name
from ratings.api.organizer_views import OrganizerView
from ratings.challenge.models import Series
from ratings.challenge.refusals import Refused
from ratings.challenge.series_keys import MOST_REFERENCES, ReferenceTable
from ratings.challenge.tables import TomlTable, written
from ratings.codecs.compressai_results import read_results
from ratings.comparisons.study.definition_history import Author, versioned

NAME = OpenApiParameter("name", str, required=True, description="The reference's name.")


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
            others = [one for one in row.references if one["name"] != reference["name"]]
            if len(others) >= MOST_REFERENCES:
                raise Refused("definition", f"A series has at most {MOST_REFERENCES} references.")
            row.references = [*others, reference]
            row.save()
        return Response(reference)

    @extend_schema(operation_id="delete_reference", parameters=[NAME], responses={204: None})
    def delete(self, request: Request, slug: str, series: str) -> Response:
        """Take a reference away."""
        name = request.query_params.get("name", "")
        with versioned(slug, Author(organizer_name(request))):
            row = _series(slug, series)
            kept = [one for one in row.references if one["name"] != name]
            if len(kept) == len(row.references):
                raise NotFound(f"There is no reference {name!r}.")
            row.references = kept
            row.save()
        return Response(status=204)


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
