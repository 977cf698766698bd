"""Phases, deadlines that were moved, and series of phases."""

from datetime import timedelta, timezone

from django.db import models

from ratings.challenge.models.challenges import Challenge
from ratings.challenge.models.pictures import Dataset, Original


class Phase(models.Model):
    """A part of the challenge with its own pictures, dates and byte budget.

    `opens_at <= t < closes_at` takes submissions: `closes_at` is the first instant that is late,
    one second after the last one in time. Boards and originals are open to all from their own
    instants on; without one they stay closed until an organizer sets it.
    """

    class BoardRule(models.TextChoices):
        BEST = "best", "each team's best submission"
        LATEST = "latest", "each team's latest submission"

    class DecoderRule(models.TextChoices):
        OPTIONAL = "optional", "may be left out"
        REQUIRED = "required", "part of every submission"
        REGISTERED = "registered", "one that the team submitted in an earlier phase"

    class Elsewhere(models.TextChoices):
        OFF = "off", "not tried"
        TELL = "tell", "tried, and the team is told"
        REQUIRE = "require", "tried, and what is broken is disqualified"

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="phases")
    slug = models.SlugField()
    name = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField()
    datasets = models.ManyToManyField(Dataset, related_name="phases")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    originals_open_at = models.DateTimeField(null=True)
    boards_open_at = models.DateTimeField(null=True)
    # From when to when everyone sees the boards as they were at the first instant; None: never,
    # and until an organizer sets it.
    boards_frozen_from = models.DateTimeField(null=True)
    boards_frozen_until = models.DateTimeField(null=True)
    # The offset that the definition file wrote, to show each deadline as it was announced.
    utc_offset = models.DurationField(default=timedelta(0))
    byte_budget = models.PositiveBigIntegerField(null=True)
    # Where the budget was given so: it follows from the pictures then.
    max_bpp = models.DecimalField(max_digits=16, decimal_places=12, null=True)
    board_rule = models.CharField(max_length=10, choices=BoardRule, default=BoardRule.BEST)
    decoder_rule = models.CharField(
        max_length=10, choices=DecoderRule, default=DecoderRule.OPTIONAL
    )
    # Where a registered decoder must have been submitted in time.
    decoders_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    # The most submissions of one team: in any 24 hours, and in the whole phase; None: any number.
    submissions_per_day = models.PositiveIntegerField(null=True)
    submissions_in_all = models.PositiveIntegerField(null=True)
    # Whether a team sees its own scores while the boards are hidden.
    own_scores = models.BooleanField(default=False)
    # The first instant that is too late for the PDF without which a team can't win; None: no need.
    factsheet_closes_at = models.DateTimeField(null=True)
    # Names of the codecs that make_baselines enters; empty for all that suit any picture.
    baselines = models.JSONField(default=list)
    # What the definition sets of how decoders run; see `challenge.keys.decoder_limits`.
    decoder_limits = models.JSONField(default=dict)
    # Whether decoders are run in another arithmetic too, and what follows.
    elsewhere = models.CharField(
        max_length=8, choices=Elsewhere, default=Elsewhere.OFF, db_default=Elsewhere.OFF
    )
    # Where they run, as the definition writes it; empty for the usual one: see
    # `challenge.keys.decoder_environments`.
    environments = models.JSONField(default=list, db_default=[])

    class Meta:
        ordering = ["challenge", "position"]
        constraints = [
            models.UniqueConstraint(fields=["challenge", "slug"], name="phase_slug_unique"),
            models.CheckConstraint(
                condition=models.Q(opens_at__lt=models.F("closes_at")), name="phase_opens_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.challenge}: {self.name}"

    @property
    def zone(self) -> timezone:
        """The fixed offset in which the phase's dates were announced."""
        return timezone(self.utc_offset)

    def originals(self) -> models.QuerySet[Original]:
        """Return the pictures of the phase's data sets, in the order of their names."""
        return Original.objects.filter(dataset__phases=self).select_related("dataset")


class DeadlineMove(models.Model):
    """A deadline that was moved once the challenge was to be seen: both first late instants."""

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="deadline_moves")
    closed_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.phase}: {self.closed_at} to {self.closes_at}"


class Series(models.Model):
    """Phases that are rates of one task, so that figures of all of them make curves."""

    class Curves(models.TextChoices):
        METHODS = "methods", "a team's entries of one name"
        TEAMS = "teams", "a team's entries, whatever their names"

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="series")
    slug = models.SlugField()
    name = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField()
    phases = models.ManyToManyField(Phase, related_name="+")
    # Which entries are one curve.
    curves = models.CharField(max_length=7, choices=Curves, default=Curves.METHODS)
    # Curves of others' codecs, as `series_keys.ReferenceTable` is written.
    references = models.JSONField(default=list)

    class Meta:
        ordering = ["challenge", "position"]
        constraints = [
            models.UniqueConstraint(fields=["challenge", "slug"], name="series_slug_unique")
        ]

    def __str__(self) -> str:
        return f"{self.challenge}: {self.name}"
