"""Baselines of a phase: which can be had and how far each is; started and stopped."""

from collections.abc import Sequence
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.authentication import organizer_name
from ratings.api.parts.json_views import StrictSerializer, TextField, TrueOrFalse
from ratings.api.parts.organizer_views import OrganizerView
from ratings.challenge.models import Phase
from ratings.codecs.baselines import NAMES
from ratings.jobs.baseline_actions import start_baselines
from ratings.submissions.intake.baseline_orders import baseline_lines, stop_baselines
from ratings.submissions.models import BaselineOrder


class BaselineOrderSerializer(serializers.ModelSerializer[BaselineOrder]):
    """What was asked for last, and what came of it."""

    words = serializers.CharField(help_text="Its bytes, or why it could not be made; else empty.")

    class Meta:
        model = BaselineOrder
        fields = ["state", "done", "steps", "words", "by", "asked_at", "begun_at", "ended_at"]


class BaselineSerializer(serializers.Serializer[Any]):
    """A codec, and its entry in the phase."""

    codec = serializers.CharField()
    needs = serializers.CharField(help_text="The package that it needs; empty: it is always there.")
    against = serializers.CharField(help_text="Why it can't be started; empty where it can.")
    submission = serializers.UUIDField(
        source="entered.pk",
        default=None,
        allow_null=True,
        help_text="The submission that is queued or scored; null where there is none.",
    )
    order = BaselineOrderSerializer(allow_null=True, help_text="Null where nobody asked for it.")


class BaselinesSerializer(serializers.Serializer[Any]):
    """Every codec that is known."""

    results = BaselineSerializer(many=True)


class StartSerializer(StrictSerializer):
    """Which codecs are to be entered."""

    codecs = serializers.ListField(child=TextField(max_length=100), max_length=len(NAMES))
    again = TrueOrFalse(
        required=False, default=False, help_text="Make anew what is entered already."
    )


class StopSerializer(StrictSerializer):
    """Which are to be stopped."""

    codecs = serializers.ListField(
        child=TextField(max_length=100),
        max_length=len(NAMES),
        required=False,
        default=list(NAMES),
        help_text="All that are under way, where it is left out.",
    )


class BaselineList(OrganizerView):
    """The baselines of a phase."""

    @extend_schema(operation_id="list_baselines", responses=BaselinesSerializer)
    def get(self, request: Request, slug: str, phase: str) -> Response:
        """List every codec, with how far it is and what stands against it."""
        return _answer(_phase(slug, phase))

    @extend_schema(
        operation_id="start_baselines",
        request=StartSerializer,
        responses={202: BaselinesSerializer},
    )
    def post(self, request: Request, slug: str, phase: str) -> Response:
        """Let baselines be made, all or none; what is under way goes on. On record."""
        row, fields = _phase(slug, phase), _fields(StartSerializer, request)
        by, again = organizer_name(request), fields["again"]
        start_baselines(row, fields["codecs"], by, self.received_at, again=again)
        return _answer(row, status=202)


class BaselineStop(OrganizerView):
    """Where the making of baselines is stopped."""

    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="stop_baselines", request=StopSerializer, responses=BaselinesSerializer
    )
    def post(self, request: Request, slug: str, phase: str) -> Response:
        """Stop baselines that are being made; nothing of them stays. On record."""
        row = _phase(slug, phase)
        names: Sequence[str] = _fields(StopSerializer, request)["codecs"]
        stop_baselines(row, names, organizer_name(request), self.received_at)
        return _answer(row)


def _phase(slug: str, phase: str) -> Phase:
    rows = Phase.objects.select_related("challenge")
    return get_object_or_404(rows, challenge__slug=slug, slug=phase)


def _fields(kind: type[StrictSerializer], request: Request) -> dict[str, Any]:
    body = kind(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def _answer(phase: Phase, status: int = 200) -> Response:
    shown = BaselinesSerializer({"results": baseline_lines(phase)})
    return Response(shown.data, status=status)
