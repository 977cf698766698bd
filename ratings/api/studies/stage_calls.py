"""The stages of a study, for organizers: what each has, going over, going back."""

from dataclasses import asdict
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.authentication import organizer_name
from ratings.api.parts.json_views import StrictSerializer
from ratings.api.parts.organizer_views import OrganizerView
from ratings.comparisons.judgments.stage_figures import stage_figures
from ratings.comparisons.models import Stage, Study
from ratings.comparisons.study.stages import go_back, go_over, is_reversible


class StageFiguresSerializer(serializers.Serializer[Any]):
    """What one stage has."""

    raters = serializers.IntegerField(help_text="People who began in it.")
    done = serializers.IntegerField(help_text="Of these people, who are done.")
    simulated = serializers.IntegerField()
    not_used = serializers.IntegerField(help_text="Not used or rejected, simulated ones too.")
    judgments = serializers.IntegerField(help_text="Comparisons answered that stand.")


class StagesSerializer(serializers.Serializer[Any]):
    """In which stage a study is; `pilot` is null for one without a pilot."""

    stage = serializers.ChoiceField(Stage.choices)
    reversible = serializers.BooleanField(
        help_text="Whether the study is in its main stage and can go back to its pilot."
    )
    pilot = StageFiguresSerializer(allow_null=True)
    main = StageFiguresSerializer()


class StageRequest(StrictSerializer):
    """The stage to go to."""

    stage = serializers.ChoiceField(Stage.choices)


class StageView(OrganizerView):
    """In which stage a study is, and going to the other."""

    @extend_schema(operation_id="read_stage", responses=StagesSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Return the study's stage, and what each stage has."""
        return Response(_stages(_study(slug)))

    @extend_schema(operation_id="change_stage", request=StageRequest, responses=StagesSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """Go over to the main stage, or back to the pilot while nobody has answered; on record."""
        asked = StageRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        study = _study(slug)
        act = go_over if asked.validated_data["stage"] == Stage.MAIN else go_back
        act(study, organizer_name(request), self.received_at)
        return Response(_stages(study))


def _study(slug: str) -> Study:
    return get_object_or_404(Study.objects.select_related("phase__challenge"), slug=slug)


def _stages(study: Study) -> dict[str, Any]:
    has_pilot = study.pilot is not None
    return {
        "stage": study.stage,
        "reversible": is_reversible(study),
        "pilot": asdict(stage_figures(study, Stage.PILOT)) if has_pilot else None,
        "main": asdict(stage_figures(study, Stage.MAIN)),
    }
