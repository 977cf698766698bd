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

from ratings.api.parts.json_views import (
    CURSOR,
    ApiView,
    Pages,
    StrictSerializer,
    WholeNumber,
    page_of,
)
from ratings.api.rating.sessions import ProgressSerializer, no_rater
from ratings.challenge.access.visibility import seen
from ratings.challenge.refusals import Refused
from ratings.comparisons.judgment_facts import MOST_ATTEMPTS
from ratings.comparisons.judgments.judging import undo
from ratings.comparisons.judgments.session_endings import next_trials
from ratings.comparisons.models import Study, Trial
from ratings.comparisons.questionnaire.stored_answers import require_answered
from ratings.comparisons.raters import rater_keys
from ratings.comparisons.study.presentation import ShownTrial, present
from ratings.comparisons.trials.rater_session import RaterSession, read_session
from ratings.comparisons.trials.session_progress import State, ends_early
from ratings.comparisons.trials.trial_history import IssuedTrial

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

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    original = serializers.CharField()
    left = serializers.CharField()
    right = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    judgment = serializers.CharField(help_text="Where the judgment is put.")
    undo = serializers.CharField(help_text="Where an undo of the judgment is posted.")
    flag = serializers.CharField(help_text="Where it is put that something is wrong with it.")
    attempt = serializers.IntegerField(help_text="1, and one more for each answer that was undone.")
    training = serializers.BooleanField(help_text="Whether the answer's correctness is told.")


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
        session = _session(request, slug)
        study = session.rater.study
        _refuse_closed(study)
        if study.questionnaire and not session.trials and not ends_early(session.rater):
            require_answered(session.rater)
        count = CountSerializer(data=request.query_params)
        count.is_valid(raise_exception=True)
        wanted = count.validated_data["count"]
        session, trials = next_trials(session, wanted, self.received_at, np.random.default_rng())
        progress = session.progress()
        if study.paused_at and not trials and progress.state in (State.TRAINING, State.JUDGING):
            raise Refused("study-paused", "This study is paused; come back later.")
        shown = present([trial.as_trial(session.rater) for trial in trials])
        return Response(
            {
                "results": [_told(*both) for both in zip(trials, shown, strict=True)],
                "judged": progress.judged,
                "total": progress.total,
                "state": progress.state,
            }
        )


def _session(request: Request, slug: str) -> RaterSession:
    """Return the session of the rater in the cookie. Raises Refused, or Http404."""
    rater = rater_keys.identifier(slug, request.COOKIES)
    session = read_session(rater, slug) if rater else None
    if session is None:
        _refuse_closed(get_object_or_404(Study, slug=slug))
        raise no_rater()
    return session


def _refuse_closed(study: Study) -> None:
    if not study.is_open:
        raise Refused("study-closed", "This study takes no more judgments.")


def _told(trial: IssuedTrial, shown: ShownTrial) -> dict[str, Any]:
    """Return a trial as `TrialSerializer` says; of its kind nothing is told but training."""
    return {
        "id": str(trial.pk),
        "number": trial.number,
        "original": reverse("web:crop", args=[shown.original]),
        "left": reverse("web:crop", args=[shown.left]),
        "right": reverse("web:crop", args=[shown.right]),
        "width": trial.crop.width,
        "height": trial.crop.height,
        "judgment": reverse("api:judgment", args=[trial.pk]),
        "undo": reverse("api:undo", args=[trial.pk]),
        "flag": reverse("api:flag", args=[trial.pk]),
        "attempt": trial.undone + 1,
        "training": trial.kind == Trial.Kind.TRAINING,
    }


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
