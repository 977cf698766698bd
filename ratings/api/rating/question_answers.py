"""A rater's answers to the study's questionnaire, a card at a time."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.json_views import ApiView, StrictSerializer
from ratings.api.rating.preview import PreviewView
from ratings.api.rating.sessions import MOMENTS, SessionSerializer, require_rater, session
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Study
from ratings.comparisons.questionnaire.answer_values import problems
from ratings.comparisons.questionnaire.questions import MOST_QUESTIONS, When
from ratings.comparisons.questionnaire.stored_answers import WrongAnswers, store_answers
from ratings.comparisons.questionnaire.study_questions import questions_of
from ratings.comparisons.raters.places import end_if_answers_are_full


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": MOST_QUESTIONS,
        "additionalProperties": {
            "oneOf": [
                {"type": "string"},
                {"type": "number"},
                {"type": "array", "items": {"type": "string"}},
                {"type": "null"},
            ],
        },
    }
)
class AnswersField(serializers.Field[dict[str, Any], Any, dict[str, Any], Any]):
    """Answers by the questions' slugs; what each may be follows from the study's definition."""

    def to_internal_value(self, data: object) -> dict[str, Any]:
        """Return the answers. Raises ValidationError for what is no object, or too large a one."""
        if not isinstance(data, dict) or len(data) > MOST_QUESTIONS:
            raise serializers.ValidationError(
                f"It must be a JSON object of at most {MOST_QUESTIONS} answers."
            )
        return data


class AnswersSerializer(StrictSerializer):
    """The answers of one card."""

    when = serializers.ChoiceField(choices=MOMENTS)
    answers = AnswersField(
        help_text="By the questions' slugs: the value of an option, a list of them, a number or a "
        "text. One that is left out, or null, is stored as left out."
    )


class SessionAnswersView(ApiView):
    """The answers of a session to the questions before, or after."""

    @extend_schema(
        operation_id="answer_questions", request=AnswersSerializer, responses=SessionSerializer
    )
    def put(self, request: Request, slug: str) -> Response:
        """Store the answers to all questions before the first trial, or after the last one.

        Harmless to repeat: what is stored already stands. Returns how far the session is then.
        """
        rater = require_rater(request, get_object_or_404(Study, slug=slug))
        body = AnswersSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        when, answers = When(body.validated_data["when"]), body.validated_data["answers"]
        try:
            # Whoever is of a full kind is ended with their answers, or neither is on record.
            with transaction.atomic():
                store_answers(rater, when, answers, self.received_at)
                if when is When.BEFORE:
                    end_if_answers_are_full(rater, self.received_at)
        except WrongAnswers as wrong:
            raise _refused(wrong.problems) from wrong
        return Response(session(rater, self.received_at))


@extend_schema(exclude=True)
class PreviewAnswers(PreviewView):
    """The answers of a walk, which are looked at and not kept."""

    def put(self, request: Request, slug: str) -> Response:
        """Walk on."""
        body = AnswersSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        when = When(body.validated_data["when"])
        questions = {one.slug: one for one in questions_of(self.study, when)}
        if wrong := problems(questions, body.validated_data["answers"]):
            raise _refused(wrong)
        self.walk = self.walk.with_answers(when)
        return self.session()


def _refused(problems: Mapping[str, str]) -> Refused:
    """Return a refusal whose lines each begin with the question that they are about."""
    return Refused("answers", *(f"{slug}: {problem}" for slug, problem in problems.items()))
