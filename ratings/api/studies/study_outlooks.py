"""Looking ahead of a study, for organizers: a plan's curve, and what its screening would do."""

import math
from dataclasses import asdict, replace
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.json_views import StrictSerializer
from ratings.api.parts.organizer_views import OrganizerView
from ratings.comparisons.judgments.screening_outlook import (
    LIMITS,
    screened_so_far,
    screening_outlook,
)
from ratings.comparisons.models import Study
from ratings.comparisons.protocol import AN_HOUR_MS
from ratings.comparisons.study.planning import (
    MOST_METHODS,
    MOST_PICTURES,
    MOST_RATERS,
    TOLD_BY_PILOT,
    assumed,
    planned,
)
from ratings.psychometrics.raters.quality import RaterVerdict
from ratings.ranking.evidence.study_pilot import study_pilot


class FiniteField(serializers.FloatField):
    """A number, and neither an infinity nor none."""

    default_error_messages = {"not_finite": "A finite number is needed."}

    def to_internal_value(self, data: float | int | str) -> float:
        """Return the number. Raises ValidationError."""
        value = super().to_internal_value(data)
        if not math.isfinite(value):
            self.fail("not_finite")
        return value


def _whole(least: int, most: int) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=least, max_value=most, required=False)


def _part(least: float, most: float) -> FiniteField:
    return FiniteField(min_value=least, max_value=most, required=False)


class AskedPlanSerializer(StrictSerializer):
    """What is assumed instead of the study's own; see `plan_study`."""

    methods = _whole(2, MOST_METHODS)
    pictures = _whole(2, MOST_PICTURES)
    raters = _whole(2, MOST_RATERS)
    trials = _whole(1, 10_000)
    visits = _whole(1, 100)
    spread = _part(0, 10)
    taste = _part(0, 10)
    picture = _part(0, 10)
    careless = _part(0, 0.99)
    ties = _part(0, 0.99)
    level = _part(0.01, 0.99)
    pilot = serializers.BooleanField(
        required=False, help_text="False leaves out what the study's own pilot tells."
    )


class AskedLimitsSerializer(StrictSerializer):
    """Limits that are tried instead of the study's own, as a definition has them."""

    quality = _part(0, 2)
    least_checks = _whole(1, 10_000)
    early = _part(0, 1)
    drop_under_ms = _whole(0, AN_HOUR_MS)
    fast_under_ms = _whole(0, AN_HOUR_MS)
    fast_under_flips = _whole(0, 10_000)


def _asked(shape: type[StrictSerializer], request: Request) -> dict[str, Any]:
    """Return what is asked for. Raises ValidationError."""
    query = request.query_params.items()
    asked = shape(data={name: value for name, value in query if value and name != "format"})
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


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
    pilot_judgments = serializers.IntegerField(
        allow_null=True, help_text="Of the study's pilot, where the plan is made from it."
    )


class PlanView(OrganizerView):
    """What so many judgments can be expected to tell; nothing is saved."""

    @extend_schema(operation_id="plan", parameters=[AskedPlanSerializer], responses=PlanSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Work out a plan: the study's own assumptions, with those that are asked for."""
        study = get_object_or_404(Study.objects.select_related("phase"), slug=slug)
        asked = _asked(AskedPlanSerializer, request)
        found = study_pilot(study) if asked.pop("pilot", True) else None
        told = found.tells if found else None
        if told and (vain := set(TOLD_BY_PILOT) & set(asked)):
            mend = "The pilot tells it: leave it out, or ask with pilot=false."
            raise serializers.ValidationError(dict.fromkeys(sorted(vain), mend))
        assumptions = replace(assumed(study, told), **asked)
        judgments = found.judgments if found and told else None
        return Response(asdict(planned(assumptions, told)) | {"pilot_judgments": judgments})


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
        operation_id="screening", parameters=[AskedLimitsSerializer], responses=ScreeningSerializer
    )
    def get(self, request: Request, slug: str) -> Response:
        """Look at the answers with the study's own limits, or those that are asked for."""
        study = get_object_or_404(Study, slug=slug)
        rule = replace(study.protocol.screening, **_asked(AskedLimitsSerializer, request))
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
