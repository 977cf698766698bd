"""Studies, the trials issued to raters, and undoing."""

from typing import Any
from uuid import UUID

import numpy as np
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.json_views import CURSOR, ApiView, Pages, StrictSerializer, WholeNumber, page_of
from ratings.api.sessions import ProgressSerializer, require_rater
from ratings.challenge.refusals import Refused
from ratings.challenge.visibility import seen
from ratings.comparisons.judgment_facts import MOST_ATTEMPTS
from ratings.comparisons.judgments.judging import undo, undone_attempts
from ratings.comparisons.models import Rater, Study, Trial
from ratings.comparisons.raters import rater_keys
from ratings.comparisons.study.presentation import ShownTrial, present
from ratings.comparisons.trials.scheduling import issue
from ratings.comparisons.trials.session_progress import State, progress_of_rater

MOST_TRIALS = 10
COUNT = {"type": "integer", "minimum": 1, "maximum": MOST_TRIALS}


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


class CountSerializer(StrictSerializer):
    """How many trials are wanted."""

    count = serializers.IntegerField(min_value=1, max_value=MOST_TRIALS, default=1)


class AttemptSerializer(StrictSerializer):
    """Which answer to a trial is meant."""

    attempt = WholeNumber(min_value=1, max_value=MOST_ATTEMPTS)


class UndoneSerializer(serializers.Serializer[Any]):
    """The trial whose answer was undone, and the attempt that comes next."""

    trial = serializers.UUIDField()
    attempt = serializers.IntegerField()


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
    undo = serializers.SerializerMethodField(help_text="Where an undo of the judgment is posted.")
    attempt = serializers.SerializerMethodField(
        help_text="1, and one more for each answer that was undone."
    )
    training = serializers.SerializerMethodField(
        help_text="Whether the answer's correctness is told."
    )

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

    def get_undo(self, shown: ShownTrial) -> str:
        """Return the path of the undo."""
        return reverse("api:undo", args=[shown.trial.pk])

    def get_attempt(self, shown: ShownTrial) -> int:
        """Return the attempt that comes next."""
        undone: dict[UUID, int] = self.context["undone"]
        return undone.get(shown.trial.pk, 0) + 1

    def get_training(self, shown: ShownTrial) -> bool:
        """Tell whether it is a training trial; of other kinds nothing is told."""
        return shown.trial.kind == Trial.Kind.TRAINING


class TrialsSerializer(ProgressSerializer):
    """Trials to judge next; none when the rater is done."""

    results = TrialSerializer(many=True)


class StudyList(ApiView):
    """The studies."""

    public = True

    @extend_schema(
        operation_id="list_studies", parameters=[CURSOR], responses=page_of(StudySerializer)
    )
    def get(self, request: Request) -> Response:
        """List the studies of all challenges."""
        pages, studies = Pages(), Study.objects.select_related("phase__challenge")
        studies = studies.filter(seen(organizer=False, challenge="phase__challenge__"))
        rows = pages.paginate_queryset(studies, request, self)
        return pages.get_paginated_response(StudySerializer(rows, many=True).data)


class NextTrials(ApiView):
    """The trials that come next."""

    @extend_schema(
        operation_id="next_trials",
        parameters=[OpenApiParameter("count", COUNT, description="How many; 1 if absent.")],
        responses=TrialsSerializer,
    )
    def get(self, request: Request, slug: str) -> Response:
        """Return trials for the rater in the cookie: those not judged yet first, then new ones.

        An empty list means that nothing is left for this rater.
        """
        study = get_object_or_404(Study, slug=slug)
        if not study.is_open:
            raise Refused("study-closed", "This study takes no more judgments.")
        count = CountSerializer(data=request.query_params)
        count.is_valid(raise_exception=True)
        rater = require_rater(request, study)
        wanted = count.validated_data["count"]
        trials = issue(rater, wanted, self.received_at, np.random.default_rng())
        progress = progress_of_rater(Rater.objects.select_related("study").get(pk=rater.pk))
        if study.paused_at and not trials and progress.state in (State.TRAINING, State.JUDGING):
            raise Refused("study-paused", "This study is paused; come back later.")
        context = {"undone": undone_attempts(trials)}
        results = TrialSerializer(present(trials), many=True, context=context).data
        values = {"results": results, "judged": progress.judged, "total": progress.total}
        return Response(values | {"state": progress.state})


class UndoView(ApiView):
    """The undo of a judgment."""

    @extend_schema(
        operation_id="undo_judgment", request=AttemptSerializer, responses=UndoneSerializer
    )
    def post(self, request: Request, trial_id: UUID) -> Response:
        """Undo the rater's last answer; harmless to repeat. The next attempt may be put then.

        The answer undone stays on record, marked. Training is not undone.
        """
        body = AttemptSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        known = rater_keys.identifiers(request.COOKIES)
        attempt = undo(trial_id, known, body.validated_data["attempt"], self.received_at)
        return Response({"trial": str(trial_id), "attempt": attempt})
