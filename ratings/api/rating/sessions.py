"""A rater's session: beginning it, going on with it, and how far it is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.json_views import ApiView, StrictSerializer, TextField, TrueOrFalse
from ratings.api.rating import facts
from ratings.challenge.access.limits import BEGINNING, VISITING, client_address
from ratings.challenge.access.visibility import seen
from ratings.challenge.refusals import Refused
from ratings.comparisons.device_rules import BrokenRule, read_device_rules, unfit
from ratings.comparisons.judgments.session_endings import end_if_due
from ratings.comparisons.models import Rater, Study
from ratings.comparisons.questionnaire.questions import When
from ratings.comparisons.questionnaire.stored_answers import due as questions_due
from ratings.comparisons.raters import rater_keys
from ratings.comparisons.raters.recruiting import (
    EntryRequest,
    Participant,
    admit,
    is_same_rater,
    returning,
)
from ratings.comparisons.trials.completion_codes import OVER, completion
from ratings.comparisons.trials.session_end import finish_session
from ratings.comparisons.trials.session_progress import (
    SessionProgress,
    State,
    progress_of_rater,
)

STATES = [state.value for state in State]
# When questions are asked.
MOMENTS = [when.value for when in When]
LONGEST = 100  # as the columns of Recruit


class PlatformSerializer(StrictSerializer):
    """Who sent the rater, as the address of the rating page told."""

    slug = TextField(max_length=50, help_text="The study's name for the platform.")
    participant = TextField(max_length=LONGEST)
    study = TextField(max_length=LONGEST, required=False, default="", allow_blank=True)
    session = TextField(max_length=LONGEST, required=False, default="", allow_blank=True)


@extend_schema_field(
    {"type": "object", "properties": dict(facts.VISIT_FACTS), "additionalProperties": False}
)
class FactsField(serializers.Field[dict[str, Any], Any, dict[str, Any], Any]):
    """What the page found of window, screen, pixel ratio and zoom."""

    def to_internal_value(self, data: object) -> dict[str, Any]:
        """Return the facts. Raises ValidationError naming each wrong one."""
        if not isinstance(data, dict):
            raise serializers.ValidationError("It must be a JSON object.")
        if problems := dict(facts.problems(data, facts.VISIT_FACTS, ())):
            raise serializers.ValidationError(problems)
        return data


@extend_schema_field({"type": "boolean", "const": True})
class ConsentField(TrueOrFalse):
    """True, and nothing else."""

    def to_internal_value(self, data: object) -> bool:
        """Return true. Raises ValidationError for whatever else."""
        if not super().to_internal_value(data):
            raise serializers.ValidationError("Judging needs consent: send true, or don't begin.")
        return True


class ArrivalSerializer(StrictSerializer):
    """The rater's consent to the study's text, and how they came."""

    consent = ConsentField(help_text="True: the rater consents to the study's text.")
    consent_sha256 = TextField(
        max_length=64,
        required=False,
        default="",
        allow_blank=True,
        help_text="The SHA-256 of the text that was shown; refused if it is no longer that one.",
    )
    language = TextField(
        max_length=10,
        required=False,
        default="",
        allow_blank=True,
        help_text="One of the study's languages; its first if absent.",
    )
    invitation = TextField(
        max_length=32,
        required=False,
        default="",
        allow_blank=True,
        help_text="The token of the rater's invitation.",
    )
    platform = PlatformSerializer(required=False)
    team = TextField(
        max_length=128,
        required=False,
        default="",
        allow_blank=True,
        help_text="The team that the rater is a member of, where the study asks: they are shown "
        "none of its pictures.",
    )
    facts = FactsField(required=False, default=dict)


class ProgressSerializer(serializers.Serializer[Any]):
    """How far a rater is."""

    state = serializers.ChoiceField(choices=STATES)
    judged = serializers.IntegerField(help_text="Trials that this rater has judged; no training.")
    total = serializers.IntegerField(help_text="Trials that there are for this rater in all.")


class TrainingSerializer(serializers.Serializer[Any]):
    """The training's rule, and the attempt that the rater is at."""

    trials = serializers.IntegerField()
    right = serializers.IntegerField(help_text="So many must be right to pass.")
    attempt = serializers.IntegerField()
    judged = serializers.IntegerField(
        source="answers.judged", help_text="So many trials of this attempt are judged."
    )
    attempts = serializers.IntegerField(help_text="So many attempts are there in all.")
    correct = serializers.IntegerField(
        source="answers.right", help_text="So many answers of this attempt are right so far."
    )
    correct_before = serializers.IntegerField(
        source="before.right", help_text="So many of the attempt before were; 0 in the first."
    )


class CompletionSerializer(serializers.Serializer[Any]):
    """What the rater hands in."""

    code = serializers.CharField()
    url = serializers.CharField(allow_null=True, help_text="Where, if a platform sent the rater.")


class SessionSerializer(ProgressSerializer):
    """A rater's session."""

    rater = serializers.CharField(help_text="The rater's random identifier.")
    training = TrainingSerializer(allow_null=True)
    visit = serializers.IntegerField(
        allow_null=True,
        help_text="The number of the visit that began, to be sent with its judgments; the newest "
        "one where none did.",
    )
    language = serializers.CharField()
    ending = serializers.CharField(
        allow_blank=True,
        help_text="Which rule of the study ended the session, if one did: hopeless, away or full.",
    )
    link = serializers.CharField(help_text="The personal address: it goes on on any device.")
    completion = CompletionSerializer(
        allow_null=True, help_text="There once every answer is stored."
    )
    questions_due = serializers.ChoiceField(
        choices=MOMENTS,
        allow_null=True,
        help_text="Which of the study's questions are to be answered now: those before the first "
        "trial, or those after the last one, which the completion waits for.",
    )


