"""Looking ahead of a study, for organizers: a plan's curve, and what its screening would do."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.organizer_views import OrganizerView
from ratings.comparisons.judgments.screening_outlook import (
    LIMITS,
    read_limits,
    screened_so_far,
    screening_outlook,
)
from ratings.comparisons.models import Study
from ratings.comparisons.study.planning import Assumptions, planned, read_assumptions
from ratings.psychometrics.raters.quality import RaterVerdict

ASSUMED = tuple(asdict(Assumptions()))


def _numbers(names: Collection[str]) -> list[OpenApiParameter]:
    """Describe parameters that are numbers, and the study's own where they are left out."""
    return [OpenApiParameter(name, OpenApiTypes.NUMBER) for name in names]


def _asked(request: Request, names: Collection[str]) -> dict[str, str]:
    """Return what is asked for. Raises ValidationError for a name that is none of `names`."""
    asked = {name: str(value) for name, value in request.query_params.items()}
    if unknown := asked.keys() - {*names, "format"}:
        mend = f"There is no such parameter; there are: {', '.join(names)}."
        raise ValidationError(dict.fromkeys(sorted(unknown), mend))
    return asked


class PointSerializer(serializers.Serializer[Any]):
    """What a number of judgments can be expected to tell, in log odds."""

    judgments = serializers.IntegerField()
    raters = serializers.IntegerField(help_text="How many have come until then.")
    half_width = serializers.FloatField(help_text="Of a score's interval, on average.")
    error = serializers.FloatField(help_text="Of a difference of neighbours, on average.")
    apart = serializers.FloatField(help_text="How many neighbours are told apart, all at once.")


class PlanSerializer(serializers.Serializer[Any]):
    """A study as it is assumed, and what can be expected of it, judgments ascending."""

    assumptions = serializers.DictField(child=serializers.FloatField())
    points = PointSerializer(many=True)
    neighbours = serializers.IntegerField()
    endless_half_width = serializers.FloatField(
        help_text="What endless judgments by these raters on these pictures leave."
    )


class PlanView(OrganizerView):
    """What so many judgments can be expected to tell; nothing is saved."""

    @extend_schema(operation_id="plan", parameters=_numbers(ASSUMED), responses=PlanSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Work out a plan: the study's own assumptions, with those that are asked for."""
        study = get_object_or_404(Study.objects.select_related("phase"), slug=slug)
        assumptions, problems = read_assumptions(study, _asked(request, ASSUMED))
        if problems:
            raise ValidationError(problems)
        return Response(asdict(planned(assumptions)))


class SoFarSerializer(serializers.Serializer[Any]):
    """What became of raters until now."""

    raters = serializers.IntegerField()
    failed_practice = serializers.IntegerField()
    by_rule = serializers.IntegerField(help_text="Not used, as the rule decided.")
    by_organizer = serializers.IntegerField(help_text="Not used or rejected, by hand.")


class AnswerCountsSerializer(serializers.Serializer[Any]):
    """Answers outside training, each counted once: dropped, or doubted and still counted."""

    answers = serializers.IntegerField()
    too_fast = serializers.IntegerField()
    unflipped = serializers.IntegerField()
    doubted = serializers.IntegerField()


class ScreeningSerializer(serializers.Serializer[Any]):
    """What was decided, and what the limits would do with the answers that there are."""

    limits = serializers.DictField(child=serializers.FloatField())
    so_far = SoFarSerializer()
    verdicts = serializers.DictField(
        child=serializers.IntegerField(),
        help_text=f"Raters with answers, by what is found: {', '.join(RaterVerdict)}.",
    )
    set_aside = serializers.IntegerField(help_text="Used now, and not by these limits.")
    taken_back = serializers.IntegerField(help_text="Not used now, and used by these limits.")
    answers = AnswerCountsSerializer()
    qualities = serializers.ListField(child=serializers.FloatField())


class ScreeningView(OrganizerView):
    """What screening did, and would do by other limits; nothing is decided."""

    @extend_schema(
        operation_id="screening", parameters=_numbers(LIMITS), responses=ScreeningSerializer
    )
    def get(self, request: Request, slug: str) -> Response:
        """Look at the answers with the study's own limits, or those that are asked for."""
        study = get_object_or_404(Study, slug=slug)
        rule, problems = read_limits(study.protocol.screening, _asked(request, LIMITS))
        if problems:
            raise ValidationError(problems)
        found = screening_outlook(study, rule)
        return Response(
            {
                "limits": {name: getattr(rule, name) for name in LIMITS},
                "so_far": asdict(screened_so_far(study)),
                "verdicts": {
                    verdict.value: found.verdicts.get(verdict, 0) for verdict in RaterVerdict
                },
                "set_aside": found.set_aside,
                "taken_back": found.taken_back,
                "answers": asdict(found.answers),
                "qualities": found.qualities,
            }
        )
