"""What raters say beside their answers: that a trial can't be judged, and a word at the end."""

from django.conf import settings
from django.db import models

from ratings.comparisons.models.people import Rater
from ratings.comparisons.models.trials import Trial


class TrialFlag(models.Model):
    """That something is wrong with a trial, as its rater says: one flag a trial, never changed.

    A flagged trial that has no answer is skipped, and another one of its kind is issued for it.
    """

    class Reason(models.TextChoices):
        MISSING = "missing", "a picture is missing or broken"
        IDENTICAL = "identical", "both look exactly the same"
        UNJUDGEABLE = "unjudgeable", "it can't be judged"
        OTHER = "other", "something else"

    trial = models.OneToOneField(Trial, models.CASCADE, related_name="flag")
    reason = models.CharField(max_length=11, choices=Reason)
    # The rater's own words; erased on request.
    text = models.CharField(max_length=300, blank=True, default="", db_default="")
    flagged_at = models.DateTimeField()
    # When an organizer found that nothing is wrong: then it counts towards no pause of its crop.
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )


class Comment(models.Model):
    """A rater's own words at the end of their session; erased on request, released to nobody."""

    rater = models.OneToOneField(Rater, models.CASCADE, related_name="comment")
    text = models.TextField()
    written_at = models.DateTimeField()
