"""Pictures on their way into a data set: sent one by one, then taken in together."""

from typing import Any

from django.http import Http404, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.challenge.datasets import find_dataset
from ratings.api.parts.authentication import organizer_name
from ratings.api.parts.json_views import (
    CURSOR,
    Pages,
    StrictSerializer,
    TextField,
    TrueOrFalse,
)
from ratings.api.parts.organizer_views import OrganizerView
from ratings.api.parts.uploads import DIGEST, RAW, content_digest, read_body
from ratings.challenge.models import Dataset
from ratings.challenge.pictures.staged_files import (
    LARGEST_BYTES,
    Overview,
    overview,
    stage,
    unstage,
    unstage_all,
)
from ratings.comparisons.study.whole_dataset import take_in

EFFECTS = ("new", "replaces", "same")


class StagedSerializer(serializers.Serializer[Any]):
    """A file that was sent, and what becomes of it."""

    name = serializers.CharField(source="file.name", help_text="As it was sent.")
    bytes = serializers.IntegerField(source="file.sent_bytes")
    sha256 = serializers.CharField(source="file.sent_sha256")
    sent_at = serializers.DateTimeField(source="file.sent_at")
    by = serializers.CharField(source="file.by", help_text="The organizer who sent it.")
    becomes = serializers.CharField(
        source="plan.name", help_text="The name of the picture that it becomes; empty: refused."
    )
    width = serializers.IntegerField(source="file.width", allow_null=True)
    height = serializers.IntegerField(source="file.height", allow_null=True)
    plan = serializers.CharField(help_text="What becomes of it, in words.")
    changes = serializers.ListField(
        source="plan.changes", child=serializers.CharField(), help_text="Each change to it."
    )
    exact = serializers.BooleanField(
        source="file.exact", help_text="Whether no sample is rounded or converted."
    )
    problem = serializers.CharField(
        source="plan.problem", help_text="Why it can't be taken in; empty where it can."
    )
    effect = serializers.ChoiceField(
        [*EFFECTS, ""], help_text="What it does to the data set; same: it is there already."
    )


class CountsSerializer(serializers.Serializer[Any]):
    """How many staged files have which effect, and how many other pictures there are."""

    new = serializers.IntegerField()
    replaces = serializers.IntegerField()
    same = serializers.IntegerField()
    refused = serializers.IntegerField()
    others = serializers.IntegerField(help_text="Pictures that no staged file becomes.")


class StagedPageSerializer(serializers.Serializer[Any]):
    """A page of staged files, and what is true of all of them."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    digest = serializers.CharField(help_text="Of all that is staged and there; see `take_in`.")
    counts = CountsSerializer()
    results = StagedSerializer(many=True)


class TakeSerializer(StrictSerializer):
    """How what is staged is taken in."""

    drop_others = TrueOrFalse(
        required=False, default=False, help_text="Take all other pictures out of the data set."
    )
    digest = TextField(
        required=False,
        default="",
        allow_blank=True,
        max_length=64,
        help_text="As the list had it: what has changed since is refused.",
    )


class TakenSerializer(serializers.Serializer[Any]):
    """What was taken in."""

    pictures = serializers.IntegerField(help_text="How many the data set has now.")
    changes = serializers.ListField(child=serializers.CharField(), help_text="In words.")


class StagedList(OrganizerView):
    """All that is staged."""

    @extend_schema(operation_id="list_staged", parameters=[CURSOR], responses=StagedPageSerializer)
    def get(self, request: Request, slug: str, dataset: str) -> Response:
        """List what was sent, each with what becomes of it, so that sending can go on."""
        found = find_dataset(slug, dataset)
        seen, pages = overview(found), Pages()
        pages.ordering = "name"
        rows = pages.paginate_queryset(found.staged_files.only("name"), request, self)
        named = {one.file.name: one for one in seen.files}
        page = {
            "next": pages.get_next_link(),
            "previous": pages.get_previous_link(),
            "digest": seen.digest,
            "counts": _counts(seen),
            "results": [named[row.name] for row in rows or [] if row.name in named],
        }
        return Response(StagedPageSerializer(page).data)

    @extend_schema(operation_id="delete_all_staged", responses={204: None})
    def delete(self, request: Request, slug: str, dataset: str) -> HttpResponse:
        """Delete all that is staged; the pictures of the data set stay."""
        unstage_all(find_dataset(slug, dataset), self.received_at)
        return HttpResponse(status=204)


class StagedView(OrganizerView):
    """One staged file."""

    @extend_schema(
        operation_id="stage_picture",
        request=RAW,
        parameters=[DIGEST],
        responses={200: StagedSerializer, 201: StagedSerializer},
    )
    def put(self, request: Request, slug: str, dataset: str, name: str) -> Response:
        """Send a picture file under the name it has; the answer says what becomes of it."""
        found = find_dataset(slug, dataset)
        row, is_new = stage(
            found,
            name,
            read_body(request, LARGEST_BYTES),
            self.received_at,
            by=organizer_name(request),
            sha256=content_digest(request),
        )
        return Response(_shown(found, row.name), status=201 if is_new else 200)

    @extend_schema(operation_id="delete_staged", responses={204: None})
    def delete(self, request: Request, slug: str, dataset: str, name: str) -> HttpResponse:
        """Delete a staged file."""
        if not unstage(find_dataset(slug, dataset), name, self.received_at):
            raise Http404
        return HttpResponse(status=204)


class TakeView(OrganizerView):
    """Where what is staged becomes a data set's pictures."""

    @extend_schema(operation_id="take_in", request=TakeSerializer, responses=TakenSerializer)
    def post(self, request: Request, slug: str, dataset: str) -> Response:
        """Take in all that is not refused, or nothing: new ones are added, others replaced."""
        found = find_dataset(slug, dataset)
        body = TakeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        changes = take_in(found, **body.validated_data, by=organizer_name(request))
        return Response({"pictures": found.originals.count(), "changes": changes})


def _shown(dataset: Dataset, name: str) -> dict[str, Any]:
    """Return one staged file as the list has it. Raises Http404 where it is gone again."""
    for one in overview(dataset).files:
        if one.file.name == name:
            return StagedSerializer(one).data
    raise Http404


def _counts(seen: Overview) -> dict[str, int]:
    counted = {effect: seen.count(effect) for effect in EFFECTS}
    return counted | {"refused": seen.count(""), "others": len(seen.others)}
