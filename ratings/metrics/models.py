"""A phase's track of metrics, and what was sent for each metric."""

from django.db import models

from ratings.challenge.models import Phase, Team
from ratings.comparisons.models import Study
from ratings.submissions.models import DecodedImage

ATTEMPTS = 5


class MetricTrack(models.Model):
    """Whether metrics take part in a phase, and what they are scored against.

    `results` is the board as it was scored last, by data set; empty until then.
    """

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="metric_tracks")
    # Whose judgments are held back; nobody but organizers ever sees them.
    study = models.ForeignKey(Study, models.PROTECT, related_name="metric_tracks")
    # How often a team may send metrics, all its metrics together.
    attempts = models.PositiveSmallIntegerField(default=ATTEMPTS)
    # Whether teams may send metrics now, and everybody sees the board of metrics.
    is_open = models.BooleanField(default=False)
    is_released = models.BooleanField(default=False)
    results = models.JSONField(default=dict)
    scored_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = "track of metrics", "tracks of metrics"
        constraints = [models.UniqueConstraint(fields=["phase"], name="metric_track_unique")]


class MetricEntry(models.Model):
    """One file that was sent for a metric, as it was read; of each metric the newest counts.

    `content` is {"SUBMISSION": {"ORIGINAL": value}} of values, for which `higher_is_better` says
    which way they go, or {"PAIR": {"CROP": 1, 0.5 or 0}} of decisions: what its first entry gets.
    """

    class Form(models.TextChoices):
        VALUES = "values", "a value for each picture of each method"
        DECISIONS = "decisions", "a decision for each pair on each crop"

    track = models.ForeignKey(MetricTrack, models.CASCADE, related_name="entries")
    # None: an organizer's.
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="metric_entries")
    name = models.CharField(max_length=100)
    form = models.CharField(max_length=9, choices=Form)
    higher_is_better = models.BooleanField(default=True)
    content = models.JSONField()
    sent_sha256 = models.CharField(max_length=64)
    sent_by = models.CharField(max_length=150)
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["track", "team", "name"], name="metric_entry_of")]

    def __str__(self) -> str:
        return self.name


class PackagedValue(models.Model):
    """What a package's metric says of one decoded picture; `version` is the package's."""

    decoded_image = models.ForeignKey(DecodedImage, models.CASCADE, related_name="packaged_values")
    metric = models.CharField(max_length=20)
    version = models.CharField(max_length=20)
    value = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["decoded_image", "metric", "version"], name="packaged_value_unique"
            )
        ]
