"""The calls of the preview's page: those of a rater's session, for a walk that stores nothing.

The page's own, for who is signed in at the desk and may read there; the schema leaves them out. A
walk lives in that session, so no request of another site can do more than walk on in it.
"""

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.json_views import ApiView
from ratings.api.rating.sessions import SessionSerializer
from ratings.api.rating.trials import AttemptSerializer, CountSerializer
from ratings.challenge.access.permissions import Permission, may_there
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Judgment, Study
from ratings.comparisons.questionnaire.questions import When
from ratings.comparisons.questionnaire.stored_answers import moment
from ratings.comparisons.questionnaire.study_questions import questions_of
from ratings.comparisons.trials.completion_codes import completion
from ratings.comparisons.trials.preview_trials import (
    Picture,
    PreviewTrial,
    StandIn,
    Walk,
    preview_rater,
)
from ratings.comparisons.trials.session_progress import SessionProgress, State
from ratings.comparisons.trials.study_preview import (
    answer,
    progress_of_walk,
    skip,
    to_the_last,
    trials_of,
    undo_answer,
)

TO_THE_LAST = "last"


class ChoiceSerializer(serializers.Serializer[Any]):
    """The answer to a trial; what else the page tells of it is not looked at."""

    choice = serializers.ChoiceField(Judgment.Choice.values)


@extend_schema(exclude=True)
class PreviewView(ApiView):
    """A call of the preview of one study."""

    study: Study

    def setup(self, request: HttpRequest, *args: object, **kwargs: object) -> None:
        """Note who is signed in at the desk, and what is kept with them."""
        super().setup(request, *args, **kwargs)
        permission, route = Permission.READ, request.resolver_match
        self._may_look = may_there(request.user, permission, route)
        self._kept = request.session

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the study. Raises PermissionDenied where nobody is signed in who may read."""
        super().initial(request, *args, **kwargs)
        if not self._may_look:
            raise PermissionDenied("Sign in at the desk: a preview is for its people.")
        self.study = get_object_or_404(Study.objects.select_related("phase"), slug=kwargs["slug"])

    @property
    def walk(self) -> Walk:
        """The walk that is under way. Raises Refused, code "no-rater"."""
        held = self._kept.get(self._key)
        if held is None:
            raise Refused("no-rater", "Begin the preview first.")
        return Walk(
            held["seed"],
            tuple(held["training"]),
            held["judged"],
            held.get("platform", ""),
            tuple(held.get("answered", ())),
        )

    @walk.setter
    def walk(self, walk: Walk) -> None:
        self._kept[self._key] = asdict(walk)

    @property
    def _key(self) -> str:
        return f"preview {self.study.slug}"

    def session(self) -> Response:
        """Answer with the walk as a rater's session."""
        progress, rater = (
            progress_of_walk(self.study, self.walk),
            preview_rater(self.study, self.walk),
        )
        due = self._due(progress)
        values = {
            "rater": self.walk.seed,
            "state": progress.state,
            "judged": progress.judged,
            "total": progress.total,
            "training": progress.training,
            "visit": None,
            "language": self.study.protocol.languages[0],
            "ending": "",
            "link": reverse("web:preview", args=[self.study.slug]),
            "completion": None if due is When.AFTER else completion(rater, progress.state),
            "questions_due": due,
        }
        return Response(dict(SessionSerializer(values).data))

    def _due(self, progress: SessionProgress) -> When | None:
        training = progress.training
        has_begun = progress.judged > 0 or (training is not None and training.is_begun)
        when = moment(has_trials=has_begun, is_done=progress.state is State.DONE)
        is_due = when and when not in self.walk.answered and questions_of(self.study, when)
        return when if is_due else None


class PreviewRater(PreviewView):
    """The beginning of a walk, and all ways out of it."""

    def post(self, request: Request, slug: str) -> Response:
        """Begin a walk anew, or (`at` is "last") with one trial left; as if `platform` sent it."""
        platforms = [known.slug for known in self.study.protocol.recruiting.platforms]
        asked = request.query_params.get("platform", "")
        walk = Walk(platform=asked if asked in platforms else "")
        at_end = request.query_params.get("at") == TO_THE_LAST
        self.walk = to_the_last(self.study, walk) if at_end else walk
        return self.session()


class PreviewSession(PreviewView):
    """How far the walk is."""

    def get(self, request: Request, slug: str) -> Response:
        """Return it as a rater's session."""
        return self.session()


class PreviewTrials(PreviewView):
    """The trials that come next."""

    def get(self, request: Request, slug: str) -> Response:
        """Return them as a rater's."""
        count = CountSerializer(data=request.query_params)
        count.is_valid(raise_exception=True)
        trials = trials_of(self.study, self.walk, count.validated_data["count"])
        progress = progress_of_walk(self.study, self.walk)
        values = {"judged": progress.judged, "total": progress.total, "state": progress.state}
        return Response(values | {"results": [_trial(slug, trial) for trial in trials]})


class PreviewJudgment(PreviewView):
    """The answer to a trial."""

    def put(self, request: Request, slug: str, attempt: int, number: int) -> Response:
        """Walk on; of a training trial, say whether it was right."""
        body = ChoiceSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        choice = body.validated_data["choice"]
        self.walk, is_right = answer(self.study, self.walk, attempt, number, choice)
        told = {"correct": is_right} if attempt else {}
        return Response({"trial": _name(attempt, number), "choice": choice} | told)


class PreviewFlag(PreviewView):
    """That something is wrong with a trial."""

    def put(self, request: Request, slug: str, attempt: int, number: int) -> Response:
        """Walk on; nothing of it is stored."""
        self.walk = skip(self.study, self.walk, attempt, number)
        return Response({"trial": _name(attempt, number), "flagged": True})


class PreviewUndo(PreviewView):
    """The undo of an answer."""

    def post(self, request: Request, slug: str, attempt: int, number: int) -> Response:
        """Walk back by one."""
        body = AttemptSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        self.walk = undo_answer(self.study, self.walk, attempt, number)
        again = body.validated_data["attempt"] + 1
        return Response({"trial": _name(attempt, number), "attempt": again})


def _name(attempt: int, number: int) -> str:
    return f"{attempt}-{number}"


def _trial(slug: str, trial: PreviewTrial) -> dict[str, Any]:
    """Return a trial of the walk as `TrialSerializer` writes a rater's."""
    where = [slug, trial.attempt, trial.number]
    return {
        "id": _name(trial.attempt, trial.number),
        "number": trial.number,
        "original": _address(slug, trial.original),
        "left": _address(slug, trial.left),
        "right": _address(slug, trial.right),
        "width": trial.width,
        "height": trial.height,
        "judgment": reverse("api:preview-judgment", args=where),
        "undo": reverse("api:preview-undo", args=where),
        "flag": reverse("api:preview-flag", args=where),
        "attempt": 1,
        "training": trial.attempt > 0,
    }


def _address(slug: str, picture: Picture) -> str:
    if isinstance(picture, StandIn):
        which = [picture.original, picture.x, picture.y, picture.level]
        return reverse("web:stand-in", args=[slug, *which])
    return reverse("web:crop", args=[picture])
