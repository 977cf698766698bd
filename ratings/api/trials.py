"""Studies, raters' sessions, and the trials issued to them."""

from typing import Any

import numpy as np
from django.conf import settings
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.base import ApiView, Pages, StrictSerializer
from ratings.challenge.refusals import Refused
from ratings.comparisons import raters
from ratings.comparisons.models import Rater, Study
from ratings.comparisons.presentation import ShownTrial, present
from ratings.comparisons.progress import progress
from ratings.comparisons.scheduling import issue

MOST_TRIALS = 10


class StudySerializer(serializers.ModelSerializer[Study]):
    """A study as anyone may see it."""

    challenge = serializers.CharField(source="phase.challenge.slug")
    phase = serializers.CharField(source="phase.slug")

    class Meta:
        model = Study
        fields = [
            "slug",
            "name",
            "challenge",
            "phase",
            "question",
            "crop_width",
            "crop_height",
            "trials_per_rater",
            "ties_allowed",
            "is_open",
        ]


class ConsentSerializer(StrictSerializer):
    """The rater's consent to the study's text."""

    consent = serializers.BooleanField(help_text="True: the rater consents to the study's text.")

    def validate_consent(self, value: bool) -> bool:
        """Refuse everything but true."""
        if not value:
            raise serializers.ValidationError("Judging needs consent: send true, or don't begin.")
        return value


class CountSerializer(StrictSerializer):
    """How many trials are wanted."""

    count = serializers.IntegerField(min_value=1, max_value=MOST_TRIALS, default=1)


class ProgressSerializer(serializers.Serializer[Any]):
    """How far a rater is."""

    judged = serializers.IntegerField(help_text="Trials that this rater has judged.")
    total = serializers.IntegerField(help_text="Trials that there are for this rater in all.")


class TrialSerializer(serializers.Serializer[Any]):
    """A trial: the addresses of its pictures, and their size in pixels."""

    id = serializers.UUIDField(source="trial.pk")
    number = serializers.IntegerField(source="trial.number")
    original = serializers.SerializerMethodField()
    left = serializers.SerializerMethodField()
    right = serializers.SerializerMethodField()
    width = serializers.IntegerField(source="trial.crop.width")
    height = serializers.IntegerField(source="trial.crop.height")
    judgment = serializers.SerializerMethodField(help_text="Where the judgment is put.")

    def get_original(self, shown: ShownTrial) -> str:
        """Return the path of the original's crop."""
        return reverse("web:crop", args=[shown.original])

    def get_left(self, shown: ShownTrial) -> str:
        """Return the path of the left version's crop."""
        return reverse("web:crop", args=[shown.left])

    def get_right(self, shown: ShownTrial) -> str:
        """Return the path of the right version's crop."""
        return reverse("web:crop", args=[shown.right])

    def get_judgment(self, shown: ShownTrial) -> str:
        """Return the path of the judgment."""
        return reverse("api:judgment", args=[shown.trial.pk])


class TrialsSerializer(ProgressSerializer):
    """Trials to judge next; none when the rater is done."""

    results = TrialSerializer(many=True)


class StudyList(ApiView, ListAPIView[Study]):
    """The studies."""

    queryset = Study.objects.select_related("phase__challenge")
    serializer_class = StudySerializer
    pagination_class = Pages


class RaterView(ApiView):
    """A rater's session."""

    @extend_schema(
        summary="Begin judging, or go on",
        request=ConsentSerializer,
        responses={
            201: OpenApiResponse(ProgressSerializer, "A cookie holds the new rater."),
            200: OpenApiResponse(ProgressSerializer, "The rater in the cookie goes on."),
        },
    )
    def post(self, request: Request, slug: str) -> Response:
        """Begin a session; the cookie that comes back is all that tells one rater from another."""
        study = _open_study(slug)
        ConsentSerializer(data=request.data).is_valid(raise_exception=True)
        known = raters.find(study, request.COOKIES)
        rater = known or raters.begin(study, self.received_at)
        response = Response(
            _progress(rater), status.HTTP_200_OK if known else status.HTTP_201_CREATED
        )
        response.set_cookie(
            raters.cookie_name(study),
            raters.cookie_value(rater),
            max_age=raters.COOKIE_AGE_SECONDS,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )
        response["Cache-Control"] = "no-store"
        return response


class NextTrials(ApiView):
    """The trials that come next."""

    @extend_schema(
        summary="Issue the next trials",
        parameters=[
            OpenApiParameter("count", int, description=f"How many, 1 to {MOST_TRIALS}; 1 if absent")
        ],
        responses=TrialsSerializer,
    )
    def get(self, request: Request, slug: str) -> Response:
        """Return trials for the rater in the cookie: those not judged yet first, then new ones.

        An empty list means that nothing is left for this rater.
        """
        study = _open_study(slug)
        count = CountSerializer(data=request.query_params)
        count.is_valid(raise_exception=True)
        rater = raters.find(study, request.COOKIES)
        if rater is None:
            raise Refused(
                "no-rater", 'Begin first: POST {"consent": true} to this study\'s raters.'
            )
        wanted = count.validated_data["count"]
        trials = issue(rater, wanted, self.received_at, np.random.default_rng())
        results = TrialSerializer(present(trials), many=True).data
        return Response(
            {"results": results} | _progress(rater), headers={"Cache-Control": "no-store"}
        )


def _open_study(slug: str) -> Study:
    study = get_object_or_404(Study, slug=slug)
    if not study.is_open:
        raise Refused("study-closed", "This study takes no more judgments.")
    return study


def _progress(rater: Rater) -> dict[str, int]:
    found = progress(rater)
    return {"judged": found.judged, "total": found.total}
