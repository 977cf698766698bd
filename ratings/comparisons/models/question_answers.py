"""What raters answered to a study's questionnaire: kept apart from their judgments."""

from django.db import models

from ratings.comparisons.models.people import Rater


class QuestionAnswer(models.Model):
    """One rater's answer to one question of the questionnaire; the first one stands.

    `value` is a text, a number or a list of texts, by the question's kind. None: the question was
    shown and left out, or its answer was erased.
    """

    rater = models.ForeignKey(Rater, models.CASCADE, related_name="question_answers")
    question = models.SlugField()
    value = models.JSONField(null=True)
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rater", "question"], name="question_answer_unique")
        ]