class RaterView(ApiView):
    """A rater's session."""

    @extend_schema(
        operation_id="begin_session",
        request=ArrivalSerializer,
        responses={
            201: OpenApiResponse(SessionSerializer, "A cookie holds the new rater."),
            200: OpenApiResponse(SessionSerializer, "A rater who was here before goes on."),
        },
    )
    def post(self, request: Request, slug: str) -> Response:
        """Begin a session, or go on with it; either begins a visit.

        The cookie that comes back is all that tells one rater from another. Whom the cookie holds
        goes on, and so does a platform's participant who comes back on another device.
        """
        study = get_object_or_404(_studies(), slug=slug)
        body = ArrivalSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        entry_request, shown = (
            _entry_request(body.validated_data),
            body.validated_data["consent_sha256"],
        )
        if shown and shown != study.texts(entry_request.language).consent_sha256:
            raise Refused("consent-changed", "The study's text has changed; show it and ask again.")
        browser = request.headers.get("User-Agent", "")
        known = rater_keys.rater_in_cookies(study, request.COOKIES)
        _refuse_unfit(
            study, body.validated_data["facts"], browser, _goes_on(study, known, entry_request)
        )
        if known and is_same_rater(known, entry_request):
            VISITING.count(known.pk.hex, None, self.received_at)
        else:
            BEGINNING.count(slug, client_address(request.META), self.received_at)
        rater, is_new = admit(study, known, entry_request, self.received_at)
        # Of whom everything was deleted nothing new is kept.
        visit = (
            None
            if rater.withdrawn_at
            else rater_keys.visit(rater, browser, body.validated_data["facts"], self.received_at)
        )
        response = Response(
            session(rater, self.received_at, visit),
            status.HTTP_201_CREATED if is_new else status.HTTP_200_OK,
        )
        rater_keys.remember(response, rater)
        return response


class SessionView(ApiView):
    """How far a session is."""

    @extend_schema(operation_id="read_session", responses=SessionSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Return how far the rater in the cookie is; at the end, the completion code."""
        rater = require_rater(request, get_object_or_404(_studies(), slug=slug))
        return Response(session(rater, self.received_at))


def _studies() -> QuerySet[Study]:
    return Study.objects.filter(seen(organizer=False, challenge="phase__challenge__"))


def require_rater(request: Request, study: Study) -> Rater:
    """Return the rater in the cookie. Raises Refused, code "no-rater"."""
    rater = rater_keys.rater_in_cookies(study, request.COOKIES)
    if rater is None:
        raise no_rater()
    return rater


def no_rater() -> Refused:
    """Return what is said to whom no cookie holds."""
    return Refused("no-rater", 'Begin first: POST {"consent": true} to this study\'s raters.')


def session(rater: Rater, now: datetime, visit: int | None = None) -> dict[str, Any]:
    """Return a session as the API tells it; its end is on record then.

    `visit` is the number of the visit that began, if one did.
    """
    end_if_due(rater, now)
    progress = finish_session(rater, now)
    address = reverse("web:rate", args=[rater.study.slug])
    due = _questions_due(rater, progress) if rater.study.questionnaire else None
    values = {
        "rater": rater.pk.hex,
        "state": progress.state,
        "judged": progress.judged,
        "total": progress.total,
        "training": progress.training,
        "visit": visit or rater.visits.count() or None,
        "language": rater.language,
        "ending": rater.ending,
        "link": f"{address}?{urlencode({'rater': rater_keys.cookie_value(rater)})}",
        "completion": None if due is When.AFTER else completion(rater, progress.state),
        "questions_due": due,
    }
    return dict(SessionSerializer(values).data)


def _questions_due(rater: Rater, progress: SessionProgress) -> When | None:
    is_done = progress.state is State.DONE
    # Nobody answers for trials that they will never get.
    if not is_done and (progress.state in OVER or not rater.study.is_open):
        return None
    has_trials = progress.judged > 0 or rater.trials.exists()
    return questions_due(rater, has_trials=has_trials, is_done=is_done)


def _goes_on(study: Study, known: Rater | None, entry_request: EntryRequest) -> Rater | None:
    """Return the rater who comes back, if one does."""
    is_same = known is not None and is_same_rater(known, entry_request)
    return known if is_same else returning(study, entry_request)


def _refuse_unfit(
    study: Study, facts: Mapping[str, Any], browser: str, rater: Rater | None
) -> None:
    """Raise Refused, code "device-unfit", for a device that the study's rules leave out.

    Not to a rater who has judged all: their code, and their answers, are theirs on any device.
    """
    broken = unfit(read_device_rules(study.devices), facts, browser)
    if broken and not (rater and progress_of_rater(rater).state in OVER):
        raise Refused("device-unfit", *(f"{one}: {SAID_OF_DEVICES[one]}" for one in broken))


SAID_OF_DEVICES = {
    BrokenRule.PHONE: "Use a computer or a tablet.",
    BrokenRule.WIDTH: "Make the window wider, or the page's zoom smaller.",
    BrokenRule.HEIGHT: "Make the window higher, or the page's zoom smaller.",
    BrokenRule.PIXEL_RATIO: "Set the page's zoom to 100 %, or use a screen of finer pixels.",
    BrokenRule.BROWSER: "Use a browser, or a version of it, that the study allows.",
}


def _entry_request(body: dict[str, Any]) -> EntryRequest:
    sent = body.get("platform")
    participant = sent and Participant(
        sent["slug"], sent["participant"], sent["study"], sent["session"]
    )
    return EntryRequest(body["invitation"], participant, body["language"], body["team"])
