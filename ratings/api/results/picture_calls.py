"""Whole pictures of a phase, once they are shown: their facts, numbers, and tiles."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.authentication import (
    DeskAuthentication,
    OrganizerAuthentication,
    is_organizer,
)
from ratings.api.parts.json_views import CURSOR, ApiView, Pages, page_of
from ratings.challenge.models import Original, Phase
from ratings.comparisons.models import Study
from ratings.comparisons.study.presentation import identities_open
from ratings.ranking.boards.human_board import board_studies
from ratings.ranking.boards.picture_disagreement import PictureFacts, picture_facts
from ratings.ranking.boards.picture_methods import json_decibels, methods_on
from ratings.ranking.models import is_simulated
from ratings.viewing.shown_methods import shown_submissions
from ratings.viewing.tile_manifest import ORIGINAL, manifest, tile_addresses

STUDY = OpenApiParameter("study", str, description="Slug; default: the study on the board.")


@extend_schema_field({"oneOf": [{"type": "number"}, {"type": "string", "enum": ["inf"]}]})
class DecibelsField(serializers.Field[float | str, Any, float | str, Any]):
    """Decibels, or the text "inf"."""

    def to_representation(self, value: float | str) -> float | str:
        """Return it as it is."""
        return value


class PictureSerializer(serializers.Serializer[Any]):
    """A picture of the list."""

    name = serializers.CharField()
    dataset = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    judgments = serializers.IntegerField()
    against_psnr = serializers.FloatField(help_text="Judgments for the lower PSNR; ties half.")
    psnr_spread_db = DecibelsField(allow_null=True)
    url = serializers.CharField()
    page = serializers.CharField()


class LevelSerializer(serializers.Serializer[Any]):
    """A level of tiles: each pixel stands for `shrink` x `shrink`."""

    shrink = serializers.IntegerField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class PictureVersionSerializer(serializers.Serializer[Any]):
    """The original, which has no numbers, or what a method made of it."""

    key = serializers.CharField(help_text='"original", or the submission.')
    method = serializers.CharField(required=False)
    team = serializers.CharField(required=False)
    kind = serializers.CharField(required=False)
    psnr_db = DecibelsField(required=False)
    mse = serializers.FloatField(required=False)
    ms_ssim = serializers.FloatField(required=False, allow_null=True)
    size_bytes = serializers.IntegerField(required=False, allow_null=True)
    bpp = serializers.FloatField(required=False, allow_null=True)
    judgments = serializers.IntegerField(required=False)
    win_rate = serializers.FloatField(required=False, allow_null=True)
    score = serializers.FloatField(
        required=False, allow_null=True, help_text="Within this picture, in log odds."
    )
    png = serializers.CharField(help_text="The whole picture, lossless.")
    tiles = serializers.CharField(allow_null=True, help_text="With {level}-{column}-{row}.")


class WholePictureSerializer(serializers.Serializer[Any]):
    """All that is known of one picture."""

    name = serializers.CharField()
    dataset = serializers.CharField()
    simulated = serializers.BooleanField(help_text="Whether synthetic raters judged, too.")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    tile_side = serializers.IntegerField()
    levels = LevelSerializer(many=True)
    versions = PictureVersionSerializer(many=True)


class _ShownView(ApiView):
    """A view of what is hidden while the phase's pictures are, from everyone but organizers."""

    authentication_classes = [OrganizerAuthentication, DeskAuthentication]
    public = True

    def shown(self, request: Request, slug: str, phase: str) -> Phase:
        """Return the phase. Raises Http404 alike for what is hidden and for what is not there."""
        phases = Phase.objects.select_related("challenge")
        row = get_object_or_404(phases, challenge__slug=slug, slug=phase)
        if not (identities_open(row, self.received_at) or is_organizer(request)):
            raise NotFound
        return row


class PictureList(_ShownView):
    """The pictures of a phase, by name."""

    @extend_schema(
        operation_id="list_pictures",
        parameters=[CURSOR, STUDY],
        responses=page_of(PictureSerializer),
    )
    def get(self, request: Request, slug: str, phase: str) -> Response:
        """List each picture's size, its judgments, how many of them PSNR had wrong, and spread."""
        shown = self.shown(request, slug, phase)
        facts = picture_facts(shown, _study(request, shown), shown_submissions(shown))
        by_key = {one.original.pk: one for one in facts}
        pages = Pages()
        pages.ordering = "name"
        rows = pages.paginate_queryset(shown.originals(), request, self) or []
        listed = [_facts(shown, by_key[row.pk]) for row in rows if row.pk in by_key]
        return pages.get_paginated_response(PictureSerializer(listed, many=True).data)


class PictureView(_ShownView):
    """One picture of a phase."""

    @extend_schema(
        operation_id="picture",
        parameters=[STUDY],
        responses=WholePictureSerializer,
    )
    def get(self, request: Request, slug: str, phase: str, name: str) -> Response:
        """Return a picture's levels, and of each version its numbers, its PNG and its tiles."""
        shown = self.shown(request, slug, phase)
        original = get_object_or_404(shown.originals(), name=name)
        study = _study(request, shown)
        methods = methods_on(original, study, shown_submissions(shown))
        numbers = [{"key": ORIGINAL}]
        numbers += [{"key": str(one.submission.pk), **one.as_json()} for one in methods]
        addresses = tile_addresses(shown, original)
        versions = [
            each | _places(shown, original, each["key"], addresses.get(each["key"]))
            for each in numbers
        ]
        whole = {
            "name": original.name,
            "dataset": original.dataset.slug,
            "simulated": is_simulated(study),
            **manifest(original),
            "versions": versions,
        }
        return Response(WholePictureSerializer(whole).data)


def _study(request: Request, phase: Phase) -> Study | None:
    """Return the study that is asked for, or the board's. Raises Http404 for an unknown one."""
    chosen = request.query_params.get("study")
    studies = board_studies(phase)
    return get_object_or_404(studies, slug=chosen) if chosen else studies.first()


def _facts(phase: Phase, facts: PictureFacts) -> dict[str, Any]:
    original = facts.original
    return {
        "name": original.name,
        "dataset": original.dataset.slug,
        "width": original.width,
        "height": original.height,
        "judgments": facts.disagreement.judgments,
        "against_psnr": facts.disagreement.against,
        "psnr_spread_db": json_decibels(facts.spread_db),
        "url": reverse("api:picture", args=[phase.challenge.slug, phase.slug, original.name]),
        "page": reverse("web:picture", args=[phase.challenge.slug, phase.slug, original.name]),
    }


def _places(phase: Phase, original: Original, key: str, address: str | None) -> dict[str, Any]:
    """Return where a version's files are; the tiles are None where they are not prepared."""
    picture = [phase.challenge.slug, phase.slug, original.name]
    tiles = None
    if address:
        first = reverse("web:tile", args=[address, "0", "0", "0"])
        tiles = first.removesuffix("0-0-0.webp") + "{level}-{column}-{row}.webp"
    return {"png": reverse("web:picture-file", args=[*picture, key]), "tiles": tiles}
