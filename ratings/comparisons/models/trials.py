"""What raters were asked and what they answered, with the counts per rater."""

import uuid

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from ratings.challenge.models import Dataset
from ratings.comparisons.models.people import Rater
from ratings.comparisons.models.studies import Crop, Entry, Pair, StudyVersion


class Trial(models.Model):
    """Two contenders of one crop, issued to one rater: left, right, and the original at hand.

    In a comparison or a repeat they are the two entries of `pair`; in a golden or training trial
    the first is the original itself, the second the original degraded at `level`; in an identical
    trial both are `entry`.
    """

    class Kind(models.TextChoices):
        COMPARISON = "comparison", "comparison"
        TRAINING = "training", "training"
        GOLDEN = "golden", "golden"
        REPEAT = "repeat", "repeat"
        IDENTICAL = "identical", "identical"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rater = models.ForeignKey(Rater, models.CASCADE, related_name="trials")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.COMPARISON)
    crop = models.ForeignKey(Crop, models.CASCADE, related_name="trials")
    pair = models.ForeignKey(Pair, models.CASCADE, null=True, related_name="trials")
    entry = models.ForeignKey(Entry, models.CASCADE, null=True, related_name="identical_trials")
    level = models.PositiveSmallIntegerField(default=0)
    first_left = models.BooleanField()
    # Training trials are numbered from 1 on their own, in each attempt anew.
    number = models.PositiveIntegerField()
    training_attempt = models.PositiveSmallIntegerField(default=0)
    version = models.ForeignKey(StudyVersion, models.PROTECT, null=True, related_name="trials")
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rater", "crop", "pair", "kind"], name="trial_unique"),
            models.UniqueConstraint(
                fields=["rater", "training_attempt", "number"], name="trial_number_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["comparison", "repeat"], pair__isnull=False)
                | models.Q(kind__in=["training", "golden"], pair__isnull=True)
                | models.Q(kind="identical", pair__isnull=True, entry__isnull=False),
                name="trial_contenders",
            ),
        ]
        # Trials are stored in order of time: this tiny index finds the latest of millions.
        indexes = [BrinIndex(fields=["issued_at"], name="trial_issued_at", autosummarize=True)]


class Judgment(models.Model):
    """An answer to a trial. Appended, never changed: an exclusion is a flag with a reason.

    An answer that the rater undid stays, marked with the time; the next one has the next attempt.
    Which answers count is said in `judgments.counting_rule`.
    """

    class Choice(models.TextChoices):
        LEFT = "left", "left"
        RIGHT = "right", "right"
        TIE = "tie", "can't decide"

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="judgments", db_index=False)
    attempt = models.PositiveSmallIntegerField(default=1)
    choice = models.CharField(max_length=5, choices=Choice)
    response_ms = models.PositiveIntegerField()
    judged_at = models.DateTimeField()
    display = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)
    excluded = models.BooleanField(default=False)
    exclusion_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trial", "attempt"], name="judgment_unique")]
        # As of trials: judgments are stored in order of time.
        indexes = [BrinIndex(fields=["judged_at"], name="judgment_judged_at", autosummarize=True)]


class RaterCount(models.Model):
    """Judgments of one pair by one rater on one data set: the other half of a fit's input."""

    # All three are the trial's, which the database does check. Checking them again would lock the
    # row of a pair that many raters judge at once; the unique key serves as the index.
    rater = models.ForeignKey(
        Rater, models.CASCADE, related_name="counts", db_constraint=False, db_index=False
    )
    pair = models.ForeignKey(
        Pair, models.CASCADE, related_name="rater_counts", db_constraint=False, db_index=False
    )
    dataset = models.ForeignKey(
        Dataset, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    wins_first = models.PositiveIntegerField(default=0)
    wins_second = models.PositiveIntegerField(default=0)
    ties = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rater", "pair", "dataset"], name="rater_count_unique")
        ]
