"""What a rater says beside their answers: flags, a comment, their own result, and withdrawal."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.json_views import ApiView, StrictSerializer
from ratings.api.rating.sessions import ConsentField, SessionSerializer, require_rater, session
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Rater, Study, TrialFlag
from ratings.comparisons.questionnaire.answer_values import has_controls
from ratings.comparisons.raters import rater_keys
from ratings.comparisons.voices.comments import LONGEST_COMMENT, write_comment
from ratings.comparisons.voices.flagging import Said, flag
from ratings.comparisons.voices.own_result import own_result
from ratings.jobs.rater_actions import withdraw_rater

LONGEST_FLAG = 300


class SaidField(serializers.CharField):
    """What a rater types, in one line or with `lines`; numbers are not taken for it."""

    def __init__(self, *, lines: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lines = lines

    def to_internal_value(self, data: object) -> str:
        """Return the text. Raises ValidationError."""
        if not isinstance(data, str):
            self.fail("invalid")
        text = data.replace("\r\n", "\n")
        if has_controls(text) or not (self.lines or set(text).isdisjoint("\n\t")):
            raise serializers.ValidationError("It holds characters that can't be kept.")
        return str(super().to_internal_value(text))


@extend_schema_field(
    {"type": "string", "maxLength": LONGEST_FLAG, "pattern": r"^[^\x00-\x1f\x7f-\x9f]*$"}
)
class SaidLine(SaidField):
    """What a rater types in one line."""


class FlagSerializer(StrictSerializer):
    """What is wrong with a trial."""

    reason = serializers.ChoiceField(TrialFlag.Reason.choices)
    text = SaidLine(
        lines=False,
        max_length=LONGEST_FLAG,
        required=False,
        default="",
        allow_blank=True,
        help_text="In the rater's own words; organizers read it.",
    )


class FlaggedSerializer(serializers.Serializer[Any]):
    """The trial that is flagged."""

    trial = serializers.UUIDField()
    flagged = serializers.BooleanField()


class FlagView(ApiView):
    """The flag of a trial."""

    @extend_schema(
        operation_id="flag_trial",
        request=FlagSerializer,
        responses={
            201: OpenApiResponse(FlaggedSerializer, "Stored."),
            200: OpenApiResponse(FlaggedSerializer, "Flagged already; the first flag stays."),
        },
    )
    def put(self, request: Request, trial_id: UUID) -> Response:
        """Say that something is wrong with a trial; harmless to repeat.

        A flagged trial that is not answered does not come again: another one comes in its place.
        """
        body = FlagSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        known = rater_keys.identifiers(request.COOKIES)
        said = Said(body.validated_data["reason"], body.validated_data["text"], self.received_at)
        is_new = flag(trial_id, known, said)
        stored = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response({"trial": str(trial_id), "flagged": True}, stored)


class CommentSerializer(StrictSerializer):
    """A rater's own words."""

    text = SaidField(lines=True, max_length=LONGEST_COMMENT, allow_blank=True)


class StoredCommentSerializer(serializers.Serializer[Any]):
    """Whether there is a comment now."""

    stored = serializers.BooleanField()


class CommentView(ApiView):
    """The comment at the end of a session."""

    @extend_schema(
        operation_id="write_comment", request=CommentSerializer, responses=StoredCommentSerializer
    )
    def put(self, request: Request, slug: str) -> Response:
        """Keep a comment, in place of the one before; an empty one takes it back."""
        rater = _rater(request, slug)
        body = CommentSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        stored = write_comment(rater.pk, body.validated_data["text"], self.received_at)
        return Response({"stored": stored})


class AgreementSerializer(serializers.Serializer[Any]):
    """How often the rater answered like most of the others who saw the same."""

    tenths = serializers.IntegerField()
    comparisons = serializers.IntegerField()


class OwnMethodSerializer(serializers.Serializer[Any]):
    """A method in the rater's own answers; a tie is half a preference."""

    method = serializers.CharField()
    preferred = serializers.FloatField()
    compared = serializers.IntegerField()


class OwnResultSerializer(serializers.Serializer[Any]):
    """A rater's own result."""

    agreement = AgreementSerializer(allow_null=True)
    ranking = OwnMethodSerializer(many=True, allow_null=True)
    ranking_later = serializers.BooleanField(help_text="It is told once results are published.")


class OwnResultView(ApiView):
    """What a rater is told of their own answers."""

    @extend_schema(operation_id="read_own_result", responses=OwnResultSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Return the rater's own result, at the end and where the study allows it."""
        result = own_result(_rater(request, slug), self.received_at)
        if result is None:
            raise Refused("no-result", "The study tells this rater no result of their own now.")
        return Response(dict(OwnResultSerializer(result).data))


class WithdrawalSerializer(StrictSerializer):
    """That the rater means it."""

    delete_my_answers = ConsentField()


class WithdrawalView(ApiView):
    """A rater's withdrawal."""

    @extend_schema(
        operation_id="withdraw_rater", request=WithdrawalSerializer, responses=SessionSerializer
    )
    def post(self, request: Request, slug: str) -> Response:
        """Delete the rater's answers, for good; harmless to repeat. A code that was told stays."""
        rater = _rater(request, slug)
        body = WithdrawalSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        withdraw_rater(rater, self.received_at)
        rater = _rater(request, slug)  # as they stand now: with the code that stays theirs
        return Response(session(rater, self.received_at))


def _rater(request: Request, slug: str) -> Rater:
    """Return the rater in the cookie. Raises Refused, code "no-rater", or Http404."""
    studies = Study.objects.select_related("phase__challenge")
    return require_rater(request, get_object_or_404(studies, slug=slug))
